"""Which traffic the security groups let through, before and after, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from scripts.review.entries import REFERENCE, Entry
from scripts.review.model import Doors
from scripts.review.words import capital, readable, spoken
from templates.rules.values import dicts, text

GROUP = "AWS::EC2::SecurityGroup"
ALONE = {"AWS::EC2::SecurityGroupIngress": True, "AWS::EC2::SecurityGroupEgress": False}
PEERS = (
    *("CidrIp", "CidrIpv6", "SourceSecurityGroupId", "SourceSecurityGroupName", "SourcePrefixListId"),
    *("DestinationSecurityGroupId", "DestinationPrefixListId"),
)
WORLD = ("0.0.0.0/0", "::/0")
ANYTHING: dict[str, Any] = {"IpProtocol": "-1", "CidrIp": "0.0.0.0/0"}
"""What AWS lets out of a group that says nothing of egress."""
NUMBERS = {"6": "tcp", "17": "udp", "1": "icmp", "58": "icmpv6"}


class Rule(NamedTuple):
    """One rule: whose, which way, what, with whom."""

    group: str
    inward: bool
    traffic: str
    peer: str


def security_rules(before: Mapping[str, Entry], after: Mapping[str, Entry]) -> Doors:
    """What opens and what closes."""
    old, new = dict.fromkeys(_rules(before)), dict.fromkeys(_rules(after))
    return Doors(
        tuple(_opened(rule) for rule in new if rule not in old),
        tuple(_closed(rule) for rule in old if rule not in new),
    )


def _rules(entries: Mapping[str, Entry]) -> Iterator[Rule]:
    for entry in entries.values():
        if entry.type == GROUP:
            for item in dicts(entry.props.get("SecurityGroupIngress")):
                yield from _of(entry.path, True, item)
            for item in dicts(entry.props.get("SecurityGroupEgress", [ANYTHING])):
                yield from _of(entry.path, False, item)
        elif entry.type in ALONE:
            group = text(entry.props.get("GroupId") or entry.props.get("GroupName"))
            match = REFERENCE.fullmatch(group)
            yield from _of(match[1] if match else group, ALONE[entry.type], entry.props)


def _of(group: str, inward: bool, item: Mapping[str, Any]) -> Iterator[Rule]:
    for key in PEERS:
        if text(item.get(key)):
            yield Rule(group, inward, _traffic(item), text(item[key]))


def _traffic(item: Mapping[str, Any]) -> str:
    protocol = text(item.get("IpProtocol")).lower()
    protocol = NUMBERS.get(protocol, protocol)
    first, last = text(item.get("FromPort")), text(item.get("ToPort"))
    if protocol == "-1":
        return "any traffic"
    if protocol.startswith("icmp"):
        return protocol.upper()
    if first in ("", "-1") or (first, last) == ("0", "65535"):
        return f"{protocol.upper()} on every port"
    return f"{protocol.upper()} {first}" if first == last else f"{protocol.upper()} {first}-{last}"


def _opened(rule: Rule) -> str:
    if rule.inward:
        return f"{capital(_group(rule.group))} now admits {rule.traffic} from {_peer(rule.peer)}."
    return f"{capital(_group(rule.group))} now lets {rule.traffic} out to {_peer(rule.peer)}."


def _closed(rule: Rule) -> str:
    if rule.inward:
        return f"{capital(_group(rule.group))} no longer admits {rule.traffic} from {_peer(rule.peer)}."
    return f"{capital(_group(rule.group))} no longer lets {rule.traffic} out to {_peer(rule.peer)}."


def _group(path: str) -> str:
    """``Security/ApiSecurityGroup``: the API's group."""
    name = path.rpartition("/")[2]
    owner = spoken(name.removesuffix("Group").removesuffix("Security")) if "/" in path or name.isalpha() else ""
    return f"the {owner}'s group" if owner else f"the group {path}"


def _peer(peer: str) -> str:
    match = REFERENCE.fullmatch(peer)
    if match:
        return _group(match[1]) if "Group" in match[1] else text(readable(peer))
    if peer in WORLD:
        return f"ANYWHERE ({peer})"
    return f"prefix list {peer}" if peer.startswith("pl-") else peer
