"""Conditions of policies: keys that exist, compared so that they can hold, and not so that they always do."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.iam import Statement, statements
from templates.rules.system import System
from templates.rules.values import mapping, tokens

GLOBAL = """
CalledVia CalledViaFirst CalledViaLast CurrentTime Ec2InstanceSourceVpc EpochTime FederatedProvider MultiFactorAuthAge
MultiFactorAuthPresent PrincipalAccount PrincipalArn PrincipalIsAWSService PrincipalOrgID PrincipalOrgPaths
PrincipalServiceName PrincipalServiceNamesList PrincipalType Referer RequestedRegion ResourceAccount ResourceOrgID
ResourceOrgPaths SecureTransport SourceAccount SourceArn SourceIdentity SourceIp SourceOrgID SourceOrgPaths SourceOwner
SourceVpc SourceVpcArn SourceVpce TagKeys TokenIssueTime UserAgent ViaAWSService VpcSourceIp userid username
"""
GLOBAL_KEYS = {f"aws:{key}".lower() for key in GLOBAL.split()}
TAGS = ("aws:principaltag/", "aws:requesttag/", "aws:resourcetag/")
OPERATOR = re.compile(
    r"(?:(?P<set>ForAllValues|ForAnyValue):)?(?P<not>Not)?"
    r"(?P<name>String(?:Not)?(?:Equals|EqualsIgnoreCase|Like)|Arn(?:Not)?(?:Equals|Like)|Bool|Null|BinaryEquals"
    r"|(?:Numeric|Date)(?:Not)?(?:Equals|LessThan|LessThanEquals|GreaterThan|GreaterThanEquals)|(?:Not)?IpAddress)"
    r"(?P<optional>IfExists)?"
)
EXACT = ("StringEquals", "StringEqualsIgnoreCase", "StringNotEquals", "NumericEquals")
# Keys whose prefix is no service of the statement's actions.
PREFIXES = {"iam", "kms", "saml", "cognito-identity.amazonaws.com"}


def _conditions(statement: Statement) -> Iterator[tuple[str, str, list[str], dict[str, str]]]:
    """(operator, key, values, parts of the operator); the parts are empty for one that does not exist."""
    for operator, key, values in statement.conditions:
        found = OPERATOR.fullmatch(operator)
        yield operator, key, values, {name: part or "" for name, part in found.groupdict().items()} if found else {}


@rule("a policy with an operator that does not exist is refused")
def condition_operator_exists(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        for operator, _key, _values, parts in _conditions(statement):
            if not parts:
                yield statement.finding(f"compares by {operator}, which IAM does not know; use StringEquals or ArnLike")


@rule("a condition on a key that no request has never holds: the right does not work, or the denial does not")
def condition_key_exists(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        services = {action.partition(":")[0].lower() for action in statement.all("Action")}
        for _operator, key, _values, _parts in _conditions(statement):
            prefix, colon, rest = key.lower().partition(":")
            known = key.lower() in GLOBAL_KEYS or key.lower().startswith(TAGS)
            if prefix != "aws" and rest:
                known = prefix in services | PREFIXES or "." in prefix or "*" in services
            if not (known and colon):
                yield statement.finding(f"asks for {key}, which these requests do not carry; correct the key")


@rule("a pattern compared letter by letter never matches")
def condition_pattern_has_like(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        for operator, key, values, parts in _conditions(statement):
            for value in values:
                if parts.get("name") in EXACT and re.search(r"[*?]", value):
                    like = operator.replace("Equals", "Like")
                    yield statement.finding(f"compares {key} with the pattern {value} by {operator}; use {like}")
                if parts.get("name", "").startswith("Arn") and not (value.startswith("arn:") or tokens(value)):
                    yield statement.finding(
                        f"compares {key} with {value}, which is no ARN, by {operator}; use StringEquals"
                    )


@rule("a grant for all but those who are named, or for requests that say nothing, is one for strangers")
def condition_not_inverted(system: System) -> Iterator[Finding]:
    for statement in (each for each in statements(system) if each.allows):
        for operator, key, _values, parts in _conditions(statement):
            if parts and ("Not" in parts["name"] or parts["name"] == "Null"):
                yield statement.finding(f"allows by {operator} on {key}; say whom it is for, by the opposite")
            elif parts and parts["set"] == "ForAllValues":
                yield statement.finding(f"allows by {operator}, which also holds without {key}; use ForAnyValue")
            elif parts and parts["optional"]:
                yield statement.finding(f"allows by {operator}, which also holds without {key}; drop IfExists")


@rule("a condition without a key or a value is refused, or never holds")
def condition_complete(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        if "Condition" in statement.body and not statement.conditions:
            yield statement.finding("has an empty Condition; fill it in or remove it")
        for operator, keys in mapping(statement.body.get("Condition")).items():
            if not isinstance(keys, dict) or not keys:
                yield statement.finding(f"compares nothing by {operator}; name a key and its value")
        for _operator, key, values in statement.conditions:
            if not values or "" in values:
                yield statement.finding(f"compares {key} with nothing; give it a value")


@rule("an action is allowed or denied: anything else is refused")
def statement_has_effect(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        if statement.body.get("Effect") not in ("Allow", "Deny"):
            yield statement.finding("has no Effect; write Allow or Deny")


@rule("requests by plain HTTP are what is to be refused: turned around, the encrypted ones are")
def transport_condition_right_way(system: System) -> Iterator[Finding]:
    for statement in statements(system):
        for value in statement.condition("aws:SecureTransport"):
            if (value == "false") == statement.allows:
                yield statement.finding(
                    f"{statement.body.get('Effect')}s with aws:SecureTransport {value}; turn it around"
                )
