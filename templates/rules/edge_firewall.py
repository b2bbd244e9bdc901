"""The web ACL: attached, limiting each caller, refusing known attacks, and counted."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates.rules.edge import DISTRIBUTION
from templates.rules.finding import Finding, rule
from templates.rules.network import BALANCER
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, mapping, number, text, token, truth, walk

ACL = "AWS::WAFv2::WebACL"
ASSOCIATION = "AWS::WAFv2::WebACLAssociation"
WANTED = (
    "AWSManagedRulesCommonRuleSet",
    "AWSManagedRulesKnownBadInputsRuleSet",
    "AWSManagedRulesAmazonIpReputationList",
)
# Requests in five minutes from one address; a person's browser or a client of the API sends far fewer.
MOST = 10_000
FEWEST = 100


def _rules(acl: Resource) -> list[dict[str, Any]]:
    return dicts(acl.get("Rules"))


def _groups(each: dict[str, Any]) -> dict[str, Any]:
    return mapping(get(each, "Statement", "ManagedRuleGroupStatement"))


@rule("a web ACL that nothing is attached to protects nothing")
def acl_attached(system: System) -> Iterator[Finding]:
    attached = [system.target(each.get("WebACLArn")) for each in system.of_type(ASSOCIATION)]
    attached += [
        system.target(get(each.props, "DistributionConfig", "WebACLId")) for each in system.of_type(DISTRIBUTION)
    ]
    for acl in system.of_type(ACL):
        if acl not in attached:
            yield acl.finding("is attached to nothing; add an AWS::WAFv2::WebACLAssociation with the load balancer")


@rule("what CloudFront lets through must be looked at by somebody: without a web ACL everything passes")
def distribution_behind_acl(system: System) -> Iterator[Finding]:
    guarded = {system.target(each.get("ResourceArn")) for each in system.of_type(ASSOCIATION)}
    for distribution in system.of_type(DISTRIBUTION):
        balancers = set(system.of_type(BALANCER))
        if not get(distribution.props, "DistributionConfig", "WebACLId") and not balancers & guarded:
            yield distribution.finding("leads to a load balancer without a web ACL; associate one")


@rule("a regional web ACL guards load balancers; CloudFront's own kind lives in us-east-1 only")
def acl_scope_fits(system: System) -> Iterator[Finding]:
    for association in system.of_type(ASSOCIATION):
        acl, guarded = system.target(association.get("WebACLArn")), system.target(association.get("ResourceArn"))
        if acl and text(acl.get("Scope")) != "REGIONAL":
            yield acl.finding(f"Scope is {acl.get('Scope')}; a load balancer takes REGIONAL")
        if guarded is None and not token(association.get("ResourceArn")):
            yield association.finding("guards nothing of this system; refer to the load balancer in ResourceArn")
        elif guarded and guarded.type != BALANCER:
            yield association.finding(f"guards {guarded.id}, a {guarded.type}; refer to the load balancer")


@rule("an ACL that blocks by default locks everybody out but those whom a rule lets in")
def acl_lets_people_in(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL):
        allowing = [each for each in _rules(acl) if "Allow" in mapping(each.get("Action"))]
        if "Allow" not in mapping(acl.get("DefaultAction")) and not allowing:
            yield acl.finding("blocks every request; set DefaultAction to Allow")
        for each in allowing:
            yield acl.finding(f"lets pass what {text(each.get('Name'))} finds, past all later rules; make it Block")


@rule("a rule that only counts stops nobody; one without an action is refused")
def acl_rules_block(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL):
        for each in _rules(acl):
            key = "OverrideAction" if _groups(each) else "Action"
            wanted = "None" if _groups(each) else "Block"
            if not {wanted, "Allow"} & set(mapping(each.get(key))):
                yield acl.finding(f"rule {text(each.get('Name'))} stops nobody; set its {key} to {wanted}")


@rule("a rule of a group that is switched off lets pass what the group is there for")
def acl_groups_complete(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL):
        for each in _rules(acl):
            weakened = [*dicts(_groups(each).get("RuleActionOverrides")), *dicts(_groups(each).get("ExcludedRules"))]
            for override in weakened:
                if "Block" not in mapping(override.get("ActionToUse")):
                    name = f"{text(_groups(each).get('Name'))}'s {text(override.get('Name'))}"
                    yield acl.finding(f"switches off {name}; leave it on")


@rule("without a limit per caller one client can keep the API busy for all")
def acl_limits_callers(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL):
        limits = [get(each, "Statement", "RateBasedStatement") for each in _rules(acl)]
        limits = [limit for limit in limits if limit]
        if not limits:
            yield acl.finding("limits nobody; add a rule with a RateBasedStatement that blocks")
        for limit in limits:
            most = number(get(limit, "Limit"))
            if most is None or not FEWEST <= most <= MOST:
                yield acl.finding(f"Limit is {get(limit, 'Limit')}; between {FEWEST} and {MOST:,} protect and let work")


@rule("behind CloudFront every request comes from CloudFront's addresses: a limit must count whom it names")
def acl_counts_real_callers(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL) if system.of_type(DISTRIBUTION) else []:
        for each in _rules(acl):
            limit = get(each, "Statement", "RateBasedStatement")
            if not limit or text(acl.get("Scope")) != "REGIONAL":
                continue
            forwarded = text(get(limit, "ForwardedIPConfig", "HeaderName")).lower()
            if text(get(limit, "AggregateKeyType")) != "FORWARDED_IP" or forwarded != "x-forwarded-for":
                yield acl.finding("counts CloudFront's addresses; set FORWARDED_IP with X-Forwarded-For")


@rule("attacks that everybody knows are refused by rules that AWS keeps up to date")
def acl_refuses_known_attacks(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL):
        used = {text(_groups(each).get("Name")) for each in _rules(acl)}
        for name in (each for each in WANTED if each not in used):
            yield acl.finding(f"lacks {name}; add it as a ManagedRuleGroupStatement")


@rule("two rules of one name or priority are refused")
def acl_rules_distinct(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL):
        for key in ("Name", "Priority"):
            values = [text(each.get(key)) for each in _rules(acl)]
            for value in sorted({each for each in values if values.count(each) > 1}):
                yield acl.finding(f"has two rules with the {key} {value}; give each its own")


@rule("what was blocked, and whom a rule hits by mistake, is seen in metrics and samples only")
def acl_is_observed(system: System) -> Iterator[Finding]:
    for acl in system.of_type(ACL):
        settings = [node for path, node in walk(acl.props) if path and path[-1] == "VisibilityConfig"]
        for setting in settings:
            if not truth(get(setting, "CloudWatchMetricsEnabled")) or not truth(get(setting, "SampledRequestsEnabled")):
                yield acl.finding(
                    f"does not show what {text(get(setting, 'MetricName'))} finds; switch on metrics and samples"
                )
        names = [text(get(setting, "MetricName")) for setting in settings]
        for name in sorted({each for each in names if names.count(each) > 1}):
            yield acl.finding(f"counts two rules under {name}; give each a MetricName of its own")
