"""Every sentence that the bot itself says. What the API says it passes on as it is."""

from __future__ import annotations

NOT_DONE = "Not done"
TRY_AGAIN = "Try again soon"
MISTAKE = "Something went wrong"

API_SILENT = (
    "Sparta's own service does not answer at the moment, so this could not be finished. Nothing you gave was wrong: "
    "try again in a minute. Asking twice does no harm."
)
API_REFUSES_KEY = (
    "Sparta's own service does not accept the bot at the moment, so nothing was done. Try again in ten minutes; when "
    "it lasts, tell a moderator."
)
TOO_SLOW = (
    "This took too long and was broken off; parts of it may be done. Try again in a few minutes: asking twice does no "
    "harm."
)
RESTARTING = "Sparta is being restarted, so nothing was done. Try again in a minute."
CUT = (
    "Sparta was restarted while it worked on this, so it was broken off; parts of it may be done. Try again in a "
    "minute: asking twice does no harm."
)
NOT_TAKEN = "Discord was too slow for this, so nothing was done. Try again."
TOO_MANY_AT_ONCE = "Three of your commands are still running. Wait for their answers, then give this one again."
MODERATORS_ONLY = "This command is for moderators, so nothing was done. Ask one of them if you need it."
ANOTHER_VERSION = (
    "This command is of another Sparta than the one that runs: it is being updated. Nothing was done; try again in a "
    "few minutes, and if it lasts, tell a moderator."
)
OUTDATED_BUTTON = "This button is of an earlier Sparta. Give the command again for a message with working ones."
ANOTHERS_BUTTON = "These are another person's statistics. See yours with `/operator my-stats`."
NOT_REGISTERED = (
    "You are not registered yet. Show that your node is synced and register: `/operator start-help` has the three "
    "steps."
)
NOT_APPROVED = (
    "Moderators have not approved you yet, so you cannot add a validator. Ask one of them to approve you, then give "
    "the command again."
)
SLASHED = (
    "One of your validators was slashed, so you cannot add one for now. Talk to a moderator: they can take the mark "
    "away and approve you again."
)
ONE_OF_TWO = "Name the operator: choose a `member`, or give a username or id as `operator`."
NOT_BOTH = "Two operators are named, and this works on one. Give either `member` or `operator`."
NO_ADDRESS_GIVEN = (
    "Give your node's public address, so that Sparta can knock at ports 8080 and 40400 from outside: run "
    "`curl -4 ifconfig.me` on its machine, then `/operator is-ready ip-address:` with what it prints."
)
NO_VALIDATORS = "No validator yet. Once moderators approve you, add one with `/operator add-validator`."
NO_HISTORY = "The picture comes with the first epochs that the monitor has recorded."
ADDING_ALREADY = "Your earlier command still adds a validator. Wait for its answer before you give another."
NOT_AUDITED = (
    "It is done, but it could not be written to the audit channel: Sparta's own service did not take it. Tell the "
    "other moderators, or give the command again, which does no harm and writes it down."
)
TESTED_JUST_NOW = "A test is on its way to you already. Give it a few minutes before you ask for another."


def our_mistake(reference: str) -> str:
    """For what we did not foresee: nothing of the cause."""
    return (
        "Something went wrong on our side, and nothing more can be said here. Tell a moderator this reference: "
        f"`{reference}`."
    )


def guardians_only(role_id: str) -> str:
    """To who has not the role."""
    return (
        f"Adding a validator takes the role <@&{role_id}>, which moderators give. Nothing was done; ask a moderator "
        "what you need for it."
    )


def has_share(count: int, most: int) -> str:
    """To who has as many validators as each may add."""
    have = "a validator" if count == 1 else f"{count} validators"
    return (
        f"You have {have} already, and each operator may add {most}. Nothing was done; if you need another, ask a "
        "moderator."
    )


START_STEPS = (
    (
        "1. Ask your node for its proven block",
        """```sh
curl -s -X POST -H 'Content-Type: application/json' \\
  -d '{"jsonrpc":"2.0","method":"node_getL2Tips","params":[],"id":67}' \\
  http://localhost:8080 | jq -r '.result.proven.number'
```
It prints a number, for example `12345`.""",
    ),
    (
        "2. Ask it for the proof of that block",
        """Put your number in both places of `12345`:
```sh
curl -s -X POST -H 'Content-Type: application/json' \\
  -d '{"jsonrpc":"2.0","method":"node_getArchiveSiblingPath","params":["12345","12345"],"id":67}' \\
  http://localhost:8080 | jq -r '.result'
```
It prints one long line: the proof.""",
    ),
    (
        "3. Register, within a few minutes",
        """```
/operator start address: 0xYourWallet block-number: 12345 proof: TheLongLine
```
The address is your Ethereum wallet, not your validator's key.""",
    ),
)
START_MISTAKES = """• `null` instead of a number: the node is still syncing. Wait until it has caught up.
• "The proof is too old": more than 100 blocks have passed. Begin again with step 1.
• "Not the right one": the two numbers of step 2 differ, or the line was cut. Copy all of it.
• Connection refused: the node's RPC port is not 8080, or you are on another machine.
• `jq: command not found`: install jq, or leave it out and look for `number` and `result` yourself."""

HELP = (
    ("/operator start-help", "The three steps to register, ready to copy"),
    ("/operator start", "Register with a proof that your Aztec node is synced"),
    ("/operator my-stats", "Your record, and how your validators are doing"),
    ("/operator add-validator", "Put your validator into the set (Guardians, once approved)"),
    ("/operator is-ready", "Whether others can reach your node's ports"),
    ("/operator label", "Give a validator a name that alerts use"),
    ("/operator alerts", "What you are told of, and from which miss rate on"),
    ("/operator mute", "Silence for some hours; slashing still comes through"),
    ("/operator test-alert", "See whether alerts reach you"),
    ("/aztec info", "Where the chain stands"),
)
MOD_HELP = (
    ("/mod info", "An operator's record"),
    ("/mod approve", "Let an operator add validators"),
    ("/mod unapprove", "Take that back"),
    ("/mod unslash", "Take the mark of being slashed away; approve separately"),
    ("/mod add-validator", "Add a validator for an operator, on the chain too or on record only"),
    ("/mod remove-validator", "Forget an operator's validator; on the chain nothing changes"),
    ("/mod list-operators", "Everybody who is registered"),
    ("/mod validator-stats", "How an operator's validators are doing"),
)
START_TITLE = "Register in three steps"
START_INTRODUCTION = (
    "Show that your Aztec node is synced: it proves a recent block, and Sparta compares the proof with its own node's. "
    "Run the commands on the machine of your node."
)
KINDS = {
    "left-the-set": "a validator left the set (that it was slashed you always hear)",
    "missing-attestations": "a validator misses attestations",
    "missing-proposals": "a validator misses proposals",
    "recovered": "a validator is well again",
}
USUAL_THRESHOLD = "as for everybody"
SLASHING_ALWAYS = "What slashing has to do with always comes through."
READY = "Both ports answer from outside: other nodes can reach yours."
NOT_READY = (
    "Others cannot reach your node. Open the closed ports (TCP, 40400 also UDP) in the firewall and forward them in "
    "the router, check that the node runs, then ask again."
)
PORTS = {8080: "8080 (RPC)", 40400: "40400 (P2P)"}
TEST_ALERT = (
    "This is the test that you asked for: alerts of Sparta reach you here. Nothing is wrong with your validators."
)
TEST_SENT = (
    "The test is on its way, just as an alert would be: in a private thread of the operators' channel, else as a "
    "direct message. It arrives within a few minutes. If it does not, allow direct messages from this server, then ask "
    "again."
)
ROLE_LATER = (
    "It could not be given just now. Give the same command again in a few minutes; if it still fails, tell a moderator."
)
NEXT_STEPS = "A moderator looks at new operators. Once you are approved and a Guardian: `/operator add-validator`."
UPDATED = "You were registered before, and your node is synced. Wallet and name are as you gave them now."
FORGIVEN = "The mark of being slashed is gone. Approval does not come back by it: `/mod approve`."
ADDED = (
    "It stands in the rollup's set now, and on your record. Keep its node running: duties begin within a few epochs."
)
UNAPPROVED = "They cannot add validators any more. Those they have stay as they are."
REMOVED = "It is on nobody's record now. In the rollup's set it stays as it was."
NO_OPERATORS = "Nobody is registered yet."
NO_COMMITTEE = "none, too few for a committee"
NO_PROPOSER = "nobody"
NO_STATS = "not known yet: it comes with the monitor's next run"
STATS_AWAY = "cannot be read at the moment; try again in a minute"


def guardian_hint(role_id: str) -> str:
    """What approval alone does not give."""
    return f"To add validators themselves they also need the role <@&{role_id}>, which you give in their profile."
