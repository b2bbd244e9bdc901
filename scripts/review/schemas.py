"""What AWS's registry says of a resource type: which properties only a new resource can have. Bundled with cfn-lint."""

from __future__ import annotations

import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

from templates.rules.physical import NAMED
from templates.rules.render import REGION
from templates.rules.scope import NESTED

STATEFUL_BESIDES = frozenset({"AWS::ECR::Repository", "AWS::SSM::Parameter"})
"""Holders of data that cfn-lint's list leaves out."""
VERSIONED = frozenset({"AWS::ECS::TaskDefinition"})
"""Their name is a family: a replacement is one more revision of the same name."""
MISSED = {"AWS::DynamoDB::Table": ("LocalSecondaryIndexes",)}
"""What may replace a resource though the schema is silent: DynamoDB adds such an index to a new table only."""
ALWAYS = {"AWS::DynamoDB::Table": ("KeySchema",), "AWS::Route53::RecordSet": ("Name", "Type")}
"""What the CloudFormation reference calls a replacement, though the schema calls it conditional or says nothing."""
Place = tuple[str, ...]
UNIQUE: dict[str, tuple[str, ...]] = {
    "AWS::ECS::Service": ("ServiceName", "Cluster"),
    "AWS::EC2::SecurityGroup": ("GroupName", "VpcId"),
    "AWS::EC2::SecurityGroupIngress": (
        *("GroupId", "IpProtocol", "FromPort", "ToPort"),
        *("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourcePrefixListId"),
    ),
    "AWS::EC2::SecurityGroupEgress": (
        *("GroupId", "IpProtocol", "FromPort", "ToPort"),
        *("CidrIp", "CidrIpv6", "DestinationSecurityGroupId", "DestinationPrefixListId"),
    ),
    "AWS::IAM::Policy": ("PolicyName", "Roles", "Users", "Groups"),
    "AWS::Scheduler::Schedule": ("Name", "GroupName"),
}
"""What no two may share, where neither the schema nor a name alone says it."""


class Schema(NamedTuple):
    """Property paths, ``*`` standing for any entry of a list."""

    create_only: tuple[Place, ...] = ()
    conditional: tuple[Place, ...] = ()
    identity: tuple[Place, ...] = ()
    """What AWS tells one from another by; empty when AWS gives it a number."""


@cache
def schema(kind: str) -> Schema:
    """The schema of a type; an empty one for a type that nobody knows (custom resources)."""
    file = _index().get(kind)
    if file is None:
        return Schema()
    found = json.loads((_data() / "schemas" / "resources" / f"{file}.json").read_text(encoding="utf-8"))
    identity = () if _given_by_aws(found) else _paths(found, "primaryIdentifier")
    missed, always = (tuple((name,) for name in table.get(kind, ())) for table in (MISSED, ALWAYS))
    create_only = _paths(found, "createOnlyProperties") + always
    return Schema(create_only, _paths(found, "conditionalCreateOnlyProperties") + missed, identity)


def name_key(kind: str) -> str:
    """The property that names a resource of this type in the account; empty where a name may be given twice."""
    return NAMED[kind].key if kind in NAMED and kind not in VERSIONED else ""


def unique(kind: str) -> tuple[Place, ...]:
    """What no two resources of a type may have in common; what matters most first."""
    keys = UNIQUE.get(kind) or ((key,) if (key := name_key(kind)) else ())
    return tuple((key,) for key in keys) or schema(kind).identity


@cache
def stateful() -> frozenset[str]:
    """Types that hold data."""
    listed = json.loads((_data() / "AdditionalSpecs" / "StatefulResources.json").read_text(encoding="utf-8"))
    return frozenset(listed["ResourceTypes"]) - {NESTED} | STATEFUL_BESIDES


@cache
def _index() -> dict[str, str]:
    found: dict[str, str] = json.loads((_data() / "schemas" / "providers" / f"{REGION}.json").read_text("utf-8"))
    return found


@cache
def _data() -> Path:
    """Found without importing cfn-lint, which takes seconds."""
    spec = find_spec("cfnlint")
    places = spec.submodule_search_locations if spec else None
    if not places:
        raise RuntimeError("cfn-lint is not installed; run `make install`")
    return Path(places[0]) / "data"


def _paths(found: dict[str, Any], key: str) -> tuple[Place, ...]:
    return tuple(tuple(path.removeprefix("/properties/").split("/")) for path in found.get(key) or ())


def _given_by_aws(found: dict[str, Any]) -> bool:
    return bool({*_paths(found, "primaryIdentifier")} & {*_paths(found, "readOnlyProperties")})
