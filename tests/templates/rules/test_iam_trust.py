"""Who may be a role, what no role may do, and conditions that hold; each mistake is said where it was made."""

from __future__ import annotations

from typing import Any

import pytest

from tests.templates.rules.cases import case, places, unproven
from tests.templates.rules.planting import Mistake, put, remove
from tests.templates.rules.statements import (
    API,
    BACKUP,
    BOT,
    BOT_START,
    DEPLOY,
    FLOW,
    MONITOR,
    NETWORK,
    ROLES,
    ROTATION,
    SCHEDULER,
    adding,
    arn,
    further,
    role,
    setting,
    sub,
    without,
)

WORKFLOWS = {"GitHubRepository": "owner/sparta"}
OWN = {"Ref": "AWS::AccountId"}
ACCOUNT = {"StringEquals": {"aws:SourceAccount": OWN}}
HOST = "token.actions.githubusercontent.com"


def table(name: str) -> dict[str, str]:
    return {"Ref": f"{name}TableArn"}


def trusting(role: str, service: Any) -> Mistake:
    return setting(role, "AssumedByService", Principal={"Service": service})


def asking(role: str, **condition: Any) -> Mistake:
    """Another condition in a role's trust."""
    return setting(role, "AssumedByService", Condition=condition)


def workflow(audience: Any = "sts.amazonaws.com", subject: Any = None) -> Mistake:
    """The condition of the deploy role, with another audience or subject; None leaves one out."""
    keys = {f"{HOST}:aud": audience, f"{HOST}:sub": subject}
    condition = {"StringEquals": {key: value for key, value in keys.items() if value is not None}}
    return setting(DEPLOY, "AssumedByWorkflow", Condition=condition)


TRUST = [
    case("a task's role for Lambda", "security ApiTaskRole trusted-by-its-user", trusting(API, "lambda.amazonaws.com")),
    case("a task's role for EC2", "security BotExecutionRole trusted-by-its-user",
         trusting(BOT_START, "ec2.amazonaws.com")),
    case("ECS instead of its tasks", "security ApiTaskRole trusted-by-its-user", trusting(API, "ecs.amazonaws.com")),
    case("EventBridge instead of its scheduler", "security SchedulerRole trusted-by-its-user",
         trusting(SCHEDULER, "events.amazonaws.com")),
    case("flow logs denied", "network FlowLogRole trusted-by-its-user",
         setting(FLOW, "AssumedByService", Effect="Deny")),
    case("two services", "security MonitorRole trusts-its-user-only",
         trusting(MONITOR, ["lambda.amazonaws.com", "ec2.amazonaws.com"])),
    case("one role for two", "security ApiTaskRole role-used-for-one-thing",
         put("root/Resources/Services/Properties/Parameters/BotTaskRoleArn",
             {"Fn::GetAtt": ["Security", "Outputs.ApiTaskRoleArn"]})),
    case("task and execution role in one", "security BotExecutionRole role-used-for-one-thing",
         put("services/Resources/BotTask/Properties/TaskRoleArn", {"Ref": "BotExecutionRoleArn"})),
    case("a role nobody uses", "security RotationRole role-used",
         put("monitor/Resources/RotationFunction/Properties/Role", {"Ref": "MonitorRoleArn"})),
    case("everybody", "security ApiTaskRole trust-names-somebody", setting(API, "AssumedByService", Principal="*")),
    case("everybody in AWS", "security ApiTaskRole trust-names-somebody",
         setting(API, "AssumedByService", Principal={"AWS": "*"})),
    case("the whole account", "security BotTaskRole trust-names-somebody",
         setting(BOT, "AssumedByService", Principal={"AWS": sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:root")})),
    case("another account", "data BackupRole trust-names-somebody",
         setting(BACKUP, "AssumedByService", Principal={"AWS": "arn:aws:iam::999999999999:role/backup"})),
    case("all but one", "security ApiTaskRole trust-names-somebody",
         without(API, "AssumedByService", "Principal"),
         setting(API, "AssumedByService", NotPrincipal={"AWS": "arn:aws:iam::999999999999:root"})),
    case("nobody for some parameters", "bootstrap DeployRole trust-names-somebody",
         setting(DEPLOY, "AssumedByWorkflow", Principal={"Federated": {"Ref": "GitHubOidcProviderArn"}}),
         **WORKFLOWS, GitHubOidcProviderArn=""),
    case("a service by web identity", "security ApiTaskRole trust-fits-principal",
         setting(API, "AssumedByService", Action=["sts:AssumeRoleWithWebIdentity"])),
    case("a workflow by AssumeRole", "bootstrap DeployRole trust-fits-principal",
         setting(DEPLOY, "AssumedByWorkflow", Action=["sts:AssumeRole"]), **WORKFLOWS),
    case("tasks of any account", "security ApiTaskRole trust-names-source",
         without(API, "AssumedByService", "Condition")),
    case("flow logs of any account", "network FlowLogRole trust-names-source",
         without(FLOW, "AssumedByService", "Condition")),
    case("a condition that Lambda never meets", "security MonitorRole trust-names-source",
         setting(MONITOR, "AssumedByService", Condition=ACCOUNT)),
    case("tasks of another account", "security BotTaskRole trust-source-fits",
         asking(BOT, StringEquals={"aws:SourceAccount": "999999999999"})),
    case("tasks in the name of Lambda", "security BotTaskRole trust-source-fits",
         asking(BOT, ArnLike={"aws:SourceArn": arn("lambda", "*")})),
    case("the schedule instead of its group", "security SchedulerRole schedule-group-trusted",
         setting(SCHEDULER, "AssumedByService", Condition={
             "ArnLike": {"aws:SourceArn": arn("scheduler", "schedule/default/sparta-validator-monitor")}})),
    case("any audience", "bootstrap DeployRole workflow-trusted-narrowly",
         workflow(None, sub("repo:${GitHubRepository}:environment:${Environment}")), **WORKFLOWS),
    case("any workflow on GitHub", "bootstrap DeployRole workflow-trusted-narrowly", workflow(), **WORKFLOWS),
    case("any branch and pull request", "bootstrap DeployRole workflow-trusted-narrowly",
         workflow(subject=sub("repo:${GitHubRepository}:*")), **WORKFLOWS),
    case("any repository", "bootstrap DeployRole workflow-trusted-narrowly", workflow(subject="repo:*"), **WORKFLOWS),
    case("pull requests", "bootstrap DeployRole workflow-trusted-narrowly",
         workflow(subject=sub("repo:${GitHubRepository}:pull_request")), **WORKFLOWS),
    case("another environment's workflow", "bootstrap DeployRole workflow-of-this-environment",
         workflow(subject=sub("repo:${GitHubRepository}:environment:staging")), **WORKFLOWS),
    case("another provider", "bootstrap GitHubOidcProvider provider-takes-tokens",
         put("bootstrap/Resources/GitHubOidcProvider/Properties/Url", "https://tokens.example.com"),
         **WORKFLOWS, GitHubOidcProviderArn=""),
    case("tokens for somebody else", "bootstrap GitHubOidcProvider provider-takes-tokens",
         put("bootstrap/Resources/GitHubOidcProvider/Properties/ClientIdList", ["https://github.com/owner"]),
         **WORKFLOWS, GitHubOidcProviderArn=""),
    case("a user", "security Person no-users",
         put("security/Resources/Person", {"Type": "AWS::IAM::User", "Properties": {"UserName": "person"}})),
    case("a role without a description", "security ApiTaskRole role-described",
         remove("security/Resources/ApiTaskRole/Properties/Description")),
]  # fmt: skip

GRANTS = [
    case("every action", "security ApiTaskRole no-wildcard-action", setting(API, "UseOperators", Action=["*"])),
    case("every action of a service", "security MonitorRole no-wildcard-action",
         adding(MONITOR, "UseOperators", "Action", "dynamodb:*")),
    case("actions by a pattern", "bootstrap NetworkDeployment no-wildcard-action",
         adding(NETWORK, "ChangeNetwork", "Action", "ec2:Create*")),
    case("every table", "security ApiTaskRole no-wildcard-resource", setting(API, "UseOperators", Resource=["*"])),
    case("every log group", "security BotExecutionRole no-wildcard-resource",
         setting(BOT_START, "WriteLogs", Resource="*")),
    case("every secret", "security BotTaskRole resource-names-something",
         setting(BOT, "ReadSecrets", Resource=[arn("secretsmanager", "secret:*")])),
    case("every role", "bootstrap RolesDeployment resource-names-something",
         setting(ROLES, "ManageRoles", Resource=[role("*")])),
    case("every key for a program", "security MonitorRole resource-names-something",
         setting(MONITOR, "EncryptFailures", Resource=[arn("kms", "key/*")])),
    case("a password from an ARN", "security RotationRole resourceless-action-on-everything",
         adding(ROTATION, "RotateSecret", "Action", "secretsmanager:GetRandomPassword")),
    case("all but users", "security ApiTaskRole no-grant-by-exception",
         without(API, "UseOperators", "Action"), setting(API, "UseOperators", NotAction=["iam:*"])),
    case("all but one table", "security MonitorRole no-grant-by-exception",
         without(MONITOR, "UseAlerts", "Resource"), setting(MONITOR, "UseAlerts", NotResource=[table("Config")])),
    case("an administrator", "bootstrap CloudFormationRole no-aws-managed-policy",
         put("bootstrap/Resources/CloudFormationRole/Properties/ManagedPolicyArns/+",
             sub("arn:${AWS::Partition}:iam::aws:policy/AdministratorAccess"))),
    case("AWS's policy for starting tasks", "security ApiExecutionRole no-aws-managed-policy",
         put("security/Resources/ApiExecutionRole/Properties/ManagedPolicyArns",
             ["arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy"])),
    case("attaching any policy", "bootstrap RolesDeployment no-escalation",
         adding(ROLES, "ManageRoles", "Action", "iam:AttachRolePolicy")),
    case("being another role", "security BotTaskRole no-escalation",
         further(BOT, "ReadSecrets", Action=["sts:AssumeRole"],
                 Resource=[role("sparta-deploy")])),
    case("the API changes the key's policy", "security ApiTaskRole runtime-cannot-deploy",
         further(API, "UseOperators", Action=["kms:PutKeyPolicy"], Resource=[{"Ref": "EncryptionKeyArn"}])),
    case("the monitor makes log groups", "security MonitorRole runtime-cannot-deploy",
         adding(MONITOR, "WriteLogs", "Action", "logs:CreateLogGroup")),
    case("roles for any service", "bootstrap RolesDeployment roles-handed-over-narrowly",
         without(ROLES, "HandRolesOver", "Condition")),
    case("roles for services by a pattern", "bootstrap RolesDeployment roles-handed-over-narrowly",
         setting(ROLES, "HandRolesOver", Condition={"StringLike": {"iam:PassedToService": "*.amazonaws.com"}})),
    case("handing over mixed in", "bootstrap RolesDeployment roles-handed-over-narrowly",
         adding(ROLES, "ManageRoles", "Action", "iam:PassRole")),
    case("service-linked roles for any service", "bootstrap RolesDeployment service-linked-roles-named",
         without(ROLES, "MakeServiceLinkedRoles", "Condition")),
    case("a statement without a name", "security BotTaskRole statement-named", without(BOT, "ReadSecrets", "Sid")),
    case("a name with a blank", "security ApiTaskRole statement-named", setting(API, "UseAlerts", Sid="Use tables")),
    case("a name twice", "security ApiTaskRole statement-named", setting(API, "UseConfig", Sid="UseAlerts")),
    case("an old policy language", "network FlowLogRole policy-version-current",
         put("network/Resources/FlowLogRole/Properties/AssumeRolePolicyDocument/Version", "2008-10-17")),
    case("a repository for everybody", "bootstrap ImageRepository inline-policy-closed",
         put("bootstrap/Resources/ImageRepository/Properties/RepositoryPolicyText",
             {"Version": "2012-10-17", "Statement": [
                 {"Sid": "Pull", "Effect": "Allow", "Principal": "*", "Action": ["ecr:BatchGetImage"]}]})),
    case("a policy of nobody", "bootstrap DataDeployment policies-have-holders",
         put("bootstrap/Resources/CloudFormationRole/Properties/ManagedPolicyArns", [{"Ref": "NetworkDeployment"}])),
]  # fmt: skip

CONDITIONS = [
    case("an operator that is none", "security BotTaskRole condition-operator-exists",
         asking(BOT, StringIs={"aws:SourceAccount": OWN})),
    case("a key that is none", "security BotTaskRole condition-key-exists",
         asking(BOT, StringEquals={"aws:AccountSource": OWN})),
    case("a key of another service", "security MonitorRole condition-key-exists",
         setting(MONITOR, "KeepFailures", Condition={"StringEquals": {"dynamodb:LeadingKeys": "a"}})),
    case("a pattern letter by letter", "security BotTaskRole condition-pattern-has-like",
         asking(BOT, StringEquals={"aws:SourceArn": arn("ecs", "*")})),
    case("an account compared as an ARN", "security BotTaskRole condition-pattern-has-like",
         asking(BOT, ArnLike={"aws:SourceAccount": OWN})),
    case("everybody but us", "security ApiTaskRole condition-not-inverted",
         asking(API, StringNotEquals={"aws:SourceAccount": OWN})),
    case("only if it is said", "network FlowLogRole condition-not-inverted",
         setting(FLOW, "AssumedByService",
                 Condition={"StringEqualsIfExists": {"aws:SourceAccount": OWN}})),
    case("all of none", "security ApiTaskRole condition-not-inverted",
         setting(API, "AssumedByService",
                 Condition={"ForAllValues:StringEquals": {"aws:SourceAccount": OWN}})),
    case("an empty condition", "security ApiTaskRole condition-complete",
         setting(API, "AssumedByService", Condition={})),
    case("an operator over nothing", "security ApiTaskRole condition-complete",
         asking(API, StringEquals={})),
    case("a key without a value", "security ApiTaskRole condition-complete",
         asking(API, StringEquals={"aws:SourceAccount": []})),
    case("neither allowed nor denied", "security BotTaskRole statement-has-effect",
         without(BOT, "ReadSecrets", "Effect")),
    case("the encrypted requests refused", "data BackupBucketPolicy transport-condition-right-way",
         setting("data/BackupBucketPolicy", "RefusePlainHttp", Condition={"Bool": {"aws:SecureTransport": "true"}})),
    case("plain requests allowed", "data BackupBucketPolicy transport-condition-right-way",
         setting("data/BackupBucketPolicy", "RefusePlainHttp", Effect="Allow")),
]  # fmt: skip

CASES = [*TRUST, *GRANTS, *CONDITIONS]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about trust, grants and conditions stands without a mistake that it sees."""
    assert not unproven(CASES, "iam_trust", "iam_grants", "iam_conditions")


HARMLESS = [
    pytest.param(setting(API, "UseOperators", Sid="LookUp"), {}, id="another name"),
    pytest.param(put("security/Resources/ApiTaskRole/Properties/MaxSessionDuration", 3600), {}, id="an hour"),
    pytest.param(workflow(subject=sub("repo:${GitHubRepository}:ref:refs/heads/main")), WORKFLOWS, id="a branch"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "given"), HARMLESS)
def test_harmless_change_is_not_named(change: Mistake, given: dict[str, str]) -> None:
    """What a person may well want is no finding."""
    rules = {case.values[2] for case in CASES}
    assert not {(rule, found) for rule in sorted(rules) for found in places(str(rule), change, **given)}
