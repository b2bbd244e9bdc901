"""What people read of the monitor: complete, within Discord's limits, and nobody's name changes it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparta.addresses import checksum_address
from sparta.models import Cause, Preferences, Trouble, Watch
from sparta.notify import advice, markup, text
from sparta.rules.alerts import Alert, Decision
from sparta.rules.facts import Duties, Listener
from sparta.rules.watch import News

CHAIN = 11155111
SINCE = 1_763_856_000_123
DUTIES = Duties(rate=0.8, missed=12, total=15, row=7, last_missed=9, steady_since=None, last_done=1_763_850_000)
NEVER = replace(DUTIES, rate=1.0, missed=12, total=12, row=12, last_done=None)


def alert(number: int = 1, trouble: Trouble = "missing-attestations", news: News = "begins", **rest: object) -> Alert:
    usual = Alert(f"0x{number:040x}", "Thermopylae", trouble, news, "critical", SINCE, duties=DUTIES)
    return replace(usual, **rest)  # type: ignore[arg-type]


def decision(name: str, *alerts: Alert) -> Decision:
    return Decision(Listener("7", name, Preferences(), Watch()), Watch(version=1), alerts)


def everything(pages: list[str]) -> str:
    return "\n".join(pages)


def test_a_digest_says_who_what_since_when_how_bad_and_what_to_do() -> None:
    """In one message that notifies the operator, with where to look it up on the configured chain."""
    (message,) = text.digest("1144692727120937080", [alert()], CHAIN)
    address = checksum_address(f"0x{1:040x}")
    assert message == (
        "<@1144692727120937080>, news of your validators.\n"
        "🔴 **Attestations are missing** (critical)\n"
        f"{advice.TROUBLES['missing-attestations'].meaning}\n"
        f"- **Thermopylae** `{address}` ([look it up](<https://sepolia.etherscan.io/address/{address}>)): "
        "80% missed (12 of 15), the last 7 in a row, noticed <t:1763856000:f>, last done <t:1763850000:R>\n"
        "-# `/operator alerts` sets what you hear and from which share on; `/operator mute` gives you quiet hours."
    )


def test_what_was_never_done_and_a_chain_without_explorer() -> None:
    """No link that leads nowhere, no date that never was, no name where none was given."""
    (message,) = text.digest("7", [alert(label=None, duties=NEVER, level="warning")], 31337)
    assert "http" not in message
    assert "- `0x0000000000000000000000000000000000000001`: 100% missed (12 of 12), the last 12 in a row" in message
    assert "none done as far as the node remembers" in message
    assert "🟠 **Attestations are missing** (warning)" in message


def test_validators_with_the_same_trouble_share_its_explanation() -> None:
    """The advice stands once, then each validator; a reminder and good news have headings of their own."""
    alerts = [
        *(alert(number) for number in (1, 2, 3)),
        alert(4, news="reminder"),
        alert(5, "left-the-set", cause="slashed", amount=60 * 10**18, duties=None),
        alert(6, news="recovered", duties=DUTIES),
    ]
    message = everything(text.digest("7", alerts, CHAIN))
    assert message.count(advice.TROUBLES["missing-attestations"].meaning) == 2
    assert "🔴 **Still: attestations are missing** (critical)" in message
    assert "🔴 **Slashed and out of the set** (critical)" in message
    assert "60 tokens of stake taken, noticed <t:1763856000:f>" in message
    assert "🟢 **Attestations are made again**\n" in message
    assert message.count("\n- ") == 6
    assert re.search(r"`0x0+6` \(.*\): it began <t:1763856000:f>\n", message)


def test_three_hundred_validators_fit_into_messages() -> None:
    """Each named once, each message within the limit, notifying, with the heading of what it goes on with."""
    label = "🏺hermopylae_" * 5
    alerts = [alert(number, label=label) for number in range(300)]
    pages = text.digest("1144692727120937080", alerts, CHAIN)
    assert 20 < len(pages) < 50
    for page in pages:
        assert len(page.encode("utf-16-le")) // 2 <= 2000
        assert page.startswith("<@1144692727120937080>, ")
        assert "**Attestations are missing**" in page
    for number in range(300):
        assert everything(pages).count(f"`{checksum_address(f'0x{number:040x}')}`") == 1
    assert [page.count("/operator mute") for page in pages] == [0] * (len(pages) - 1) + [1]


def test_messages_do_not_depend_on_how_many_follow() -> None:
    """A run that is broken off after some and begun again writes the others as they would have been."""
    decisions = [decision(f"operator {number}", alert(number), alert(number + 1000)) for number in range(120)]
    pages = text.summary(decisions)
    assert text.summary(decisions[:60])[0] == pages[0]
    assert all(len(page) <= 2000 for page in pages)


def test_the_summary_names_operators_and_validators() -> None:
    """Shortly: who was told what, and who lost approval; it notifies nobody."""
    slashed = alert(2, "left-the-set", cause="slashed", duties=None)
    (page,) = text.summary([decision("leonidas", alert()), decision("ephialtes*", slashed, alert(3, news="reminder"))])
    assert page == (
        "**Operators were alerted**\n"
        "**leonidas** (`7`)\n"
        "- **Thermopylae** `0x0000000000000000000000000000000000000001`: attestations are missing "
        "(80% missed (12 of 15), the last 7 in a row)\n"
        "**ephialtes\\*** (`7`), who lost approval\n"
        "- **Thermopylae** `0x0000000000000000000000000000000000000002`: slashed and out of the set\n"
        "- **Thermopylae** `0x0000000000000000000000000000000000000003`: attestations are missing "
        "(80% missed (12 of 15), the last 7 in a row), again"
    )
    assert "<@" not in page


def test_an_announced_slashing_says_how_much_and_from_when_on() -> None:
    """Nothing was taken yet."""
    announced = alert(trouble="slashing-announced", cause="slashed", amount=10**19, due=1_763_860_000, duties=None)
    (message,) = text.digest("7", [announced], CHAIN)
    assert "🔴 **Slashing announced** (critical)" in message
    assert ": 10 tokens of stake, from <t:1763860000:f> on, noticed" in message
    assert "taken" not in message


@pytest.mark.parametrize("trouble", get_args(Trouble))
def test_every_trouble_has_its_sentences(trouble: Trouble) -> None:
    """When it begins and when it is over; each departure for its cause."""
    causes: list[Cause | None] = list(get_args(Cause)) if trouble == "left-the-set" else [None]
    texts = set()
    for cause in causes:
        for news in ("begins", "recovered"):
            (message,) = text.digest("7", [alert(trouble=trouble, news=news, cause=cause, duties=None)], CHAIN)
            texts.add(message)
    assert len(texts) == len(causes) + 1
    assert advice.DEPARTURES.keys() == set(get_args(Cause))


@pytest.mark.parametrize(("source", "doubt"), advice.OUTAGES)
def test_an_outage_is_explained_to_moderators(source: object, doubt: object) -> None:
    """What cannot be believed, what it means for operators, what to do; and that it is over."""
    began = text.outage_began(source, doubt, "Endpoint 1 of 2: HTTP 503.")  # type: ignore[arg-type]
    over = text.outage_over(source, doubt, SINCE)  # type: ignore[arg-type]
    title, action = advice.OUTAGES[source, doubt]  # type: ignore[index]
    assert began.startswith(f"🔴 **{title}** Endpoint 1 of 2: HTTP 503.\n")
    assert action in began
    assert advice.NO_CONCLUSION[source] in began  # type: ignore[index]
    assert over.startswith(f"🟢 **Over: {title}** It began <t:1763856000:f>.\n")


def test_moderators_learn_whom_no_message_reached() -> None:
    """By name, in as many messages as the names need."""
    (one,) = text.undelivered(["leonidas", "xerxes_"], 3)
    assert "3 message(s)" in one
    assert "**leonidas**, **xerxes\\_**" in one
    many = text.undelivered(["x" * 64] * 100, 100)
    assert all(len(page) <= 2000 for page in many)
    assert everything(many).count("x" * 64) == 100


def test_moderators_learn_who_was_only_mentioned() -> None:
    """By name, and what to do; in as many messages as the names need."""
    (one,) = text.unreached(["leonidas", "xerxes_"])
    assert "**leonidas**, **xerxes\\_**" in one
    assert "Ask them" in one
    many = text.unreached(["x" * 64] * 100)
    assert all(len(page) <= 2000 for page in many)
    assert everything(many).count("x" * 64) == 100


@given(st.text(max_size=64))
def test_a_label_cannot_change_the_message(label: str) -> None:
    """Neither notify anybody, nor format, nor link, nor begin a line of its own."""
    shown = markup.plain(label)
    assert "\n" not in shown
    assert not re.search(r"(?<!\\)(\\\\)*[*_~`|>\[\]()<#@]", shown)
    (message,) = text.digest("7", [alert(label=label)], CHAIN)
    assert message.count("\n") == 4
    assert re.findall(r"(?<!\\)<@\d+>", message) == ["<@7>"]
    assert len(message) <= 2000


@pytest.mark.parametrize(
    ("amount", "shown"),
    [
        (10**18, "1 tokens"),
        (2_000 * 10**18, "2,000 tokens"),
        (10**17, "0.1 tokens"),
        (123456 * 10**14, "12.3456 tokens"),
    ],
)
def test_amounts_are_in_tokens(amount: int, shown: str) -> None:
    """The contract counts in the smallest unit."""
    (message,) = text.digest("7", [alert(trouble="slashed", amount=amount, duties=None)], CHAIN)
    assert f": {shown} of stake taken" in message
