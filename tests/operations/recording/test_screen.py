"""The screen and its stand-ins: what a recording is made of."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from rich.console import Console
from rich.live import Live

from tests.operations.recording.masks import masked
from tests.operations.recording.page import section, sections
from tests.operations.recording.scenes import SCENES
from tests.operations.recording.screen import UnknownSequenceError, shown
from tests.operations.recording.stage import Fold, Line
from tests.operations.terminal import COLUMNS, Played, SilentError, When, play


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("one\r\ntwo\r\n", "one\ntwo"),
        ("waiting ...\rdone\x1b[K", "done"),
        ("waiting\r\x1b[2Kdone", "done"),
        ("one\r\ntwo\r\n\x1b[2A\x1b[2KONE\r\n", "ONE\ntwo"),
        ("one\r\ntwo\x1b[1A\r\x1b[J", ""),
        ("ab\b\bc", "cb"),
        ("\x1b[1;31mred\x1b[0m \x1b[?25l\x1b[?2004hplain\x1b[?25h", "red plain"),
        ("a\x1b[2Bb", "a\n\n b"),
    ],
)
def test_control_sequences_leave_what_a_terminal_leaves(written: str, left: str) -> None:
    assert shown(written) == left


@pytest.mark.parametrize("written", ["\x1b[5;5H", "\x1b[3C", "\x1b[1J", "\x1bM"])
def test_a_sequence_that_nobody_described_is_not_passed_over(written: str) -> None:
    """A page that shows a screen wrongly is worse than none."""
    with pytest.raises(UnknownSequenceError, match="describe it"):
        shown(f"one{written}two")


def test_what_rich_moves_leaves_its_last_state() -> None:
    """A live display that grew, with lines printed above it."""
    console = Console(file=io.StringIO(), force_terminal=True, width=40)
    with Live(console=console, auto_refresh=False) as live:
        for text in ("1 of 3", "2 of 3\nmore", "3 of 3\nmore\nyet"):
            live.update(text, refresh=True)
            console.print(f"said at {text[0]}")
    assert isinstance(console.file, io.StringIO)
    as_terminals_do = console.file.getvalue().replace("\n", "\r\n")
    assert shown(as_terminals_do) == "said at 1\nsaid at 2\nsaid at 3\n3 of 3\nmore\nyet"


def test_a_command_is_on_a_real_terminal_of_100_columns(tmp_path: Path) -> None:
    """Its three streams are the terminal, which has a size and can be opened by its name for a hidden prompt."""
    script = (
        "import getpass, os, sys; assert all(os.isatty(n) for n in (0, 1, 2)); print(os.get_terminal_size().columns);"
        "print(input('open: ')[::-1], getpass.getpass('hidden: ')[::-1])"
    )
    done = play(
        [sys.executable, "-c", script], {}, tmp_path, When("open: ", type="seen"), When("hidden: ", type="unseen")
    )
    assert (done.code, done.screen) == (0, f"{COLUMNS}\nopen: seen\nhidden:\nnees neesnu")


def test_a_command_that_does_not_say_what_was_expected_is_told(tmp_path: Path) -> None:
    """With the screen as it was, whether it has ended or waits for ever."""
    with pytest.raises(SilentError, match=r"ended before it said 'never'(?s:.*)something"):
        play([sys.executable, "-c", "print('something')"], {}, tmp_path, When("never"))
    with pytest.raises(SilentError, match="did not say 'never'"):
        play([sys.executable, "-c", "input('more? ')"], {}, tmp_path, When("never"), seconds=1)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("The change set release-20251231-235959-ffff of", "The change set release-20270101-000000-0000 of"),
        ("(made 2025-12-31T23:59:59+00:00 by", "(made 2027-01-01T00:00:00+00:00 by"),
        ("23:59:59 Network CREATE_FAILED: no", "01:02:03 Network CREATE_FAILED: no"),
        ("  Data    ━━━  14/14  CREATE_COMPLETE  0 s", "  Data    ━━━  14/14  CREATE_COMPLETE  1 min 5 s"),
        ("Not good yet: a. Looking again for 600 s.", "Not good yet: a. Looking again for 599 s."),
        (f"key {'ab12cd34'}-ab12-ab12-ab12-{'ab12' * 3}", f"key {'00000000'}-0000-4000-8000-{'0000' * 3}"),
        ("make: *** [Makefile:104: deploy] Error 1", "make: *** [deploy] Error 1"),
        ("Not good yet: a, b\nNot good yet: a, b\ngood", "Not good yet: a, b\ngood"),
    ],
)
def test_what_differs_from_run_to_run_looks_the_same(first: str, second: str) -> None:
    assert masked(first) == masked(second)


def test_what_matters_is_not_masked() -> None:
    """Numbers, names, digests and statuses are what a page is read for."""
    said = f"14 added, MaxCount: 1 → 2, $114.06, sha256:{'ab' * 32}, UPDATE_ROLLBACK_COMPLETE, 10.30.0.0/16, Error 1"
    assert masked(said) == said


def test_a_fold_says_how_many_lines_it_left_out() -> None:
    line = Line("make it", Played(0, "a\r\nb 1\r\nc\r\nd\r\ne\r\n"), (Fold("b", until="d"),))
    assert section("It", [line]) == "## It\n\n```console\n$ make it\na\n... 2 more lines\nd\ne\n```\n"


def test_a_page_falls_into_its_scenes() -> None:
    both = "head\n" + "".join(f"\n{section(title, ['Words.'])}" for title in SCENES)
    assert sections(both) == {title: section(title, ["Words."]) for title in SCENES}
