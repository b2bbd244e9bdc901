"""Who may work as a role: the service that uses it, for this account's sake, and nobody else."""

from __future__ import annotations

import re
from collections.abc import Iterator

from templates.rules.arns import ACCOUNT_ID
from templates.rules.finding import Finding, rule
from templates.rules.iam import Statement, services_trusted, statements, uses
from templates.rules.kinds import ROLE
from templates.rules.physical import physical_name
from templates.rules.scope import ACCOUNT
from templates.rules.system import Resource, System
from templates.rules.values import dicts, items, text, token
from templates.rules.variants import IDENTITY

# Uses in which the service documents that it says for whom it works, and one in which it says nothing.
SAYS_FOR_WHOM = {"task", "schedule", "flow log", "event rule"}
SAYS_NOTHING = {"function"}
# Service -> the service part of the ARNs of what it works for.
SOURCE_SERVICE = {"ecs-tasks": "ecs", "vpc-flow-logs": "ec2"}
SOURCE_KEYS = {"aws:sourcearn", "aws:sourceaccount"}
GITHUB = "token.actions.githubusercontent.com"
AUDIENCE = "sts.amazonaws.com"
SUBJECT = re.compile(r"repo:[^:*?/]+/[^:*?/]+:(environment:[^:*?]+|ref:refs/(heads|tags)/[^*?]+)")
FEDERATED = {"sts:assumerolewithwebidentity", "sts:assumerolewithsaml"}


def trusts(system: System) -> list[Statement]:
    return [each for each in statements(system) if each.kind == "trust" and each.allows]


@rule("a role that its user may not assume makes the user fail at its start, or silently do nothing")
def trusted_by_its_user(system: System) -> Iterator[Finding]:
    for use in uses(system):
        if use.service not in services_trusted(system, use.role):
            advice = f"is used by {use.user.id}, but does not trust {use.service}; make that its Principal"
            yield use.role.finding(advice)


@rule("every further service that may assume a role is a way to its rights")
def trusts_its_user_only(system: System) -> Iterator[Finding]:
    users: dict[Resource, set[str]] = {}
    for use in uses(system):
        users.setdefault(use.role, set()).add(use.service)
    for role, services in users.items():
        for service in sorted(services_trusted(system, role) - services):
            yield role.finding(f"trusts {service}, which does not use it; remove that Principal")


@rule("one role for two programs gives each the rights of the other")
def role_used_for_one_thing(system: System) -> Iterator[Finding]:
    users: dict[Resource, dict[str, Resource]] = {}
    for use in uses(system):
        users.setdefault(use.role, {})[f"{use.what} {use.user.id}"] = use.user
    for role, named in users.items():
        if len(named) > 1:
            yield role.finding(f"is the role of {' and of '.join(sorted(named))}; give each a role of its own")


@rule("a role nobody uses waits for somebody to misuse it")
def role_used(system: System) -> Iterator[Finding]:
    used = {use.role for use in uses(system)}
    parts = {stack.name for stack in system.stacks.values() if stack.parent}
    for role in system.of_type(ROLE):
        if role not in used and role.stack in parts:
            yield role.finding("is used by nothing here; give it to what it was made for or remove it")


@rule("without its Principal, or with everybody as one, the wrong ones may be this role")
def trust_names_somebody(system: System) -> Iterator[Finding]:
    for statement in trusts(system):
        people = statement.principals("AWS")
        if "NotPrincipal" in statement.body or "Principal" not in statement.body:
            yield statement.finding("names nobody in Principal; name the one service that uses the role")
        for who in people:
            if who == "*":
                yield statement.finding("lets everybody assume the role; name the one service that uses it")
            elif who == ACCOUNT or who.endswith(":root"):
                yield statement.finding("lets the whole account assume the role; name the one service that uses it")
            elif (foreign := ACCOUNT_ID.search(who)) and foreign[0] != ACCOUNT:
                yield statement.finding(f"lets another account, {foreign[0]}, assume the role; remove it")
        if "" in [*people, *statement.principals("Service"), *statement.principals("Federated")]:
            yield statement.finding("names an empty Principal for these parameters; give it under a condition")
        if any("*" in service for service in statement.principals("Service")):
            yield statement.finding("trusts services by a pattern; name the one that uses the role")


@rule("a service assumes with sts:AssumeRole, a workflow with sts:AssumeRoleWithWebIdentity: the other is refused")
def trust_fits_principal(system: System) -> Iterator[Finding]:
    for statement in trusts(system):
        actions = {action.lower() for action in statement.all("Action")} - {"sts:tagsession", "sts:setsourceidentity"}
        wanted = FEDERATED if statement.principals("Federated") else {"sts:assumerole"}
        if not actions or not actions <= wanted:
            named = ", ".join(statement.all("Action")) or "nothing"
            yield statement.finding(f"allows {named}; allow {min(wanted, key=len, default='')} there")


@rule("a service that works for every customer would use the role for any of them: the account must be ours")
def trust_names_source(system: System) -> Iterator[Finding]:
    for use in uses(system):
        for statement in (each for each in trusts(system) if each.resource is use.role):
            asked = {key.lower() for _, key, _ in statement.conditions} & SOURCE_KEYS
            if use.what in SAYS_FOR_WHOM and not asked:
                yield statement.finding(f"trusts {use.service} for any account; add a Condition on aws:SourceAccount")
            if use.what in SAYS_NOTHING and asked:
                yield statement.finding(
                    f"asks for {min(asked)}, which {use.service} does not say; remove the Condition"
                )


@rule("a condition on another account or another kind of source never holds: the role cannot be assumed")
def trust_source_fits(system: System) -> Iterator[Finding]:
    for statement in trusts(system):
        for account in statement.condition("aws:SourceAccount"):
            if account != ACCOUNT:
                yield statement.finding(f"is for the account {account}; use AWS::AccountId")
        for arn in statement.condition("aws:SourceArn"):
            for service in statement.principals("Service"):
                yield from _source(statement, service.removesuffix(".amazonaws.com"), arn)


def _source(statement: Statement, service: str, arn: str) -> Iterator[Finding]:
    parts = arn.split(":")
    wanted = SOURCE_SERVICE.get(service, service)
    if not token(arn) and (len(parts) < 6 or parts[2] != wanted or parts[4] != ACCOUNT):
        yield statement.finding(f"is for the source {arn}; name an ARN of {wanted} in this account")


@rule("EventBridge Scheduler names the schedule's group as the source: with anything else the schedule never runs")
def schedule_group_trusted(system: System) -> Iterator[Finding]:
    for use in uses(system):
        if use.what == "schedule":
            group = text(use.user.get("GroupName")) or "default"
            for statement in (each for each in trusts(system) if each.resource is use.role):
                for arn in statement.condition("aws:SourceArn"):
                    if not arn.endswith((f":schedule-group/{group}", ":schedule-group/*", ":*")):
                        yield statement.finding(f"is for {arn}; {use.user.id} is in schedule-group/{group}")


@rule("without its audience and its subject any workflow of anybody on GitHub may deploy")
def workflow_trusted_narrowly(system: System) -> Iterator[Finding]:
    for statement in trusts(system):
        federated = statement.principals("Federated")
        host = _host(system, federated[0]) if federated else ""
        audiences, subjects = statement.condition(f"{host}:aud"), statement.condition(f"{host}:sub")
        if federated and audiences != [AUDIENCE]:
            yield statement.finding(f"does not ask for the audience; compare {host}:aud with {AUDIENCE}")
        if federated and not subjects:
            yield statement.finding(
                f"does not ask whose workflow it is; compare {host}:sub with repo:<owner>/<name>:..."
            )
        for subject in subjects:
            if not SUBJECT.fullmatch(subject):
                yield statement.finding(
                    f"trusts {subject}; name one repository and one environment or branch, without *"
                )


@rule("a workflow that may deploy another environment deploys this one's code there")
def workflow_of_this_environment(system: System) -> Iterator[Finding]:
    environment = system.values.get(IDENTITY)
    for statement in trusts(system):
        for subject in [value for _, key, values in statement.conditions for value in values if key.endswith(":sub")]:
            _, found, named = subject.partition(":environment:")
            if found and environment and named != environment:
                yield statement.finding(f"trusts the environment {named}; this one is {environment}")


def _host(system: System, provider: str) -> str:
    """The host of an identity provider, which begins its condition keys."""
    target = system.target(provider)
    url = text(target.get("Url")) if target else provider.partition("oidc-provider/")[2]
    return url.removeprefix("https://").rstrip("/") or GITHUB


@rule("a provider that takes no token for AWS, or is none of GitHub's, lets no workflow in, or a stranger's")
def provider_takes_tokens(system: System) -> Iterator[Finding]:
    for provider in system.of_type("AWS::IAM::OIDCProvider"):
        if text(provider.get("Url")) != f"https://{GITHUB}":
            yield provider.finding(f"Url is {provider.get('Url')}; GitHub's workflows come from https://{GITHUB}")
        if [text(each) for each in items(provider.get("ClientIdList"))] != [AUDIENCE]:
            yield provider.finding(f"ClientIdList must be {AUDIENCE} alone; correct it")


@rule("people and long-lived keys belong into the organisation's sign-in, not into a stack")
def no_users(system: System) -> Iterator[Finding]:
    for kind in ("AWS::IAM::User", "AWS::IAM::Group", "AWS::IAM::UserToGroupAddition", "AWS::IAM::InstanceProfile"):
        for resource in system.of_type(kind):
            yield resource.finding(f"is an {kind}; services and workflows assume roles, remove it")


@rule("a role that cannot be told from another in the console is changed by mistake")
def role_described(system: System) -> Iterator[Finding]:
    for role in system.of_type(ROLE):
        if not text(role.get("Description")).strip() or not physical_name(role):
            yield role.finding("has no RoleName or no Description; give both")
        for policy in dicts(role.get("Policies")):
            if not text(policy.get("PolicyName")):
                yield role.finding("has a policy without PolicyName; name it")
