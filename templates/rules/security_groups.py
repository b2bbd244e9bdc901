"""Security groups: their rules one by one, and the rules about each; who needs which connection stands beside."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.network import BALANCER, PRIVATE, block, inside, placed, vpc_ranges
from templates.rules.system import Resource, System
from templates.rules.values import dicts, number, text

GROUP = "AWS::EC2::SecurityGroup"
PREFIX_LISTS = ("SourcePrefixListId", "DestinationPrefixListId")
PEERS = ("SourceSecurityGroupId", "DestinationSecurityGroupId", "CidrIp", "CidrIpv6", *PREFIX_LISTS)
ALLOWED_TEXT = re.compile(r"[A-Za-z0-9 ._:/()#,@\[\]+=&;{}!$*-]{1,255}")
GROUPS = (
    ("SecurityGroups",),
    ("SecurityGroupIds",),
    ("NetworkConfiguration", "AwsvpcConfiguration", "SecurityGroups"),
    ("VpcConfig", "SecurityGroupIds"),
)
TCP = ("tcp", "6")
WEB: tuple[tuple[float | None, float | None], ...] = ((80, 80), (443, 443))
WORLD = ("0.0.0.0/0", "::/0")


class Opening(NamedTuple):
    """One rule of a group: what it lets in, or out when `outward`. A group, also as peer, is its Ref's token."""

    group: str
    resource: Resource
    outward: bool
    body: dict[str, Any]
    peer: str

    @property
    def protocol(self) -> str:
        return text(self.body.get("IpProtocol")).lower()

    @property
    def ports(self) -> tuple[float | None, float | None]:
        return number(self.body.get("FromPort")), number(self.body.get("ToPort"))

    @property
    def is_list(self) -> bool:
        return any(self.body.get(key) for key in PREFIX_LISTS)

    @property
    def is_world(self) -> bool:
        """Whether the peer is a part of the internet: any public range counts."""
        found = block(self.peer)
        return found is not None and not any(inside(found, private) for private in PRIVATE)

    def __str__(self) -> str:
        low, high = self.ports
        ports = "all ports" if low is None else f"{low:g}" if low == high else f"{low:g}-{high or 0:g}"
        return f"{'egress to' if self.outward else 'ingress from'} {self.peer or 'nobody'} on {self.protocol} {ports}"

    def lets_through(self, port: float) -> bool:
        low, high = self.ports
        if self.protocol == "-1":
            return True
        return self.protocol in TCP and low is not None and high is not None and low <= port <= high

    def finding(self, advice: str) -> Finding:
        return self.resource.finding(f"{self} {advice}")


@lru_cache(maxsize=2)
def openings(system: System) -> tuple[Opening, ...]:
    """Every rule of every group, inline or a resource of its own."""
    found = []
    for kind, outward in (("Ingress", False), ("Egress", True)):
        for group in system.of_type(GROUP):
            bodies = dicts(group.get(f"SecurityGroup{kind}"))
            found += [Opening(group.token, group, outward, body, _peer(system, body)) for body in bodies]
        for single in system.of_type(f"AWS::EC2::SecurityGroup{kind}"):
            owner = _group(system, single.get("GroupId"))
            found.append(Opening(owner, single, outward, single.props, _peer(system, single.props)))
    return tuple(found)


def _group(system: System, value: Any) -> str:
    target = system.target(value)
    return target.token if target and target.type == GROUP else text(value)


def _peer(system: System, body: dict[str, Any]) -> str:
    return next((_group(system, body[key]) for key in PEERS if body.get(key)), "")


@lru_cache(maxsize=2)
def members(system: System) -> dict[str, list[Resource]]:
    """What each group guards, by the group's reference."""
    found: dict[str, list[Resource]] = {group.token: [] for group in system.of_type(GROUP)}
    for each in placed(system):
        for group in each.groups:
            found.setdefault(group.token, []).append(each.resource)
    return found


@rule("whatever has no group of its own gets the VPC's default one, which lets its members talk to each other")
def group_given(system: System) -> Iterator[Finding]:
    for each in placed(system):
        if not any(each.resource.get(*path) for path in GROUPS):
            yield each.resource.finding("names no security group; give it one that opens what it needs")


@rule("a group that guards nothing is the trace of a missing reference, and tempts to be used for something else")
def group_used(system: System) -> Iterator[Finding]:
    if placed(system):
        written = str([each.props for each in system.resources if not each.type.startswith(GROUP)])
        for group in system.of_type(GROUP):
            if not any(group.token[:-1] + end in written for end in "}."):
                yield group.finding("guards nothing; give it to what it was made for or remove it")


@rule("the internet reaches the load balancer, and nothing else")
def open_to_internet(system: System) -> Iterator[Finding]:
    for opening in openings(system):
        guarded = members(system).get(opening.group, [])
        if opening.outward or not (opening.is_world or opening.is_list):
            continue
        if not guarded or any(each.type != BALANCER for each in guarded):
            yield opening.finding("opens more than a load balancer; name the group that may connect")
        elif opening.ports not in WEB or opening.protocol not in TCP:
            yield opening.finding("opens more than web ports; leave TCP 80 and 443 only")


@rule("a range of ports opens some that nobody answers on today, and somebody may tomorrow")
def one_port_each(system: System) -> Iterator[Finding]:
    for opening in openings(system):
        low, high = opening.ports
        if opening.protocol not in TCP:
            yield opening.finding("is not for TCP, the only protocol spoken here; set IpProtocol to tcp")
        elif low is None or low != high:
            yield opening.finding("is no single port; open each port that is used by itself")


@rule("a rule without a peer lets nobody through, one with two is refused")
def one_peer_each(system: System) -> Iterator[Finding]:
    for opening in openings(system):
        given = [key for key in PEERS if opening.body.get(key)]
        if len(given) != 1:
            yield opening.finding(f"names {len(given)} peers; name one group, range or prefix list")
        elif given[0].startswith("Source" if opening.outward else "Destination"):
            yield opening.finding(f"names its peer by {given[0]}; ingress has a Source, egress a Destination")


@rule("a rule given twice is refused as a duplicate")
def opening_given_once(system: System) -> Iterator[Finding]:
    seen: set[tuple[Any, ...]] = set()
    for opening in openings(system):
        key = (opening.group, opening.outward, opening.protocol, opening.ports, opening.peer)
        if key in seen:
            yield opening.finding("stands there twice; remove one")
        seen.add(key)


@rule("a group that lists no egress lets everything out")
def egress_listed(system: System) -> Iterator[Finding]:
    listed = {opening.group for opening in openings(system) if opening.outward}
    for group in system.of_type(GROUP):
        if group.token not in listed:
            yield group.finding("lists no egress, which means all; list what it may reach in SecurityGroupEgress")


@rule("only what calls others by itself may reach the internet")
def egress_stays_inside(system: System) -> Iterator[Finding]:
    for opening in openings(system):
        guarded = members(system).get(opening.group, [])
        calling = [each for each in guarded if each.type in ("AWS::ECS::Service", "AWS::Lambda::Function")]
        if opening.outward and opening.is_world and not calling:
            yield opening.finding("leaves the VPC; a load balancer or endpoint only needs addresses inside it")


@rule("a range that is neither the VPC's nor the internet's opens the way to a network nobody connected")
def peer_known(system: System) -> Iterator[Finding]:
    for opening in openings(system):
        owner = system.target(opening.group)
        own, peer = vpc_ranges(system, owner.get("VpcId")) if owner else [], block(opening.peer)
        known = opening.peer in WORLD or any(inside(peer, each) for each in own)
        if own and peer and not known:
            yield opening.finding(f"is outside the VPC's {own[0]}; give a range within, a group, or 0.0.0.0/0")


@rule("EC2 refuses descriptions with other characters; without one nobody dares to remove a rule")
def group_described(system: System) -> Iterator[Finding]:
    for group in system.of_type(GROUP):
        if not ALLOWED_TEXT.fullmatch(text(group.get("GroupDescription"))):
            written = text(group.get("GroupDescription"))
            yield group.finding(f"GroupDescription {written!r} is refused; use letters, digits, ._-:/()#")
    for opening in openings(system):
        if not ALLOWED_TEXT.fullmatch(text(opening.body.get("Description"))):
            yield opening.finding("has no Description, or one with refused characters; use letters, digits, ._-:/()#")
