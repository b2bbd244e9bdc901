"""Migrations over a real DynamoDB: shown, saved before, verified, applied once."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from sparta.stores import Stores
from sparta.stores.codec import Item
from tests.operations.dynamodb_front import DynamoDbFront
from tests.operations.migrate.rows import (
    OPERATORS,
    TIMES,
    VALIDATORS,
    address,
    check,
    earlier_rows,
    everything,
    put,
    written,
)
from tests.operations.running import Done


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
