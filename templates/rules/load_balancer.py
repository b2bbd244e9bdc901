"""The load balancer and its listeners: HTTPS for everybody, no loops, every request ends at the API."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from templates.rules.contract_values import environment
from templates.rules.finding import Finding, rule
from templates.rules.network import BALANCER
from templates.rules.physical import FIRST
from templates.rules.programs import SERVICE
from templates.rules.security_groups_needs import forwards
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, mapping, number, text, truth

LISTENER = "AWS::ElasticLoadBalancingV2::Listener"
LISTENER_RULE = "AWS::ElasticLoadBalancingV2::ListenerRule"
TARGET_GROUP = "AWS::ElasticLoadBalancingV2::TargetGroup"
KEPT = {"Host": "#{host}", "Path": "/#{path}", "Query": "#{query}"}
ATTRIBUTES = {
    BALANCER: """
        access_logs.s3.bucket access_logs.s3.enabled access_logs.s3.prefix client_keep_alive.seconds
        connection_logs.s3.bucket connection_logs.s3.enabled connection_logs.s3.prefix deletion_protection.enabled
        health_check_logs.s3.bucket health_check_logs.s3.enabled health_check_logs.s3.prefix
        idle_timeout.timeout_seconds load_balancing.cross_zone.enabled routing.http.desync_mitigation_mode
        routing.http.drop_invalid_header_fields.enabled routing.http.preserve_host_header.enabled
        routing.http.x_amzn_tls_version_and_cipher_suite.enabled routing.http.xff_client_port.enabled
        routing.http.xff_header_processing.mode routing.http2.enabled waf.fail_open.enabled zonal_shift.config.enabled
    """.split(),
    TARGET_GROUP: """
        deregistration_delay.timeout_seconds load_balancing.algorithm.anomaly_mitigation load_balancing.algorithm.type
        load_balancing.cross_zone.enabled slow_start.duration_seconds stickiness.app_cookie.cookie_name
        stickiness.app_cookie.duration_seconds stickiness.enabled stickiness.lb_cookie.duration_seconds stickiness.type
        target_group_health.dns_failover.minimum_healthy_targets.count
        target_group_health.dns_failover.minimum_healthy_targets.percentage
        target_group_health.unhealthy_state_routing.minimum_healthy_targets.count
        target_group_health.unhealthy_state_routing.minimum_healthy_targets.percentage
    """.split(),
}
PORTS = {"HTTP": 80, "HTTPS": 443}
# TLS 1.2 or newer with forward secrecy (docs.aws.amazon.com/elasticloadbalancing: security policies).
STRONG = re.compile(r"ELBSecurityPolicy-(TLS13-1-[23](-Res)?(-FIPS)?(-PQ)?|FS-1-2-Res)-\d{4}-\d{2}")


def actions(listener: Resource) -> list[dict[str, Any]]:
    """The actions of a listener or of a listener rule."""
    return [*dicts(listener.get("DefaultActions")), *dicts(listener.get("Actions"))]


def attributes(resource: Resource, key: str) -> dict[str, str]:
    return {text(entry.get("Key")): text(entry.get("Value")) for entry in dicts(resource.get(key))}


def listeners(system: System, balancer: Resource) -> list[Resource]:
    return [each for each in system.of_type(LISTENER) if system.target(each.get("LoadBalancerArn")) is balancer]


@rule("browsers and clients ask 80 for HTTP and 443 for HTTPS: anything else answers nobody")
def listener_on_usual_port(system: System) -> Iterator[Finding]:
    taken: dict[tuple[str, float | None], Resource] = {}
    for listener in system.of_type(LISTENER):
        protocol, port = text(listener.get("Protocol")), number(listener.get("Port"))
        if PORTS.get(protocol) != port:
            usual = "HTTP on 80 or HTTPS on 443"
            yield listener.finding(
                f"answers {protocol or 'no protocol'} on {text(listener.get('Port'))}; make it {usual}"
            )
        first = taken.setdefault((text(listener.get("LoadBalancerArn")), port), listener)
        if first is not listener:
            yield listener.finding(f"listens on port {text(listener.get('Port'))}, as {first.id} does; keep one")


@rule("without a certificate there is no HTTPS; an old policy lets connections be read")
def listener_encrypts(system: System) -> Iterator[Finding]:
    for listener in system.of_type(LISTENER):
        certificates = [text(get(each, "CertificateArn")) for each in items(listener.get("Certificates"))]
        if text(listener.get("Protocol")) == "HTTPS":
            if not any(certificates):
                yield listener.finding("has no certificate; give one in Certificates")
            if not STRONG.fullmatch(text(listener.get("SslPolicy"))):
                name = text(listener.get("SslPolicy")) or "the default of 2016"
                yield listener.finding(f"SslPolicy is {name}; use ELBSecurityPolicy-TLS13-1-2-2021-06")
        elif certificates or listener.get("SslPolicy"):
            yield listener.finding(
                "has a certificate or SslPolicy, which HTTP does not take; make it HTTPS or remove them"
            )


@rule("what goes over plain HTTP, keys included, can be read on the way")
def http_only_redirects(system: System) -> Iterator[Finding]:
    for balancer in system.of_type(BALANCER):
        own = listeners(system, balancer)
        encrypted = any(text(each.get("Protocol")) == "HTTPS" for each in own)
        for listener in own if encrypted or environment(system) == FIRST else []:
            kinds = {text(action.get("Type")) for action in actions(listener)}
            if text(listener.get("Protocol")) == "HTTP" and kinds != {"redirect"}:
                yield listener.finding("answers over plain HTTP; redirect to HTTPS instead")


@rule("who asked for one page and is sent to another gets an error, or somebody else's answer")
def redirect_keeps_the_page(system: System) -> Iterator[Finding]:
    for listener in system.of_type(LISTENER, LISTENER_RULE):
        for action in actions(listener):
            config = mapping(action.get("RedirectConfig"))
            for key, kept in KEPT.items():
                if text(config.get(key) or kept) != kept:
                    yield listener.finding(
                        f"redirects to {key} {text(config.get(key))}; leave {key} out, it stays then"
                    )


@rule("a redirect to where the request came from never ends; one to a port without listener ends in a timeout")
def redirect_leads_somewhere(system: System) -> Iterator[Finding]:
    for listener in system.of_type(LISTENER):
        balancer = system.target(listener.get("LoadBalancerArn"))
        answering = [_end(each) for each in listeners(system, balancer)] if balancer else []
        for action in actions(listener):
            if text(action.get("Type")) == "redirect":
                aim = _aim(mapping(action.get("RedirectConfig")), *_end(listener))
                if aim == _end(listener):
                    yield listener.finding("redirects to itself; redirect to HTTPS on 443, or forward")
                elif balancer and aim not in answering:
                    yield listener.finding(
                        f"redirects to {aim[0]} on {aim[1] or 0:g}, where nothing listens; correct it"
                    )


def _end(listener: Resource) -> tuple[str, float | None]:
    return text(listener.get("Protocol")), number(listener.get("Port"))


def _aim(config: dict[str, Any], protocol: str, port: float | None) -> tuple[str, float | None]:
    """Protocol and port after a redirect; what it does not name stays."""
    wished = text(config.get("Protocol"))
    to = number(config.get("Port")) if number(config.get("Port")) is not None else port
    return (wished if wished in PORTS else protocol), to


@rule("a listener that forwards to nothing, or to a group nobody fills, answers 503")
def forwards_to_a_service(system: System) -> Iterator[Finding]:
    filled = {
        system.target(entry.get("TargetGroupArn"))
        for s in system.of_type(SERVICE)
        for entry in dicts(s.get("LoadBalancers"))
    }
    for listener in system.of_type(LISTENER, LISTENER_RULE):
        for action in actions(listener):
            if text(action.get("Type")) == "forward" and not _groups(action):
                yield listener.finding("forwards to no target group; give TargetGroupArn")
        for name in dict.fromkeys(forwards(listener)):
            group = system.target(name)
            if group and group.type == TARGET_GROUP and filled and group not in filled:
                yield listener.finding(f"forwards to {group.id}, where no service registers; use the service's group")


def _groups(action: dict[str, Any]) -> list[str]:
    config = dicts(get(action, "ForwardConfig", "TargetGroups"))
    found = [text(action.get("TargetGroupArn")), *(text(group.get("TargetGroupArn")) for group in config)]
    return [each for each in found if each]


@rule("ECS refuses a service whose target group no listener uses yet")
def service_after_its_listener(system: System) -> Iterator[Finding]:
    using = [(each, forwards(each)) for each in system.of_type(LISTENER, LISTENER_RULE)]
    for service in system.of_type(SERVICE):
        for entry in dicts(service.get("LoadBalancers")):
            name = text(entry.get("TargetGroupArn"))
            before = [each for each, names in using if name in names]
            if system.target(name) and not before:
                yield service.finding(
                    "registers with a target group that no listener forwards to; let one forward there"
                )
            elif before and not any(system.waits_for(service, each) for each in before):
                yield service.finding(f"may start before {before[0].id}; make it wait for that listener")


@rule("two rules of one priority are refused; one without a condition is none")
def listener_rules_distinct(system: System) -> Iterator[Finding]:
    seen: dict[tuple[str, float | None], Resource] = {}
    for each in system.of_type(LISTENER_RULE):
        first = seen.setdefault((text(each.get("ListenerArn")), number(each.get("Priority"))), each)
        if first is not each:
            yield each.finding(f"has the priority of {first.id}; give it another")
        if not dicts(each.get("Conditions")):
            yield each.finding("has no Conditions; say which requests it is for")


@rule("the balancer is what people reach: it must be a public, protected one that rejects malformed headers")
def balancer_settings(system: System) -> Iterator[Finding]:
    for balancer in system.of_type(BALANCER):
        given = attributes(balancer, "LoadBalancerAttributes")
        if text(balancer.get("Type") or "application") != "application":
            yield balancer.finding("must be of Type application, which redirects and checks HTTP; set it")
        if text(balancer.get("Scheme") or "internet-facing") != "internet-facing":
            yield balancer.finding("is internal, so nobody reaches the API; set Scheme internet-facing")
        if truth(given.get("routing.http.drop_invalid_header_fields.enabled")) is not True:
            yield balancer.finding("passes malformed headers on; set routing.http.drop_invalid_header_fields.enabled")
        if environment(system) == FIRST and truth(given.get("deletion_protection.enabled")) is not True:
            yield balancer.finding("can be deleted in production; set deletion_protection.enabled to true there")
        if given.get("routing.http.desync_mitigation_mode", "defensive") not in ("defensive", "strictest"):
            yield balancer.finding("lets request smuggling through; set desync_mitigation_mode to defensive")


@rule("a misspelt attribute is refused when everything before it is already there")
def attributes_known(system: System) -> Iterator[Finding]:
    for kind, key in ((BALANCER, "LoadBalancerAttributes"), (TARGET_GROUP, "TargetGroupAttributes")):
        for resource in system.of_type(kind):
            for name in attributes(resource, key):
                if name not in ATTRIBUTES[kind]:
                    close = get_close_matches(name, ATTRIBUTES[kind], n=1)
                    yield resource.finding(f"attribute {name} does not exist; write {close[0] if close else 'another'}")


@rule("gunicorn keeps idle connections a little over 60 s: kept longer by the balancer, requests meet closed ones")
def balancer_idle_timeout(system: System) -> Iterator[Finding]:
    for balancer in system.of_type(BALANCER):
        timeout = number(attributes(balancer, "LoadBalancerAttributes").get("idle_timeout.timeout_seconds", "60"))
        if timeout is None or not 30 <= timeout <= 60:
            yield balancer.finding("idle_timeout.timeout_seconds must be 30 to 60 s; set it to 60")
