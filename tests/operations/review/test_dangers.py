"""Whatever loses data, cuts service or cannot succeed is said, in a sentence that tells why."""

import pytest

from scripts.review.compare import review
from templates.rules.system import System
from tests.operations.review.planted import (
    Edit,
    Trees,
    props,
    removing,
    renaming,
    resource,
    reviewed,
    sentences,
    setting,
    small,
    system,
)

TABLE = ("data", "ConfigTable")


def _undone(policy: str) -> Edit:
    return lambda trees: trees["data"]["Resources"]["ConfigTable"].update({policy: "Delete"})


def _without_way_back(trees: Trees) -> None:
    props(trees, "data", "ConfigTable")["PointInTimeRecoverySpecification"]["PointInTimeRecoveryEnabled"] = False


def _of_other_type(trees: Trees) -> None:
    trees["services"]["Resources"]["BotLogGroup"] = resource("AWS::SQS::Queue")


@pytest.mark.parametrize(
    ("edit", "path", "words"),
    [
        (setting(*TABLE, TableName="other"), "Data/ConfigTable", "replaced by an empty one"),
        (
            setting(*TABLE, KeySchema=[{"AttributeName": "other", "KeyType": "HASH"}]),
            "Data/ConfigTable",
            "AWS will refuse the replacement",
        ),
        (_without_way_back, "Data/ConfigTable", "earlier minute"),
        (_undone("DeletionPolicy"), "Data/ConfigTable", "once it leaves the template"),
        (_undone("UpdateReplacePolicy"), "Data/ConfigTable", "once it is replaced"),
        (setting(*TABLE, DeletionProtectionEnabled=False), "Data/ConfigTable", "no longer protected from deletion"),
        (removing("data", "BackupPlan"), "Data/BackupPlan", "nothing is backed up"),
        (removing("services", "HttpListener"), "Services/HttpListener", "nobody answers on its port"),
        (removing("observability", "Trail"), "Observability/Trail", "who did what"),
        (setting("services", "BotService", ServiceName="bot"), "Services/BotService", "its running tasks stop"),
        (setting("services", "TargetGroup", Port=3001), "Services/TargetGroup", "requests fail until"),
        (
            setting("services", "LoadBalancer", Scheme="internal"),
            "Services/LoadBalancer",
            "will refuse the replacement",
        ),
        (setting("network", "Vpc", CidrBlock="10.9.0.0/16"), "Network/Vpc", "built anew"),
        (
            setting("observability", "ApiSlowAlarm", ActionsEnabled=False),
            "Observability/ApiSlowAlarm",
            "Nobody is told",
        ),
        (renaming("observability", "ApiSlowAlarm", "Slow"), "Observability/Slow", "two of the same name"),
        (_of_other_type, "Services/BotLogGroup", "CloudFormation refuses that"),
    ],
)
def test_planted_harm_is_told(edit: Edit, path: str, words: str) -> None:
    assert words in " ".join(sentences(reviewed(edit), path))


@pytest.mark.parametrize(
    ("parameters", "path", "words"),
    [
        ({"BotDesiredCount": "0"}, "Services/BotService", "It stops: no task is to run any more (until now 1)"),
        ({"LogRetentionDays": "7"}, "Services/ApiLogGroup", "Lines older than 7 days are deleted (until now 14)"),
        ({"EnableValidatorMonitorSchedule": "false"}, "Monitor/MonitorSchedule", "not started any more"),
    ],
)
def test_parameter_that_harms_is_told(parameters: dict[str, str], path: str, words: str) -> None:
    assert words in " ".join(sentences(reviewed(**parameters), path))


@pytest.mark.parametrize(
    "edit",
    [
        setting(*TABLE, TableClass="STANDARD_INFREQUENT_ACCESS"),
        setting("observability", "ApiSlowAlarm", Threshold=9),
        setting("security", "ApiTaskRole", Description="x"),
        setting("services", "BotLogGroup", RetentionInDays=365),
        setting("services", "BotService", DesiredCount=2),
    ],
)
def test_harmless_change_is_not_called_dangerous(edit: Edit) -> None:
    assert reviewed(edit).dangers == ()


@pytest.mark.parametrize(
    ("policy", "words"),
    [
        ("Retain", "AWS keeps it with what it holds (DeletionPolicy Retain)"),
        ("RetainExceptOnCreate", "AWS keeps it with what it holds"),
        ("Snapshot", "only a snapshot"),
        ("Delete", "deleted with everything it holds"),
    ],
)
@pytest.mark.parametrize(
    "kind",
    [
        "AWS::DynamoDB::Table",
        "AWS::S3::Bucket",
        "AWS::SecretsManager::Secret",
        "AWS::ECR::Repository",
        "AWS::KMS::Key",
        "AWS::Logs::LogGroup",
        "AWS::Backup::BackupVault",
        "AWS::SQS::Queue",
    ],
)
def test_removal_of_what_holds_data_says_what_becomes_of_it(kind: str, policy: str, words: str) -> None:
    other = resource("AWS::SNS::Topic")
    before = small(Holder=resource(kind) | {"DeletionPolicy": policy}, Other=other)
    assert words in sentences(review(before, small(Other=other)), "Holder")[0]


def test_replacement_of_what_holds_data_says_what_becomes_of_the_old_one() -> None:
    def table(name: str, **policies: str) -> System:
        return small(Table=resource("AWS::DynamoDB::Table", TableName=name) | policies)

    kept = review(table("a"), table("b", UpdateReplacePolicy="Retain"))
    gone = review(table("a"), table("b"))
    assert "stays in the account, outside the system" in sentences(kept, "Table")[0]
    assert "the old one, with everything it holds, is deleted" in sentences(gone, "Table")[0]


def test_what_goes_with_its_network_is_not_told_again() -> None:
    """One sentence for the network says it for its subnets and routes; what holds data is told each."""
    found = review(system(), System({}, {}, {}))
    told = {danger.path for danger in found.dangers}
    assert {"Network/Vpc", "Services/Cluster", "Data/ConfigTable", "Data/EncryptionKey"} <= told
    assert not {"Network/PublicSubnetA", "Services/ApiService"} & told


def test_moved_inline_policy_takes_the_permissions_away() -> None:
    policy = resource("AWS::IAM::Policy", PolicyName="p", Roles=["r"], PolicyDocument={"Statement": []})
    found = review(small(Old=policy), small(New=policy))
    assert "takes the permissions away" in sentences(found, "New")[0]


def test_same_rule_under_another_logical_id_is_refused() -> None:
    rule = resource(
        "AWS::EC2::SecurityGroupIngress", GroupId="sg-1", IpProtocol="tcp", FromPort=1, ToPort=1, CidrIp="::/0"
    )
    found = review(small(Old=rule), small(New=rule))
    assert "two of the same name or place" in sentences(found, "New")[0]


@pytest.mark.parametrize(
    ("kind", "before", "after", "words"),
    [
        ("AWS::KMS::Key", {"Enabled": True}, {"Enabled": False}, "nothing that it encrypts"),
        (
            "AWS::SecretsManager::Secret",
            {"GenerateSecretString": {"PasswordLength": 30}},
            {"GenerateSecretString": {"PasswordLength": 40}},
            "overwritten",
        ),
        ("AWS::Logs::LogGroup", {}, {"RetentionInDays": 30}, "(until now for ever kept)"),
        (
            "AWS::SQS::Queue",
            {"MessageRetentionPeriod": 1209600},
            {"MessageRetentionPeriod": 60},
            "older than 60 seconds",
        ),
        (
            "AWS::S3::Bucket",
            {"VersioningConfiguration": {"Status": "Enabled"}},
            {"VersioningConfiguration": {"Status": "Suspended"}},
            "versioning is suspended",
        ),
        ("AWS::S3::Bucket", {"VersioningConfiguration": {"Status": "Enabled"}}, {}, "versioning is suspended"),
        (
            "AWS::DynamoDB::Table",
            {"GlobalSecondaryIndexes": [{"IndexName": "a"}, {"IndexName": "b"}]},
            {"GlobalSecondaryIndexes": [{"IndexName": "a"}]},
            "Queries by the index b",
        ),
        (
            "AWS::DynamoDB::Table",
            {},
            {"TimeToLiveSpecification": {"AttributeName": "until", "Enabled": True}},
            "deletes items",
        ),
        (
            "AWS::ECR::Repository",
            {"LifecyclePolicy": {"LifecyclePolicyText": '{"rules": [{"selection": {"countNumber": 50}}]}'}},
            {"LifecyclePolicy": {"LifecyclePolicyText": '{"rules": [{"selection": {"countNumber": 5}}]}'}},
            "Images beyond the newest 5",
        ),
        ("AWS::CloudWatch::Alarm", {}, {"ActionsEnabled": False}, "Nobody is told"),
        (
            "AWS::ElasticLoadBalancingV2::LoadBalancer",
            {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "true"}]},
            {"LoadBalancerAttributes": [{"Key": "deletion_protection.enabled", "Value": "false"}]},
            "no longer protected from deletion",
        ),
    ],
)
def test_value_that_harms_is_told(kind: str, before: dict[str, object], after: dict[str, object], words: str) -> None:
    found = review(small(Thing=resource(kind, **before)), small(Thing=resource(kind, **after)))
    assert words in " ".join(sentences(found, "Thing"))


def test_name_that_is_unique_in_its_network_is_free_in_a_new_one() -> None:
    """The load balancer's name is the account's, the security group's that of its network."""
    found = reviewed(setting("network", "Vpc", CidrBlock="10.9.0.0/16"))
    assert sentences(found, "Security/ApiSecurityGroup") == []
    renamed = reviewed(setting("security", "ApiSecurityGroup", GroupDescription="other"))
    assert "would have the old one's name sparta-ecs-sg-staging" in sentences(renamed, "Security/ApiSecurityGroup")[0]


def test_what_holds_data_comes_before_what_only_stops() -> None:
    found = reviewed(setting(*TABLE, TableName="other"), BotDesiredCount="0", LogRetentionDays="7")
    assert found.dangers[0].path == "Data/ConfigTable"
