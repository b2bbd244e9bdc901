"""Each of MiniStack's quirks that we repair stays repaired."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from botocore.exceptions import ClientError

from tests.deployment import stacks
from tests.emulator.emulator import Emulator

SAMPLES = Path(__file__).parent / "samples"
BUCKET = "repair-samples"
STACK = "sample"


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """The nested sample deployed on an AWS of its own, since each test changes it."""
    with Emulator() as running:
        running.client("s3").create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-2"})
        change(running, {})
        yield running


def change(emulator: Emulator, parameters: dict[str, str]) -> None:
    url = stacks.package(emulator.client("s3"), BUCKET, SAMPLES, "nested-root.yaml")
    stacks.deploy(emulator.client("cloudformation"), STACK, url, parameters)


def test_ref_of_a_secret_is_its_arn(emulator: Emulator) -> None:
    arn = stacks.outputs(emulator.client("cloudformation"), STACK)["SecretArn"]
    assert arn.startswith("arn:aws:secretsmanager:eu-west-2:")
    assert emulator.client("secretsmanager").get_secret_value(SecretId=arn)["SecretString"] == "value"


def test_update_of_a_secret_keeps_its_arn_and_value(emulator: Emulator) -> None:
    before = stacks.outputs(emulator.client("cloudformation"), STACK)["SecretArn"]
    change(emulator, {"Days": "14"})
    assert stacks.outputs(emulator.client("cloudformation"), STACK)["SecretArn"] == before
    found = emulator.client("secretsmanager").describe_secret(SecretId=before)
    assert found["Description"] == "14 days"
    assert emulator.client("secretsmanager").get_secret_value(SecretId=before)["SecretString"] == "value"


def test_a_secret_without_a_value_has_no_version(values: Emulator) -> None:
    """Nobody can read what nobody has set; the first value that is set is the current one."""
    body = '{"Resources": {"Secret": {"Type": "AWS::SecretsManager::Secret", "Properties": {"Name": "sample-empty"}}}}'
    values.client("cloudformation").create_stack(StackName="sample-empty", TemplateBody=body)
    stacks.wait(values.client("cloudformation"), "sample-empty")
    secrets = values.client("secretsmanager")
    assert not secrets.describe_secret(SecretId="sample-empty").get("VersionIdsToStages")
    with pytest.raises(ClientError, match="ResourceNotFound"):
        secrets.get_secret_value(SecretId="sample-empty")
    secrets.put_secret_value(SecretId="sample-empty", SecretString="first")
    assert secrets.get_secret_value(SecretId="sample-empty")["SecretString"] == "first"


def test_nested_update_keeps_attributes(emulator: Emulator) -> None:
    """A nested stack with a bucket and a load balancer can be updated: GetAtt on them goes on working."""
    cloudformation = emulator.client("cloudformation")
    nested = stacks.resources(cloudformation, STACK)["Store"]
    before = stacks.outputs(cloudformation, nested)
    change(emulator, {"Days": "14"})
    assert stacks.outputs(cloudformation, nested) == before
    groups = emulator.client("logs").describe_log_groups(logGroupNamePrefix="sample-store")["logGroups"]
    assert groups[0]["retentionInDays"] == 14


def test_deleting_a_nested_stack_leaves_what_it_retains(emulator: Emulator) -> None:
    """And tells of each resource, as of any stack's."""
    cloudformation = emulator.client("cloudformation")
    nested = stacks.resources(cloudformation, STACK)["Store"]
    stacks.delete(cloudformation, STACK)
    events = cloudformation.describe_stack_events(StackName=nested)["StackEvents"]
    told = {event["LogicalResourceId"]: event["ResourceStatus"] for event in reversed(events)}
    assert (told["Table"], told["LogGroup"]) == ("DELETE_SKIPPED", "DELETE_COMPLETE")
    assert emulator.client("dynamodb").list_tables()["TableNames"] == ["sample-store"]
    assert emulator.client("logs").describe_log_groups(logGroupNamePrefix="sample-store")["logGroups"] == []


def test_rules_may_be_written_in_short_form(emulator: Emulator) -> None:
    """The sample's rule is ``!Contains``; a value it does not allow is refused with the rule's own words."""
    with pytest.raises(ClientError, match="A week or two"):
        change(emulator, {"Days": "8"})


def test_parameter_that_the_template_does_not_have_is_refused(emulator: Emulator) -> None:
    with pytest.raises(ClientError, match=r"\[Weeks\] do not exist in the template"):
        change(emulator, {"Weeks": "1"})


@pytest.fixture
def values() -> Iterator[Emulator]:
    """The sample of odd values deployed, then updated."""
    with Emulator() as running:
        cloudformation = running.client("cloudformation")
        template = (SAMPLES / "values.yaml").read_text(encoding="utf-8")
        cloudformation.create_stack(StackName="values", TemplateBody=template)
        stacks.wait(cloudformation, "values")
        count = {"ParameterKey": "Count", "ParameterValue": "2"}
        cloudformation.update_stack(StackName="values", TemplateBody=template, Parameters=[count])
        stacks.wait(cloudformation, "values")
        yield running


def test_number_from_a_parameter_is_a_number(values: Emulator) -> None:
    services = values.client("ecs").describe_services(cluster="sample-values", services=["sample"])["services"]
    assert [service["desiredCount"] for service in services] == [2]


def test_a_container_s_secrets_are_described_as_ecs_does(values: Emulator) -> None:
    task = values.client("ecs").describe_task_definition(taskDefinition="sample-values")["taskDefinition"]
    assert task["containerDefinitions"][0]["secrets"] == [{"name": "KEY", "valueFrom": "sample-key"}]


def test_alarm_on_an_expression_stands_on_its_first_metric(values: Emulator) -> None:
    alarm = values.client("cloudwatch").describe_alarms(AlarmNames=["sample-rate"])["MetricAlarms"][0]
    assert (alarm["Namespace"], alarm["MetricName"], alarm["Statistic"]) == ("Sample", "Errors", "Sum")
    assert (alarm["Period"], alarm["Threshold"]) == (300, 2)
    assert alarm["Dimensions"] == [{"Name": "Part", "Value": "one"}]


def test_a_log_stream_has_its_own_arn() -> None:
    """A right to a group's streams is no right to the group, nor to another group whose name begins alike."""
    streams = {"Action": ["logs:CreateLogStream"], "Resource": ["arn:aws:logs:*:*:log-group:sample:log-stream:one"]}
    with Emulator(enforce_permissions=True) as running:
        for group in ("sample", "sample-2"):
            running.client("logs").create_log_group(logGroupName=group)
        iam = running.client("iam")
        iam.create_user(UserName="probe")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **streams}]}
        iam.put_user_policy(UserName="probe", PolicyName="streams", PolicyDocument=json.dumps(policy))
        key = iam.create_access_key(UserName="probe")["AccessKey"]
        logs = running.client(
            "logs", aws_access_key_id=key["AccessKeyId"], aws_secret_access_key=key["SecretAccessKey"]
        )
        logs.create_log_stream(logGroupName="sample", logStreamName="one")
        for group, stream in (("sample", "two"), ("sample-2", "one")):
            with pytest.raises(ClientError, match="AccessDenied"):
                logs.create_log_stream(logGroupName=group, logStreamName=stream)


def test_a_restored_table_names_the_backup_it_is_of(values: Emulator) -> None:
    dynamodb = values.client("dynamodb")
    dynamodb.create_table(
        TableName="one",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    arn = dynamodb.create_backup(TableName="one", BackupName="of-one")["BackupDetails"]["BackupArn"]
    dynamodb.restore_table_from_backup(TargetTableName="two", BackupArn=arn)
    summary = dynamodb.describe_table(TableName="two")["Table"]["RestoreSummary"]
    assert (summary["SourceBackupArn"], summary["RestoreInProgress"]) == (arn, False)
    assert "RestoreSummary" not in dynamodb.describe_table(TableName="one")["Table"]
    moment = datetime(2026, 11, 26, tzinfo=UTC)
    dynamodb.restore_table_to_point_in_time(SourceTableName="one", TargetTableName="three", RestoreDateTime=moment)
    summary = dynamodb.describe_table(TableName="three")["Table"]["RestoreSummary"]
    assert (summary["SourceTableArn"].rpartition("/")[2], summary["RestoreDateTime"].timestamp()) == (
        "one",
        moment.timestamp(),
    )
