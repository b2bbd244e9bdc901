"""Conditions hold when their names say so."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.planting import news, put


def equals(parameter: str, text: str) -> dict[str, Any]:
    return {"Fn::Equals": [{"Ref": parameter}, text]}


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("HasAlertEmail", equals("AlertEmail", "")),
        ("HasMonitorSchedule", {"Fn::Not": [equals("EnableValidatorMonitorSchedule", "true")]}),
        ("HasMonitorSchedule", equals("EnableValidatorMonitorSchedule", "false")),
        ("HasNoAlertEmail", {"Fn::Not": [equals("AlertEmail", "")]}),
        ("IsProduction", {"Fn::Not": [equals("Environment", "production")]}),
        ("IsNotProduction", equals("Environment", "production")),
    ],
)
def test_a_condition_turned_around_is_reported(name: str, body: dict[str, Any]) -> None:
    """One Fn::Not too many or too few."""
    assert ("observability", f"Conditions.{name}", "condition-as-named") in news(
        put(f"observability/Conditions/{name}", body)
    )


def test_a_condition_that_looks_for_another_value_is_reported() -> None:
    """IsProduction compares with production, not with prod."""
    mistake = put("services/Conditions/IsProduction", equals("Environment", "prod"))
    assert ("services", "Conditions.IsProduction", "condition-of-its-value") in news(mistake)


@pytest.mark.parametrize(
    ("name", "body"),
    [
        ("HasAlertEmail", {"Fn::Not": [equals("AlertEmail", "")]}),
        ("HasNoAlertEmail", equals("AlertEmail", "")),
        ("WithoutSchedule", {"Fn::Not": [equals("EnableValidatorMonitorSchedule", "true")]}),
        ("IsBusy", {"Fn::Or": [equals("Environment", "staging"), equals("Environment", "production")]}),
        ("HasOther", equals("AlertEmail", "someone@example.org")),
        ("Malformed", {"Fn::Not": "x"}),
    ],
)
def test_a_condition_that_says_what_it_does_is_not(name: str, body: dict[str, Any]) -> None:
    """Neither right ones nor those too elaborate to tell."""
    found = news(put(f"observability/Conditions/{name}", body))
    assert not {rule for _, _, rule in found} & {"condition-as-named", "condition-of-its-value"}
