"""Messages reach their readers: where, as what, and what happens when Discord refuses."""

from __future__ import annotations

import pytest

from sparta.notify import delivery_text as text
from tests.discord.world import ANNOUNCEMENT, DM, PRIVATE_THREAD
from tests.sparta.services.world import Desk


def test_an_operator_is_written_to_in_a_private_thread(desk: Desk) -> None:
    """Which only the operator is in; the mention stands in the content and notifies the operator alone."""
    gorgo, leonidas = desk.world.add_user("gorgo"), desk.world.add_user("leonidas")
    desk.to_operator("k", gorgo.id, f"Your validator misses. <@{leonidas.id}> @everyone")
    report = desk.deliver()
    (thread,) = desk.world.threads
    (message,) = desk.world.messages
    assert (thread.type, thread.name, thread.parent_id) == (PRIVATE_THREAD, "Sparta for gorgo", desk.operators.id)
    assert set(thread.members) == {desk.world.bot.id, gorgo.id}
    assert message.content == f"<@{gorgo.id}> Your validator misses. <@{leonidas.id}> @everyone"
    assert message.pings == {gorgo.id}
    assert ([each.key for each in report.sent], report.left, report.stopped) == (["k"], 0, None)
    stored = desk.stored("k")
    assert (stored.status, stored.message_id) == ("sent", message.id)


def test_one_thread_holds_all_messages_to_an_operator(desk: Desk) -> None:
    """It is used again, opened when it was closed, and the operator is let in again after leaving it."""
    gorgo = desk.world.add_user("gorgo")
    desk.to_operator("1", gorgo.id)
    desk.deliver()
    (thread,) = desk.world.threads
    thread.archived = True
    del thread.members[gorgo.id]
    desk.to_operator("2", gorgo.id)
    desk.to_operator("3", gorgo.id)
    desk.deliver()
    assert desk.world.threads == [thread]
    assert len(thread.messages) == 3
    assert thread.messages[1].pings == {gorgo.id}
    assert not thread.archived


def test_the_name_and_the_parent_choose_the_thread(desk: Desk) -> None:
    """Each pair of them is a thread of its own, however long the name."""
    gorgo, news = desk.world.add_user("gorgo"), desk.world.add_channel("news")
    for number, details in enumerate(({}, {"threadName": "x" * 120}, {"threadName": "x" * 120}, {"threadName": "y"})):
        desk.to_operator(str(number), gorgo.id, **details)
    desk.to_operator("5", gorgo.id, threadName="y", parentChannelId=news.id)
    desk.deliver()
    threads = [(thread.name, thread.parent_id, len(thread.messages)) for thread in desk.world.threads]
    assert threads == [
        ("Sparta for gorgo", desk.operators.id, 1),
        ("x" * 100, desk.operators.id, 2),
        ("y", desk.operators.id, 1),
        ("y", news.id, 1),
    ]


def test_operators_do_not_share_a_thread(desk: Desk) -> None:
    """Even when their threads have the same name."""
    people = [desk.world.add_user(name) for name in ("gorgo", "leonidas")]
    for each in people:
        desk.to_operator(each.id, each.id, f"For {each.username}", threadName="alerts")
    desk.deliver()
    readers = [(set(thread.members) - {desk.world.bot.id}, len(thread.messages)) for thread in desk.world.threads]
    assert readers == [({each.id}, 1) for each in people]


def test_a_thread_that_was_deleted_is_made_anew(desk: Desk) -> None:
    """The message arrives in the new one."""
    gorgo = desk.world.add_user("gorgo")
    desk.to_operator("1", gorgo.id)
    desk.deliver()
    del desk.world.channels[desk.world.threads[0].id]
    desk.to_operator("2", gorgo.id)
    assert desk.deliver().sent
    assert len(desk.world.threads) == 1
    assert desk.contents() == [f"<@{gorgo.id}> Hold."]


def test_a_channel_is_written_to(desk: Desk) -> None:
    """Nobody is notified by it."""
    gorgo = desk.world.add_user("gorgo")
    desk.to_channel("k", desk.moderators.id, f"All is well, <@{gorgo.id}> @here.")
    desk.deliver()
    assert desk.contents(desk.moderators) == [f"All is well, <@{gorgo.id}> @here."]
    assert desk.world.messages[0].pings == set()


def test_a_long_text_is_several_messages(desk: Desk) -> None:
    """In order, each within Discord's limit, and the row knows the first."""
    lines = [f"line {number} " + "x" * 90 for number in range(60)]
    desk.to_channel("k", desk.moderators.id, "\n".join(lines))
    desk.deliver()
    contents = desk.contents(desk.moderators)
    assert len(contents) == 3
    assert "\n".join(contents).splitlines() == lines
    assert desk.stored("k").message_id == desk.world.messages[0].id


@pytest.mark.parametrize("obstacle", ["permission", "kind", "locked", "unseen"])
def test_without_a_thread_it_is_a_direct_message(desk: Desk, obstacle: str) -> None:
    """Where the channel may have no thread, or the operator's is locked."""
    gorgo = desk.world.add_user("gorgo")
    if obstacle == "locked":
        desk.to_operator("0", gorgo.id)
        desk.deliver()
        desk.world.threads[0].locked = True
        desk.operators.denied.add("MANAGE_THREADS")
    elif obstacle == "kind":
        desk.operators.type = ANNOUNCEMENT
    else:
        desk.operators.denied.add("CREATE_PRIVATE_THREADS" if obstacle == "permission" else "VIEW_CHANNEL")
    desk.to_operator("k", gorgo.id)
    report = desk.deliver()
    assert desk.world.channels[desk.world.messages[-1].channel_id].type == DM
    assert [each.key for each in report.sent] == ["k"]
    assert not report.fell_back


def test_a_channel_that_refuses_threads_is_asked_once(desk: Desk) -> None:
    """In a run, however many operators there are to write to."""
    desk.operators.denied.add("CREATE_PRIVATE_THREADS")
    for number in range(5):
        desk.to_operator(str(number), desk.world.add_user(f"user-{number}").id)
    assert len(desk.deliver().sent) == 5
    assert len(desk.stand_in.asked("POST", "threads")) == 1


@pytest.mark.parametrize("how", ["closed", "gone", "unknown"])
def test_who_cannot_be_reached_is_mentioned(desk: Desk, how: str) -> None:
    """Once, in the operators' channel, without a word of what the message says; and is named in the report."""
    desk.operators.denied.add("CREATE_PRIVATE_THREADS")
    user = desk.world.add_user("xerxes", accepts_dms=False)
    if how == "gone":
        desk.world.leave(user)
    if how == "unknown":
        del desk.world.members[user.id], desk.world.users[user.id]
    for number in range(3):
        desk.to_operator(str(number), user.id, "A secret.")
    report = desk.deliver()
    assert desk.contents() == [text.fallback(user.id)]
    assert report.fell_back == [user.id]
    assert [desk.stored(str(number)).status for number in range(3)] == ["fell-back"] * 3
    refused = [seen for seen in desk.stand_in.requests if seen.status >= 400]
    assert len(refused) <= 2, "no storm of refusals"
    if how == "closed":
        assert desk.world.messages[0].pings == {user.id}


def test_a_mention_a_day(desk: Desk) -> None:
    """More messages on the same day add none; the operator is named in each report all the same."""
    user = desk.world.add_user("xerxes", accepts_dms=False)
    desk.operators.denied.add("CREATE_PRIVATE_THREADS")
    named = []
    for number, hours in enumerate((0, 1, 24)):
        desk.clock.forward(hours * 3600)
        desk.to_operator(str(number), user.id)
        named.append(desk.deliver().fell_back)
    assert named == [[user.id]] * 3
    assert desk.contents() == [text.fallback(user.id)] * 2


def test_an_operator_whose_id_is_none_of_discords(desk: Desk) -> None:
    """Is named, and nothing is asked about them."""
    desk.to_operator("k", "leonidas.of-sparta")
    report = desk.deliver()
    assert report.fell_back == ["leonidas.of-sparta"]
    assert desk.contents() == [text.fallback("leonidas.of-sparta")]
    assert not desk.stand_in.asked("GET", "leonidas")


def test_the_oldest_comes_first(desk: Desk) -> None:
    """So that a reader reads in the order in which things happened."""
    for number in range(10):
        desk.to_channel(f"{number * 7 % 10}", desk.moderators.id, str(number))
    desk.deliver()
    assert desk.contents() == [str(number) for number in range(10)]


def test_nothing_due_asks_nothing(desk: Desk) -> None:
    """Neither of Discord nor for a token."""
    desk.deliver()
    assert desk.stand_in.requests == []
