"""Keys: administered by the account, open to the services that encrypt with them, and to nobody else."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.finding import Finding, rule
from templates.rules.iam import Statement, acts, arn_of, covers, matches, plain, statements
from templates.rules.iam_dealings import group_arn
from templates.rules.kinds import LOGS
from templates.rules.messaging import publishers
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import text, truth

KEY = "AWS::KMS::Key"
TRAIL = "AWS::CloudTrail::Trail"
TOPIC = "AWS::SNS::Topic"
ROOT = f"arn:aws:iam::{ACCOUNT}:root"
LOGS_SERVICE = f"logs.{REGION}.amazonaws.com"
TRAIL_SERVICE = "cloudtrail.amazonaws.com"
LOG_CONTEXT = "kms:EncryptionContext:aws:logs:arn"
TRAIL_CONTEXT = "kms:EncryptionContext:aws:cloudtrail:arn"
LOG_ACTIONS = ("Encrypt", "Decrypt", "ReEncryptFrom", "ReEncryptTo", "GenerateDataKey", "DescribeKey")
ADMINISTRATION = ("PutKeyPolicy", "DescribeKey", "ScheduleKeyDeletion", "CancelKeyDeletion", "EnableKeyRotation")
# What a service does with a key; all else is for people.
ENCRYPTING = {f"kms:{action}".lower() for action in (*LOG_ACTIONS, "GenerateDataKeyWithoutPlaintext")}
# Rights on keys that are no rights on one key, so that a key's policy has no say in them.
ON_NO_KEY = {"kms:createkey", "kms:listaliases", "kms:listkeys"}
# (type, property) by which something is encrypted with a key.
ENCRYPTED = {LOGS: "KmsKeyId", TRAIL: "KMSKeyId", TOPIC: "KmsMasterKeyId"}


def _policy(system: System, key: Resource) -> list[Statement]:
    return [each for each in statements(system) if each.resource is key and each.kind == "key"]


def _users(system: System, key: Resource, kind: str) -> list[Resource]:
    """The resources of a type that are encrypted with a key."""
    return [each for each in system.of_type(kind) if system.target(each.get(ENCRYPTED[kind])) is key]


def _admits(system: System, key: Resource, service: str, action: str) -> list[Statement]:
    own = [each for each in _policy(system, key) if acts(each, action) and service in each.principals("Service")]
    return [] if any(not each.allows for each in own) else own


@rule("a key that is never replaced keeps everything readable for whoever once got hold of it")
def key_rotates(system: System) -> Iterator[Finding]:
    for key in system.of_type(KEY):
        if not truth(key.get("EnableKeyRotation")):
            yield key.finding("does not rotate; set EnableKeyRotation to true")


@rule("logs, messages and backups are encrypted with a symmetric key that is switched on")
def key_usable(system: System) -> Iterator[Finding]:
    usual = {"KeyUsage": "ENCRYPT_DECRYPT", "KeySpec": "SYMMETRIC_DEFAULT", "Origin": "AWS_KMS", "Enabled": "true"}
    for key in system.of_type(KEY):
        for name, value in usual.items():
            if text(key.get(name)) not in ("", value):
                yield key.finding(f"{name} is {text(key.get(name))}; set it to {value}")
        if truth(key.get("BypassPolicyLockoutSafetyCheck")):
            yield key.finding("may be locked for everybody; remove BypassPolicyLockoutSafetyCheck")


@rule("a key that the account does not administer can never be changed again, nor what it encrypted moved")
def key_administered(system: System) -> Iterator[Finding]:
    for key in system.of_type(KEY):
        for action in ADMINISTRATION:
            if not _delegated(system, key, f"kms:{action}"):
                yield key.finding(f"does not let the account do kms:{action}; allow it to {ROOT}")


def _delegated(system: System, key: Resource, action: str) -> bool:
    """Whether the account may do something with a key, so that IAM policies can grant it."""
    own = [each for each in _policy(system, key) if acts(each, action) and not each.conditions]
    ours = [each for each in own if {ROOT, ACCOUNT} & set(each.principals("AWS"))]
    return bool(ours) and all(each.allows for each in own if each in ours or "*" in each.principals("AWS"))


@rule("IAM grants on a key work only as far as the key's policy leaves the account to decide")
def key_leaves_roles_their_rights(system: System) -> Iterator[Finding]:
    for key in system.of_type(KEY):
        wanted = {action for each in statements(system) for action in _granted_on(system, each, arn_of(system, key))}
        for action in sorted(wanted):
            if action.lower() not in ON_NO_KEY and not _delegated(system, key, action):
                yield key.finding(
                    f"does not leave {action} to the account, but roles are granted it; allow it to {ROOT}"
                )


def _granted_on(system: System, statement: Statement, arn: str) -> list[str]:
    if statement.kind != "grant" or not statement.allows or not covers(system, statement, arn):
        return []
    return [action for action in statement.all("Action") if action.lower().startswith("kms:") and "*" not in action]


@rule("a key that strangers may use protects nothing from them")
def key_closed_to_strangers(system: System) -> Iterator[Finding]:
    for statement in (each for each in statements(system) if each.kind == "key" and each.allows):
        for who in statement.principals("AWS"):
            if not (who in (ACCOUNT, ROOT) or plain(system, who).startswith(f"arn:aws:iam::{ACCOUNT}:role/")):
                yield statement.finding(f"admits {who}; name this account or one of its roles")
        if "Principal" not in statement.body:
            yield statement.finding("names no Principal; name the account or the service that uses the key")


@rule("a key policy speaks of its key, which is * there: anything else matches nothing")
def key_policy_is_about_the_key(system: System) -> Iterator[Finding]:
    for statement in (each for each in statements(system) if each.kind == "key"):
        if statement.all("Resource") != ["*"]:
            yield statement.finding('names another Resource; write "*", which is this key')


def _covers_context(statement: Statement, context: str, arn: str) -> bool:
    named = statement.condition(context)
    return not named or any(matches(each, arn) for each in named)


@rule("log groups whose key does not admit CloudWatch Logs are refused, and with them what writes there")
def key_admits_logs(system: System) -> Iterator[Finding]:
    for key in system.of_type(KEY):
        for group in _users(system, key, LOGS):
            arn = group_arn(system, group.token).removesuffix(":*")
            for action in LOG_ACTIONS:
                admitting = _admits(system, key, LOGS_SERVICE, f"kms:{action}")
                if not any(_covers_context(each, LOG_CONTEXT, arn) for each in admitting):
                    yield key.finding(f"does not let {LOGS_SERVICE} do kms:{action} for {arn}; allow it")


@rule("a trail whose key does not admit CloudTrail is refused, or writes nothing")
def key_admits_trail(system: System) -> Iterator[Finding]:
    for key in system.of_type(KEY):
        for trail in _users(system, key, TRAIL):
            arn = arn_of(system, trail)
            for action in ("GenerateDataKey", "DescribeKey"):
                admitting = _admits(system, key, TRAIL_SERVICE, f"kms:{action}")
                fitting = [each for each in admitting if _covers_context(each, TRAIL_CONTEXT, arn)]
                if not any(_covers_context(each, "aws:SourceArn", arn) for each in fitting):
                    yield key.finding(f"does not let {TRAIL_SERVICE} do kms:{action} for {arn}; allow it")


def _expected(system: System, key: Resource) -> set[str]:
    """The services that need a key themselves; others use it in the name of a role."""
    services = {service for topic in _users(system, key, TOPIC) for service in publishers(system, topic)}
    services |= {LOGS_SERVICE} if _users(system, key, LOGS) else set()
    return services | ({TRAIL_SERVICE} if _users(system, key, TRAIL) else set())


@rule("a service that encrypts nothing with the key has no business with it; those that do only encrypt")
def key_admits_no_other_service(system: System) -> Iterator[Finding]:
    for key in system.of_type(KEY):
        expected: set[str] = _expected(system, key)
        for statement in (each for each in _policy(system, key) if each.allows):
            for service in statement.principals("Service"):
                if service not in expected:
                    yield statement.finding(f"admits {service}, which encrypts nothing with the key; remove it")
                for action in statement.all("Action"):
                    if action.lower() not in ENCRYPTING:
                        yield statement.finding(f"lets {service} do {action}; leave that to the account")


@rule("CloudWatch Logs and CloudTrail work for every account: the key must be for this one's groups and trail")
def key_for_this_account(system: System) -> Iterator[Finding]:
    bound: dict[str, tuple[str, ...]] = {
        LOGS_SERVICE: (LOG_CONTEXT,),
        TRAIL_SERVICE: ("aws:SourceArn", "aws:SourceAccount", TRAIL_CONTEXT),
    }
    for statement in (each for each in statements(system) if each.kind == "key" and each.allows):
        for service, keys in bound.items():
            named = [value for key in keys for value in statement.condition(key)]
            if service in statement.principals("Service") and not any(ACCOUNT in value for value in named):
                yield statement.finding(f"admits {service} for any account; add a Condition on {keys[0]}")


@rule("a key is found by its alias: without one people copy its id, and use the next one's by mistake")
def key_has_alias(system: System) -> Iterator[Finding]:
    aliases = system.of_type("AWS::KMS::Alias")
    named = [system.target(alias.get("TargetKeyId")) for alias in aliases]
    for key in system.of_type(KEY):
        if named.count(key) != 1:
            yield key.finding(f"has {named.count(key)} aliases; give it one, by an AWS::KMS::Alias")
    for alias, target in zip(aliases, named, strict=True):
        if system.of_type(KEY) and (target is None or target.type != KEY):
            yield alias.finding("names no key of this system; refer to one in TargetKeyId")
