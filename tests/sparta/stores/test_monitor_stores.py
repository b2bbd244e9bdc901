"""What the monitor keeps: history, statistics, states and messages; and what all tasks agree on."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from sparta.addresses import checksum_address
from sparta.models import AlertState, History, Monitor, NetworkStats, Preferences, Sending, Watch
from sparta.stores import Stores
from sparta.stores.database import ConditionFailed, Database
from sparta.stores.table import Table, Transaction
from tests.sparta.stores.world import START, Ticks, address, at_once, register

MIXED = checksum_address("0x" + "abcdef0123" * 4)
SENT, MISSED = "attestation-sent", "attestation-missed"


def stats(epoch: int, active: int = 9) -> NetworkStats:
    return NetworkStats(
        epoch=epoch,
        validators_in_set=10,
        validators_active=active,
        attested_last_day=8,
        attestation_miss_rate=0.125,
        recorded_at=START,
    )


def message(key: str = "digest/1/7") -> Sending:
    return Sending(key=key, route="operator", target="7", content="Hold.", created_at=START, updated_at=START)


def watch(version: int, *validators: int) -> Watch:
    state = AlertState(level="warning", since=1, told="warning", told_at=[1], slot=7)
    return Watch(version=version, states={address(number): {"missing-attestations": state} for number in validators})


def decide(stores: Stores, discord_id: str, new: Watch, *messages: Sending, slashed: bool = False) -> bool:
    """Store what was decided with its messages, unless another run has decided."""
    transaction = Transaction(stores.database)
    stores.watches.add_to(transaction, discord_id, new, slashed=slashed)
    for each in messages:
        stores.alerts.add_to(transaction, each)
    try:
        transaction.commit()
    except ConditionFailed:
        return False
    return True


def test_a_slot_is_recorded_once(stores: Stores) -> None:
    """Recording again changes nothing; new slots join those of their epoch; a known one keeps its first status."""
    first = History(address=MIXED, epoch=3, slots={96: SENT, 97: MISSED})
    stores.history.record([first])
    stores.history.record([first])
    more = History(address=MIXED.lower(), epoch=3, slots={97: SENT, 98: SENT})
    stores.history.record([more, first])
    slots = {96: SENT, 97: MISSED, 98: SENT}
    assert stores.history.last(MIXED, 5) == [History(address=MIXED.lower(), epoch=3, slots=slots)]


def test_slots_recorded_at_once_are_all_kept(stores: Stores) -> None:
    """Two monitors that see different slots of one epoch lose none of them."""
    each = [History(address=MIXED, epoch=0, slots={slot: SENT}) for slot in range(16)]
    at_once(partial(stores.history.record, [history]) for history in each)
    assert stores.history.last(MIXED, 1)[0].slots == dict.fromkeys(range(16), SENT)


def test_history_answers_the_newest_epochs_first(stores: Stores) -> None:
    """Numbers order as numbers, and one validator's history holds no other's."""
    of_one = [History(address=address(1), epoch=epoch, slots={epoch * 32: SENT}) for epoch in (9, 10, 100, 11)]
    of_many = [History(address=address(n), epoch=10, slots={320: SENT}) for n in range(2, 140)]
    stores.history.record([*of_one, *of_many])
    assert [each.epoch for each in stores.history.last(address(1), 3)] == [100, 11, 10]
    assert [each.epoch for each in stores.history.last(address(2), 3)] == [10]


def test_the_last_network_statistics(stores: Stores) -> None:
    """One row per epoch, the newest first; a second record of an epoch takes the first one's place."""
    for epoch in (9, 10, 100):
        stores.network_stats.record(stats(epoch))
    stores.network_stats.record(stats(100, active=7))
    assert stores.network_stats.last(2) == [stats(100, active=7), stats(10)]
    assert stores.network_stats.get(9) == stats(9)
    assert stores.network_stats.get(11) is None


def test_items_that_expire_say_when(stores: Stores, database: Database) -> None:
    """History goes after 30 days and statistics after 90, counted in seconds as DynamoDB wants it."""
    stores.history.record([History(address=MIXED, epoch=1, slots={32: SENT})])
    stores.network_stats.record(stats(1))
    environment = stores.config_table.name.removeprefix("sparta-config-")
    kept = Table(database, f"sparta-validator-history-{environment}").get({"pk": MIXED.lower(), "sk": 1})
    row = Table(database, f"sparta-network-stats-{environment}").get({"pk": "network", "sk": 1})
    assert kept
    assert row
    assert (kept["expiresAt"], row["expiresAt"]) == (START // 1000 + 30 * 86_400, START // 1000 + 90 * 86_400)


def test_everybody_gets_the_same_value(stores: Stores) -> None:
    """Of many who store a value at once, all go on with one; so all tasks sign page tokens alike."""
    results = at_once(partial(stores.config.get_or_set, "colour", str(n)) for n in range(20))
    assert set(results) == {stores.config.get("colour")}
    keys = at_once(stores.config.page_key for _ in range(20))
    assert len(set(keys)) == 1
    stores.config.set("colour", "red")
    assert stores.config.get("colour") == "red"
    assert stores.config.get("shape") is None


def test_a_lease_has_one_holder(stores: Stores, clock: Ticks) -> None:
    """Of many at once one gets it; its holder may lengthen it; when its time is over another may have it."""
    taken = at_once(partial(stores.config.acquire, "monitor", str(n), 60) for n in range(20))
    assert taken.count(True) == 1
    holder = str(taken.index(True))
    assert stores.config.acquire("monitor", holder, 60)
    stores.config.release("monitor", "somebody")
    assert not stores.config.acquire("monitor", "somebody", 60)
    clock.forward(61)
    assert stores.config.acquire("monitor", "somebody", 60)
    stores.config.release("monitor", holder)
    assert not stores.config.acquire("monitor", holder, 60)
    stores.config.release("monitor", "somebody")
    assert stores.config.acquire("monitor", holder, 60)


def test_a_message_is_accepted_once(stores: Stores) -> None:
    """Of many who add the same key at once one does, and it is due once."""
    assert at_once(partial(stores.alerts.add, message()) for _ in range(20)).count(True) == 1
    assert stores.alerts.due() == [message()] == [stores.alerts.get("digest/1/7")]


def test_a_message_is_taken_by_one_sender(stores: Stores, clock: Ticks) -> None:
    """While one sends, it is nobody else's; if the sender dies, it is due again and says how often it was tried."""
    stores.alerts.add(message())
    (due,) = stores.alerts.due()
    taken = [each for each in at_once(partial(stores.alerts.begin, due, 30) for _ in range(20)) if each]
    assert len(taken) == 1
    assert stores.alerts.due() == []
    clock.forward(31)
    (again,) = stores.alerts.due()
    assert again.attempts == 1
    assert stores.alerts.begin(due, 30) is None


def test_a_sent_message_is_done(stores: Stores, clock: Ticks) -> None:
    """It leaves the queue for good, keeps Discord's id, and a late sender changes nothing."""
    stores.alerts.add(message())
    first = stores.alerts.begin(message(), 30)
    clock.forward(31)
    second = stores.alerts.begin(stores.alerts.due()[0], 30)
    assert first
    assert second
    stores.alerts.failed(first)
    stores.alerts.sent(second, "900")
    stores.alerts.later(second, 5)
    clock.forward(10_000)
    kept = stores.alerts.get("digest/1/7")
    assert kept
    assert (kept.status, kept.message_id, kept.attempts) == ("sent", "900", 2)
    assert stores.alerts.due() == []
    assert not stores.alerts.add(message())


def test_a_message_put_off_or_given_up(stores: Stores, clock: Ticks) -> None:
    """Put off it is due later; given up it is not due again, and is known as failed."""
    stores.alerts.add(message())
    taken = stores.alerts.begin(message(), 30)
    assert taken
    stores.alerts.later(taken, 300)
    assert stores.alerts.due() == []
    clock.forward(301)
    taken = stores.alerts.begin(stores.alerts.due()[0], 30)
    assert taken
    stores.alerts.failed(taken)
    clock.forward(10_000)
    assert stores.alerts.due() == []
    kept = stores.alerts.get(message().key)
    assert kept
    assert kept.status == "failed"


def test_the_queue_is_answered_longest_waiting_first(stores: Stores) -> None:
    """And no more of it than asked for."""
    for number in range(5):
        stores.alerts.add(message(f"key/{number}").model_copy(update={"not_before": START - number}))
    assert [each.key for each in stores.alerts.due(limit=3)] == ["key/4", "key/3", "key/2"]


def test_a_decision_and_its_messages_are_one_act(stores: Stores) -> None:
    """Of several runs that decide on the same watch one is stored, with its messages; the next sees what was told."""
    register(stores, 1), register(stores, 2)
    decisions = [partial(decide, stores, "1", watch(1, 5, 6), message(f"run/{n}")) for n in range(10)]
    assert at_once(decisions).count(True) == 1
    assert len(stores.alerts.due()) == 1
    assert [each.watch for each in stores.watches.all()] == [watch(1, 5, 6), Watch()]
    assert not decide(stores, "1", watch(1), message("late"))
    assert stores.alerts.get("late") is None
    assert decide(stores, "1", watch(2, 6))
    assert not decide(stores, "2", watch(2, 7))
    assert [each.watch for each in stores.watches.all()] == [watch(2, 6), Watch()]


def test_nothing_is_decided_for_who_is_gone(stores: Stores) -> None:
    """An operator who was deleted meanwhile does not come back as half a record."""
    assert not decide(stores, "1", watch(1, 5), message())
    assert stores.operators.get("1") is None
    assert stores.alerts.due() == []


def test_a_slashed_operator_loses_his_approval_with_the_message(stores: Stores) -> None:
    """In the same act; what he prefers and what others change meanwhile stays."""
    register(stores, 1)
    stores.operators.approve("1", approved=True)
    stores.operators.set_preferences("1", Preferences(kinds=["recovered"], muted_until=9))
    assert decide(stores, "1", watch(1, 5), message(), slashed=True)
    (kept,) = stores.watches.all()
    assert (kept.operator.was_slashed, kept.operator.is_approved) == (True, False)
    assert kept.preferences == Preferences(kinds=["recovered"], muted_until=9)
    stores.operators.forgive("1")
    assert decide(stores, "1", watch(2))
    (forgiven,) = stores.watches.all()
    assert (forgiven.operator.was_slashed, forgiven.preferences) == (False, kept.preferences)


def test_the_monitor_remembers_outages_and_progress_apart(stores: Stores) -> None:
    """Outages change by version, so that two runs do not both tell of one; progress is whatever came last."""
    assert stores.monitor.get() == Monitor()
    outage = AlertState(level="critical", cause="silent", since=5, told="critical", told_at=[5])
    began = Monitor(version=1, outages={"aztec-node": outage}, doubted_since=4)

    def store(part: Callable[[Transaction, Monitor], None], monitor: Monitor) -> bool:
        transaction = Transaction(stores.database)
        part(transaction, monitor)
        try:
            transaction.commit()
        except ConditionFailed:
            return False
        return True

    far = Monitor(rollup=MIXED, block=100, epoch=7, stats_at=9)
    assert store(stores.monitor.add_progress, far)
    assert at_once([partial(store, stores.monitor.add_outages, began)] * 5).count(True) == 1
    assert stores.monitor.get() == far.model_copy(update={"version": 1, "outages": began.outages, "doubted_since": 4})
    assert store(stores.monitor.add_outages, Monitor(version=2))
    assert store(stores.monitor.add_progress, Monitor(rollup=MIXED, block=101))
    assert stores.monitor.get() == Monitor(version=2, rollup=MIXED, block=101)
