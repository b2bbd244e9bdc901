"""Migrations over a real DynamoDB: shown, saved before, killed anywhere and resumed, verified, applied once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.devnet.dynamodb import DynamoDbLocal
from sparta.settings import Tables
from sparta.stores import Stores, open_stores
from sparta.stores.codec import Item, decode, encode
from sparta.stores.database import Database, connect
from sparta.stores.definitions import create
from tests.emulator.emulator import REPOSITORY
from tests.operations.dynamodb_front import DynamoDbFront
from tests.operations.running import Done, run

OPERATORS, VALIDATORS, CONFIG = (f"sparta-{name}-staging" for name in ("operators", "validators", "config"))
KEYS = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
TIMES = {"createdAt": 1, "updatedAt": 1}
MINUTES = 60
LONG = 300


@pytest.fixture(scope="module")
def dynamodb_url() -> Iterator[str]:
    with DynamoDbLocal() as dynamodb:
        yield dynamodb.url


@pytest.fixture(autouse=True)
def tables(dynamodb_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Empty ones for each test."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    database = connect(settings(dynamodb_url))
    create(database, settings(dynamodb_url).table_name)
    yield
    for table in database.call("list_tables")["TableNames"]:
        database.call("delete_table", TableName=table)


@pytest.fixture
def front(dynamodb_url: str) -> Iterator[DynamoDbFront]:
    """What the command takes for AWS."""
    with DynamoDbFront(dynamodb_url) as started:
        yield started


@pytest.fixture
def stores(dynamodb_url: str) -> Stores:
    """Beside the front, so that a test's own writes are not counted."""
    return open_stores(connect(settings(dynamodb_url)), settings(dynamodb_url))


@pytest.fixture
def variables(front: DynamoDbFront, tmp_path: Path) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "LANG", "LC_ALL") if name in os.environ}
    return (
        kept
        | KEYS
        | {
            "HOME": str(tmp_path),
            "ENV": "staging",
            "YES": "1",
            "AWS_ENDPOINT_URL": front.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "NO_PROXY": "127.0.0.1",
            "COLUMNS": "120",
        }
    )


@pytest.fixture
def command(variables: dict[str, str]) -> Callable[..., Done]:
    return lambda *arguments, **more: run(variables | more, *arguments)


def settings(url: str) -> Tables:
    return Tables(environment="staging", aws_endpoint_url_dynamodb=url)


def address(number: int) -> str:
    return f"0x{number:040x}"


def earlier_rows(database: Database) -> None:
    """As a service that knows no claims, lists and counters would have left them, and some that are wrong."""
    put(database, OPERATORS, pk="operator#1", walletAddress="0x" + "AB" * 20, discordUsername="leonidas", **TIMES)
    put(
        database,
        OPERATORS,
        pk="operator#2",
        walletAddress=address(2),
        discordUsername="gorgo",
        isApproved=True,
        **TIMES,
    )
    put(database, OPERATORS, pk="wallet#" + address(99), discordId="2")
    put(database, OPERATORS, pk="username#gone", discordId="7")
    put(database, OPERATORS, pk="username#gorgo", discordId="7")
    put(database, VALIDATORS, pk="0x" + "CD" * 20, operatorId="1", **TIMES)
    put(database, VALIDATORS, pk=address(11), address=address(11), operatorId="2", isActive=True, label="one", **TIMES)
    put(database, VALIDATORS, pk=address(12), address=address(12), operatorId="7", label="lost", isActive=True, **TIMES)
    put(database, VALIDATORS, pk=address(13), address=address(13), isActive=False, **TIMES)
    put(
        database, OPERATORS,
        pk="operator#3", kind="operator", discordId="3", walletAddress=address(3), discordUsername="ephialtes",
        isApproved=False, wasSlashed=False, validators={
            address(11): {"address": address(11), "isActive": True},
            address(13): {"address": address(13), "isActive": False},
            address(14): {"address": address(14), "isActive": True},
        },
        **TIMES,
    )  # fmt: skip


def put(database: Database, table: str, **item: Any) -> None:
    database.call("put_item", TableName=table, Item=encode(item))


def everything(database: Database) -> dict[str, Item]:
    """All items of operators and validators."""
    found: dict[str, Item] = {}
    for table in (OPERATORS, VALIDATORS):
        for wire in database.call("scan", TableName=table, ConsistentRead=True)["Items"]:
            item = decode(wire)
            found[item["pk"]] = item
    return found


def check(stores: Stores) -> None:
    """The earlier rows are what the stores of today read and write."""
    one, two, three = (stores.operators.get(number) for number in ("1", "2", "3"))
    assert one
    assert two
    assert three
    assert stores.operators.by_wallet("0x" + "ab" * 20) == one
    assert stores.operators.by_username("gorgo") == two
    assert stores.operators.by_wallet(address(99)) is None
    assert stores.operators.by_username("gone") is None
    owned = {o.discord_id: [each.address for each in o.validators or []] for o in (one, two, three)}
    assert owned == {"1": ["0x" + "CD" * 20], "2": [address(11)], "3": [address(13), address(14)]}
    assert {row.address: row.operator_id for row in stores.validators.rows()} == {
        "0x" + "cd" * 20: "1",
        address(11): "2",
        address(12): None,
        address(13): "3",
        address(14): "3",
    }
    stats = stores.operators.stats()
    assert (stats.total_operators, stats.operators_without_validators) == (3, 0)
    assert {each.discord_id for each in stores.operators.all()} == {"1", "2", "3"}


def written(front: DynamoDbFront) -> Counter[str]:
    """How often each item of the data was written, by all runs together."""
    keys: list[str] = []
    for write in front.writes:
        for part in write["TransactItems"]:
            ((_, what),) = part.items()
            if what["TableName"] != CONFIG:
                keys.append(decode(what.get("Key") or what["Item"])["pk"])
    return Counter(keys)


def test_a_dry_run_shows_each_item_and_changes_nothing(
    command: Callable[..., Done], front: DynamoDbFront, stores: Stores
) -> None:
    """What would be made, changed and deleted, with the counts; no write, no backup."""
    earlier_rows(stores.database)
    before = everything(stores.database)
    done = command("migrate", DRY_RUN="1")
    assert done.code == 0, done.err
    assert "operators username#gone: goes" in done.out
    assert "operators username#gorgo: changes: discordId 7 → 2" in done.out
    assert f"validators {address(12)}: changes: label lost → nothing; operatorId 7 → nothing" in done.out
    assert "operators counters: is made: operators 3; withoutValidators 0" in done.out
    assert "A dry run: nothing was changed." in done.out
    assert everything(stores.database) == before
    assert (front.writes, front.backups) == ([], {})


def test_the_rows_of_before_become_those_of_today(
    command: Callable[..., Done], front: DynamoDbFront, stores: Stores
) -> None:
    """Claims, lists and counters agree; the tables were saved before; the list shows it as applied."""
    earlier_rows(stores.database)
    assert "to come" in command("migrations").out
    done = command("migrate")
    assert done.code == 0, done.err
    assert "applied and verified" in done.out
    check(stores)
    assert sorted(each["TableName"] for each in front.backups.values()) == [OPERATORS, VALIDATORS]
    listed = command("migrations")
    assert "0001 whole-claims" in listed.out
    assert "applied 20" in listed.out


def test_the_dry_run_tells_exactly_what_is_then_done(
    command: Callable[..., Done], front: DynamoDbFront, stores: Stores
) -> None:
    """Each item that is written was shown before, and no other was."""
    earlier_rows(stores.database)
    shown = command("migrate", DRY_RUN="1").out
    keys = {
        line.split()[1].rstrip(":") for line in shown.splitlines() if line.startswith(("  operators ", "  validators "))
    }
    assert command("migrate").code == 0
    assert keys == set(written(front))


def test_what_is_applied_is_not_applied_again(
    command: Callable[..., Done], front: DynamoDbFront, stores: Stores
) -> None:
    """The second run has nothing to do; a repair is done once more only when it is asked for."""
    earlier_rows(stores.database)
    assert command("migrate").code == 0
    writes, saved = len(front.writes), len(front.backups)
    done = command("migrate")
    assert done.code == 0
    assert "Every migration is applied; nothing to do." in done.out
    assert (len(front.writes), len(front.backups)) == (writes, saved)
    put(stores.database, OPERATORS, pk="counters", operators=50, withoutValidators=50)
    again = command("migrate", AGAIN="1")
    assert again.code == 0, again.err
    check(stores)


@pytest.mark.timeout(LONG)
@pytest.mark.parametrize("lost", [False, True])
def test_killed_at_any_item_the_next_run_goes_on(
    lost: bool, variables: dict[str, str], front: DynamoDbFront, stores: Stores
) -> None:
    """SIGKILL before each write, or after it and before its answer: in the end every item was written once."""
    earlier_rows(stores.database)
    kills = 0
    for _ in range(MINUTES):
        code = killed_at(variables, front, stores, writes=2, after=lost)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
    else:
        pytest.fail("no run came to its end")
    assert kills > 5
    check(stores)
    assert len(front.backups) == 2, "one set of backups, of before the first change"
    twice = {key: times for key, times in written(front).items() if times > 1}
    # An operator is made whole first, and gets its list of validators in another pass.
    assert all(key.startswith("operator#") and times == 2 for key, times in twice.items()), twice


def killed_at(variables: dict[str, str], front: DynamoDbFront, stores: Stores, *, writes: int, after: bool) -> int:
    """How a run ended that is killed at its so-many-th write, if it comes to that."""
    first = len(front.writes)
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts", "migrate"],
        cwd=REPOSITORY,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def kill(number: int) -> None:
        if number - first >= writes - 1:
            process.kill()
            process.wait()

    front.before, front.after = (_never, kill) if after else (kill, _never)
    code = process.wait(timeout=MINUTES)
    front.before = front.after = _never
    if code != 0:
        # The lease of the dead run ends in ten seconds; here at once.
        stores.config_table.put({"pk": "lease#migrations", "owner": "dead", "until": 0})
    return code


def _never(_: int) -> None:
    return


def test_after_a_kill_the_lease_is_waited_for(command: Callable[..., Done], stores: Stores) -> None:
    """Nobody lengthens it, so its owner is dead: the run goes on when it ends, without being told."""
    earlier_rows(stores.database)
    stores.config_table.put({"pk": "lease#migrations", "owner": "dead", "until": stores.clock() + 8_000})
    done = command("migrate")
    assert done.code == 0, done.err
    check(stores)


def test_two_at_once_cannot_run(variables: dict[str, str], front: DynamoDbFront, stores: Stores) -> None:
    """The one that comes second says who is at work, or that all is done, and writes nothing; every item once."""
    earlier_rows(stores.database)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "scripts", "migrate"],
            cwd=REPOSITORY,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    ends = [(*process.communicate(timeout=MINUTES), process.returncode) for process in processes]
    winners = [out for out, _, code in ends if code == 0 and "applied and verified" in out]
    assert len(winners) == 1, ends
    for out, err, code in ends:
        if out not in winners:
            assert code == 0 or "applied by now" in err or "is at work" in err, err
    check(stores)
    assert max(written(front).values()) <= 2


def test_a_living_run_keeps_others_out(command: Callable[..., Done], front: DynamoDbFront, stores: Stores) -> None:
    """While its lease is lengthened, the other names its owner and does nothing."""
    earlier_rows(stores.database)
    stop = threading.Event()

    def live() -> None:
        while not stop.wait(0.3):
            stores.config.acquire("migrations", "night-shift:1", 4)

    stores.config.acquire("migrations", "night-shift:1", 4)
    thread = threading.Thread(target=live)
    thread.start()
    try:
        done = command("migrate")
    finally:
        stop.set()
        thread.join()
    assert done.code == 1
    assert "Another run of the migrations is at work (night-shift:1). Nothing was done here." in done.err
    assert front.writes == []


def test_what_only_a_person_can_decide_stops_it_before_any_change(
    command: Callable[..., Done], front: DynamoDbFront, stores: Stores
) -> None:
    """Two operators with one wallet: both are named, nothing is written or saved."""
    for number in ("1", "2"):
        put(
            stores.database, OPERATORS,
            pk=f"operator#{number}", walletAddress=address(5), discordUsername=f"name{number}", **TIMES,
        )  # fmt: skip
    before = everything(stores.database)
    done = command("migrate")
    assert done.code == 1
    assert f"wallet#{address(5)}: operators" in done.out
    assert "Nothing was changed" in done.err
    assert everything(stores.database) == before
    assert (front.writes, front.backups) == ([], {})


def test_without_a_backup_nothing_is_changed(
    command: Callable[..., Done], front: DynamoDbFront, stores: Stores
) -> None:
    """A table that cannot be saved is not migrated."""
    earlier_rows(stores.database)
    before = everything(stores.database)
    front.unsaved = {OPERATORS}
    done = command("migrate")
    assert done.code == 1
    assert f"Not saved: {OPERATORS}" in done.err
    assert everything(stores.database) == before
    assert front.writes == []


def test_without_consent_nothing_is_migrated(
    command: Callable[..., Done], front: DynamoDbFront, stores: Stores
) -> None:
    """Nobody can be asked here, so the answer is no."""
    earlier_rows(stores.database)
    done = command("migrate", YES="")
    assert done.code == 1
    assert "Nothing was changed." in done.err
    assert (front.writes, front.backups) == ([], {})


@pytest.mark.parametrize("variable", ["TO", "AGAIN"])
def test_a_migration_that_does_not_exist_is_one_clear_line(
    variable: str, command: Callable[..., Done], front: DynamoDbFront
) -> None:
    """The last one is named."""
    done = command("migrate", **{variable: "99"})
    assert (done.code, len(done.err.splitlines())) == (1, 1)
    assert "There is no migration 99; the last is 1." in done.err
    assert front.writes == []


def test_items_on_many_pages_are_all_reached(command: Callable[..., Done], stores: Stores) -> None:
    """More than a page of a scan holds, few of which want a change."""
    for start in range(0, 600, 100):
        stores.validators.table.put_many(page_of_validators(start))
    done = command("migrate")
    assert done.code == 0, done.err
    assert "60 items written" in done.out
    assert not [row for row in stores.validators.rows() if row.operator_id]


def page_of_validators(start: int) -> list[Item]:
    """A hundred, large ones, of which each tenth names an operator who does not exist."""
    return [
        {"pk": address(number), "address": address(number), "isActive": False, "note": "x" * 5_000, **TIMES}
        | ({"operatorId": "gone"} if number % 10 == 0 else {})
        for number in range(start, start + 100)
    ]
