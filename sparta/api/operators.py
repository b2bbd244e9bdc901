"""``/api/operator``: operators, their approval, their preferences."""

from __future__ import annotations

from flask import Response

from sparta.api.answers import CHAIN, MISSING, TAKEN, answer, current, nothing, routes_with_key
from sparta.contract import (
    NewOperatorQuery,
    OperatorQuery,
    OperatorStatsAnswer,
    PageQuery,
    PreferencesAnswer,
    PreferencesBody,
    Registered,
    RegistrationAnswer,
    SyncProof,
    WalletPath,
    WalletQuery,
)
from sparta.models import Operator, OperatorPage

routes = routes_with_key("operator", "/api/operator", "Operators")


@routes.get("/operators", responses={"200": OperatorPage})
def operators(query: PageQuery) -> Response:
    """All operators, 100 a page

    Without their validators. `nextPageToken` is there while there are more.
    """
    return answer(current().operators.page(query.page_token))


@routes.get("", responses={"200": Operator, **MISSING})
def operator(query: OperatorQuery) -> Response:
    """One operator with their validators"""
    return answer(current().operators.find(query.discord_id, query.discord_username))


@routes.post("", responses={"201": Operator, **TAKEN})
def create(query: NewOperatorQuery) -> Response:
    """Register an operator"""
    made = current().operators.register(query.discord_id, query.wallet_address, query.discord_username)
    return answer(made, 201)


@routes.put("", responses={"200": Operator, **MISSING, **TAKEN})
def change_wallet(query: WalletQuery) -> Response:
    """Give an operator another wallet"""
    changed = current().operators.change_wallet(query.discord_id, query.discord_username, query.wallet_address)
    return answer(changed)


@routes.delete("", responses={"204": None, **MISSING, **TAKEN})
def delete(query: OperatorQuery) -> Response:
    """Forget an operator

    Refused while validators are registered to them.
    """
    current().operators.delete(query.discord_id, query.discord_username)
    return nothing()


@routes.get("/stats", responses={"200": OperatorStatsAnswer})
def stats() -> Response:
    """How many operators there are"""
    return answer(OperatorStatsAnswer(stats=current().operators.stats()))


@routes.get("/address/<address>", responses={"200": Operator, **MISSING})
def by_wallet(path: WalletPath) -> Response:
    """The operator with a wallet"""
    return answer(current().operators.by_wallet(path.address))


@routes.put("/approve", responses={"200": Operator, **MISSING})
def approve(query: OperatorQuery) -> Response:
    """Approve an operator: they may add validators"""
    return answer(current().operators.approve(query.discord_id, query.discord_username, approved=True))


@routes.delete("/approve", responses={"200": Operator, **MISSING})
def disapprove(query: OperatorQuery) -> Response:
    """Take an operator's approval away"""
    return answer(current().operators.approve(query.discord_id, query.discord_username, approved=False))


@routes.delete("/slashed", responses={"200": Operator, **MISSING})
def forgive(query: OperatorQuery) -> Response:
    """Take the mark of being slashed away

    Approval does not come back by it.
    """
    return answer(current().operators.forgive(query.discord_id, query.discord_username))


@routes.post("/start", responses={"200": RegistrationAnswer, "201": RegistrationAnswer, **TAKEN, **CHAIN})
def start(body: SyncProof) -> Response:
    """Register with a proof that one's Aztec node is synced

    201 for somebody new; 200 for somebody known, whose wallet and username are then what the request says.
    """
    found, created = current().operators.start(
        body.discord_id, body.discord_username, body.wallet_address, block=body.block_number, proof=body.proof
    )
    data = Registered(operator=found, created=created)
    return answer(RegistrationAnswer(data=data), 201 if created else 200)


@routes.get("/preferences", responses={"200": PreferencesAnswer, **MISSING})
def preferences(query: OperatorQuery) -> Response:
    """What an operator wants to be told of"""
    return answer(PreferencesAnswer(data=current().operators.preferences(query.discord_id, query.discord_username)))


@routes.put("/preferences", responses={"200": PreferencesAnswer, **MISSING})
def set_preferences(query: OperatorQuery, body: PreferencesBody) -> Response:
    """Change what an operator wants to be told of

    All of it: what is left out goes back to its default.
    """
    wanted = body.preferences()
    return answer(
        PreferencesAnswer(data=current().operators.set_preferences(query.discord_id, query.discord_username, wanted))
    )
