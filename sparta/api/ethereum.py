"""``/api/ethereum/rollup``: where the chain stands, and how its validators do."""

from __future__ import annotations

from flask import Response

from sparta.api.answers import CHAIN, answer, current, routes_with_key
from sparta.contract import (
    AddressesAnswer,
    ChainStatusAnswer,
    EpochsQuery,
    Network,
    NetworkAnswer,
    NetworkStatsAnswer,
)

routes = routes_with_key("ethereum", "/api/ethereum/rollup", "Chain")


@routes.get("/committee", responses={"200": AddressesAnswer, **CHAIN})
def committee() -> Response:
    """The validators on duty in this epoch

    None while there are too few validators for a committee.
    """
    return answer(AddressesAnswer(data=current().chain.committee()))


@routes.get("/validators", responses={"200": AddressesAnswer, **CHAIN})
def validators() -> Response:
    """The whole set of validators"""
    return answer(AddressesAnswer(data=current().chain.validators()))


@routes.get("/network", responses={"200": NetworkAnswer, **CHAIN})
def network() -> Response:
    """Which Ethereum chain, and which rollup on it"""
    chain = current().chain
    return answer(NetworkAnswer(data=Network(l1_chain_id=chain.chain_id, rollup_address=chain.rollup_address())))


@routes.get("/status", responses={"200": ChainStatusAnswer, **CHAIN})
def status() -> Response:
    """Blocks, time, committee, set and proposer

    Numbers are decimal strings. The proposer is the zero address while nobody is to propose.
    """
    return answer(ChainStatusAnswer(data=current().chain.status()))


@routes.get("/stats", responses={"200": NetworkStatsAnswer})
def stats(query: EpochsQuery) -> Response:
    """The whole set in the last epochs on record, newest first

    As the monitor saw them in the Aztec node's statistics; none before its first run. `epochs` is 10 where it is left
    out, and at most 100.
    """
    return answer(NetworkStatsAnswer(data=current().chain.last_epochs(query.epochs)))
