"""A sender dies, or loses the database, at any of its steps; many send at once: each message arrives once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import httpx
import pytest

from sparta.errors import DependencyFailed
from sparta.models import Sending
from sparta.services.delivery import deliver
from sparta.stores import Stores, open_stores
from sparta.stores.alerts import Alerts
from sparta.stores.database import Database
from tests.sparta.chain.memory_journal import Fate, Killed, Outage
from tests.sparta.services.scenes import SCENES, Scene, same_name, thread
from tests.sparta.services.world import Desk


class MortalDatabase(Database):
    """The database seen from a process with a fate."""

    def __init__(self, database: Database, fate: Fate) -> None:
        super().__init__(database._client)
        self._fate = fate

    def call(self, operation: str, **parameters: Any) -> dict[str, Any]:
        call = super().call
        return self._fate.step(operation, lambda: call(operation, **parameters))


class MortalTransport(httpx.BaseTransport):
    """Discord seen from there."""

    def __init__(self, transport: httpx.BaseTransport, fate: Fate) -> None:
        self._transport = transport
        self._fate = fate

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        return self._fate.step(f"{request.method} {request.url.path}", lambda: self._transport.handle_request(request))


class Meanwhile(httpx.BaseTransport):
    """Discord seen from there; something else happens once, as soon as a thread is made."""

    def __init__(self, transport: httpx.BaseTransport, event: Callable[[], object]) -> None:
        self._transport = transport
        self._events = [event]

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        response = self._transport.handle_request(request)
        if request.method == "POST" and request.url.path.endswith("/threads") and self._events:
            self._events.pop()()
        return response


def mortal_stores(desk: Desk, fate: Fate) -> Stores:
    return open_stores(MortalDatabase(desk.stores.config_table.database, fate), desk.settings, desk.clock)


def run(desk: Desk, stores: Stores) -> None:
    deliver(stores.alerts, stores.conversations, stores.config, desk.discord(), desk.guild)


def run_until_killed(desk: Desk, fate: Fate) -> bool:
    """One run in a process of that fate; whether it was killed."""
    client = desk.connection._client
    healthy = client._transport
    client._transport = MortalTransport(healthy, fate)
    try:
        run(desk, mortal_stores(desk, fate))
    except Killed:
        return True
    finally:
        client._transport = healthy
    return False


def recover(desk: Desk) -> None:
    """Later runs, until nothing waits; each after Discord has forgotten all nonces."""
    for _ in range(20):
        waiting = desk.waiting()
        if not waiting:
            return
        desk.later(max(200.0, (waiting[0].not_before - desk.clock()) / 1000 + 1))
    pytest.fail("messages are left for ever")


def shape(arrived: Counter[tuple[str, str]]) -> list[tuple[str, str, int]]:
    """What arrived, without the numbers that make each scene's people and texts different."""
    bare = str.maketrans("", "", "0123456789")
    return sorted((place.translate(bare), text.translate(bare), times) for (place, text), times in arrived.items())


def play(desk: Desk, scene: Scene) -> None:
    desk.world.channels = {each.id: each for each in (desk.operators, desk.moderators)}
    desk.operators.messages.clear()
    desk.moderators.messages.clear()
    scene(desk)


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_killed_at_any_step(desk: Desk, scene: Scene, *, after: bool) -> None:
    """Before or after each call to the database or to Discord, and found only when Discord has forgotten the nonces:
    what arrives, and in which threads, is what an undisturbed run brings."""
    desk.world.nonce_seconds = 100
    play(desk, scene)
    desk.deliver()
    expected, threads = shape(desk.arrived()), len(desk.threads())
    assert expected
    for last in count():
        play(desk, scene)
        fate = Fate(last, after=after)
        killed = run_until_killed(desk, fate)
        recover(desk)
        where = f"killed at step {last}: {fate.steps[-1]}"
        assert shape(desk.arrived()) == expected, where
        assert len(desk.threads()) == threads, where
        if not killed:
            break
    assert last > 10


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_the_database_fails_at_any_step(desk: Desk, *, after: bool) -> None:
    """One call is lost, the question or the answer: the run ends with an error, and a later one finishes its work."""
    play(desk, thread)
    desk.deliver()
    expected = shape(desk.arrived())
    for last in count():
        play(desk, thread)
        outage = Outage(last, after=after)
        failed = False
        try:
            run(desk, mortal_stores(desk, outage))
        except DependencyFailed:
            failed = True
        recover(desk)
        assert shape(desk.arrived()) == expected, f"failed at step {last}: {outage.steps[last:]}"
        assert len(desk.threads()) == 2
        if not failed:
            break
    assert last > 10


def test_many_senders_at_once(desk: Desk) -> None:
    """Each message arrives once, each operator has one thread, and no two operators share one."""
    for _ in range(6):
        for scene in SCENES:
            scene(desk)
    with ThreadPoolExecutor(6) as pool:
        for future in [pool.submit(desk.deliver) for _ in range(6)]:
            future.result()
    recover(desk)
    assert set(desk.arrived().values()) == {1, 2}
    twice = [text for (_, text), times in desk.arrived().items() if times == 2]
    assert len(twice) == 6
    assert all("all is well" in text for text in twice)
    names = [name for name, _ in desk.threads()]
    assert len(names) == 24
    assert sorted(len(readers) for _, readers in desk.threads()) == [1] * 24


def test_a_thread_found_by_another_sender_before_it_was_claimed(desk: Desk) -> None:
    """It is theirs: its maker makes another one, and lets nobody into the first."""
    same_name(desk)
    client = desk.connection._client
    healthy = client._transport
    client._transport = Meanwhile(healthy, desk.deliver)
    try:
        desk.deliver()
    finally:
        client._transport = healthy
    recover(desk)
    assert set(desk.arrived().values()) == {1}
    assert [len(readers) for _, readers in desk.threads()] == [1, 1]


def test_many_senders_for_one_operator(desk: Desk) -> None:
    """Who has no thread yet: one of them makes it, and the others wait for a later run at most."""
    user = desk.world.add_user("gorgo").id
    for number in range(8):
        desk.to_operator(str(number), user, str(number))
    desk.stand_in.fail("slow", "POST", "threads", seconds=0.3)
    with ThreadPoolExecutor(8) as pool:
        for future in [pool.submit(desk.deliver) for _ in range(8)]:
            future.result()
    recover(desk)
    assert desk.threads() == [("Sparta for gorgo", ["gorgo"])]
    assert sorted(desk.contents()) == [f"<@{user}> {number}" for number in range(8)]


def test_a_thread_left_behind_is_taken_over_by_one(desk: Desk) -> None:
    """The sender dies between making a thread and noting it; another operator whose thread is to have the same name is
    served first and takes it; the one it was meant for gets another."""
    same_name(desk)
    fate = Fate(None)
    desk.stand_in.watch = lambda *what: setattr(fate, "dead", what[1] == "POST" or fate.dead)
    assert run_until_killed(desk, fate)
    desk.stand_in.watch = lambda *_: None
    (left,) = desk.world.threads
    assert not left.messages
    recover(desk)
    assert sorted(readers for _, readers in desk.threads()) == sorted([user.username] for user in operators(desk))
    assert left.messages


def operators(desk: Desk) -> list[Any]:
    return [user for user in desk.world.users.values() if not user.bot]


def test_a_sender_that_slept_writes_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its time was over and another took the message: it notices before it writes."""
    desk.to_channel("k", desk.moderators.id)
    begin = Alerts.begin

    def begin_and_sleep(alerts: Alerts, message: Sending, seconds: float) -> Sending | None:
        taken = begin(alerts, message, seconds)
        desk.clock.forward(1000)
        (again,) = alerts.due()
        assert begin(alerts, again, 30)
        return taken

    with monkeypatch.context() as patch:
        patch.setattr(Alerts, "begin", begin_and_sleep)
        report = desk.deliver()
    assert (report.sent, report.failed, desk.contents()) == ([], [], [])
    assert [each.key for each in desk.later().sent] == ["k"]
    assert desk.contents() == ["Hold."]


def test_a_message_deleted_at_once_is_not_written_again(desk: Desk) -> None:
    """The answer was lost and a moderator deleted the message before the second request: that was an answer too."""
    desk.to_channel("k", desk.moderators.id)
    desk.stand_in.fail("lost", "POST", times=1)

    def delete(when: str, method: str, _: str) -> None:
        for message in desk.world.messages if (when, method) == ("after", "POST") else ():
            message.deleted = True

    desk.stand_in.watch = delete
    assert [each.key for each in desk.deliver().sent] == ["k"]
    assert desk.contents() == []
    assert desk.stored("k").status == "sent"
