"""Backups of the deployed system: made and listed."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from templates.tables import TABLES
from tests.deployment.system import System
from tests.operations.backup.names import TABLE, Command, names
from tests.operations.dynamodb_front import DynamoDbFront


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
        ({"AT": "yesterday"}, "'yesterday' is no time; one, in UTC, looks like"),
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
