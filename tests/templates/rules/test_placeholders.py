"""Placeholders in texts, and texts of another environment."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.planting import news, put

NAME = "services/Resources/Cluster/Properties/ClusterName"


@pytest.mark.parametrize(
    ("value", "rule"),
    [
        ("sparta-${Environment}", "placeholder-substituted"),
        ({"Fn::Join": ["-", ["sparta", "${AWS::Region}"]]}, "placeholder-substituted"),
        ({"Fn::Sub": "sparta-{Environment}"}, "placeholder-complete"),
        ({"Fn::Sub": "sparta-$Environment"}, "placeholder-complete"),
        ({"Fn::Sub": "sparta-${Environment"}, "placeholder-complete"),
        ({"Fn::Sub": "sparta-Environment}"}, "placeholder-complete"),
        ({"Fn::Sub": "${Environment-${NameSuffix}"}, "placeholder-complete"),
        ({"Fn::Sub": "sparta-${}"}, "placeholder-complete"),
        ("{Environment}", "placeholder-complete"),
    ],
)
def test_a_placeholder_that_stays_as_it_is_written(value: Any, rule: str) -> None:
    """Without Fn::Sub, dollar sign or brace the text goes to AWS as it is: the resource is named."""
    assert ("services", "Cluster", rule) in news(put(NAME, value))


@pytest.mark.parametrize("text", ["{name}", "$5 a month", "a {json: 1}", "${!Environment}", "$.detail.state"])
def test_other_braces_and_dollars_are_no_placeholders(text: str) -> None:
    """Patterns of log filters, JSON and prices hold braces and dollar signs as well."""
    mistake = put("services/Resources/Cluster/Properties/Configuration", {"X": {"Fn::Sub": text}})
    assert ("services", "Cluster", "placeholder-complete") not in news(mistake)


def test_a_name_of_another_environment_is_reported() -> None:
    """What says production in staging would use production's resources."""
    path = "services/Resources/ApiTask/Properties/ContainerDefinitions/0/Environment/+"
    mistake = put(path, {"Name": "CONFIG_TABLE", "Value": "sparta-config-production"})
    expected = ("services", "ApiTask", "of-this-environment")
    assert expected not in news(mistake)
    assert expected in news(mistake, Environment="staging")
