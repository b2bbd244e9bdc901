"""What cannot be sent is put off, given up with an alarm, or stops the run."""

from __future__ import annotations

import json

import pytest

from sparta.notify import delivery_text as text
from sparta.services.delivery import MOST_ATTEMPTS
from tests.sparta.services.world import Desk


def failures(capsys: pytest.CaptureFixture[str]) -> int:
    """How many failures of delivery were counted since the last look."""
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines() if line.startswith("{")]
    return sum(int(line.get("DeliveryFailures", 0)) for line in lines)


@pytest.mark.parametrize("how", ["unknown", "forbidden", "no id", "blank"])
def test_what_is_refused_for_good_raises_the_alarm(desk: Desk, capsys: pytest.CaptureFixture[str], how: str) -> None:
    """At once and once; it is not tried again."""
    if how == "forbidden":
        desk.moderators.denied.add("SEND_MESSAGES")
    targets = {"unknown": "1", "no id": "moderators"}
    desk.to_channel("k", targets.get(how, desk.moderators.id), "  \n" if how == "blank" else "Hold.")
    report = desk.deliver()
    assert [each.key for each in report.failed] == ["k"]
    assert failures(capsys) == 1
    assert desk.stored("k").status == "failed"
    asked = len(desk.stand_in.requests)
    assert not desk.later().failed
    assert len(desk.stand_in.requests) == asked


def test_what_fails_again_and_again_is_given_up(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """After so many attempts, with longer and longer pauses, and with the alarm; others are not held up by it."""
    desk.to_channel("bad", desk.operators.id)
    desk.stand_in.fail("error", path=desk.operators.id)
    for number in range(MOST_ATTEMPTS - 1):
        desk.to_channel(f"good {number}", desk.moderators.id)
        report = desk.later()
        assert (len(report.sent), report.left, report.failed) == (1, 1, [])
    assert failures(capsys) == 0
    assert [each.key for each in desk.later().failed] == ["bad"]
    assert failures(capsys) == 1
    assert desk.later().left == 0


def test_pauses_between_attempts_grow(desk: Desk) -> None:
    """From half a minute to an hour; before that nothing is asked."""
    desk.to_channel("k", desk.operators.id)
    desk.stand_in.fail("error", path=desk.operators.id)
    pauses = []
    for _ in range(9):
        desk.deliver()
        stored = desk.stored("k")
        pauses.append(round((stored.not_before - stored.updated_at) / 1000))
        desk.clock.forward(pauses[-1] + 1)
    assert pauses == [30, 60, 120, 240, 480, 960, 1920, 3600, 3600]


def test_want_of_time_gives_nothing_up(desk: Desk) -> None:
    """A limit that outlasts each run puts the message off as often as it likes."""
    desk.to_channel("k", desk.moderators.id)
    for _ in range(MOST_ATTEMPTS + 3):
        desk.stand_in.heal()
        desk.stand_in.fail("limited", "POST", times=1, seconds=60)
        report = desk.later()
        desk.renew()
        assert (report.left, report.failed) == (1, [])
    desk.stand_in.heal()
    assert len(desk.later().sent) == 1


def test_a_limit_of_everything_leaves_all_untouched(desk: Desk) -> None:
    """What comes after it is not even begun."""
    for number in range(5):
        desk.to_channel(str(number), desk.moderators.id)
    desk.stand_in.fail("limited-globally", "POST", times=1, seconds=600)
    report = desk.deliver()
    assert (report.sent, report.left) == ([], 5)
    assert [desk.stored(str(number)).attempts for number in range(5)] == [1, 0, 0, 0, 0]
    assert len(desk.stand_in.asked("POST")) == 1


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [("unauthorized", text.UNAUTHORIZED), ("cloudflare", text.BANNED), ("error", text.NO_ANSWER)],
)
def test_discord_out_of_reach_stops_before_anything_is_begun(desk: Desk, kind: str, sentence: str) -> None:
    """The report says why; no message is charged for it, and all arrive later."""
    for number in range(3):
        desk.to_channel(str(number), desk.moderators.id)
    desk.stand_in.fail(kind)
    report = desk.deliver()
    assert (report.sent, report.left, report.stopped) == ([], 3, sentence)
    assert [each.attempts for each in desk.stores.alerts.due()] == [0, 0, 0]
    desk.stand_in.heal()
    desk.renew()
    assert len(desk.later().sent) == 3


def test_a_token_refused_in_the_middle_stops_the_run(desk: Desk) -> None:
    """No request after it; what is left arrives once there is a good token."""
    for number in range(5):
        desk.to_channel(str(number), desk.moderators.id)
    desk.stand_in.watch = lambda when, method, _: desk.revoke() if (when, method) == ("after", "POST") else None
    report = desk.deliver()
    assert (len(report.sent), report.left, report.stopped) == (1, 4, text.UNAUTHORIZED)
    assert [seen.status for seen in desk.stand_in.requests].count(401) == 1
    unlucky = desk.stored("1")
    assert (unlucky.attempts, unlucky.put_offs) == (1, 1), "it is not charged for the token"
    desk.stand_in.watch = lambda *_: None
    desk.renew()
    assert len(desk.later().sent) == 4


def test_a_message_that_kills_each_sender_is_given_up(desk: Desk, capsys: pytest.CaptureFixture[str]) -> None:
    """After so many that ended without a word."""
    desk.to_channel("k", desk.moderators.id)
    for _ in range(MOST_ATTEMPTS):
        (due,) = desk.stores.alerts.due()
        assert desk.stores.alerts.begin(due, 30)
        desk.clock.forward(31)
    assert [each.key for each in desk.deliver().failed] == ["k"]
    assert failures(capsys) == 1
    assert desk.contents() == []
