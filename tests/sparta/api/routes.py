"""Every route with a request that it can serve, and what it needs for that."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlencode

from tests.sparta.api.client import Reply, Served
from tests.sparta.api.ledger import addresses, approved

Needed = Literal["DynamoDB", "Ethereum", "Aztec node"]
STORE: frozenset[Needed] = frozenset({"DynamoDB"})
CHAIN: frozenset[Needed] = frozenset({"Ethereum"})
NODE: frozenset[Needed] = frozenset({"Aztec node"})


@dataclass(frozen=True)
class Question:
    """A request; ``path`` is the route's as documented. ``is_local``: served without leaving this machine."""

    method: str
    path: str
    needs: frozenset[Needed]
    query: dict[str, str] = field(default_factory=dict)
    body: Any = None
    address: str = ""
    is_local: bool = True

    @property
    def name(self) -> str:
        """As a person would say it."""
        return f"{self.method} {self.path}"

    def ask(self, served: Served, timeout: float) -> Reply:
        """Over a connection of its own."""
        path = self.path.replace("{address}", self.address)
        where = f"{path}?{urlencode(self.query)}" if self.query else path
        return served.call(self.method, where, self.body, timeout=timeout)


def questions(served: Served, proof: dict[str, Any]) -> list[Question]:
    """One for each route, about operators and validators that were made for it; each can be asked once.

    :param proof: ``blockNumber`` and ``proof`` of a synced node
    """
    person, other, leaving = approved(served), approved(served), approved(served)
    owned, moving, going, new, wallet, other_wallet, its_wallet = addresses(7)
    for address in (owned, moving, going):
        recorded = {"validatorAddress": address, "skipOnChain": True}
        assert served.call("POST", "/api/validator", recorded, discordId=person).status == 201
    who = {"discordId": person}
    somebody = {"discordId": f"new-{new}", "discordUsername": f"new-{new}", "walletAddress": wallet}
    synced = {"discordId": f"synced-{new}", "discordUsername": f"synced-{new}", "walletAddress": other_wallet}
    found = served.call("GET", "/api/operator", discordId=other).body["walletAddress"]
    return [
        Question("GET", "/api/operator/operators", STORE),
        Question("GET", "/api/operator", STORE, who),
        Question("POST", "/api/operator", STORE, somebody),
        Question("PUT", "/api/operator", STORE, {"discordId": person, "walletAddress": its_wallet}),
        Question("DELETE", "/api/operator", STORE, {"discordId": leaving}),
        Question("GET", "/api/operator/stats", STORE),
        Question("GET", "/api/operator/address/{address}", STORE, address=found),
        Question("PUT", "/api/operator/approve", STORE, who),
        Question("DELETE", "/api/operator/approve", STORE, {"discordId": other}),
        Question("DELETE", "/api/operator/slashed", STORE, who),
        Question("POST", "/api/operator/start", STORE | NODE, body={**synced, **proof}),
        Question("GET", "/api/operator/preferences", STORE, who),
        Question("PUT", "/api/operator/preferences", STORE, who, {"kinds": ["recovered"]}),
        Question("POST", "/api/operator/message", STORE, who, {"message": "Stand ready."}),
        Question("POST", "/api/moderator/message", STORE, body={"message": "All well.", "channelId": "1"}),
        Question("GET", "/api/validator/validators", STORE | CHAIN),
        Question("GET", "/api/validator", STORE, {"address": owned}),
        Question("POST", "/api/validator", STORE | CHAIN, who, {"validatorAddress": new}),
        Question(
            "PUT",
            "/api/validator",
            STORE,
            body={"validatorAddress": moving, "fromDiscordId": person, "toDiscordId": other},
        ),
        Question("DELETE", "/api/validator", STORE, {"validatorAddress": going, "discordId": person}),
        Question("GET", "/api/validator/details", STORE, who),
        Question("GET", "/api/validator/history", STORE, {"address": owned}),
        Question(
            "PUT", "/api/validator/label", STORE, body={"validatorAddress": owned, "discordId": person, "label": "one"}
        ),
        Question("GET", "/api/ethereum/rollup/committee", CHAIN),
        Question("GET", "/api/ethereum/rollup/validators", CHAIN),
        Question("GET", "/api/ethereum/rollup/status", CHAIN),
        Question("GET", "/api/ethereum/rollup/stats", STORE),
        # The settings of these tests name the rollup, so that nobody need be asked.
        Question("GET", "/api/ethereum/rollup/network", frozenset()),
        # Where its limit is counted in the database, it knocks at an address of the internet.
        Question(
            "POST", "/api/node/readiness", STORE, body={"ipAddress": "8.8.8.8", "discordId": person}, is_local=False
        ),
    ]
