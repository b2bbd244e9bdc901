"""The last duties of some validators as a picture: a row each, a bar per duty, the newest at the right.

What a bar means shows in its form as well as in its colour, and each colour stands out from white and from Discord's
dark grey alike; the background is the reader's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from sparta.bot.png import Box, Canvas, Colour
from sparta.bot.replies import Picture
from sparta.models import History

DUTIES = 60
"""In a row; more would be thinner than a phone shows."""
BAR, GAP, BAR_HEIGHT, ROW_HEIGHT, EDGE, PIXEL = 9, 3, 28, 40, 6, 4
STUB = 9
"""Height of a bar for what was missed."""
GREEN, RED, BLUE, GREY = 1, 2, 3, 4
COLOURS: tuple[Colour, ...] = ((46, 150, 88), (224, 72, 72), (62, 128, 236), (124, 130, 140))
WORDS_LIMIT = 1000
"""Characters; Discord takes 1,024 for an attachment."""
LEGEND = (
    "Newest duty at the right · tall green: attested · short red: missed · split blue: proposed · red frame: proposal "
    "missed"
)


class Duty(Enum):
    """What a validator did with its turn."""

    ATTESTED = "attested"
    MISSED = "missed"
    PROPOSED = "proposed"
    NOT_PROPOSED = "not proposed"


class Row(NamedTuple):
    """One validator: its number in the list beside the picture, its name, its duties with the newest last."""

    number: int
    name: str
    duties: Sequence[Duty]


def duties_of(history: Iterable[History]) -> list[Duty]:
    """The last of what was recorded, by slot; a status that we do not know is left out."""
    slots = {slot: status for epoch in history for slot, status in epoch.slots.items()}
    found = [_duty(slots[slot]) for slot in sorted(slots)]
    return [duty for duty in found if duty][-DUTIES:]


def draw(rows: Sequence[Row]) -> Picture | None:
    """``None`` when nothing was recorded of any of them."""
    if not any(row.duties for row in rows):
        return None
    label = max(len(str(row.number)) for row in rows) * 4 * PIXEL + EDGE
    canvas = Canvas(label + DUTIES * (BAR + GAP) + EDGE, len(rows) * ROW_HEIGHT + EDGE, COLOURS)
    for place, row in enumerate(rows):
        top = EDGE + place * ROW_HEIGHT
        _write(canvas, str(row.number), EDGE, top + (BAR_HEIGHT - 5 * PIXEL) // 2)
        first = DUTIES - len(row.duties)
        for number, duty in enumerate(row.duties):
            _bar(canvas, duty, label + (first + number) * (BAR + GAP), top)
    return Picture("duties.png", canvas.png(), _in_words(rows))


def _duty(status: str) -> Duty | None:
    missed = status.endswith("-missed")
    if status.startswith("attestation-"):
        return Duty.MISSED if missed else Duty.ATTESTED
    if status.startswith(("block-", "blocks-", "checkpoint-")):
        return Duty.NOT_PROPOSED if missed else Duty.PROPOSED
    return None


def _bar(canvas: Canvas, duty: Duty, left: int, top: int) -> None:
    whole = Box(left, top, BAR, BAR_HEIGHT)
    match duty:
        case Duty.ATTESTED:
            canvas.fill(whole, GREEN)
        case Duty.MISSED:
            canvas.fill(Box(left, top + BAR_HEIGHT - STUB, BAR, STUB), RED)
        case Duty.PROPOSED:
            canvas.fill(whole, BLUE)
            canvas.fill(Box(left, top + BAR_HEIGHT // 2 - 2, BAR, 4), 0)
        case Duty.NOT_PROPOSED:
            canvas.fill(whole, RED)
            canvas.fill(Box(left + 2, top + 2, BAR - 4, BAR_HEIGHT - 4), 0)


def _write(canvas: Canvas, text: str, left: int, top: int) -> None:
    """Digits of 3 by 5."""
    for place, digit in enumerate(text):
        for y, line in enumerate(GLYPHS[digit]):
            for x, dot in enumerate(line):
                if dot == "#":
                    box = Box(left + (4 * place + x) * PIXEL, top + y * PIXEL, PIXEL, PIXEL)
                    canvas.fill(box, GREY)


GLYPHS = {
    digit: rows.split("/")
    for digit, rows in {
        "0": "###/# #/# #/# #/###",
        "1": " # /## / # / # /###",
        "2": "###/  #/###/#  /###",
        "3": "###/  #/ ##/  #/###",
        "4": "# #/# #/###/  #/  #",
        "5": "###/#  /###/  #/###",
        "6": "###/#  /###/# #/###",
        "7": "###/  #/  #/ # / # ",
        "8": "###/# #/###/# #/###",
        "9": "###/# #/###/  #/###",
    }.items()
}


def _in_words(rows: Sequence[Row]) -> str:
    text = "Recent duties. " + " ".join(_row_in_words(row) for row in rows)
    return text if len(text) <= WORDS_LIMIT else f"{text[: WORDS_LIMIT - 1]}…"


def _row_in_words(row: Row) -> str:
    counts = [(duty.value, row.duties.count(duty)) for duty in Duty]
    told = ", ".join(f"{count} {name}" for name, count in counts if count) or "nothing recorded"
    return f"{row.number} ({row.name}): {told}."
