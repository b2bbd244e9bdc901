"""What is added, changed, replaced and removed is told as CloudFormation would do it."""

import copy
from pathlib import Path

import pytest

from scripts.review.compare import review
from scripts.review.model import ABSENT, PropertyChange
from templates.rules.reader import Template
from templates.rules.system import System, render
from tests.operations.review.planted import (
    STAGING,
    Edit,
    _trees,
    actions,
    change,
    removing,
    renaming,
    resource,
    reviewed,
    setting,
    small,
    system,
)

TABLE = ("data", "ConfigTable")


@pytest.mark.parametrize(
    ("edit", "path", "action"),
    [
        (setting(*TABLE, TableName="other"), "Data/ConfigTable", "replace"),
        (setting(*TABLE, KeySchema=[{"AttributeName": "other", "KeyType": "HASH"}]), "Data/ConfigTable", "replace"),
        (setting(*TABLE, TableClass="STANDARD_INFREQUENT_ACCESS"), "Data/ConfigTable", "change"),
        (removing("observability", "ApiSlowAlarm"), "Observability/ApiSlowAlarm", "remove"),
        (setting("observability", "ApiSlowAlarm", Threshold=9), "Observability/ApiSlowAlarm", "change"),
        (setting("observability", "ApiSlowAlarm", AlarmName="x"), "Observability/ApiSlowAlarm", "replace"),
        (setting("services", "BotService", ServiceName="sparta-bot"), "Services/BotService", "replace"),
        (setting("services", "TargetGroup", Port=3001), "Services/TargetGroup", "replace"),
        (setting("services", "LoadBalancer", Scheme="internal"), "Services/LoadBalancer", "replace"),
        (setting("network", "Vpc", CidrBlock="10.9.0.0/16"), "Network/Vpc", "replace"),
        (setting("security", "ApiTaskRole", Description="x"), "Security/ApiTaskRole", "change"),
        (setting("security", "ApiTaskRole", RoleName="x"), "Security/ApiTaskRole", "replace"),
        (setting("root", "DomainRecord", Name="x.example.com"), "DomainRecord", "replace"),
        (setting("root", "DomainRecord", TTL="60"), "DomainRecord", "change"),
        (renaming("observability", "ApiSlowAlarm", "Slow"), "Observability/Slow", "add"),
    ],
)
def test_planted_change_is_found_with_what_aws_would_do(edit: Edit, path: str, action: str) -> None:
    assert actions(reviewed(edit))[path] == action


def test_one_number_changes_one_property_where_it_is_used() -> None:
    """Nothing else is listed: neither the nested stacks that hand the number on nor what merely mentions them."""
    found = reviewed(LogRetentionDays="30")
    assert set(actions(found).values()) == {"change"}
    groups = {each for each in actions(found) if each.endswith("LogGroup")}
    assert groups == set(actions(found))
    assert change(found, "Services/ApiLogGroup").properties == (PropertyChange("RetentionInDays", "14", "30"),)


def test_image_replaces_the_tasks_and_the_services_follow() -> None:
    image = STAGING["ImageUri"].replace("0000", "1111")
    found = reviewed(ImageUri=image)
    assert actions(found) == {
        "Services/ApiTask": "replace",
        "Services/BotTask": "replace",
        "Services/ApiService": "change",
        "Services/BotService": "change",
    }
    assert (
        PropertyChange("ContainerDefinitions.api.Image", STAGING["ImageUri"], image)
        in change(found, "Services/ApiTask").properties
    )
    service = change(found, "Services/ApiService")
    assert service.follows
    assert service.properties == (
        PropertyChange("TaskDefinition", "Services/ApiTask", "Services/ApiTask (the new one)"),
    )
    assert found.dangers == ()


def test_replacement_reaches_those_who_use_what_is_replaced_across_stacks() -> None:
    """A new network means new subnets, a new load balancer, new services, each with the reason."""
    found = reviewed(setting("network", "Vpc", CidrBlock="10.9.0.0/16"))
    done = actions(found)
    assert {done[path] for path in ("Network/PrivateSubnetA", "Services/TargetGroup", "Security/ApiSecurityGroup")} == {
        "replace"
    }
    assert change(found, "Services/TargetGroup").reasons == ("VpcId refers to Network/Vpc, which is replaced",)


def test_doubtful_replacement_makes_its_users_doubtful() -> None:
    before = small(
        Table=resource("AWS::DynamoDB::Table", KeySchema=[]),
        Holder=resource("AWS::SSM::Parameter", Name={"Ref": "Table"}),
    )
    after = small(
        Table=resource("AWS::DynamoDB::Table", KeySchema=[], LocalSecondaryIndexes=[{"IndexName": "x"}]),
        Holder=resource("AWS::SSM::Parameter", Name={"Ref": "Table"}),
    )
    assert actions(review(before, after)) == {"Table": "maybe-replace", "Holder": "maybe-replace"}


def test_what_a_condition_switches_is_added_and_removed() -> None:
    found = reviewed(NatGatewayMode="per-zone")
    assert actions(found)["Network/NatGatewayB"] == "add"
    back = review(system(NatGatewayMode="per-zone"), system())
    assert actions(back)["Network/NatGatewayB"] == "remove"


def test_physical_ids_are_shown_beside_what_exists() -> None:
    found = review(system(), system(LogRetentionDays="30"), physical={"Services/ApiLogGroup": "/ecs/x"})
    assert change(found, "Services/ApiLogGroup").physical_id == "/ecs/x"


def test_first_creation_adds_everything_and_endangers_nothing() -> None:
    found = review(None, system())
    assert set(actions(found).values()) == {"add"}
    assert len(found.changes) == len(system().resources)
    assert found.dangers == ()


def test_destruction_removes_everything() -> None:
    found = review(system(), System({}, {}, {}))
    assert set(actions(found).values()) == {"remove"}
    assert len(found.changes) == len(system().resources)


def test_entries_of_a_list_are_told_by_their_names() -> None:
    """A statement is found by its Sid, a tag by its key, so that one inserted before it is no change of the others."""
    one, two = {"Sid": "One", "Effect": "Allow", "Action": "s3:*"}, {"Sid": "Two", "Effect": "Deny", "Action": "s3:*"}

    def policy(*statements: object) -> System:
        return small(Mine=resource("AWS::IAM::ManagedPolicy", PolicyDocument={"Statement": list(statements)}))

    found = review(policy(two), policy(one, two | {"Action": "s3:Get*"}))
    assert change(found, "Mine").properties == (
        PropertyChange("PolicyDocument.Statement.Two.Action", "s3:*", "s3:Get*"),
        PropertyChange("PolicyDocument.Statement.One", ABSENT, one),
    )


def test_json_in_a_text_is_compared_inside() -> None:
    before = small(Board=resource("AWS::CloudWatch::Dashboard", DashboardBody='{"a": {"b": 1}, "c": 2}'))
    after = small(Board=resource("AWS::CloudWatch::Dashboard", DashboardBody='{"a": {"b": 3}, "c": 2}'))
    assert change(review(before, after), "Board").properties == (PropertyChange("DashboardBody.a.b", 1, 3),)


def test_numbers_and_truths_written_as_text_are_the_same() -> None:
    before = small(Service=resource("AWS::ECS::Service", DesiredCount="2", EnableECSManagedTags="true"))
    after = small(Service=resource("AWS::ECS::Service", DesiredCount=2, EnableECSManagedTags=True))
    assert review(before, after).is_empty


def test_names_of_the_files_do_not_matter() -> None:
    """What is deployed has templates called by their hashes."""
    trees = copy.deepcopy(_trees())
    for name, tree in trees["root"]["Resources"].items():
        if tree["Type"] == "AWS::CloudFormation::Stack":
            tree["Properties"]["TemplateURL"] = f"https://s3.amazonaws.com/b/hash-{name.lower()}.yaml"
    files = {name: name if name == "root" else f"hash-{name}" for name in trees}
    templates = {file: Template(file, Path(f"{file}.yaml"), trees[name], "") for name, file in files.items()}
    assert review(system(), render(templates, STAGING)).is_empty


def test_secret_parameters_are_never_shown() -> None:
    """Neither what it was nor what it will be, and whatever property it stands in."""

    def with_secret(value: str) -> System:
        body = {
            "Parameters": {"Key": {"Type": "String", "NoEcho": True}},
            "Resources": {
                "Function": resource(
                    "AWS::Lambda::Function", Environment={"Variables": {"KEY": {"Fn::Sub": "k-${Key}"}}}
                )
            },
        }
        return render({"root": Template("root", Path("root.yaml"), body, "")}, {"Key": value})

    found = review(with_secret("first-secret"), with_secret("other-secret"))
    assert found.is_empty
    assert "secret" not in repr(review(None, with_secret("first-secret")))
    literal = small(Secret=resource("AWS::SecretsManager::Secret", SecretString="planted"))
    assert "planted" not in repr(
        review(literal, small(Secret=resource("AWS::SecretsManager::Secret", SecretString="b")))
    )
