"""DNS records that point at something AWS made."""

from __future__ import annotations

from typing import Any

from troposphere import Ref
from troposphere.route53 import RecordSetType
from troposphere.validators.route53 import AliasTarget


def alias(title: str, condition: str, name: Any, target: Any, zone: Any, *, check_health: Any) -> RecordSetType:
    """An alias in the hosted zone of the parameters; ``zone`` is the one that ``target``'s own name lives in."""
    return RecordSetType(
        title,
        Condition=condition,
        HostedZoneId=Ref("HostedZoneId"),
        Name=name,
        Type="A",
        AliasTarget=AliasTarget(  # type: ignore[no-untyped-call]
            DNSName=target, HostedZoneId=zone, EvaluateTargetHealth=check_health
        ),
    )
