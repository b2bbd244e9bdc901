"""Names and certificates: what people and CloudFront call the load balancer by, and what it can prove."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.load_balancer import LISTENER, LISTENER_RULE, actions, listeners
from templates.rules.network import BALANCER
from templates.rules.programs import chosen, origins
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, mapping, text, token, truth

ZONE = "AWS::Route53::HostedZone"
RECORD = "AWS::Route53::RecordSet"
CERTIFICATE = "AWS::CertificateManager::Certificate"
DISTRIBUTION = "AWS::CloudFront::Distribution"
GIVEN = "CertificateArn"  # the parameter for a certificate that is there already
CLOUDFRONT_ZONE = "Z2FDTNDATAQYW2"  # of every distribution (docs.aws.amazon.com/Route53: AliasTarget)


def _aliased(system: System, record: Resource) -> Resource | None:
    """The load balancer or distribution that a record leads to."""
    target = system.target(record.get("AliasTarget", "DNSName"))
    return target if target and target.type in (BALANCER, DISTRIBUTION) else None


def _plain(name: object) -> str:
    return text(name).rstrip(".").lower()


def covers(certificate: Resource, name: str) -> bool:
    """Whether a certificate proves a name, a wildcard of one label included."""
    own = {_plain(each) for each in [certificate.get("DomainName"), *items(certificate.get("SubjectAlternativeNames"))]}
    return name in own or f"*.{name.partition('.')[2]}" in own


@rule("an alias with another zone than its target's is refused, and only a balancer's health can be asked")
def alias_fits_its_target(system: System) -> Iterator[Finding]:
    for record in system.of_type(RECORD):
        target = _aliased(system, record)
        alias = mapping(record.get("AliasTarget"))
        zone = alias.get("HostedZoneId")
        if target is None:
            continue
        wanted = CLOUDFRONT_ZONE if target.type == DISTRIBUTION else f"{target.token[:-1]}.CanonicalHostedZoneID}}"
        if text(zone) != wanted:
            yield record.finding(f"AliasTarget.HostedZoneId is not the zone of {target.id}; use {wanted}")
        if target.type == DISTRIBUTION and truth(alias.get("EvaluateTargetHealth")):
            yield record.finding("EvaluateTargetHealth is not offered for CloudFront; set it to false there")
        if text(record.get("Type")) not in ("A", "AAAA"):
            yield record.finding(f"is of Type {text(record.get('Type'))}; an alias to {target.id} is A or AAAA")


@rule("a record in no zone, or in something that is none, is refused")
def record_in_a_zone(system: System) -> Iterator[Finding]:
    for record in system.of_type(RECORD):
        if not text(record.get("HostedZoneId")) and not text(record.get("HostedZoneName")):
            yield record.finding("names no zone; give HostedZoneId")
        if not _is_zone(system, record.get("HostedZoneId")):
            yield record.finding(
                f"HostedZoneId is {text(record.get('HostedZoneId'))}, which is no hosted zone; give one"
            )
    for certificate in system.of_type(CERTIFICATE):
        for option in dicts(certificate.get("DomainValidationOptions")):
            if not _is_zone(system, option.get("HostedZoneId")):
                zone = text(option.get("HostedZoneId"))
                yield certificate.finding(f"proves itself in {zone}, which is no hosted zone; give one")


def _is_zone(system: System, value: object) -> bool:
    target = system.target(value)
    return target.type == ZONE if target else bool(re.fullmatch(r"(Z[A-Z0-9]+)?|\$\{.*", text(value)))


@rule("a certificate that waits for somebody's e-mail, or for records nobody makes, holds the stack up for days")
def certificate_proves_itself(system: System) -> Iterator[Finding]:
    for certificate in system.of_type(CERTIFICATE):
        if text(certificate.get("ValidationMethod")) != "DNS":
            yield certificate.finding("is validated by e-mail; set ValidationMethod DNS")
        options = dicts(certificate.get("DomainValidationOptions"))
        zones = {_plain(o.get("DomainName")): text(o.get("HostedZoneId")) for o in options}
        names = [certificate.get("DomainName"), *items(certificate.get("SubjectAlternativeNames"))]
        for name in map(_plain, names):
            if not zones.get(name):
                yield certificate.finding(f"has no zone for {name}; add it to DomainValidationOptions")


@rule("a listener that shows something else than a certificate is refused when the rest is already there")
def listener_shows_its_certificate(system: System) -> Iterator[Finding]:
    for listener in system.of_type(LISTENER):
        stack = system.stacks[listener.stack]
        given = chosen(stack, get(listener.raw, "Properties", "Certificates"))
        for entry in dicts(given):
            node = chosen(stack, entry.get("CertificateArn"))
            found = origins(system, stack, node)
            if found and found != {GIVEN}:
                yield listener.finding(f"shows {', '.join(sorted(found))} as its certificate; take {GIVEN}")


@rule("a certificate for another name is refused by every browser, and by CloudFront")
def certificate_covers_names(system: System) -> Iterator[Finding]:
    for record in system.of_type(RECORD):
        balancer = _aliased(system, record)
        for listener in listeners(system, balancer) if balancer and balancer.type == BALANCER else []:
            shown = [system.target(get(each, "CertificateArn")) for each in items(listener.get("Certificates"))]
            own = [each for each in shown if each and each.type == CERTIFICATE]
            if own and not any(covers(each, _plain(record.get("Name"))) for each in own):
                advice = f"the certificate {own[0].id} does not cover {text(record.get('Name'))}; add the name to it"
                yield listener.finding(advice)


def _origins(system: System) -> Iterator[tuple[Resource, dict[str, object]]]:
    """Distributions with those origins that are a load balancer, by a record or by its own name."""
    leading = {
        _plain(r.get("Name")) for r in system.of_type(RECORD) if getattr(_aliased(system, r), "type", "") == BALANCER
    }
    for distribution in system.of_type(DISTRIBUTION):
        for origin in dicts(distribution.get("DistributionConfig", "Origins")):
            target = system.target(origin.get("DomainName"))
            by_itself = target is not None and target.type == BALANCER
            if by_itself or _plain(origin.get("DomainName")) in leading:
                yield distribution, origin


@rule("CloudFront checks the name on the certificate: it needs a name of ours that leads to the load balancer")
def origin_has_a_name(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        known = [origin for owner, origin in _origins(system) if owner is distribution]
        for origin in dicts(distribution.get("DistributionConfig", "Origins")):
            custom = mapping(origin.get("CustomOriginConfig"))
            if custom and system.of_type(BALANCER) and (origin not in known or token(origin.get("DomainName"))):
                name = text(origin.get("DomainName"))
                yield distribution.finding(
                    f"calls {name}, which is no record of the load balancer; use the record's name"
                )


@rule("behind CloudFront the load balancer answers CloudFront only: else its protection is walked around")
def balancer_behind_cloudfront(system: System) -> Iterator[Finding]:
    if not list(_origins(system)):
        return
    for listener in system.of_type(LISTENER):
        if any(text(action.get("Type")) == "forward" for action in actions(listener)):
            yield listener.finding("forwards requests that did not come through CloudFront; refuse them by default")
    needed = {pair for each in system.of_type(LISTENER_RULE) for pair in _headers_asked(each)}
    for distribution, origin in _origins(system):
        sent = {
            (_plain(h.get("HeaderName")), text(h.get("HeaderValue"))) for h in dicts(origin.get("OriginCustomHeaders"))
        }
        if not sent & needed:
            yield distribution.finding("does not send the header that the listener's rule asks for; make both alike")


def _headers_asked(listener_rule: Resource) -> Iterator[tuple[str, str]]:
    for condition in dicts(listener_rule.get("Conditions")):
        config = mapping(condition.get("HttpHeaderConfig"))
        if text(condition.get("Field")) == "http-header" and any(
            text(action.get("Type")) == "forward" for action in actions(listener_rule)
        ):
            yield from ((_plain(config.get("HttpHeaderName")), text(value)) for value in items(config.get("Values")))


@rule("a header that anybody can guess lets everybody pass for CloudFront")
def origin_header_is_random(system: System) -> Iterator[Finding]:
    for each in system.of_type(LISTENER_RULE):
        for name, value in _headers_asked(each):
            if value and not token(value) and len(value) < 20:
                yield each.finding(
                    f"asks for {name} with a value that is easy to guess; use the random id of the stack"
                )
