"""Policies attached to buckets, topics and queues: on the right one, for nobody from outside, and TLS only."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.iam import Statement, acts, arn_of, covers, matches, plain, statements
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import text

# Policy type -> the property that says what it is attached to.
ATTACHED = {
    "AWS::S3::BucketPolicy": "Bucket",
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::SecretsManager::ResourcePolicy": "SecretId",
}
# Type -> actions that must not go over plain HTTP, what follows the ARN, and how one spells all of them.
GUARDED = {
    "AWS::S3::Bucket": (("s3:GetObject", "s3:PutObject", "s3:ListBucket"), ("", "/*"), "s3:*"),
    "AWS::SNS::Topic": (("sns:Publish",), ("",), "sns:Publish"),
    "AWS::SQS::Queue": (("sqs:SendMessage", "sqs:ReceiveMessage"), ("",), "sqs:*"),
}
SECURE = "aws:securetransport"
# Conditions that tie a caller to this account or to one resource of it.
OURS = {"aws:sourceaccount", "aws:sourceowner", "aws:sourcearn", "aws:principalaccount", "aws:principalarn"}


def owners(system: System, policy: Resource) -> list[Resource]:
    """What a policy is attached to."""
    return system.targets(policy.get(ATTACHED.get(policy.type, "")))


def attached(system: System, resource: Resource) -> list[Statement]:
    """The statements of the policies of a bucket, topic, queue or secret."""
    return [each for each in _attached(system) if resource in owners(system, each.resource)]


def _attached(system: System) -> list[Statement]:
    return [each for each in statements(system) if each.resource.type in ATTACHED]


def _refuses_plain_http(system: System, statement: Statement, resource: Resource) -> bool:
    actions, parts, _ = GUARDED[resource.type]
    conditions = [(operator, key.lower(), values) for operator, key, values in statement.conditions]
    return (
        text(statement.body.get("Effect")) == "Deny"
        and "*" in statement.principals("AWS")
        and conditions == [("Bool", SECURE, ["false"])]
        and all(acts(statement, action) for action in actions)
        and all(covers(system, statement, f"{arn_of(system, resource)}{part}") for part in parts)
    )


@rule("what travels over plain HTTP can be read and changed on the way")
def plain_http_refused(system: System) -> Iterator[Finding]:
    for resource in system.of_type(*GUARDED):
        own = attached(system, resource)
        if not any(_refuses_plain_http(system, each, resource) for each in own):
            _, parts, spelt = GUARDED[resource.type]
            where = " and ".join(f"its ARN{part}" for part in parts)
            advice = f"Deny {spelt} to everyone on {where} if aws:SecureTransport is false, with no other condition"
            place = own[0].resource if own else resource
            yield place.finding(f"lets plain HTTP reach {resource.id}; {advice}")


@rule("a statement about another resource than the policy's is refused, and protects nothing")
def policy_speaks_of_its_own(system: System) -> Iterator[Finding]:
    for each in _attached(system):
        own = owners(system, each.resource)
        ours = [arn_of(system, owner) for owner in own]
        for named in each.all("Resource") if own else []:
            spelled = plain(system, named)
            if not any(matches(spelled, arn) or spelled.startswith(f"{arn}/") for arn in ours):
                yield each.finding(f"names {named} in a policy of {own[0].id}; name {own[0].id}")


@rule("a policy that is attached to nothing of this system protects nothing")
def policy_attached(system: System) -> Iterator[Finding]:
    for policy in system.of_type(*ATTACHED):
        if not owners(system, policy):
            yield policy.finding(
                f"is attached to nothing of this system; refer to the resource in {ATTACHED[policy.type]}"
            )


@rule("a resource has one policy: the second one replaces the first")
def one_policy_each(system: System) -> Iterator[Finding]:
    seen: dict[Resource, Resource] = {}
    for policy in system.of_type(*ATTACHED):
        for owner in owners(system, policy):
            if seen.setdefault(owner, policy) is not policy:
                yield policy.finding(f"is the second policy of {owner.id} beside {seen[owner].id}; put all into one")


@rule("a policy that allows everyone lets other accounts read, write or flood")
def nothing_allowed_to_everyone(system: System) -> Iterator[Finding]:
    for each in (each for each in statements(system) if each.kind == "resource"):
        keys = {key.lower() for _, key, _ in each.conditions}
        if each.allows and "*" in each.principals("AWS") and not OURS & keys:
            yield each.finding("allows everyone; name the service or role, or bind it to aws:SourceAccount")


@rule("a grant for another account's calls never matches ours, and lets that one in")
def grant_for_this_account(system: System) -> Iterator[Finding]:
    for each in _attached(system):
        others = set(each.condition("aws:SourceAccount")) - {ACCOUNT}
        if each.allows and others:
            yield each.finding(f"is for the account {', '.join(sorted(others))}; use AWS::AccountId")
