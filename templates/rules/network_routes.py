"""Routes: public subnets reach the internet by its gateway, private ones by the NAT gateway of their zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.network import (
    BALANCER,
    ENDPOINT,
    EVERYWHERE,
    FUNCTION,
    GATEWAY,
    NAT,
    SERVICE,
    SUBNET,
    TABLE,
    is_public,
    placed,
    routes,
    tables_by_subnet,
    ways_out,
    zone,
)
from templates.rules.system import Resource, System
from templates.rules.values import text, truth

ATTACHMENT = "AWS::EC2::VPCGatewayAttachment"
ADDRESS = "AWS::EC2::EIP"
GIVEN_AWAY = "AWS::EC2::EIPAssociation"


def faces_internet(resource: Resource) -> bool:
    """A load balancer that is open to the internet, as it is unless it says otherwise."""
    return resource.type == BALANCER and text(resource.get("Scheme")) != "internal"


@rule("a subnet without its own route table falls back to the VPC's main one; a second association is refused")
def subnet_routed_once(system: System) -> Iterator[Finding]:
    for subnet, tables in tables_by_subnet(system).items():
        if len(tables) != 1:
            yield subnet.finding(f"has {len(tables)} route table associations; give it exactly one")


@rule("a route table that no subnet uses is the trace of a missing association")
def route_table_used(system: System) -> Iterator[Finding]:
    used = {table for tables in tables_by_subnet(system).values() for table in tables}
    for table in system.of_type(TABLE):
        if table.token not in used:
            yield table.finding("is associated with no subnet; associate it or remove it")


@rule("a second route to the same destination is refused")
def route_given_once(system: System) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Resource] = {}
    for route in routes(system):
        first = seen.setdefault((route.table, route.destination), route.resource)
        if first is not route.resource:
            yield route.resource.finding(f"leads to {route.destination} in the same table as {first.id}; keep one")


@rule("a route that serves a part of the internet only leaves the rest unreachable")
def route_to_everywhere(system: System) -> Iterator[Finding]:
    for route in routes(system):
        if route.way in ("internet", "nat") and route.destination not in EVERYWHERE:
            yield route.resource.finding(f"leads to {route.destination or 'nothing'}; make the destination 0.0.0.0/0")


@rule("what the internet need not reach belongs into subnets without a route from it")
def stands_in_private_subnets(system: System) -> Iterator[Finding]:
    for each in placed(system):
        for subnet in each.subnets:
            if is_public(system, subnet) and not faces_internet(each.resource):
                yield each.resource.finding(f"stands in the public subnet {subnet.id}; take a private one")


@rule("an internet-facing load balancer answers only from subnets that route to the internet gateway")
def public_balancer_in_public_subnets(system: System) -> Iterator[Finding]:
    for each in placed(system):
        for subnet in each.subnets if faces_internet(each.resource) else []:
            if not is_public(system, subnet):
                yield each.resource.finding(
                    f"stands in {subnet.id}, which the internet cannot reach; take a public one"
                )


@rule("a task or function without a way out cannot fetch its image, write its log or call anybody")
def has_way_out(system: System) -> Iterator[Finding]:
    for each in placed(system):
        for subnet in each.subnets if each.resource.type in (SERVICE, FUNCTION) else []:
            if not any(route.destination == "0.0.0.0/0" for route in ways_out(system, subnet)):
                yield subnet.finding(
                    f"has no default route, but {each.resource.id} runs in it; add one to a NAT gateway"
                )


@rule("AWS chooses a zone where none is given, perhaps the same for all")
def zone_given(system: System) -> Iterator[Finding]:
    for subnet in system.of_type(SUBNET):
        if not zone(subnet):
            yield subnet.finding("names no AvailabilityZone; give each subnet of a kind its own")


@rule("what stands in one zone only is down when that zone is; the load balancer refuses fewer than two")
def two_zones(system: System) -> Iterator[Finding]:
    for each in placed(system):
        zones = [zone(subnet) for subnet in each.subnets]
        if zones and all(zones) and len(set(zones)) < 2:
            yield each.resource.finding(f"stands in the zone {zones[0]} only; give it subnets in two zones")
        elif each.resource.type in (BALANCER, ENDPOINT) and len(set(zones)) < len(zones):
            yield each.resource.finding("has two subnets in one zone, which is refused; take one per zone")


@rule("two subnets of a kind in one zone survive nothing that one would not")
def kinds_span_zones(system: System) -> Iterator[Finding]:
    kinds: dict[tuple[str, bool], list[Resource]] = {}
    for subnet in system.of_type(SUBNET):
        kinds.setdefault((text(subnet.get("VpcId")), is_public(system, subnet)), []).append(subnet)
    for subnets in kinds.values():
        if len(subnets) > 1 and len({zone(subnet) for subnet in subnets}) == 1:
            names = " and ".join(subnet.id for subnet in subnets)
            yield subnets[-1].finding(f"{names} are all in {zone(subnets[0])}; put them into different zones")


@rule("a NAT gateway reaches the internet only from a subnet that does")
def nat_in_public_subnet(system: System) -> Iterator[Finding]:
    for nat in system.of_type(NAT):
        subnet = system.target(nat.get("SubnetId"))
        if not nat.get("SubnetId"):
            yield nat.finding("stands in no subnet; give it the public subnet of its zone in SubnetId")
        if subnet and not is_public(system, subnet):
            yield nat.finding(
                f"stands in {subnet.id}, which has no route to the internet gateway; take a public subnet"
            )


@rule("a NAT gateway without an address of its own is refused, or serves private networks only")
def nat_has_address(system: System) -> Iterator[Finding]:
    for nat in system.of_type(NAT):
        if not nat.get("AllocationId") or text(nat.get("ConnectivityType")) == "private":
            yield nat.finding("has no public address; give it the AllocationId of an AWS::EC2::EIP")


@rule("an address serves one gateway; one that serves nobody is paid for all the same")
def address_used_once(system: System) -> Iterator[Finding]:
    users = Counter(target.token for nat in system.of_type(NAT) for target in system.targets(nat.get("AllocationId")))
    direct = {each.token for other in system.of_type(GIVEN_AWAY) for each in system.targets(other.props)}
    for address in system.of_type(ADDRESS):
        count = users[address.token]
        if count != 1 and address.token not in direct and not address.get("InstanceId"):
            yield address.finding(f"is used by {count} NAT gateways; give each gateway an address of its own")


@rule("a NAT gateway that no route uses costs money and serves nobody")
def nat_used(system: System) -> Iterator[Finding]:
    used = {route.through for route in routes(system)}
    for nat in system.of_type(NAT):
        if nat.token not in used:
            yield nat.finding("is the target of no route; route its zone's private subnets through it or remove it")


@rule("a subnet that leaves through another zone fails with that zone, and pays for the traffic between them")
def nat_of_own_zone(system: System) -> Iterator[Finding]:
    homes = {nat.token: system.target(nat.get("SubnetId")) for nat in system.of_type(NAT)}
    zones = {zone(home) for home in homes.values() if home}
    for subnet in system.of_type(SUBNET):
        for route in ways_out(system, subnet):
            home = homes.get(route.through)
            if home and zone(home) != zone(subnet) and zone(subnet) in zones:
                advice = f"is in {zone(subnet)} but leaves through {zone(home)}; use the NAT gateway of its own zone"
                yield subnet.finding(advice)


@rule("who chooses a NAT gateway per zone relies on surviving a zone; who chooses a single one pays for one")
def nat_as_chosen(system: System) -> Iterator[Finding]:
    for stack in system.stacks.values():
        mode, own = stack.parameters.get("NatGatewayMode"), [n for n in system.of_type(NAT) if n.stack == stack.name]
        private = {zone(s) for s in stack.resources.values() if s.type == SUBNET and not is_public(system, s)}
        wanted = {"per-zone": len(private), "single": 1}.get(text(mode))
        if wanted is not None and own and len(own) != wanted:
            advice = f"{mode} makes {len(own)} NAT gateways instead of {wanted}; correct the conditions"
            yield stack.finding("Parameters.NatGatewayMode", advice)


def _attachments(system: System, gateway: str) -> list[Resource]:
    return [each for each in system.of_type(ATTACHMENT) if text(each.get("InternetGatewayId")) == gateway]


@rule("an internet gateway works for the VPC that it is attached to")
def gateway_attached(system: System) -> Iterator[Finding]:
    for gateway in system.of_type(GATEWAY):
        if not _attachments(system, gateway.token):
            yield gateway.finding("is attached to no VPC; add an AWS::EC2::VPCGatewayAttachment")
    for route in routes(system):
        table, gateway_ = system.target(route.table), system.target(route.through)
        attached = {text(each.get("VpcId")) for each in _attachments(system, route.through)}
        if table and gateway_ and attached and text(table.get("VpcId")) not in attached:
            yield route.resource.finding(f"uses {gateway_.id}, which is attached to another VPC; use this VPC's own")


@rule("before the gateway is attached EC2 refuses routes through it, addresses and internet-facing load balancers")
def attached_first(system: System) -> Iterator[Finding]:
    late = [route.resource for route in routes(system) if route.way == "internet"]
    late += system.of_type(ADDRESS)
    late += [each for each in system.of_type(BALANCER) if faces_internet(each)]
    for resource in late:
        for attachment in system.of_type(ATTACHMENT):
            if not system.waits_for(resource, attachment):
                yield resource.finding(f"may be created before the gateway is attached; add DependsOn {attachment.id}")


@rule("tasks that start before their routes exist cannot fetch their image, and the deployment fails")
def routes_first(system: System) -> Iterator[Finding]:
    for each in placed(system):
        if each.resource.type == SERVICE:
            ways = [route.resource for subnet in each.subnets for route in ways_out(system, subnet)]
            for route in dict.fromkeys(ways):
                if not system.waits_for(each.resource, route):
                    yield each.resource.finding(f"may start before {route.id} exists; make it wait for that route")


@rule("a public address opens a second way in, past the load balancer")
def no_public_address(system: System) -> Iterator[Finding]:
    for subnet in system.of_type(SUBNET):
        if truth(subnet.get("MapPublicIpOnLaunch")) or truth(subnet.get("AssignIpv6AddressOnCreation")):
            yield subnet.finding("gives public addresses to whatever starts in it; set MapPublicIpOnLaunch to false")
