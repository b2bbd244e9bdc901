"""What the bot asks of our API, a method for each route it uses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import httpx
from pydantic import BaseModel

from sparta.addresses import address_key
from sparta.bot.requests import ON_CHAIN, ORDINARY, QUICK, ApiRefused, Call, Patience, Requests, read
from sparta.contract import (
    ChainStatusAnswer,
    DetailsAnswer,
    Health,
    HistoryAnswer,
    Network,
    NetworkAnswer,
    NetworkStatsAnswer,
    NodeReadiness,
    NodeReadinessAnswer,
    OperatorStatsAnswer,
    PreferencesAnswer,
    Registered,
    RegistrationAnswer,
    ValidatorDetails,
)
from sparta.models import ChainStatus, History, NetworkStats, Operator, OperatorPage, OperatorStats, Preferences

M = TypeVar("M", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Who:
    """An operator, by id or else by username."""

    discord_id: str | None = None
    username: str | None = None

    @property
    def query(self) -> dict[str, str]:
        """As the API takes it."""
        given = {"discordId": self.discord_id, "discordUsername": self.username}
        return {name: value for name, value in given.items() if value}


class ApiClient:
    """Each method raises ApiRefused, ApiUnavailable or DependencyFailed; see ``Requests.ask``."""

    def __init__(self, requests: Requests) -> None:
        self._requests = requests

    async def close(self) -> None:
        """Close the connections kept alive."""
        await self._requests.close()

    async def healthy(self) -> bool:
        """Whether the API answers."""
        return (await self._get("/health", Health, patience=Patience(3.0, 0.0))).status == "ok"

    async def operator(self, who: Who, *, quick: bool = False) -> Operator:
        """With the addresses of their validators. ``quick``: now or never."""
        patience = QUICK if quick else ORDINARY
        return await self._get("/api/operator", Operator, who.query, patience)

    async def operators(self, page_token: str | None = None, *, quick: bool = False) -> OperatorPage:
        """100 of all, in the order of their ids."""
        query = {"pageToken": page_token} if page_token else {}
        return await self._get("/api/operator/operators", OperatorPage, query, QUICK if quick else ORDINARY)

    async def operator_stats(self) -> OperatorStats:
        """How many there are."""
        return (await self._get("/api/operator/stats", OperatorStatsAnswer)).stats

    async def start(self, discord_id: str, username: str, wallet: str, block: int, proof: str) -> Registered:
        """Register with a proof of a synced node."""
        body = {
            "discordId": discord_id,
            "discordUsername": username,
            "walletAddress": wallet,
            "blockNumber": block,
            "proof": proof,
        }
        answer = await self._requests.ask(Call("POST", "/api/operator/start", body=body))
        return read(answer, RegistrationAnswer).data

    async def approve(self, who: Who, *, approved: bool) -> Operator:
        """Give or take approval."""
        answer = await self._requests.ask(Call("PUT" if approved else "DELETE", "/api/operator/approve", who.query))
        return read(answer, Operator)

    async def forgive(self, who: Who) -> Operator:
        """No longer marked as slashed."""
        return read(await self._requests.ask(Call("DELETE", "/api/operator/slashed", who.query)), Operator)

    async def preferences(self, who: Who) -> Preferences:
        """What an operator wants to hear of."""
        return (await self._get("/api/operator/preferences", PreferencesAnswer, who.query)).data

    async def set_preferences(self, who: Who, wanted: Preferences) -> Preferences:
        """Replace them."""
        call = Call("PUT", "/api/operator/preferences", who.query, wanted.to_json())
        return read(await self._requests.ask(call), PreferencesAnswer).data

    async def details(self, who: Who, *, quick: bool = False) -> list[ValidatorDetails]:
        """Everything about each validator of an operator, in the order of their addresses."""
        patience = QUICK if quick else ORDINARY
        return (await self._get("/api/validator/details", DetailsAnswer, who.query, patience)).data

    async def history(self, address: str, epochs: int) -> list[History]:
        """The last epochs in which a validator had a duty, newest first."""
        query = {"address": address, "epochs": str(epochs)}
        return (await self._get("/api/validator/history", HistoryAnswer, query)).data

    async def add_validator(self, operator: Operator, address: str, *, skip_on_chain: bool = False) -> None:
        """Add it on the chain and on record. Returns also when an attempt whose answer was lost has done it."""
        body = {"validatorAddress": address, "skipOnChain": skip_on_chain}
        who = Who(operator.discord_id)
        try:
            await self._requests.ask(Call("POST", "/api/validator", who.query, body, patience=ON_CHAIN))
        except ApiRefused as refused:
            known = {address_key(each.address) for each in operator.validators or ()}
            taken = refused.status == httpx.codes.CONFLICT and address_key(address) not in known
            if not (taken and await self._has(who, address)):
                raise

    async def remove_validator(self, operator: Operator, address: str) -> None:
        """Forget it; on the chain nothing changes. Returns also when an attempt whose answer was lost has done it."""
        query = {"validatorAddress": address, "discordId": operator.discord_id}
        try:
            await self._requests.ask(Call("DELETE", "/api/validator", query))
        except ApiRefused as refused:
            had = address_key(address) in {address_key(each.address) for each in operator.validators or ()}
            if not (had and refused.status == httpx.codes.NOT_FOUND):
                raise

    async def label(self, discord_id: str, address: str, label: str | None) -> None:
        """Name a validator, or take its name away."""
        body = {"validatorAddress": address, "discordId": discord_id} | ({"label": label} if label else {})
        await self._requests.ask(Call("PUT", "/api/validator/label", body=body))

    async def readiness(self, discord_id: str, ip_address: str) -> NodeReadiness:
        """Knock at a node's ports."""
        body = {"ipAddress": ip_address, "discordId": discord_id}
        answer = await self._requests.ask(Call("POST", "/api/node/readiness", body=body, patience=Patience(10.0, 15.0)))
        return read(answer, NodeReadinessAnswer).data

    async def chain_status(self) -> ChainStatus:
        """Where the chain stands."""
        return (await self._get("/api/ethereum/rollup/status", ChainStatusAnswer)).data

    async def network(self) -> Network:
        """Which chain, and which rollup on it."""
        return (await self._get("/api/ethereum/rollup/network", NetworkAnswer)).data

    async def network_stats(self) -> NetworkStats | None:
        """The whole set in the last epoch that the monitor saw; ``None`` before its first run."""
        answer = await self._get("/api/ethereum/rollup/stats", NetworkStatsAnswer, {"epochs": "1"}, QUICK)
        return next(iter(answer.data), None)

    async def message(self, who: Who, text: str, key: str) -> None:
        """Send an operator a message, once for each ``key``."""
        await self._requests.ask(Call("POST", "/api/operator/message", who.query, {"message": text}, key))

    async def post(self, channel_id: str, text: str, key: str) -> None:
        """Send a channel a message, once for each ``key``."""
        body = {"message": text, "channelId": channel_id}
        await self._requests.ask(Call("POST", "/api/moderator/message", body=body, key=key))

    async def _has(self, who: Who, address: str) -> bool:
        operator = await self.operator(who)
        return address_key(address) in {address_key(each.address) for each in operator.validators or ()}

    async def _get(
        self, path: str, model: type[M], query: dict[str, str] | None = None, patience: Patience = ORDINARY
    ) -> M:
        return read(await self._requests.ask(Call("GET", path, query, patience=patience)), model)
