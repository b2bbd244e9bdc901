"""CloudFront in front of the load balancer: encrypted on both sides, every request passed on, no answer kept."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates.rules.finding import Finding, rule
from templates.rules.load_balancer import LISTENER
from templates.rules.network import BALANCER, ENDPOINT
from templates.rules.security_groups import WORLD, members, openings
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, number, text, token, truth

DISTRIBUTION = "AWS::CloudFront::Distribution"
RECORD = "AWS::Route53::RecordSet"
CURRENT_TLS = {"TLSv1.2_2018", "TLSv1.2_2019", "TLSv1.2_2021", "TLSv1.2_2025", "TLSv1.3_2025"}
KINDS_OF_ORIGIN = ("CustomOriginConfig", "S3OriginConfig", "VpcOriginConfig")
LONGEST = 120
METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
# Ids that AWS gave its managed policies (CloudFront developer guide).
NOT_CACHED = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
PASSED_ON = {
    "216adef6-5c7f-47e4-b989-5492eafa07d3",  # AllViewer
    "b689b0a8-53d0-40ab-baf2-68738e2966ac",  # AllViewerExceptHostHeader
    "33f36d7e-f396-46d9-90e0-52428a34d9dc",  # AllViewerAndCloudFrontHeaders-2022-06
}
SECURE_HEADERS = {
    "67f7725c-6f97-4210-82d7-5512b31e9d03",  # SecurityHeadersPolicy
    "e61eb60c-9c35-4d20-a928-2b84e02af89c",  # CORS-and-SecurityHeadersPolicy
    "eaab4381-ed33-4a86-88ca-d9558dc6cd63",  # CORS-with-preflight-and-SecurityHeadersPolicy
}


def _config(distribution: Resource) -> Any:
    return distribution.get("DistributionConfig")


def behaviors(distribution: Resource) -> list[dict[str, Any]]:
    """How a distribution answers: by default first, then by path."""
    config = _config(distribution)
    return [*dicts(get(config, "DefaultCacheBehavior")), *dicts(get(config, "CacheBehaviors"))]


def origins(distribution: Resource) -> list[dict[str, Any]]:
    return dicts(get(_config(distribution), "Origins"))


@rule("CloudFront is in front when it is chosen, and only then: the load balancer is opened accordingly")
def cloudfront_as_chosen(system: System) -> Iterator[Finding]:
    for stack in (each for each in system.stacks.values() if not each.parent):
        chosen = truth(stack.parameters.get("EnableCloudFront"))
        there = any(_top(system, each.stack) == stack.name for each in system.of_type(DISTRIBUTION))
        if chosen is not None and chosen != there:
            advice = f"{text(chosen)} makes {'a' if there else 'no'} distribution; correct the conditions"
            yield stack.finding("Parameters.EnableCloudFront", advice)


def _top(system: System, name: str) -> str:
    """The stack at the top of a nested one."""
    while system.stacks[name].parent:
        name = system.stacks[name].parent
    return name


@rule("a distribution that is switched off answers nobody, and the load balancer answers it alone")
def distribution_enabled(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        if not truth(get(_config(distribution), "Enabled")):
            yield distribution.finding("is switched off; set Enabled to true")


@rule("what goes over plain HTTP, keys included, can be read and changed on the way")
def viewers_use_https(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        for behavior in behaviors(distribution):
            policy = text(behavior.get("ViewerProtocolPolicy"))
            if policy not in ("redirect-to-https", "https-only"):
                yield distribution.finding(f"ViewerProtocolPolicy is {policy}; set it to redirect-to-https")


@rule("old versions of TLS can be broken; a fixed address for clients without SNI costs 600 dollars a month")
def viewer_certificate_current(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        shown = get(_config(distribution), "ViewerCertificate")
        if truth(get(shown, "CloudFrontDefaultCertificate")) or not text(get(shown, "AcmCertificateArn")):
            yield distribution.finding("shows CloudFront's own certificate; name the domain's in AcmCertificateArn")
        if text(get(shown, "MinimumProtocolVersion")) not in CURRENT_TLS:
            yield distribution.finding("takes old versions of TLS; set MinimumProtocolVersion to TLSv1.2_2021")
        if text(get(shown, "SslSupportMethod")) != "sni-only":
            yield distribution.finding("does not serve by SNI; set SslSupportMethod to sni-only")


@rule("CloudFront takes certificates of us-east-1 only, the load balancer those of its own region")
def certificate_of_right_region(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        arn = text(get(_config(distribution), "ViewerCertificate", "AcmCertificateArn"))
        if arn.startswith("arn:") and arn.split(":")[3] != "us-east-1":
            yield distribution.finding(f"AcmCertificateArn is in {arn.split(':')[3]}; take a certificate of us-east-1")
    for listener in system.of_type(LISTENER):
        for shown in dicts(listener.get("Certificates")):
            arn = text(shown.get("CertificateArn"))
            if arn.startswith("arn:") and arn.split(":")[3] == "us-east-1" and system.of_type(DISTRIBUTION):
                yield listener.finding("shows CloudFront's certificate of us-east-1; take one of this region")


@rule("between CloudFront and the load balancer runs the internet")
def origin_over_tls(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        for origin in origins(distribution):
            custom = origin.get("CustomOriginConfig")
            if not any(origin.get(key) for key in KINDS_OF_ORIGIN):
                yield distribution.finding("does not say how to call its origin; add CustomOriginConfig")
            if custom and text(get(custom, "OriginProtocolPolicy")) != "https-only":
                yield distribution.finding("calls its origin over plain HTTP; set OriginProtocolPolicy to https-only")
            if custom and [text(each) for each in items(get(custom, "OriginSSLProtocols"))] != ["TLSv1.2"]:
                yield distribution.finding("calls its origin over old TLS; leave TLSv1.2 alone in OriginSSLProtocols")


@rule("CloudFront waits two minutes for an origin at most, and refuses to be told to wait longer")
def origin_timeouts_allowed(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        for origin in origins(distribution):
            for key in ("OriginReadTimeout", "OriginKeepaliveTimeout"):
                waits = number(get(origin, "CustomOriginConfig", key))
                if waits is not None and not 1 <= waits <= LONGEST:
                    yield distribution.finding(f"{key} is {waits:g} s; give 1 to {LONGEST}")


@rule("CloudFront reaches its origin on the port where the load balancer listens")
def origin_port_listens(system: System) -> Iterator[Finding]:
    open_ports = {
        number(each.get("Port")) for each in system.of_type(LISTENER) if text(each.get("Protocol")) == "HTTPS"
    }
    for distribution in system.of_type(DISTRIBUTION) if open_ports else []:
        for origin in origins(distribution):
            port = number(get(origin, "CustomOriginConfig", "HTTPSPort")) or 443
            if origin.get("CustomOriginConfig") and port not in open_ports:
                yield distribution.finding(f"calls its origin on {port:g}, where nothing listens; set HTTPSPort to 443")


@rule("a behaviour that names an origin nobody declared is refused")
def origin_declared(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        known = {text(origin.get("Id")) for origin in origins(distribution)}
        for behavior in behaviors(distribution):
            if text(behavior.get("TargetOriginId")) not in known:
                advice = f"TargetOriginId {behavior.get('TargetOriginId')} is the Id of no origin; correct it"
                yield distribution.finding(advice)


@rule("an API's answers depend on who asks: one that is kept is given to somebody else")
def answers_not_cached(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        for behavior in behaviors(distribution):
            policy = text(behavior.get("CachePolicyId"))
            if policy != NOT_CACHED and not (token(policy) or behavior.get("PathPattern")):
                yield distribution.finding(f"keeps answers; set CachePolicyId to {NOT_CACHED} (CachingDisabled)")


@rule("an API needs every method and header: a key or a body that stays behind makes each request fail")
def requests_passed_on(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        for behavior in behaviors(distribution):
            lacking = METHODS - set(map(text, items(behavior.get("AllowedMethods"))))
            if lacking and not behavior.get("PathPattern"):
                yield distribution.finding(f"refuses {', '.join(sorted(lacking))}; add them to AllowedMethods")
            policy = text(behavior.get("OriginRequestPolicyId"))
            if policy not in PASSED_ON and not token(policy):
                advice = "does not pass on headers and queries; set OriginRequestPolicyId to AllViewerExceptHostHeader"
                yield distribution.finding(advice)


@rule("without these headers a browser may be made to show or send what it should not")
def answers_carry_security_headers(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        for behavior in behaviors(distribution):
            policy = text(behavior.get("ResponseHeadersPolicyId"))
            if policy not in SECURE_HEADERS and not token(policy):
                advice = "adds no security headers; set ResponseHeadersPolicyId to SecurityHeadersPolicy"
                yield distribution.finding(advice)


@rule("a name that the distribution does not know is answered by an error")
def distribution_knows_its_names(system: System) -> Iterator[Finding]:
    for distribution in system.of_type(DISTRIBUTION):
        known = {text(name).lower() for name in items(get(_config(distribution), "Aliases"))}
        for record in system.of_type(RECORD):
            leads = system.target(record.get("AliasTarget", "DNSName"))
            name = text(record.get("Name")).lower().rstrip(".")
            if leads is distribution and name not in known:
                yield distribution.finding(f"does not know {name}, which leads to it; add it to Aliases")


@rule("people who ask for the domain must come to CloudFront: the load balancer refuses them")
def domain_leads_to_distribution(system: System) -> Iterator[Finding]:
    records = system.of_type(RECORD)
    leading = {system.target(record.get("AliasTarget", "DNSName")) for record in records}
    for distribution in system.of_type(DISTRIBUTION) if records else []:
        if distribution not in leading:
            yield distribution.finding("is reached by no name; make the domain's record an alias to it")


@rule("a domain that is asked for and leads nowhere is found out by the first person who types it")
def domain_has_record(system: System) -> Iterator[Finding]:
    for stack in (each for each in system.stacks.values() if not each.parent):
        domain = text(stack.parameters.get("DomainName")).lower()
        own = [each for each in system.of_type(RECORD) if _top(system, each.stack) == stack.name]
        if domain and not token(domain) and domain not in {text(each.get("Name")).lower().rstrip(".") for each in own}:
            yield stack.finding("Parameters.DomainName", f"{domain} leads nowhere; add a record for it")


@rule("people copy an output: with the wrong scheme they are turned away, or send their key in the clear first")
def output_says_scheme(system: System) -> Iterator[Finding]:
    encrypted = {system.target(each.get("LoadBalancerArn")) for each in system.of_type(LISTENER) if _is_https(each)}
    for stack in system.stacks.values():
        for name, value in stack.outputs.items():
            balancer = system.target(value)
            scheme = text(value).partition("://")[0]
            if balancer and balancer.type == BALANCER and scheme in ("http", "https"):
                wanted = "https" if balancer in encrypted else "http"
                if scheme != wanted:
                    yield stack.finding(
                        f"Outputs.{name}", f"begins with {scheme}://; the load balancer speaks {wanted}"
                    )


def _is_https(listener: Resource) -> bool:
    return text(listener.get("Protocol")) == "HTTPS"


@rule("CloudFront gives up a connection before the load balancer does, else it sends a request into a closed one")
def origin_keeps_connections_shorter(system: System) -> Iterator[Finding]:
    idle = {
        number(setting.get("Value"))
        for balancer in system.of_type(BALANCER)
        for setting in dicts(balancer.get("LoadBalancerAttributes"))
        if text(setting.get("Key")) == "idle_timeout.timeout_seconds"
    }
    shortest = min((each for each in idle if each is not None), default=60)
    for distribution in system.of_type(DISTRIBUTION):
        for origin in origins(distribution):
            kept = number(get(origin, "CustomOriginConfig", "OriginKeepaliveTimeout")) or 5
            if kept >= shortest:
                yield distribution.finding(
                    f"keeps connections for {kept:g} s, the load balancer {shortest:g}; keep less"
                )


@rule("behind CloudFront the load balancer lets in CloudFront's addresses only: others would walk around it")
def only_cloudfront_enters(system: System) -> Iterator[Finding]:
    for opening in openings(system) if system.of_type(DISTRIBUTION) else ():
        guarded = members(system).get(opening.group, [])
        balancer = any(each.type == BALANCER for each in guarded) and not any(e.type == ENDPOINT for e in guarded)
        if balancer and not opening.outward and (opening.peer in WORLD or opening.is_world):
            yield opening.finding("lets everybody past CloudFront; name its prefix list in SourcePrefixListId")
