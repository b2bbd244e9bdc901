"""``/api/validator``: validators, whose they are, and adding them."""

from __future__ import annotations

from flask import Response

from sparta.api.answers import CHAIN, MISSING, TAKEN, answer, current, nothing, routes_with_key
from sparta.contract import (
    AddedValidator,
    AddedValidatorAnswer,
    DetailsAnswer,
    HistoryAnswer,
    HistoryQuery,
    NewValidator,
    OperatorQuery,
    OperatorValidators,
    OwnedValidatorQuery,
    Problem,
    SetStats,
    ValidatorAnswer,
    ValidatorChangedAnswer,
    ValidatorDetails,
    ValidatorLabel,
    ValidatorQuery,
    ValidatorSet,
    ValidatorSets,
    ValidatorSetsAnswer,
    ValidatorTransfer,
)
from sparta.models import Validator

routes = routes_with_key("validator", "/api/validator", "Validators")


@routes.get("/validators", responses={"200": ValidatorSetsAnswer, **CHAIN})
def validators() -> Response:
    """The chain's validators, and those of them whose operator is known"""
    everyone, known = current().validators.in_set()
    data = ValidatorSets(blockchain_validators=_set(everyone), known_validators=_set(known))
    return answer(ValidatorSetsAnswer(data=data))


@routes.get("", responses={"200": ValidatorAnswer, **MISSING})
def validator(query: ValidatorQuery) -> Response:
    """One validator by its address, or those of an operator"""
    if query.address:
        return answer(ValidatorAnswer(data=_details(current().validators.get(query.address))))
    operator = current().operators.find(query.discord_id, query.discord_username)
    data = OperatorValidators(operator=operator, validators=operator.validators or [])
    return answer(ValidatorAnswer(data=data))


@routes.post("", responses={"201": AddedValidatorAnswer, "403": Problem, **MISSING, **TAKEN, **CHAIN})
def add(query: OperatorQuery, body: NewValidator) -> Response:
    """Add a validator to the chain's set and to an operator

    Nothing is left half-done, and asking again after a lost answer sends nothing twice. 502 names the contract's own
    error; 503 with a transaction's hash means that it is on its way: ask again.
    """
    operator = current().operators.find(query.discord_id, query.discord_username)
    added = current().validators.add(body.validator_address, operator, skip_on_chain=body.skip_on_chain)
    data = AddedValidator(
        address=added.address,
        operator_id=operator.discord_id,
        operator_info=current().operators.find(operator.discord_id),
    )
    return answer(AddedValidatorAnswer(data=data), 201)


@routes.put("", responses={"200": ValidatorChangedAnswer, **MISSING})
def transfer(body: ValidatorTransfer) -> Response:
    """Give a validator of one operator to another"""
    moved = current().validators.transfer(body.validator_address, body.from_discord_id, body.to_discord_id)
    return answer(ValidatorChangedAnswer(data=_details(moved)))


@routes.delete("", responses={"204": None, **MISSING})
def remove(query: OwnedValidatorQuery) -> Response:
    """Forget a validator of an operator

    On the chain nothing changes.
    """
    current().validators.remove(query.validator_address, query.discord_id)
    return nothing()


@routes.get("/details", responses={"200": DetailsAnswer, **MISSING})
def details(query: OperatorQuery) -> Response:
    """Everything about each validator of an operator"""
    operator = current().operators.find(query.discord_id, query.discord_username)
    owned = current().validators.of_operator(operator.discord_id)
    return answer(DetailsAnswer(data=[ValidatorDetails.of(each, None) for each in owned]))


@routes.get("/history", responses={"200": HistoryAnswer})
def history(query: HistoryQuery) -> Response:
    """What a validator did in its last epochs on duty

    Newest first; slot by slot, only slots in which it had a duty.
    """
    return answer(HistoryAnswer(data=current().validators.last_epochs(query.address, query.epochs)))


@routes.put("/label", responses={"200": ValidatorChangedAnswer, **MISSING})
def label(body: ValidatorLabel) -> Response:
    """Name a validator, or take its name away"""
    named = current().validators.label(body.validator_address, body.discord_id, body.label)
    return answer(ValidatorChangedAnswer(data=_details(named)))


def _set(addresses: list[str]) -> ValidatorSet:
    return ValidatorSet(validators=addresses, stats=SetStats(total_validators=len(addresses)))


def _details(validator: Validator) -> ValidatorDetails:
    operator = current().operators.store.get(validator.operator_id) if validator.operator_id else None
    return ValidatorDetails.of(validator, operator)
