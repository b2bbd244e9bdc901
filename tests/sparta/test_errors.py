"""Errors: a status and a sentence each."""

from __future__ import annotations

import pytest

from sparta import errors
from sparta.errors import ChainRefused, DependencyFailed, SettingsError, SpartaError


@pytest.mark.parametrize(
    ("name", "status"), [("InvalidInput", 400), ("NotPermitted", 403), ("NotFound", 404), ("Conflict", 409)]
)
def test_each_refusal_has_its_status(name: str, status: int) -> None:
    """The sentence is what a person reads, also as the exception's text."""
    error: SpartaError = getattr(errors, name)("It is so. Do this.")
    assert (error.status, error.sentence, str(error)) == (status, "It is so. Do this.", "It is so. Do this.")


def test_a_contract_is_quoted() -> None:
    """By the name of its error and until when it refuses."""
    error = ChainRefused("Later.", name="ValidatorQuotaFilledUntil", until=1_763_856_000)
    assert (error.status, error.name, error.until) == (502, "ValidatorQuotaFilledUntil", 1_763_856_000)


def test_a_dependency_is_named() -> None:
    """The chain out of reach is 502, the store 503, unless said otherwise."""
    assert DependencyFailed("No.", dependency="Ethereum").status == 502
    assert DependencyFailed("No.", dependency="Aztec node").status == 502
    assert DependencyFailed("No.", dependency="DynamoDB").status == 503
    assert DependencyFailed("No.", dependency="Ethereum", status=503).status == 503


def test_settings_errors_hold_every_line() -> None:
    """One line per mistake."""
    error = SettingsError(["A is missing", "B is wrong"])
    assert error.mistakes == ("A is missing", "B is wrong")
    assert str(error) == "A is missing\nB is wrong"
