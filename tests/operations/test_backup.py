"""Backups on the deployed system: made, listed, restored beside the original, exported."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from templates.tables import TABLES
from tests.deployment.system import System
from tests.operations.dynamodb_front import DynamoDbFront
from tests.operations.running import Done

TABLE = "sparta-operators-staging"
Command = Callable[..., Done]


@pytest.fixture
def dynamodb(staging: System) -> Any:
    return staging.emulator.client("dynamodb")


@pytest.fixture(autouse=True)
def clean(dynamodb: Any) -> Iterator[None]:
    """No backup and no table of one test is there for the next."""
    before = set(dynamodb.list_tables()["TableNames"])
    yield
    for backup in dynamodb.list_backups()["BackupSummaries"]:
        dynamodb.delete_backup(BackupArn=backup["BackupArn"])
    for name in set(dynamodb.list_tables()["TableNames"]) - before:
        dynamodb.update_table(TableName=name, DeletionProtectionEnabled=False)
        dynamodb.delete_table(TableName=name)


@pytest.fixture
def items(dynamodb: Any) -> Iterator[list[dict[str, Any]]]:
    """Three items in the table of operators."""
    put = [{"pk": {"S": f"operator#{number}"}, "n": {"N": str(number)}} for number in range(3)]
    for item in put:
        dynamodb.put_item(TableName=TABLE, Item=item)
    yield put
    for item in dynamodb.scan(TableName=TABLE)["Items"]:
        dynamodb.delete_item(TableName=TABLE, Key={"pk": item["pk"]})


def names(dynamodb: Any) -> list[str]:
    return sorted(each["BackupName"] for each in dynamodb.list_backups()["BackupSummaries"])


def tables(dynamodb: Any) -> set[str]:
    return set(dynamodb.list_tables()["TableNames"])


def test_every_table_is_saved_under_one_time(command: Command, dynamodb: Any) -> None:
    """One command, one backup of each table; the names tell table and time."""
    done = command("backup")
    assert done.code == 0, done.err
    stamps = {name.rpartition("-")[2] for name in names(dynamodb)}
    assert len(stamps) == 1
    assert names(dynamodb) == sorted(f"sparta-{table.name}-staging-{min(stamps)}" for table in TABLES)


def test_a_set_is_made_whole_without_saving_twice(command: Command, dynamodb: Any) -> None:
    """A run that was broken off is finished by naming its time: what was saved stays single."""
    dynamodb.create_backup(TableName=TABLE, BackupName=f"{TABLE}-20261126T113000")
    done = command("backup", AT="20261126T113000")
    assert done.code == 0, done.err
    assert names(dynamodb) == sorted(f"sparta-{table.name}-staging-20261126T113000" for table in TABLES)


def test_a_table_that_cannot_be_saved_is_named_and_the_others_are_kept(command: Command, staging: System) -> None:
    """All or the names of those that failed, and the command that makes the set whole; then each is saved once."""
    with DynamoDbFront(staging.emulator.url) as front:
        front.unsaved = {TABLE}
        done = command("backup", AWS_ENDPOINT_URL_DYNAMODB=front.url)
        assert done.code == 1
        assert f"Not saved: {TABLE}; the other 5 are." in done.err
        assert "Another one runs." in done.err
        found = re.search(r"make backup ENV=staging AT=(\d{8}T\d{6})", done.err)
        assert found
        front.unsaved = set()
        again = command("backup", AT=found[1], AWS_ENDPOINT_URL_DYNAMODB=front.url)
        assert again.code == 0, again.err
        saved = sorted(each["BackupName"] for each in front.backups.values())
    assert saved == sorted(f"sparta-{table.name}-staging-{found[1]}" for table in TABLES)


def test_recovery_points_of_aws_backup_are_listed(command: Command) -> None:
    """The daily ones stand in the list too, by the ARN that restores them; foreign ones do not."""
    arn = "arn:aws:backup:eu-west-2:000000000000:recovery-point:1b2c3d4e"
    point = {
        "RecoveryPointArn": arn,
        "ResourceArn": f"arn:aws:dynamodb:eu-west-2:000000000000:table/{TABLE}",
        "CreationDate": 1_790_000_000,
        "BackupSizeInBytes": 2_500_000,
        "Status": "COMPLETED",
    }
    foreign = point | {"RecoveryPointArn": f"{arn}f", "ResourceArn": "arn:aws:dynamodb:eu-west-2:0:table/foreign"}
    with vault(200, {"RecoveryPoints": [point, foreign]}) as url:
        done = command("backups", AWS_ENDPOINT_URL_BACKUP=url)
    assert done.code == 0, done.err
    (line,) = [line for line in done.out.splitlines() if arn in line]
    assert line.split() == ["2026-09-21", "14:13:20", "AWS", "Backup", "2.5", "MB", "completed", arn]


def test_a_vault_that_cannot_be_read_is_said(command: Command) -> None:
    """What DynamoDB knows is listed all the same."""
    assert command("backup", TABLE="operators", AT="20261126T113000").code == 0
    with vault(403, {"Code": "AccessDeniedException", "message": "not allowed"}) as url:
        done = command("backups", AWS_ENDPOINT_URL_BACKUP=url)
    assert done.code == 0, done.err
    assert f"{TABLE}-20261126T113000" in done.out
    assert "What stands in the vault of AWS Backup is not shown: AWS refused" in done.out


@contextmanager
def vault(status: int, answer: dict[str, Any]) -> Iterator[str]:
    """An AWS Backup that gives one answer to all questions: MiniStack's has no recovery points."""
    body = json.dumps(answer).encode()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            assert self.path.startswith("/backup-vaults/sparta-staging/recovery-points")
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            if status != 200:
                self.send_header("x-amzn-ErrorType", answer["Code"])
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Nothing: a test's screen is for its own words."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def test_a_table_that_is_missing_is_named_before_any_is_saved(command: Command, dynamodb: Any) -> None:
    """A set that cannot become whole is not begun."""
    lost = dynamodb.describe_table(TableName="sparta-network-stats-staging")["Table"]
    dynamodb.update_table(TableName=lost["TableName"], DeletionProtectionEnabled=False)
    dynamodb.delete_table(TableName=lost["TableName"])
    try:
        done = command("backup")
    finally:
        dynamodb.create_table(
            TableName=lost["TableName"],
            KeySchema=lost["KeySchema"],
            AttributeDefinitions=lost["AttributeDefinitions"],
            BillingMode="PAY_PER_REQUEST",
            DeletionProtectionEnabled=True,
        )
    assert done.code == 1
    assert "There is no table sparta-network-stats-staging in account" in done.err
    assert names(dynamodb) == []


def test_an_environment_that_was_never_deployed_is_one_clear_line(command: Command, dynamodb: Any) -> None:
    """Production is not there: said in one line, and nothing is made."""
    done = command("backup", ENV="production")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "There is no stack sparta-production in account" in done.err
    assert names(dynamodb) == []


@pytest.mark.parametrize(
    ("variables", "said"),
    [
        ({"TABLE": "operator"}, "There is no table 'operator'; there are operators, validators"),
        ({"AT": "yesterday"}, "'yesterday' is no time of a set of backups"),
    ],
)
def test_wrong_input_to_backup_changes_nothing(
    variables: dict[str, str], said: str, command: Command, dynamodb: Any
) -> None:
    """One line that says what would be right."""
    done = command("backup", **variables)
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert said in done.err
    assert names(dynamodb) == []


def test_the_list_shows_the_newest_first_with_whole_names(command: Command) -> None:
    """Names can be copied from the list into the next command."""
    for stamp in ("20261125T000000", "20261126T000000"):
        assert command("backup", TABLE="operators", AT=stamp).code == 0
    done = command("backups", COLUMNS="40")
    assert done.code == 0, done.err
    shown = [line.split()[-1] for line in done.out.splitlines() if TABLE in line]
    assert shown == [f"{TABLE}-20261126T000000", f"{TABLE}-20261125T000000"]
    assert "on demand" in done.out
    assert "bytes" in done.out


def test_an_empty_list_says_so(command: Command) -> None:
    """No backups is an answer, and what makes some stands beside it."""
    done = command("backups")
    assert done.code == 0
    assert "staging has no backups" in done.out


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
    assert "1 items lack and are added, 1 differ and become what they were, 1 are the same" in done.out
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
        ("nonsense", "nonsense is no table to read from"),
        (TABLE, f"{TABLE} is no table to read from"),
        ("sparta-network-stats-staging", "has other keys than"),
    ],
)
def test_only_a_copy_is_put_back(source: str, said: str, command: Command, dynamodb: Any, items: list[Any]) -> None:
    """What is no copy of the table changes nothing in it."""
    done = command("putback", TABLE="operators", SOURCE=source, YES="1")
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert said in done.err
    assert dynamodb.scan(TableName=TABLE)["Count"] == len(items)
