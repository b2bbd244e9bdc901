"""What people are told of without asking: deployments, changes of the stacks and past them, backups that failed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from templates.rules.contract_values import environment
from templates.rules.events import CALL
from templates.rules.finding import Finding, rule
from templates.rules.iam import arn_of, matches, plain
from templates.rules.notices import kinds, patterns, watched_calls
from templates.rules.programs import SERVICE, deployed_as_a_whole, whole_stack
from templates.rules.render import REGION
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, items, text

DEPLOYMENT = ("aws.ecs", "ECS Deployment State Change")
STACK = ("aws.cloudformation", "CloudFormation Stack Status Change")
BACKUP = ("aws.backup", "Backup Job State Change")
ENDS = set(
    "CREATE_COMPLETE CREATE_FAILED ROLLBACK_COMPLETE UPDATE_COMPLETE UPDATE_ROLLBACK_COMPLETE UPDATE_ROLLBACK_FAILED"
    " DELETE_COMPLETE DELETE_FAILED".split()
)
FAILURES = {"ABORTED", "EXPIRED", "FAILED"}
# Opening the network or changing a secret past CloudFormation.
SENSITIVE = set(
    "AuthorizeSecurityGroupIngress AuthorizeSecurityGroupEgress ModifySecurityGroupRules PutSecretValue UpdateSecret"
    " DeleteSecret".split()
)


def _of_kind(system: System, kind: tuple[str, str]) -> list[tuple[Resource, dict[str, Any]]]:
    return [(found, pattern) for found, pattern in patterns(system) if kind in kinds(pattern)]


def _texts(system: System, values: Any) -> list[str]:
    """The values of a field, prefixes as patterns."""
    prefixes = [f"{plain(system, text(each['prefix']))}*" for each in dicts(values) if "prefix" in each]
    return prefixes + [plain(system, text(each)) for each in items(values) if isinstance(each, str)]


@rule("the guide tells people of every deployment of each service, and nobody of another system's")
def deployments_are_told(system: System) -> Iterator[Finding]:
    found = _of_kind(system, DEPLOYMENT)
    for service in system.of_type(SERVICE) if deployed_as_a_whole(system) else []:
        arn = arn_of(system, service)
        if not any(arn in _texts(system, pattern.get("resources")) for _, pattern in found):
            yield service.finding(f"is deployed without a word; name {arn} in resources of a rule on {DEPLOYMENT[1]}")
    for notice, pattern in found:
        if "resources" not in pattern:
            yield notice.finding("tells of every service of the account; name this system's in resources")


@rule("the guide tells people when the system was changed, and only then: not of each step, not of other systems")
def stack_changes_are_told(system: System) -> Iterator[Finding]:
    if not deployed_as_a_whole(system):
        return
    own, other = (
        f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack/sparta-{name}/id" for name in (environment(system), "other")
    )
    found = _of_kind(system, STACK)
    if not found:
        yield whole_stack(system).finding("-", f"changes without a word; add a rule on {STACK[1]}")
    for notice, pattern in found:
        stacks = _texts(system, get(pattern, "detail", "stack-id")) or ["*"]
        states = set(_texts(system, get(pattern, "detail", "status-details", "status")))
        if not any(matches(each, own) for each in stacks):
            yield notice.finding(f"does not match this system's stack {own}; correct detail.stack-id")
        if any(matches(each, other) for each in stacks):
            yield notice.finding("tells of other systems' stacks; begin detail.stack-id with this one's name")
        if missing := ENDS - states:
            yield notice.finding(
                f"says nothing of {', '.join(sorted(missing))}; add it to detail.status-details.status"
            )
        if steps := {state for state in states if state.endswith("IN_PROGRESS")}:
            yield notice.finding(f"tells of steps on the way, {', '.join(sorted(steps))}; remove them")


@rule("who opens the network or changes a secret by hand must be seen: CloudFormation does not know of it")
def sensitive_calls_are_told(system: System) -> Iterator[Finding]:
    if deployed_as_a_whole(system):
        watched = [(found, watched_calls(pattern)) for found, pattern in patterns(system)]
        notices = [(found, set(names)) for found, (sources, names) in watched if sources]
        missing = SENSITIVE.difference(*(names for _, names in notices))
        if missing and len(notices) == 1:
            yield notices[0][0].finding(f"does not tell of {', '.join(sorted(missing))}; add it to detail.eventName")
        elif missing:
            advice = f"tells nobody of {', '.join(sorted(missing))}; add a rule on {CALL}"
            yield whole_stack(system).finding("-", advice)


@rule("a backup that fails is missed on the day it is needed, unless somebody is told at once")
def backup_failures_are_told(system: System) -> Iterator[Finding]:
    found = _of_kind(system, BACKUP)
    for vault in system.of_type("AWS::Backup::BackupVault") if deployed_as_a_whole(system) and not found else []:
        yield vault.finding(f"may be left empty without a word; add a rule on {BACKUP[1]}")
    for notice, pattern in found:
        states = set(_texts(system, get(pattern, "detail", "state")))
        if missing := FAILURES - states:
            yield notice.finding(f"says nothing of {', '.join(sorted(missing))} alone; name it in detail.state")
        if others := states - FAILURES:
            yield notice.finding(f"also tells of {', '.join(sorted(others))}; name failures only")
        vaults = _texts(system, get(pattern, "detail", "backupVaultName"))
        own = [text(vault.get("BackupVaultName")) for vault in system.of_type("AWS::Backup::BackupVault")]
        if vaults and own and not set(own) & set(vaults):
            yield notice.finding(f"watches {', '.join(vaults)}, which is no vault of this system; refer to it")
