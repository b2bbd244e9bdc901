"""``docs/in-the-terminal.md``: the scenes as they were played."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence

from tests.emulator.emulator import REPOSITORY
from tests.operations.recording.masks import masked
from tests.operations.recording.stage import Edit, Line, Step
from tests.operations.terminal import COLUMNS

FILE = REPOSITORY / "docs" / "in-the-terminal.md"
HEAD = """\
# In the terminal

<!-- Made by `make recordings` from tests/operations/recording/scenes.py; edit that. -->

What the runbook looks like: one environment from an empty account to its end. The tests play it on a terminal, against
the emulated AWS, and fail when a command says anything else than this page. [Operations](operations.md) explains each
command, [Deploy](../README.md#deploy) what a deployment of your own needs.

Times, durations and what AWS makes up by chance are replaced by stand-ins, and lines longer than the terminal's 100
columns are broken between words. `... 18 more lines` were shown before. What the emulated AWS does in a second takes
AWS 10 to 15 minutes; the tree of stacks moves meanwhile. The parameter files were filled in before the first scene.
"""


def text(played: Mapping[str, Sequence[Step]]) -> str:
    """The whole page."""
    return "\n".join([HEAD, *(section(title, steps) for title, steps in played.items())])


def section(title: str, steps: Sequence[Step]) -> str:
    """One scene: what the person wants, does, and sees."""
    return f"## {title}\n\n" + "\n\n".join(_block(step) for step in steps) + "\n"


def sections(page: str) -> dict[str, str]:
    """The scenes of a page, by heading."""
    _, *found = page.split("\n## ")
    return {each.partition("\n")[0]: f"## {each.rstrip()}\n" for each in found}


def _block(step: Step) -> str:
    match step:
        case Line():
            return "\n".join(["```console", *_prompt(step.typed), *_seen(step), "```"])
        case Edit():
            removed, added = step.old.rstrip("\n").split("\n"), step.new.rstrip("\n").split("\n")
            return "\n".join([f"In `{step.path}`:", "", "```diff", *_difference(removed, added), "```"])
        case _:
            return textwrap.fill(step, 120, break_long_words=False, break_on_hyphens=False)


def _difference(old: list[str], new: list[str]) -> Iterator[str]:
    yield from (f"-{line}" for line in old if line not in new)
    yield from (f"+{line}" for line in new if line not in old)


def _prompt(typed: str) -> list[str]:
    """A long line as a person would break it."""
    first, *rest = textwrap.wrap(typed, COLUMNS - 4, break_long_words=False, break_on_hyphens=False)
    return " \\\n    ".join([f"$ {first}", *rest]).split("\n")


def _seen(line: Line) -> Iterator[str]:
    """What was on the screen, folds as a line that says how many are left out."""
    folded, within = 0, [False] * len(line.folds)
    for each in masked(line.played.screen).splitlines():
        within = [fold.hides(each, before) for fold, before in zip(line.folds, within, strict=True)]
        if any(within):
            folded += 1
            continue
        if folded:
            yield f"... {folded} more lines"
            folded = 0
        yield from _broken(each)
    if folded:
        raise ValueError(f"What is folded of {line.typed!r} never ends: correct the scene.")


def _broken(line: str) -> list[str]:
    """As long as it is; what is one word stays whole up to the edge of the terminal."""
    if len(line) <= COLUMNS:
        return [line]
    return textwrap.wrap(line, COLUMNS, break_on_hyphens=False, drop_whitespace=True) or [""]
