"""What the outbox keeps of attempts, and whose the threads and messages at Discord are."""

from __future__ import annotations

from functools import partial

from sparta.stores import Stores
from sparta.stores.database import Database
from sparta.stores.table import Table
from tests.sparta.stores.test_monitor_stores import message
from tests.sparta.stores.world import START, Ticks, at_once


def test_an_attempt_notes_where_it_writes(stores: Stores, clock: Ticks) -> None:
    """And when the first began; one that was overtaken notes nothing and is told so."""
    stores.alerts.add(message())
    first = stores.alerts.begin(message(), 30)
    assert first
    assert stores.alerts.heading(first, "900")
    clock.forward(31)
    (due,) = stores.alerts.due()
    second = stores.alerts.begin(due, 30)
    assert second
    assert not stores.alerts.heading(first, "901")
    assert (second.channel_id, second.tried_at, second.attempts) == ("900", first.tried_at, 2)
    assert START < (second.tried_at or 0) < second.updated_at - 30_000


def test_attempts_that_say_nothing_are_counted_apart(stores: Stores, clock: Ticks) -> None:
    """So that want of time gives no message up."""
    stores.alerts.add(message())
    for counted in (True, False, False):
        clock.forward(61)
        (due,) = stores.alerts.due()
        taken = stores.alerts.begin(due, 30)
        assert taken
        stores.alerts.later(taken, 60, counted=counted)
    clock.forward(61)
    (due,) = stores.alerts.due()
    assert (due.attempts, due.put_offs) == (3, 2)


def test_a_message_that_fell_back_is_done(stores: Stores, clock: Ticks) -> None:
    """It is neither sent nor failed, and not due again."""
    stores.alerts.add(message())
    taken = stores.alerts.begin(message(), 30)
    assert taken
    stores.alerts.fell_back(taken)
    clock.forward(10_000)
    kept = stores.alerts.get(message().key)
    assert kept
    assert (kept.status, stores.alerts.due()) == ("fell-back", [])


def test_a_claim_has_one_owner(stores: Stores) -> None:
    """Of many at once one gets it, and as often as it asks."""
    claims = at_once(partial(stores.conversations.claim, "900", str(number)) for number in range(20))
    assert claims.count(True) == 1
    owner = str(claims.index(True))
    assert stores.conversations.claim("900", owner)
    assert not stores.conversations.claim("900", "another")


def test_a_claim_lasts_as_long_as_its_message(stores: Stores, database: Database) -> None:
    """One of a thread for ever: its operator's messages stand in it."""
    stores.conversations.claim("900", "message", days=90)
    stores.conversations.claim("901", "thread")
    table = Table(database, f"sparta-alerts-{stores.config_table.name.removeprefix('sparta-config-')}")
    items = [table.get({"pk": f"claim#{number}"}) or {} for number in (900, 901)]
    assert [each.get("expiresAt") for each in items] == [START // 1000 + 90 * 86_400, None]


def test_a_thread_is_known_by_its_key(stores: Stores) -> None:
    """Of many who bring one at once all go on with the same; a forgotten one makes room, another's is not forgotten."""
    kept = at_once(partial(stores.conversations.keep_thread, "7/8/standing", str(number)) for number in range(20))
    assert len(set(kept)) == 1
    thread = stores.conversations.thread("7/8/standing")
    assert {thread} == set(kept)
    stores.conversations.forget_thread("7/8/standing", "another")
    assert stores.conversations.thread("7/8/standing") == thread
    stores.conversations.forget_thread("7/8/standing", str(thread))
    assert stores.conversations.thread("7/8/standing") is None
