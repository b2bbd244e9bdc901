"""Which connections the system needs: security groups let through these, in both ends, and no others."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

from templates.rules.arn_or_name import variables
from templates.rules.finding import Finding, rule
from templates.rules.network import BALANCER, ENDPOINT, SERVICE, Placed, block, inside, placed
from templates.rules.network_routes import faces_internet
from templates.rules.security_groups import WEB, WORLD, Opening, openings
from templates.rules.system import Resource, System
from templates.rules.values import dicts, number, text, tokens, walk

DISTRIBUTION = "AWS::CloudFront::Distribution"
LISTENERS = ("AWS::ElasticLoadBalancingV2::Listener", "AWS::ElasticLoadBalancingV2::ListenerRule")
HTTPS = 443
DEFAULT_PORTS = {"http": 80, "https": HTTPS}
CALLED = re.compile(r"_(URL|URLS|HOST|ENDPOINT)(_SECRET)?$")
# The API tries these of an operator's node, to say whether the internet reaches it (/operator is-ready).
PROBED = (8080, 40400)
PROBING = "sparta.api"


class Need(NamedTuple):
    """A connection over TCP; None is the internet."""

    client: Placed | None
    server: Placed | None
    port: float
    why: str


def _task(system: System, service: Resource) -> Resource | None:
    return system.target(service.get("TaskDefinition"))


def _program(system: System, each: Placed) -> Resource | None:
    """What carries the environment variables: the task definition of a service, or the function."""
    return _task(system, each.resource) if each.resource.type == SERVICE else each.resource


def forwards(resource: Resource) -> list[str]:
    """The target groups that a listener or one of its rules forwards to."""
    found = []
    for path, node in walk([resource.get("DefaultActions"), resource.get("Actions")]):
        if path and path[-1] == "TargetGroupArn":
            found.append(text(node))
    return found


def balancers_of(system: System, target_group: str) -> list[Resource]:
    """The load balancers one of whose listeners forwards to a target group."""
    found = []
    for resource in system.of_type(*LISTENERS):
        listener = system.target(resource.get("ListenerArn")) or resource
        balancer = system.target(listener.get("LoadBalancerArn"))
        if balancer and target_group in forwards(resource):
            found.append(balancer)
    return list(dict.fromkeys(found))


def _from_internet(system: System) -> Iterator[Need]:
    standing = {each.resource: each for each in placed(system)}
    for listener in system.of_type(LISTENERS[0]):
        balancer, port = system.target(listener.get("LoadBalancerArn")), number(listener.get("Port"))
        if balancer in standing and port is not None and faces_internet(balancer):
            yield Need(None, standing[balancer], port, f"{listener.id} answers there")


def _from_balancers(system: System) -> Iterator[Need]:
    standing = {each.resource: each for each in placed(system)}
    for each in placed(system):
        for balanced in dicts(each.resource.get("LoadBalancers")) if each.resource.type == SERVICE else []:
            port = number(balanced.get("ContainerPort"))
            for balancer in balancers_of(system, text(balanced.get("TargetGroupArn"))):
                if balancer in standing and port is not None:
                    yield Need(standing[balancer], each, port, "the load balancer forwards there")


@lru_cache(maxsize=2)
def discovered(system: System) -> dict[str, Placed]:
    """The services that have a name inside the VPC, by that name."""
    found = {}
    for each in placed(system):
        for registry in dicts(each.resource.get("ServiceRegistries")):
            name = system.target(registry.get("RegistryArn"))
            namespace = system.target(name.get("DnsConfig", "NamespaceId") or name.get("NamespaceId")) if name else None
            if name and namespace:
                found[f"{name.get('Name')}.{namespace.get('Name')}"] = each
    return found


def urls(program: Resource | None) -> Iterator[tuple[str, str]]:
    """(variable, URL) of what a program calls; the URL is empty where it is a secret or not known here."""
    if program is None:
        return
    for name, value in variables(program).items():
        for url in text(value).split(",") if CALLED.search(name) else ():
            unknown = bool(tokens(url)) or name.endswith("_SECRET")
            if unknown or "://" in url:
                yield name, "" if unknown else url
    for container in dicts(program.get("ContainerDefinitions")):
        for secret in dicts(container.get("Secrets")):
            if CALLED.search(text(secret.get("Name"))):
                yield text(secret.get("Name")), ""


def endpoint_of(url: str) -> tuple[str, int | None]:
    """Host and port of a URL; a port that is none is None."""
    try:
        parts = urlsplit(url)
        return parts.hostname or "", parts.port or DEFAULT_PORTS.get(parts.scheme)
    except ValueError:
        return "", None


def _from_programs(system: System) -> Iterator[Need]:
    for each in placed(system):
        if each.resource.type in (BALANCER, ENDPOINT):
            continue
        yield Need(each, None, HTTPS, "AWS and other services answer there")
        for name, url in urls(_program(system, each)):
            host, port = endpoint_of(url)
            if port is not None and host:
                yield Need(each, discovered(system).get(host), port, f"{name} says so")
        if _probes(_program(system, each)):
            yield from (Need(each, None, port, "operators' nodes are probed there") for port in PROBED)


def _probes(program: Resource | None) -> bool:
    commands = [container.get("Command") for container in dicts(program and program.get("ContainerDefinitions"))]
    return any(PROBING in text(command) for command in commands)


def _to_endpoints(system: System) -> Iterator[Need]:
    clients = [each for each in placed(system) if each.resource.type not in (BALANCER, ENDPOINT)]
    for endpoint in placed(system):
        for client in clients if endpoint.resource.type == ENDPOINT else []:
            if {text(s.get("VpcId")) for s in client.subnets} & {text(s.get("VpcId")) for s in endpoint.subnets}:
                yield Need(client, endpoint, HTTPS, f"{endpoint.resource.id} answers for an AWS service")


@lru_cache(maxsize=2)
def needs(system: System) -> tuple[Need, ...]:
    finders = (_from_internet, _from_balancers, _from_programs, _to_endpoints)
    return tuple(need for find in finders for need in find(system))


def _reaches(opening: Opening, peer: Placed | None, through_list: bool = False) -> bool:
    """Whether a rule's peer covers a participant; `through_list`: the internet comes by CloudFront's address list."""
    if peer is None:
        return opening.is_list if through_list else opening.peer in WORLD
    found = block(opening.peer)
    return opening.peer in {group.token for group in peer.groups} or (
        bool(peer.subnets) and all(inside(block(subnet.get("CidrBlock")), found) for subnet in peer.subnets)
    )


def _of(system: System, each: Placed, outward: bool) -> list[Opening]:
    own = {group.token for group in each.groups}
    return [opening for opening in openings(system) if opening.group in own and opening.outward is outward]


def _name(each: Placed | None) -> str:
    return each.resource.id if each else "the internet"


@rule("a connection that a security group does not let through times out, without a word in any log")
def needed_connection_open(system: System) -> Iterator[Finding]:
    listed = bool(system.of_type(DISTRIBUTION))
    for need in needs(system):
        for own, peer, outward in ((need.client, need.server, True), (need.server, need.client, False)):
            rules = _of(system, own, outward) if own else []
            through = listed and not outward
            passes = any(each.lets_through(need.port) and _reaches(each, peer, through) for each in rules)
            if own and own.groups and (rules or not outward) and not passes:
                side = "egress to" if outward else "ingress from"
                advice = f"{own.resource.id} needs {side} {_name(peer)} on TCP {need.port:g} ({need.why}); allow it"
                yield own.groups[0].finding(advice)


def _serves(opening: Opening, need: Need) -> bool:
    peer = need.server if opening.outward else need.client
    return need.port in opening.ports and _reaches(opening, peer)


@rule("a port is open for those who connect to it: anybody else let in is a way in that nobody watches")
def no_other_ingress(system: System) -> Iterator[Finding]:
    for each in placed(system):
        own = [need for need in needs(system) if need.server == each]
        for opening in _of(system, each, outward=False) if own or each.resource.type == SERVICE else []:
            web = faces_internet(each.resource) and opening.ports in WEB
            if not web and not any(_serves(opening, need) for need in own):
                yield opening.finding(f"lets in what has no business with {each.resource.id}; remove it")


@rule("tasks let in a group, not a range: a range lets in everything that gets an address in it")
def ingress_names_group(system: System) -> Iterator[Finding]:
    for each in placed(system):
        for opening in _of(system, each, outward=False) if each.resource.type == SERVICE else []:
            if any(key.startswith("Cidr") for key in opening.body):
                yield opening.finding("admits a range; name the group that connects in SourceSecurityGroupId")


@rule("what a program never calls it need not reach: stolen data leaves by such a way")
def no_other_egress(system: System) -> Iterator[Finding]:
    for each in placed(system):
        own = [need for need in needs(system) if need.client == each]
        for opening in _of(system, each, outward=True) if each.resource.type != ENDPOINT else []:
            secret = opening.is_world and opening.ports[0] in _ports_of_secret_urls(system, each)
            if not secret and not any(_serves(opening, need) for need in own):
                yield opening.finding(f"is used by nothing that {each.resource.id} calls; remove it")


def _ports_of_secret_urls(system: System, each: Placed) -> set[float | None]:
    """The ports that parameters give, where a URL is a secret, so that its own port cannot be seen."""
    if all(url for _, url in urls(_program(system, each))):
        return set()
    stacks = {group.stack for group in each.groups}
    given = [pair for name in stacks for pair in system.stacks[name].parameters.items()]
    return {number(value) for name, value in given if name.endswith("Port")}


@rule("a connection inside the VPC needs no way to the whole internet on its port")
def inside_stays_inside(system: System) -> Iterator[Finding]:
    for need in needs(system):
        same = [n for n in needs(system) if n.client == need.client and n.port == need.port and n.server is None]
        for opening in _of(system, need.client, outward=True) if need.client and need.server and not same else []:
            if opening.is_world and need.port in opening.ports:
                yield opening.finding(f"is meant for {_name(need.server)}; give the VPC's range instead")
