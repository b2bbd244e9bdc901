"""A backup becomes a table beside the original, its items go back, tables are exported."""

from __future__ import annotations

from typing import Any

import pytest

from tests.deployment.system import System
from tests.operations.backup.names import TABLE, Command, names, tables


def test_the_newest_backup_becomes_a_new_table(command: Command, dynamodb: Any, items: list[dict[str, Any]]) -> None:
    """The copy has the items of then; the original is as it was; the count and the way back are told."""
    dynamodb.tag_resource(
        ResourceArn=dynamodb.describe_table(TableName=TABLE)["Table"]["TableArn"],
        Tags=[{"Key": "owner", "Value": "night shift"}],
    )
    dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    assert command("backup", TABLE="operators").code == 0
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "operator#1"}})
    before = tables(dynamodb)
    done = command("restore", TABLE="operators", YES="1")
    assert done.code == 0, done.err
    (new,) = tables(dynamodb) - before
    assert new.startswith("sparta-operators-20")
    assert new.endswith("-staging")
    assert sorted(item["pk"]["S"] for item in dynamodb.scan(TableName=new)["Items"]) == [
        item["pk"]["S"] for item in items
    ]
    assert dynamodb.scan(TableName=TABLE)["Count"] == 2
    assert f"Items counted in {new}: 3" in done.out
    assert f"{TABLE} has 2 now" in done.out
    assert f"make putback ENV=staging TABLE=operators SOURCE={new}" in done.out
    described = dynamodb.describe_table(TableName=new)["Table"]
    assert described["DeletionProtectionEnabled"] is True
    assert {"Key": "owner", "Value": "night shift"} in dynamodb.list_tags_of_resource(
        ResourceArn=described["TableArn"]
    )["Tags"]
    recovery = dynamodb.describe_continuous_backups(TableName=new)["ContinuousBackupsDescription"]
    assert recovery["PointInTimeRecoveryDescription"]["PointInTimeRecoveryStatus"] == "ENABLED"


def test_time_to_live_comes_back_with_a_restored_table(command: Command, dynamodb: Any) -> None:
    """Items of the copy expire as those of the original do."""
    assert command("backup", TABLE="alerts").code == 0
    done = command("restore", TABLE="alerts", INTO="sparta-alerts-copy-staging", YES="1")
    assert done.code == 0, done.err
    life = dynamodb.describe_time_to_live(TableName="sparta-alerts-copy-staging")["TimeToLiveDescription"]
    assert (life["TimeToLiveStatus"], life["AttributeName"]) == ("ENABLED", "expiresAt")


def test_a_table_comes_back_as_of_a_moment(command: Command, dynamodb: Any, items: list[dict[str, Any]]) -> None:
    """From its point-in-time recovery; the same command again finishes the same table."""
    dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    new = "sparta-operators-20261126T113000-staging"
    for _ in range(2):
        done = command("restore", TABLE="operators", AT="20261126T113000", YES="1")
        assert done.code == 0, done.err
        assert f"Items counted in {new}: {len(items)}" in done.out
    assert "an earlier run has begun it" in done.out
    other = command("restore", TABLE="operators", AT="20261126T113001", INTO=new, YES="1")
    assert other.code == 1
    assert f"The table {new} exists, and not from this backup" in other.err


def test_a_restoration_that_was_broken_off_goes_on(command: Command, dynamodb: Any) -> None:
    """The table is there, without its settings: the same command finishes it."""
    assert command("backup", TABLE="alerts").code == 0
    (backup,) = dynamodb.list_backups()["BackupSummaries"]
    dynamodb.restore_table_from_backup(TargetTableName="sparta-alerts-copy-staging", BackupArn=backup["BackupArn"])
    done = command("restore", TABLE="alerts", INTO="sparta-alerts-copy-staging", YES="1")
    assert done.code == 0, done.err
    assert "an earlier run has begun it" in done.out
    described = dynamodb.describe_table(TableName="sparta-alerts-copy-staging")["Table"]
    assert described["DeletionProtectionEnabled"] is True


@pytest.mark.parametrize("into", [TABLE, "sparta-validators-staging"])
def test_nothing_is_restored_over_a_table_that_exists(
    into: str, command: Command, dynamodb: Any, items: list[dict[str, Any]]
) -> None:
    """Neither over the original nor over any other."""
    assert command("backup", TABLE="operators").code == 0
    before = tables(dynamodb)
    done = command("restore", TABLE="operators", INTO=into, YES="1")
    assert done.code == 1
    assert f"The table {into} exists" in done.err
    assert tables(dynamodb) == before
    assert dynamodb.scan(TableName=TABLE)["Count"] == len(items)


def test_without_consent_nothing_is_restored(command: Command, dynamodb: Any) -> None:
    """Nobody can be asked here, so the answer is no."""
    assert command("backup", TABLE="operators").code == 0
    before = tables(dynamodb)
    done = command("restore", TABLE="operators")
    assert done.code == 1
    assert "Nothing was changed." in done.err
    assert tables(dynamodb) == before


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({}, "Say what to restore: TABLE=operators"),
        ({"TABLE": "operators"}, "There is no backup of operators that is available."),
        ({"AT": "20261126T113000"}, "Say of which table: TABLE=operators AT=20261126T113000"),
        ({"TABLE": "alerts", "AT": "20261126T113000"}, "Point-in-time recovery is off for sparta-alerts-staging"),
        ({"TABLE": "alerts", "AT": "20269999T113000"}, "'20269999T113000' is no time"),
        ({"BACKUP": "nonsense"}, "There is no backup called nonsense."),
        (
            {"BACKUP": "arn:aws:backup:eu-west-2:000000000000:recovery-point:1"},
            "DynamoDB cannot restore that recovery point, AWS Backup has to",
        ),
        (
            {"BACKUP": f"arn:aws:dynamodb:eu-west-2:000000000000:table/{TABLE}/backup/01489602797149-73d8d5bc"},
            "There is no backup arn:aws:dynamodb",
        ),
    ],
)
def test_a_backup_that_is_not_there_is_one_clear_line(
    variables: dict[str, str], said: str, command: Command, dynamodb: Any
) -> None:
    """What was asked for, and where to look."""
    before = tables(dynamodb)
    done = command("restore", YES="1", **variables)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert said in done.err
    assert tables(dynamodb) == before


def test_tables_are_exported_into_the_environments_bucket(
    command: Command, staging: System, dynamodb: Any, items: list[dict[str, Any]]
) -> None:
    """DynamoDB is asked to write into the bucket for backups, encrypted with the environment's key."""
    dynamodb.update_continuous_backups(
        TableName=TABLE, PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": True}
    )
    done = command("export", TABLE="operators", AT="20261126T113000")
    assert done.code == 0, done.err
    bucket = staging.outputs()["BackupBucketName"]
    assert f"{len(items)} items" in done.out
    assert f"s3://{bucket}/exports/20261126T113000/" in done.out
    (export,) = dynamodb.list_exports()["ExportSummaries"]
    described = dynamodb.describe_export(ExportArn=export["ExportArn"])["ExportDescription"]
    assert described["S3Bucket"] == bucket
    assert described["S3SseKmsKeyId"] == "alias/sparta-staging"
    assert command("export", TABLE="operators", AT="20261126T113000").code == 0
    assert len(dynamodb.list_exports()["ExportSummaries"]) == 1


def test_without_point_in_time_recovery_no_table_is_exported(command: Command, dynamodb: Any) -> None:
    """The table is named, and what turns recovery on."""
    dynamodb.update_continuous_backups(
        TableName="sparta-config-staging", PointInTimeRecoverySpecification={"PointInTimeRecoveryEnabled": False}
    )
    before = len(dynamodb.list_exports()["ExportSummaries"])
    done = command("export", TABLE="config")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "Point-in-time recovery is off for sparta-config-staging" in done.err
    assert len(dynamodb.list_exports()["ExportSummaries"]) == before


def test_items_of_a_copy_are_put_back(command: Command, dynamodb: Any, items: list[dict[str, Any]]) -> None:
    """What was lost or spoilt is as it was, what is newer stays, and the table was saved before."""
    assert command("backup", TABLE="operators").code == 0
    assert command("restore", TABLE="operators", INTO="sparta-operators-copy-staging", YES="1").code == 0
    dynamodb.delete_item(TableName=TABLE, Key={"pk": {"S": "operator#1"}})
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "operator#2"}, "n": {"N": "-1"}})
    dynamodb.put_item(TableName=TABLE, Item={"pk": {"S": "operator#3"}})
    saved = len(names(dynamodb))
    done = command("putback", TABLE="operators", SOURCE="sparta-operators-copy-staging", YES="1")
    assert done.code == 0, done.err
    assert "1 to add, 1 to change back, 1 the same, 1 not in the copy, to stay." in done.out
    found = {item["pk"]["S"]: item for item in dynamodb.scan(TableName=TABLE)["Items"]}
    assert found == {item["pk"]["S"]: item for item in items} | {"operator#3": {"pk": {"S": "operator#3"}}}
    assert len(names(dynamodb)) == saved + 1
    exact = command("putback", TABLE="operators", SOURCE="sparta-operators-copy-staging", YES="1", EXACT="1")
    assert exact.code == 0, exact.err
    assert dynamodb.scan(TableName=TABLE)["Count"] == len(items)
    again = command("putback", TABLE="operators", SOURCE="sparta-operators-copy-staging", YES="1", EXACT="1")
    assert "Nothing to do." in again.out


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("nonsense", "There is no table nonsense to read from"),
        (TABLE, f"{TABLE} is a table that the system uses, no copy of {TABLE}"),
        ("sparta-config-staging", f"sparta-config-staging is a table that the system uses, no copy of {TABLE}"),
    ],
)
def test_only_a_copy_is_put_back(source: str, said: str, command: Command, dynamodb: Any, items: list[Any]) -> None:
    """What is no copy of the table changes nothing in it."""
    done = command("putback", TABLE="operators", SOURCE=source, YES="1")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert said in done.err
    assert dynamodb.scan(TableName=TABLE)["Count"] == len(items)


def test_the_copy_of_another_table_is_not_put_back(command: Command, dynamodb: Any, items: list[Any]) -> None:
    """Several tables have keys of one form; EXACT=1 with the wrong one would empty the table."""
    into = "sparta-config-copy-staging"
    assert command("backup", TABLE="config").code == 0
    assert command("restore", TABLE="config", INTO=into, YES="1").code == 0
    done = command("putback", TABLE="operators", SOURCE=into, EXACT="1", YES="1")
    dynamodb.update_table(TableName=into, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=into)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert f"{into} was restored from sparta-config-staging, so it is no copy of {TABLE}" in done.err
    assert dynamodb.scan(TableName=TABLE)["Count"] == len(items)


def test_how_to_stop_what_writes_can_be_followed(command: Command, dynamodb: Any, items: list[Any]) -> None:
    """Before items are put back; no other command refuses it."""
    into = "sparta-operators-before-staging"
    assert command("backup", TABLE="operators").code == 0
    assert command("restore", TABLE="operators", INTO=into, YES="1").code == 0
    dynamodb.delete_item(TableName=TABLE, Key={"pk": items[0]["pk"]})
    done = command("putback", TABLE="operators", SOURCE=into)
    dynamodb.update_table(TableName=into, DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=into)
    assert "make disable ENV=staging" in done.out
    assert "make scale ENV=staging SERVICE=api COUNT=0" in done.out
    assert "the schedule sparta-validator-monitor-staging" in done.out
    assert "Change 1 item of" in done.err


def test_a_moment_to_come_is_refused(command: Command) -> None:
    done = command("restore", TABLE="operators", AT="29991126T113000")
    assert (done.code, done.err) == (1, "AT=29991126T113000 has not come yet, in UTC. Nothing was done.\n")
