"""Names in the account: they fit, are unique, and tell environments apart."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.planting import news, put


def sub(text: str) -> dict[str, str]:
    return {"Fn::Sub": text}


@pytest.mark.parametrize(
    ("resource", "key", "name"),
    [
        ("LoadBalancer", "Name", "sparta-application-load-balancer-x"),
        ("LoadBalancer", "Name", "internal-sparta"),
        ("TargetGroup", "Name", "sparta_api"),
        ("Cluster", "ClusterName", "sparta production"),
        ("ApiLogGroup", "LogGroupName", "/ecs/sparta api"),
    ],
)
def test_a_name_that_its_service_refuses_is_reported(resource: str, key: str, name: str) -> None:
    """Too long or with a wrong letter: the finding stands at the resource."""
    mistake = put(f"services/Resources/{resource}/Properties/{key}", name)
    assert ("services", resource, "name-fits") in news(mistake)


def test_a_name_too_long_with_the_suffix_of_an_environment_only() -> None:
    """Thirty letters fit in production; with -development they do not."""
    mistake = put("services/Resources/TargetGroup/Properties/Name", sub("sparta-api-target-group${NameSuffix}"))
    expected = ("services", "TargetGroup", "name-fits")
    assert expected not in news(mistake)
    assert expected in news(mistake, Environment="development")


def test_two_of_a_name_are_reported() -> None:
    """Also over stacks: the second one could not be created."""
    mistake = put("observability/Resources/TrailLogGroup/Properties/LogGroupName", sub("/ecs/sparta-bot${NameSuffix}"))
    found = news(mistake)
    assert {
        ("services", "BotLogGroup", "name-given-once"),
        ("observability", "TrailLogGroup", "name-given-once"),
    } & found


def test_a_name_without_its_environment_is_reported_outside_production() -> None:
    """Production owns the plain names; a second environment must not claim them."""
    mistake = put("monitor/Resources/MonitorFunction/Properties/FunctionName", "sparta-validator-monitor")
    expected = ("monitor", "MonitorFunction", "name-says-environment")
    assert expected not in news(mistake)
    assert expected in news(mistake, Environment="staging")


def test_a_secret_that_ends_like_an_arn_is_reported() -> None:
    """Secrets Manager documents that a hyphen and six characters at a name's end confuse ARN searches."""
    mistake = put("bootstrap/Resources/ApiKeySecret/Properties/Name", "sparta/production/api-key-abc123")
    assert ("bootstrap", "ApiKeySecret", "secret-name-unambiguous") in news(mistake)


@pytest.mark.parametrize(
    ("path", "name", "where"),
    [
        (
            "services/Resources/ApiTask/Properties/ContainerDefinitions/0/LogConfiguration/Options/awslogs-group",
            sub("/ecs/sparta-api${NameSuffix}"),
            ("services", "ApiTask"),
        ),
        (
            "services/Resources/ApiService/Properties/Cluster",
            sub("sparta-${Environment}"),
            ("services", "ApiService"),
        ),
    ],
)
def test_a_resource_named_by_text_is_not_waited_for(path: str, name: dict[str, Any], where: tuple[str, str]) -> None:
    """The right name as text instead of a reference: deployed in parallel, it may be missing."""
    assert (*where, "named-resource-waits") in news(put(path, name))
