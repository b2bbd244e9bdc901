"""The API at work: every method of every service once, over the real stores, a chain and an Aztec node."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import fields, replace

from scripts.devnet.anvil import CHAIN_ID, OWNER, Anvil, deploy_contracts
from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World as Network
from sparta import wiring
from sparta.chain.journal import Claim
from sparta.errors import InvalidInput
from sparta.models import Preferences
from sparta.services.chain_info import ChainInfo
from sparta.services.operators import OperatorService
from sparta.services.validators import ValidatorService
from sparta.settings import Part, load
from tests.discord.server import DiscordStandIn
from tests.discord.world import Member, User, World
from tests.rights.account import Account, at_work
from tests.rights.programs import Worked, noting_idle

ROLE, FAMILY = "sparta-ecs-task-role", "sparta-api"
ANN, BEN, CAT = "100000000000000001", "100000000000000002", "100000000000000003"
WALLETS = [f"0x{number:040x}" for number in range(0xA1, 0xA6)]
FIRST, SECOND = (f"0x{number:040x}" for number in range(0xA77E57E5001, 0xA77E57E5003))
OTHER_TOKEN = "A" * 64
"""None of ours; to know that, the key of page tokens is read, or made."""


def worked(account: Account) -> Worked:
    """All the API does, as its task is told and allowed."""
    with (
        _ethereum_and_aztec() as elsewhere,
        DiscordStandIn(_guild()) as discord,
        at_work(account, ROLE, account.task_environment(FAMILY) | elsewhere | _bot(discord)) as recorder,
        _services() as api,
    ):
        parts = [getattr(api, field.name) for field in fields(api)]
        with noting_idle(part for part in parts if type(part).__module__.startswith("sparta.")) as idle:
            _work(api, discord.world)
    return Worked(account.policies(ROLE), recorder, idle)


@contextmanager
def _services() -> Iterator[wiring.Api]:
    """As the environment describes them."""
    api = wiring.api(load(Part.API, env_file=None))
    try:
        yield api
    finally:
        api.close()


@contextmanager
def _ethereum_and_aztec() -> Iterator[dict[str, str]]:
    """The variables of an Ethereum with the contracts and an account, and of a node."""
    with Anvil() as chain, AztecStandIn(world=Network()) as node:
        contracts = deploy_contracts(chain.url)
        yield {
            "ETHEREUM_HOST": chain.url,
            "L1_CHAIN_ID": str(CHAIN_ID),
            "STAKING_ASSET_HANDLER_ADDRESS": contracts.handler.address,
            "SPARTA_ADDRESS": OWNER[0],
            "SPARTA_PRIVATE_KEY": OWNER[1],
            "AZTEC_RPC_URL": node.url,
        }


def _guild() -> World:
    """In which Ann is, and a channel for operators."""
    world = World()
    user = User(ANN, "ann")
    world.users[ANN], world.members[ANN] = user, Member(user, world.clock())
    world.add_channel("operators")
    return world


def _bot(discord: DiscordStandIn) -> dict[str, str]:
    """The variables of its bot."""
    (channel,) = discord.world.channels
    return {
        "DISCORD_API_URL": discord.url,
        "BOT_TOKEN": discord.world.token,
        "GUILD_ID": discord.world.guild_id,
        "CHANNEL_OPERATORS_ID": channel,
    }


def _work(api: wiring.Api, discord: World) -> None:
    api.keys.all()
    api.keys.current()
    assert [state.error for state in api.health.states()] == [None, None, None]
    _operators(api.operators)
    _validators(api.validators, api.operators)
    _chain(api.chain)
    _messages(api, discord)
    replace(api.node_readiness, knock=lambda *_: True).check("8.8.8.8", ANN)
    api.operators.delete(CAT, None)


def _operators(operators: OperatorService) -> None:
    operators.register(ANN, WALLETS[0], "ann")
    operators.register(BEN, WALLETS[1], "ben")
    block = operators.node.tips().proven.number
    proof = operators.node.archive_sibling_path(block, block) or ""
    operators.start(CAT, "cat", WALLETS[2], block=block, proof=proof)
    operators.start(CAT, "cat-of-cats", WALLETS[3], block=block, proof=proof)
    operators.change_wallet(None, "ann", WALLETS[4])
    operators.find(ANN)
    operators.by_wallet(WALLETS[4])
    operators.page(None)
    with suppress(InvalidInput):
        operators.page(OTHER_TOKEN)
    operators.stats()
    operators.forgive(ANN, None)
    operators.approve(ANN, None, approved=True)
    operators.set_preferences(ANN, None, Preferences())
    operators.preferences(ANN, None)


def _validators(validators: ValidatorService, operators: OperatorService) -> None:
    validators.add(FIRST, operators.find(ANN))
    # A task that ended between the chain and the table: the next one's keeper goes on.
    assert validators.writer is not None
    validators.writer.add_validator(SECOND, Claim(operator_id=ANN, address=SECOND))
    validators.finish()
    validators.get(SECOND)
    validators.of_operator(ANN)
    validators.last_epochs(FIRST, 5)
    validators.in_set()
    validators.label(FIRST, ANN, "first")
    validators.transfer(FIRST, ANN, BEN)
    validators.remove(FIRST, BEN)


def _chain(chain: ChainInfo) -> None:
    chain.committee()
    chain.validators()
    chain.status()
    chain.rollup_address()
    chain.last_epochs(5)


def _messages(api: wiring.Api, discord: World) -> None:
    """Accepted, and sent: in a thread that is made, in one that is gone and made again, and when Discord is busy."""
    ann = api.operators.find(ANN)
    api.messages.to_operator(ann, "Your node is behind.", {}, "once")
    api.deliver()
    (thread,) = discord.threads
    del discord.channels[thread.id]
    api.messages.to_operator(ann, "It is still behind.", {})
    api.messages.to_operator(api.operators.find(BEN), "Nobody knows Ben.", {})
    api.messages.to_channel(CAT, "There is no such channel.")
    api.deliver()
    assert [each.content for each in discord.messages]
