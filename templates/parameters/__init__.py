"""Every deploy-time parameter of the system, declared once.

Order and groups are those of the CloudFormation console. No secret is a parameter: secrets live in Secrets Manager.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from templates.parameters import application, platform
from templates.parameters.model import DeployParameter

_CATALOGUE: list[DeployParameter] = [
    *platform.GENERAL,
    *platform.NETWORKING,
    *application.DISCORD,
    *application.ETHEREUM,
    *application.AZTEC,
    *platform.API,
    *platform.CLOUDFRONT,
    *platform.BOT,
    *application.LOGGING,
    *application.MONITORING,
    *platform.SECURITY,
    *platform.RELEASE,
    *platform.CONTINUOUS_DEPLOYMENT,
]

CATALOGUE = {parameter.name: parameter for parameter in _CATALOGUE}

DERIVED = {
    "NameSuffix": "Empty in production, else a hyphen and the environment: keeps account-wide names apart.",
    "OriginToken": "Random id of the root stack; CloudFront sends it and the load balancer asks for it.",
}
"""Values that root computes and hands down, with their descriptions."""


def interface(names: Iterable[str]) -> dict[str, Any]:
    """``AWS::CloudFormation::Interface``: groups and labels of a template's parameters, in the catalogue's order."""
    present = set(names)
    members: dict[str, list[str]] = {}
    for parameter in _CATALOGUE:
        if parameter.name in present:
            members.setdefault(parameter.group, []).append(parameter.name)
    return {
        "ParameterGroups": [{"Label": {"default": group}, "Parameters": inside} for group, inside in members.items()],
        "ParameterLabels": {name: {"default": CATALOGUE[name].label} for inside in members.values() for name in inside},
    }
