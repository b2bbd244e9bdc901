"""Address ranges, zones and ways out of subnets: what the other network rules build on, and the rules about ranges."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.system import Resource, System
from templates.rules.values import get, items, text, tokens

VPC = "AWS::EC2::VPC"
SUBNET = "AWS::EC2::Subnet"
GATEWAY = "AWS::EC2::InternetGateway"
NAT = "AWS::EC2::NatGateway"
TABLE = "AWS::EC2::RouteTable"
ENDPOINT = "AWS::EC2::VPCEndpoint"
BALANCER = "AWS::ElasticLoadBalancingV2::LoadBalancer"
SERVICE = "AWS::ECS::Service"
FUNCTION = "AWS::Lambda::Function"

EVERYWHERE = {"0.0.0.0/0", "::/0"}
# VPCs are carved from these, so that no address of somebody else becomes unreachable.
PRIVATE = [
    ipaddress.ip_network(each)
    for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7")
]
SMALLEST_FOR_BALANCER = 27
Range = ipaddress.IPv4Network | ipaddress.IPv6Network


class Route(NamedTuple):
    """One entry of a route table; `way` is "internet", "nat" or "other"."""

    resource: Resource
    table: str
    destination: str
    way: str
    through: str


class Placed(NamedTuple):
    """Something that stands in subnets, with the security groups that guard it."""

    resource: Resource
    subnets: list[Resource]
    groups: list[Resource]


def block(value: object) -> Range | None:
    """A CIDR block; None for anything else, host bits included."""
    try:
        return ipaddress.ip_network(text(value)) if "/" in text(value) else None
    except ValueError:
        return None


def inside(inner: Range | None, outer: Range | None) -> bool:
    """Whether both are known and one lies within the other."""
    if isinstance(inner, ipaddress.IPv4Network) and isinstance(outer, ipaddress.IPv4Network):
        return inner.subnet_of(outer)
    if isinstance(inner, ipaddress.IPv6Network) and isinstance(outer, ipaddress.IPv6Network):
        return inner.subnet_of(outer)
    return False


def zone(subnet: Resource) -> str:
    return text(subnet.get("AvailabilityZone")) or text(subnet.get("AvailabilityZoneId"))


def _route(system: System, resource: Resource) -> Route:
    destination = text(resource.get("DestinationCidrBlock")) or text(resource.get("DestinationIpv6CidrBlock"))
    through, way = "", "other"
    for key, kind in (("GatewayId", "internet"), ("NatGatewayId", "nat")):
        if resource.get(key):
            through, way = text(resource.get(key)), kind
            target = system.target(through)
            way = {NAT: "nat", GATEWAY: "internet"}.get(target.type, "other") if target else way
    return Route(resource, text(resource.get("RouteTableId")), destination, way, through)


@lru_cache(maxsize=2)
def routes(system: System) -> tuple[Route, ...]:
    return tuple(_route(system, resource) for resource in system.of_type("AWS::EC2::Route"))


@lru_cache(maxsize=2)
def tables_by_subnet(system: System) -> dict[Resource, list[str]]:
    """The route tables each subnet is associated with, as references."""
    found: dict[Resource, list[str]] = {subnet: [] for subnet in system.of_type(SUBNET)}
    for association in system.of_type("AWS::EC2::SubnetRouteTableAssociation"):
        subnet = system.target(association.get("SubnetId"))
        if subnet in found:
            found[subnet].append(text(association.get("RouteTableId")))
    return found


def ways_out(system: System, subnet: Resource) -> list[Route]:
    """The default routes of a subnet's table."""
    tables = tables_by_subnet(system).get(subnet, [])
    return [route for route in routes(system) if route.table in tables and route.destination in EVERYWHERE]


def is_public(system: System, subnet: Resource) -> bool:
    return any(route.way == "internet" for route in ways_out(system, subnet))


@lru_cache(maxsize=2)
def placed(system: System) -> tuple[Placed, ...]:
    """Load balancers, services, functions in a VPC and interface endpoints, with their subnets and groups."""
    return tuple(_placed(system))


def _placed(system: System) -> Iterator[Placed]:
    for resource in system.of_type(BALANCER, SERVICE, FUNCTION, ENDPOINT):
        settings = {
            BALANCER: (resource.get("Subnets") or resource.get("SubnetMappings"), resource.get("SecurityGroups")),
            SERVICE: tuple(
                resource.get("NetworkConfiguration", "AwsvpcConfiguration", key)
                for key in ("Subnets", "SecurityGroups")
            ),
            FUNCTION: (resource.get("VpcConfig", "SubnetIds"), resource.get("VpcConfig", "SecurityGroupIds")),
            ENDPOINT: (resource.get("SubnetIds"), resource.get("SecurityGroupIds")),
        }[resource.type]
        subnets, groups = (system.targets(value) for value in settings)
        if in_vpc(resource):
            of_type = [each for each in subnets if each.type == SUBNET]
            yield Placed(resource, of_type, [each for each in groups if each.type == "AWS::EC2::SecurityGroup"])


def in_vpc(resource: Resource) -> bool:
    """Whether a resource of the four types takes addresses in subnets."""
    if resource.type == ENDPOINT:
        return text(resource.get("VpcEndpointType")) == "Interface"
    return resource.type != FUNCTION or resource.get("VpcConfig") is not None


def _ranges(system: System) -> Iterator[tuple[Resource, str]]:
    for resource in system.of_type(VPC, SUBNET, "AWS::EC2::VPCCidrBlock"):
        if resource.get("CidrBlock") and not tokens(resource.get("CidrBlock")):
            yield resource, text(resource.get("CidrBlock"))


def vpc_ranges(system: System, vpc: object) -> list[Range]:
    """The IPv4 ranges of a VPC, given by its reference."""
    owner = system.target(vpc)
    more = [each for each in system.of_type("AWS::EC2::VPCCidrBlock") if each.get("VpcId") == vpc]
    found = [block(each.get("CidrBlock")) for each in [*([owner] if owner else []), *more]]
    return [each for each in found if each]


@rule("EC2 takes a range only as the first address and a length from 16 to 28")
def range_well_formed(system: System) -> Iterator[Finding]:
    for resource, written in _ranges(system):
        found = block(written)
        if not found or not 16 <= found.prefixlen <= 28:
            yield resource.finding(f"CidrBlock {written} is no range of a VPC; give one such as 10.10.1.0/24")


@rule("a range of the public internet makes the addresses of somebody else unreachable from the VPC")
def vpc_range_private(system: System) -> Iterator[Finding]:
    for vpc in system.of_type(VPC):
        found = block(vpc.get("CidrBlock"))
        if found and not any(inside(found, private) for private in PRIVATE):
            yield vpc.finding(f"CidrBlock {found} is not private; take it from 10.0.0.0/8 or 172.16.0.0/12")


@rule("a subnet outside its VPC's range is refused when the others are already there")
def subnet_inside_vpc(system: System) -> Iterator[Finding]:
    for subnet in system.of_type(SUBNET):
        own, outer = block(subnet.get("CidrBlock")), vpc_ranges(system, subnet.get("VpcId"))
        if own and outer and not any(inside(own, each) for each in outer):
            yield subnet.finding(f"CidrBlock {own} is outside the VPC's {outer[0]}; choose one within")


@rule("two subnets that share addresses are refused")
def subnets_apart(system: System) -> Iterator[Finding]:
    seen: list[tuple[Resource, Range]] = []
    for subnet in system.of_type(SUBNET):
        own = block(subnet.get("CidrBlock"))
        for other, taken in seen:
            if own and own.overlaps(taken) and subnet.get("VpcId") == other.get("VpcId"):
                yield subnet.finding(f"CidrBlock {own} overlaps {taken} of {other.id}; choose another")
        seen += [(subnet, own)] if own else []


@rule("a load balancer needs eight free addresses in each subnet: a smaller one than /27 is refused")
def balancer_subnet_large_enough(system: System) -> Iterator[Finding]:
    for each in placed(system):
        for subnet in each.subnets if each.resource.type == BALANCER else []:
            found = block(subnet.get("CidrBlock"))
            if found and found.prefixlen > SMALLEST_FOR_BALANCER:
                yield subnet.finding(f"CidrBlock {found} is too small for {each.resource.id}; take a /27 or larger")


def _distinct_vpcs(system: System, resource: Resource) -> set[str]:
    near = [each for each in system.targets(resource.props) if each.type in MEMBERS]
    return {text(each.get("VpcId")) for each in [resource, *near] if each.get("VpcId")}


MEMBERS = {SUBNET, TABLE, "AWS::EC2::SecurityGroup", "AWS::ElasticLoadBalancingV2::TargetGroup"}
GUARDING = {"AWS::EC2::SecurityGroup", "AWS::ElasticLoadBalancingV2::TargetGroup"}
JOINING = (
    BALANCER,
    SERVICE,
    FUNCTION,
    ENDPOINT,
    "AWS::EC2::SubnetRouteTableAssociation",
    "AWS::EC2::SecurityGroup",
    "AWS::ElasticLoadBalancingV2::Listener",
)


@rule("what works together must be in one VPC: parts of another are refused, or cannot be reached")
def one_vpc(system: System) -> Iterator[Finding]:
    for resource in system.of_type(*JOINING):
        if len(found := _distinct_vpcs(system, resource)) > 1:
            yield resource.finding(f"joins parts of {' and '.join(sorted(found))}; take all from one VPC")


@rule("a stack makes its own VPC or takes one: a part in a VPC that nobody made here is unreachable for the others")
def vpc_of_this_system(system: System) -> Iterator[Finding]:
    vpc = next(iter(system.of_type(VPC)), None)
    for resource in system.resources:
        given = text(resource.get("VpcId")) or text(resource.get("Vpc"))
        if vpc and resource.type in GUARDING and not given:
            yield resource.finding(f"names no VPC, which means the account's default one; refer to {vpc.id} in VpcId")
        if vpc and given and not tokens(given):
            yield resource.finding(f"is in {given}, a VPC that no template makes; refer to {vpc.id}")


def entries(resource: Resource, *path: str) -> list[str]:
    """The texts of a list property."""
    return [text(item) for item in items(get(resource.props, *path))]
