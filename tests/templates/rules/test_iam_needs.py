"""Granted is what is used, to programs and to those who deploy; each mistake is said where it was made."""

from __future__ import annotations

import pytest

from tests.templates.rules.cases import case, places, unproven
from tests.templates.rules.planting import Mistake, both, put, remove
from tests.templates.rules.statements import (
    API,
    BACKUP,
    BOT,
    BOT_START,
    CLOUDFORMATION,
    DATA,
    DEPLOY,
    FLOW,
    MONITOR,
    NETWORK,
    ROLES,
    ROTATION,
    SCHEDULER,
    SERVICES,
    START,
    TRAIL,
    adding,
    arn,
    further,
    log_group,
    role,
    secret,
    setting,
    sub,
    taking,
    without,
)

WORKFLOWS = {"GitHubRepository": "owner/sparta"}
RPC_SECRET = "arn:aws:secretsmanager:eu-west-2:123456789012:secret:rpc-AbCdEf"

NEEDS = [
    case("an image that cannot be pulled", "security BotExecutionRole has-needed-right",
         taking(BOT_START, "PullImage", "Action", "BatchGetImage")),
    case("no login to the registry", "security ApiExecutionRole has-needed-right",
         setting(START, "LogInToRegistry", Effect="Deny")),
    case("the other program's log", "security BotExecutionRole has-needed-right",
         setting(BOT_START, "WriteLogs", Resource=[log_group("/ecs/sparta-api${NameSuffix}:*")])),
    case("a log group without its streams", "security MonitorRole has-needed-right",
         setting(MONITOR, "WriteLogs", Resource=[log_group("/aws/lambda/sparta-validator-monitor${NameSuffix}")])),
    case("one of two secrets", "security ApiExecutionRole has-needed-right",
         taking(START, "ReadSecrets", "Resource", "ethereum-private-key")),
    case("another environment's secret", "security BotTaskRole has-needed-right",
         setting(BOT, "ReadSecrets", Resource=[arn("secretsmanager", "secret:sparta/staging/api-key-??????")])),
    case("an RPC URL nobody may read", "security ApiExecutionRole has-needed-right",
         setting(START, "ReadEthereumHost", Action=["secretsmanager:DescribeSecret"]),
         EthereumHost="", EthereumHostSecretArn=RPC_SECRET),
    case("failures that cannot be kept", "security MonitorRole has-needed-right",
         setting(MONITOR, "KeepFailures", Resource=[arn("sqs", "sparta-failures")])),
    case("a queue whose key is closed", "security MonitorRole has-needed-right",
         taking(MONITOR, "EncryptFailures", "Action", "GenerateDataKey")),
    case("the key through another service", "security MonitorRole has-needed-right",
         setting(MONITOR, "EncryptFailures",
                 Condition={"StringEquals": {"kms:ViaService": sub("sns.${AWS::Region}.amazonaws.com")}})),
    case("a schedule of another function", "security SchedulerRole has-needed-right",
         setting(SCHEDULER, "InvokeFunction",
                 Resource=[arn("lambda", "function:sparta-api-key-rotation${NameSuffix}")])),
    case("a rotation that cannot finish", "security RotationRole has-needed-right",
         taking(ROTATION, "RotateSecret", "Action", "UpdateSecretVersionStage")),
    case("flow logs without their group", "network FlowLogRole has-needed-right",
         setting(FLOW, "WriteFlowLogs", Resource=[log_group("/vpc/other:*")])),
    case("a trail that makes no stream", "observability TrailRole has-needed-right",
         taking(TRAIL, "WriteTrail", "Action", "CreateLogStream")),
    case("a table that is not saved", "data BackupRole has-needed-right",
         taking(BACKUP, "BackUpTables", "Resource", "AlertsTable")),
    case("backups into no vault", "data BackupRole has-needed-right",
         taking(BACKUP, "FillVault", "Action", "CopyIntoBackupVault")),
    case("backups without the key", "data BackupRole has-needed-right",
         taking(BACKUP, "EncryptBackups", "Action", "CreateGrant")),
    case("a function in a VPC without rights there", "security MonitorRole has-needed-right",
         put("monitor/Resources/MonitorFunction/Properties/VpcConfig",
             {"SubnetIds": ["subnet-1"], "SecurityGroupIds": ["sg-1"]})),
    case("a table left out", "security ApiTaskRole has-needed-right",
         setting(API, "UseValidatorHistory", Effect="Deny")),
    case("no queries", "security ApiTaskRole has-needed-right", setting(API, "UseValidatorHistory", Action=[
        "dynamodb:GetItem"])),
    case("nothing written", "security MonitorRole has-needed-right",
         setting(MONITOR, "UseNetworkStats", Action=["dynamodb:GetItem"])),
    case("no changes", "security MonitorRole has-needed-right",
         taking(MONITOR, "UseAlerts", "Action", "UpdateItem")),
    case("a table without its index", "security ApiTaskRole has-needed-right",
         setting(API, "UseOperatorsListing", Resource=[{"Ref": "OperatorsTableArn"}])),
    case("an index of another name", "security ApiTaskRole has-needed-right",
         setting(API, "UseAlertsPending", Resource=[sub("${AlertsTableArn}/index/queue")])),
    case("transactions without their checks", "security ApiTaskRole has-needed-right",
         taking(API, "UseConfig", "Action", "ConditionCheckItem")),
    case("batches that cannot be read", "security MonitorRole has-needed-right",
         taking(MONITOR, "UseOperators", "Action", "BatchGetItem")),
    case("the rows of another table", "security ApiTaskRole has-needed-right",
         setting(API, "UseAlerts", Resource=[{"Ref": "ConfigTableArn"}])),
    case("a list that cannot be read", "security ApiTaskRole has-needed-right",
         taking(API, "UseValidators", "Action", "Scan")),
    case("a monitor that cannot go through its validators", "security MonitorRole has-needed-right",
         taking(MONITOR, "UseValidators", "Action", "Scan")),
    case("a rotation that makes no key", "security RotationRole has-needed-right",
         setting(ROTATION, "MakePassword", Effect="Deny")),
]  # fmt: skip

READING = ["dynamodb:GetItem"]
SURPLUS = [
    case("the bot reads tables", "security BotTaskRole has-no-other-right",
         further(BOT, "ReadSecrets", Action=READING,
                 Resource=[arn("dynamodb", "table/sparta-operators-${Environment}")])),
    case("the bot reads the private key", "security BotTaskRole has-no-other-right",
         adding(BOT, "ReadSecrets", "Resource", secret("ethereum-private-key-??????"))),
    case("the bot is started with the private key", "security BotExecutionRole has-no-other-right",
         adding(BOT_START, "ReadSecrets", "Resource", secret("ethereum-private-key-??????"))),
    case("every secret of the environment", "security BotTaskRole has-no-other-right",
         adding(BOT, "ReadSecrets", "Resource", secret("*"))),
    case("the API reads all operators at once", "security ApiTaskRole has-no-other-right",
         adding(API, "UseOperators", "Action", "dynamodb:Scan")),
    case("the API writes what only the monitor writes", "security ApiTaskRole has-no-other-right",
         adding(API, "UseValidatorHistory", "Action", "dynamodb:PutItem")),
    case("the API reads a table it has no business with", "security ApiTaskRole has-no-other-right",
         adding(API, "UseAlerts", "Resource", {"Ref": "NetworkStatsTableArn"})),
    case("the API queries whatever index comes", "security ApiTaskRole has-no-other-right",
         adding(API, "UseOperatorsListing", "Resource", sub("${OperatorsTableArn}/index/*"))),
    case("the API looks at a table", "security ApiTaskRole has-no-other-right",
         adding(API, "UseOperators", "Action", "dynamodb:DescribeTable")),
    case("the API deletes a table", "security ApiTaskRole has-no-other-right",
         adding(API, "UseOperators", "Action", "dynamodb:DeleteTable")),
    case("the API changes its key", "security ApiTaskRole has-no-other-right",
         adding(API, "ReadSecrets", "Action", "secretsmanager:PutSecretValue")),
    case("the agent's role reads tables", "security ApiExecutionRole has-no-other-right",
         further(START, "PullImage", Action=READING, Resource=[arn("dynamodb", "table/sparta-config-${Environment}")])),
    case("the program's role pulls images", "security ApiTaskRole has-no-other-right",
         further(API, "UseConfig", Action=["ecr:BatchGetImage"], Resource=[arn("ecr", "repository/sparta")])),
    case("a schedule that starts both functions", "security SchedulerRole has-no-other-right",
         adding(SCHEDULER, "InvokeFunction", "Resource",
                arn("lambda", "function:sparta-api-key-rotation${NameSuffix}"))),
    case("the monitor deletes operators", "security MonitorRole has-no-other-right",
         adding(MONITOR, "UseOperators", "Action", "dynamodb:DeleteItem")),
    case("the monitor reads the queue", "security MonitorRole has-no-other-right",
         adding(MONITOR, "KeepFailures", "Action", "sqs:ReceiveMessage")),
    case("flow logs that delete", "network FlowLogRole has-no-other-right",
         adding(FLOW, "WriteFlowLogs", "Action", "logs:DeleteLogStream")),
    case("backups that restore", "data BackupRole has-no-other-right",
         adding(BACKUP, "BackUpTables", "Action", "dynamodb:RestoreTableFromBackup")),
    case("the key for anything", "security MonitorRole key-through-service-only",
         without(MONITOR, "EncryptFailures", "Condition")),
    case("a right given and taken", "security MonitorRole nothing-denied-to-oneself",
         further(MONITOR, "UseAlerts", Effect="Deny", Action=["dynamodb:Query"], Resource="*")),
]  # fmt: skip

DEPLOYMENT = [
    case("no NAT gateways", "bootstrap CloudFormationRole deployer-may-create",
         taking(NETWORK, "ChangeNetwork", "Action", "CreateNatGateway")),
    case("a policy not attached", "bootstrap CloudFormationRole deployer-may-create",
         put("bootstrap/Resources/CloudFormationRole/Properties/ManagedPolicyArns", [{"Ref": "NetworkDeployment"}])),
    case("tables denied", "bootstrap CloudFormationRole deployer-may-create",
         setting(DATA, "ManageTables", Effect="Deny")),
    case("tables of another environment", "bootstrap CloudFormationRole deployer-may-create",
         setting(DATA, "ManageTables", Resource=[arn("dynamodb", "table/sparta-*-staging")])),
    case("a web ACL by a name nobody chose", "bootstrap CloudFormationRole deployer-may-create",
         remove("edge/Resources/WebAcl/Properties/Name"), EnableCloudFront="true", DomainName="sparta.example.com",
         HostedZoneId="Z0123456789ABCDEFGHIJ", CertificateArn=""),
    case("a role on a path of its own", "bootstrap CloudFormationRole deployer-may-create",
         put("security/Resources/BotTaskRole/Properties/Path", "/bots/")),
    case("a database nobody planned", "data Database deployer-knows-service",
         put("data/Resources/Database", {"Type": "AWS::RDS::DBInstance", "Properties": {"Engine": "postgres"}})),
    case("a listener under another name", "bootstrap CloudFormationRole deployer-may-create",
         taking(NETWORK, "ChangeLoadBalancer", "Resource", ":listener/app")),
    case("certificates nobody may tag", "bootstrap CloudFormationRole deployer-may-create",
         taking(NETWORK, "ManageCertificate", "Action", "AddTags")),
    case("the first load balancer of an account", "bootstrap CloudFormationRole deployer-may-link-services",
         setting(ROLES, "MakeServiceLinkedRoles",
                 Condition={"StringEquals": {"iam:AWSServiceName": ["ecs.amazonaws.com"]}})),
    case("packages that CloudFormation cannot read", "bootstrap CloudFormationRole deployer-may-read-artifacts",
         setting(DATA, "ReadArtifacts", Effect="Deny")),
    case("a role for deployments that Lambda may have", "bootstrap CloudFormationRole deploying-role-trusted",
         setting(CLOUDFORMATION, "AssumedByService", Principal={"Service": "lambda.amazonaws.com"})),
    case("a role for deployments that nobody may have", "bootstrap DeployRole deploying-role-trusted",
         setting(DEPLOY, "AssumedByWorkflow", Effect="Deny"), **WORKFLOWS),
    case("schedules without their role", "bootstrap CloudFormationRole deployer-may-hand-over",
         setting(ROLES, "HandRolesOver",
                 Condition={"StringEquals": {"iam:PassedToService": ["lambda.amazonaws.com"]}})),
    case("roles for machines", "bootstrap RolesDeployment hands-over-to-users-only",
         setting(ROLES, "HandRolesOver", Condition={"StringEquals": {"iam:PassedToService": [
             "backup.amazonaws.com", "cloudtrail.amazonaws.com", "ec2.amazonaws.com", "ecs-tasks.amazonaws.com",
             "lambda.amazonaws.com", "scheduler.amazonaws.com", "vpc-flow-logs.amazonaws.com"]}})),
    case("change sets that cannot be executed", "bootstrap DeployRole workflow-may-deploy",
         taking(DEPLOY, "ManageRootStack", "Action", "ExecuteChangeSet"), **WORKFLOWS),
    case("nested stacks that cannot be followed", "bootstrap DeployRole workflow-may-deploy",
         taking(DEPLOY, "ManageRootStack", "Resource", "${Environment}-*"), **WORKFLOWS),
    case("images that cannot be pushed", "bootstrap DeployRole workflow-may-deploy",
         taking(DEPLOY, "PushImages", "Action", "PutImage"), **WORKFLOWS),
    case("a workflow without CloudFormation's role", "bootstrap DeployRole workflow-hands-over",
         setting(DEPLOY, "HandExecutionRoleOver",
                 Condition={"StringEquals": {"iam:PassedToService": "lambda.amazonaws.com"}}), **WORKFLOWS),
    case("a workflow with every role", "bootstrap DeployRole workflow-hands-over",
         setting(DEPLOY, "HandExecutionRoleOver",
                 Resource=[role("sparta-*")]), **WORKFLOWS),
    case("a deployment that reads secrets", "bootstrap ServicesDeployment deployer-reads-no-data",
         adding(SERVICES, "RotateSecrets", "Action", "secretsmanager:GetSecretValue")),
    case("a deployment that reads tables", "bootstrap DataDeployment deployer-reads-no-data",
         adding(DATA, "ManageTables", "Action", "dynamodb:Scan")),
    case("a deployment that reads backups", "bootstrap DataDeployment deployer-touches-artifacts-only",
         setting(DATA, "ReadArtifacts",
                 Resource=[sub("arn:${AWS::Partition}:s3:::sparta-*-${Environment}-${AWS::AccountId}/*")])),
    case("a push into another repository", "bootstrap DeployRole workflow-pushes-to-own-repository",
         adding(DEPLOY, "PushImages", "Resource", arn("ecr", "repository/other")), **WORKFLOWS),
    case("staging reaches production", "bootstrap ServicesDeployment deployer-stays-in-its-environment",
         setting(SERVICES, "ManageFunctions", Resource=[arn("lambda", "function:sparta-*")]), Environment="staging"),
]  # fmt: skip

CASES = [*NEEDS, *SURPLUS, *DEPLOYMENT]


@pytest.mark.parametrize(("mistake", "place", "rule", "given"), CASES)
def test_mistake_is_named(mistake: Mistake, place: tuple[str, str], rule: str, given: dict[str, str]) -> None:
    """Each mistake is said where it was made, by the rule that is there for it."""
    assert place in places(rule, mistake, **given)


def test_every_rule_is_proven() -> None:
    """No rule about needed and other rights stands without a mistake that it sees."""
    assert not unproven(CASES, "iam_needs", "iam_deployer")


HARMLESS = [
    pytest.param(setting(API, "ReadSecrets", Action="secretsmanager:GetSecretValue"), {}, id="one action as text"),
    pytest.param(both(), {"EthereumHost": "", "EthereumHostSecretArn": RPC_SECRET}, id="an RPC URL from a secret"),
]  # fmt: skip


@pytest.mark.parametrize(("change", "given"), HARMLESS)
def test_harmless_change_is_not_named(change: Mistake, given: dict[str, str]) -> None:
    """What a person may well want is no finding."""
    rules = {case.values[2] for case in CASES}
    assert not {(rule, found) for rule in sorted(rules) for found in places(str(rule), change, **given)}
