"""Rendered values have the form that their property wants, and lists do not repeat themselves."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.planting import Mistake, emitted, news, put, seen, values

STATEMENT = "security/Resources/ApiTaskRole/Properties/Policies/0/PolicyDocument/Statement/0"
TASK = "services/Resources/ApiTask/Properties"
NETWORK = "network/Resources"


def ref(name: str) -> dict[str, Any]:
    return {"Ref": name}


MISTAKES: list[tuple[Mistake, tuple[str, ...]]] = [
    (put(f"{NETWORK}/Vpc/Properties/CidrBlock", ref("EncryptionKeyArn")), ("network", "Vpc", "value-of-right-form")),
    (put(f"{NETWORK}/Vpc/Properties/CidrBlock", "10.10.0.0/33"), ("network", "Vpc", "value-of-right-form")),
    (
        put(f"{NETWORK}/PublicSubnetA/Properties/AvailabilityZone", ref("AvailabilityZones")),
        ("network", "PublicSubnetA", "value-of-right-form"),
    ),
    (put(f"{TASK}/ContainerDefinitions/0/PortMappings/0/ContainerPort", ref("ImageUri")), ("services", "ApiTask")),
    (put(f"{TASK}/ContainerDefinitions/0/PortMappings/0/ContainerPort", "70000"), ("services", "ApiTask")),
    (put("services/Resources/ApiLogGroup/Properties/RetentionInDays", ref("LogLevel")), ("services", "ApiLogGroup")),
    (put("services/Resources/ApiScaling/Properties/MinCapacity", ref("NameSuffix")), ("services", "ApiScaling")),
    (put("root/Resources/DomainRecord/Properties/HostedZoneId", ref("DomainName")), ("root", "DomainRecord")),
    (put("root/Resources/DomainRecord/Properties/Name", ref("HostedZoneId")), ("root", "DomainRecord")),
    (
        put("observability/Resources/AlertEmailSubscription/Properties/Endpoint", ref("Environment")),
        ("observability", "AlertEmailSubscription", "subscriber-has-address"),
    ),
    (
        put("observability/Resources/AlertEmailSubscription/Properties/Protocol", "https"),
        ("observability", "AlertEmailSubscription", "subscriber-has-address"),
    ),
    (
        put("network/Outputs/PrivateSubnetIds/Value/Fn::Join/1/1", ref("PrivateSubnetA")),
        ("services", "ApiService", "nothing-twice"),
    ),
    (put(f"{STATEMENT}/Resource/+", ref("OperatorsTableArn")), ("security", "ApiTaskRole", "nothing-twice")),
    (
        put("services/Resources/HttpsListener/Properties/Certificates/0/CertificateArn", ref("ApiTaskRoleArn")),
        ("services", "HttpsListener", "right-type-of-target"),
    ),
]


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES)
def test_a_value_of_another_form_is_reported(mistake: Mistake, expected: tuple[str, ...]) -> None:
    """A value from the wrong parameter shows by its form; the resource that takes it is named."""
    rule = expected[2] if len(expected) > 2 else "value-of-right-form"
    assert (*expected[:2], rule) in news(mistake)


def test_an_arn_of_another_service_is_reported() -> None:
    """A role's ARN given where a certificate's is asked for."""
    role = "arn:aws:iam::123456789012:role/sparta"
    given = {**values("production"), "DomainName": "", "HostedZoneId": "", "CertificateArn": role}
    found = seen(emitted(), given)
    assert ("services", "HttpsListener", "arn-of-right-service") in found
