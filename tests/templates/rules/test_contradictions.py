"""Contradictory and careless input is refused by the templates themselves."""

from __future__ import annotations

import pytest

from templates.rules.contradictions import CONTRADICTIONS
from tests.templates.rules.planting import Mistake, emitted, news, put, remove


@pytest.mark.parametrize(
    ("mistake", "parameter"),
    [
        (remove("root/Rules/ProductionNeedsHttps"), "HostedZoneId"),
        (remove("root/Rules/DomainAndZoneTogether"), "HostedZoneId"),
        (remove("root/Rules/CloudFrontNeedsDomain"), "CloudFrontCertificateArn"),
        (remove("root/Rules/ApiCountsInOrder"), "ApiDesiredCount"),
        (remove("root/Rules/EthereumEndpointOnce"), "EthereumHostSecretArn"),
        (remove("root/Rules/ContractGiven"), "RegistryAddress"),
        (remove("root/Parameters/AvailabilityZones/AllowedPattern"), "AvailabilityZones"),
        (put("root/Parameters/PublicSubnetCidrs/AllowedPattern", r"[0-9./,]+"), "PublicSubnetCidrs"),
        (put("root/Parameters/BotDesiredCount/AllowedValues", ["0", "1", "2"]), "BotDesiredCount"),
        (put("root/Parameters/ImageUri/AllowedPattern", r"\S+"), "ImageUri"),
        (put("root/Parameters/ApiPort/MaxValue", 100000), "ApiPort"),
    ],
)
def test_what_lets_a_contradiction_through_is_reported(mistake: Mistake, parameter: str) -> None:
    """A rule of input that is gone or too wide: the parameter it was about is named."""
    assert ("root", f"Parameters.{parameter}", "contradiction-refused") in news(mistake)


def test_contradictions_are_about_parameters_that_exist() -> None:
    """A renamed parameter must not leave its contradictions untried."""
    declared = emitted()["root"].section("Parameters")
    assert {name for values, _ in CONTRADICTIONS for name in values} <= set(declared)


@pytest.mark.parametrize(
    "mistake",
    [
        remove("root/Parameters/VpcCidr/AllowedPattern"),
        put("root/Parameters/VpcCidr/AllowedPattern", ".*"),
        put("root/Parameters/VpcCidr/AllowedPattern", "^.+$"),
    ],
)
def test_a_parameter_that_takes_anything_is_reported(mistake: Mistake) -> None:
    """No pattern, or one that matches everything."""
    assert ("root", "Parameters.VpcCidr", "parameter-constrained") in news(mistake)
