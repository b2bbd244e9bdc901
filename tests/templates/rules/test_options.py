"""Values that parameters may take."""

from __future__ import annotations

from typing import Any

import pytest

from templates.rules.options import objection
from tests.templates.rules.planting import Mistake, news, put

ENVIRONMENTS = ["production", "staging"]
SIZES = {"production": {"Cpu": "1024", "Memory": "2048"}, "staging": {"Cpu": "256"}}

MISTAKES: list[tuple[Mistake, tuple[str, str, str]]] = [
    (
        put("services/Parameters/LogLevel/AllowedValues", ["warning"]),
        ("services", "Parameters.LogLevel", "value-allowed"),
    ),
    (put("services/Parameters/ApiPort/MaxValue", 1024), ("services", "Parameters.ApiPort", "value-allowed")),
    (put("services/Parameters/ImageUri/AllowedPattern", "x+"), ("services", "Parameters.ImageUri", "value-allowed")),
    (put("root/Parameters/LogLevel/Default", "verbose"), ("root", "Parameters.LogLevel", "default-allowed")),
    (put("root/Parameters/VpcCidr/AllowedPattern", "^(10$"), ("root", "Parameters.VpcCidr", "default-allowed")),
    (
        put("root/Conditions/HasCloudFront", {"Fn::Equals": [{"Ref": "EnableCloudFront"}, "yes"]}),
        ("root", "Conditions.HasCloudFront", "comparison-possible"),
    ),
    (put("data/Mappings", {"Sizes": SIZES}), ("data", "Mappings.Sizes", "mapping-rows-alike")),
]


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES)
def test_a_value_that_cannot_be_is_reported(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """Refused values, impossible comparisons and gaps in tables stand at the parameter, condition or mapping."""
    assert expected in news(mistake)


def test_a_table_without_a_row_for_each_choice_is_reported() -> None:
    """A third log level has no row: whoever chooses it cannot deploy."""

    def mistake(bodies: dict[str, Any]) -> None:
        bodies["services"]["Mappings"] = {"Levels": {"debug": {"n": "1"}, "info": {"n": "2"}}}
        body = {"Fn::FindInMap": ["Levels", {"Ref": "LogLevel"}, "n"]}
        bodies["services"]["Resources"]["Cluster"]["Properties"]["ClusterName"] = body

    assert ("services", "Cluster", "mapping-complete") in news(mistake)
    assert ("services", "Cluster", "computable") in news(mistake, LogLevel="error")


@pytest.mark.parametrize(
    ("declared", "value", "refused"),
    [
        ({"Type": "Number", "MinValue": 1, "MaxValue": 10}, "0", True),
        ({"Type": "Number", "MinValue": 1, "MaxValue": 10}, "10", False),
        ({"Type": "Number"}, "ten", True),
        ({"Type": "String", "MinLength": 2}, "x", True),
        ({"Type": "String", "MaxLength": 2}, "xyz", True),
        ({"Type": "String", "AllowedPattern": "[a-z]+"}, "abc1", True),
        ({"Type": "String", "AllowedValues": [True, "false"]}, "true", False),
        ({"Type": "String"}, "", False),
    ],
)
def test_a_parameter_refuses_as_cloudformation_does(declared: dict[str, Any], value: str, *, refused: bool) -> None:
    """Patterns match the whole value; ranges are inclusive; booleans and numbers are compared as text."""
    assert bool(objection(declared, value)) is refused
