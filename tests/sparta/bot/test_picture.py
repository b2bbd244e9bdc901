"""The picture of recent duties: a sound PNG, readable on any theme, the same in words."""

from __future__ import annotations

import struct
import zlib

import pytest

from sparta.bot.picture import (
    BAR_HEIGHT,
    COLOURS,
    DUTIES,
    EDGE,
    GREEN,
    RED,
    ROW_HEIGHT,
    Duty,
    Row,
    draw,
    duties_of,
)
from sparta.bot.png import SIGNATURE
from sparta.models import History

THEMES = {
    "light": (255, 255, 255),
    "light embed": (242, 243, 245),
    "dark embed": (43, 45, 49),
    "dark": (49, 51, 56),
    "onyx": (26, 26, 30),
}
ADDRESS = "0x70997970c51812dc3a010c7d01b50e0d17dc79c8"


def decoded(png: bytes) -> tuple[int, int, list[bytes], dict[bytes, bytes]]:
    """Width, height, rows of colour numbers, chunks; whatever is not sound fails here."""
    assert png.startswith(SIGNATURE)
    chunks, at = {}, len(SIGNATURE)
    while at < len(png):
        (length,) = struct.unpack(">I", png[at : at + 4])
        name, data = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack(">I", png[at + 8 + length : at + 12 + length]) == (zlib.crc32(name + data),)
        chunks[name] = data
        at += 12 + length
    assert list(chunks) == [b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"]
    width, height, depth, kind, *_ = struct.unpack(">IIBBBBB", chunks[b"IHDR"])
    assert (depth, kind) == (8, 3)
    raw = zlib.decompress(chunks[b"IDAT"])
    assert len(raw) == height * (width + 1)
    lines = [raw[start : start + width + 1] for start in range(0, len(raw), width + 1)]
    assert all(line[0] == 0 for line in lines)
    return width, height, [line[1:] for line in lines], chunks


def history(epoch: int, **statuses: str) -> History:
    """``s5="attestation-sent"`` is what happened in slot 5."""
    return History(address=ADDRESS, epoch=epoch, slots={int(name[1:]): status for name, status in statuses.items()})


def luminance(colour: tuple[int, int, int]) -> float:
    parts = [value / 255 for value in colour]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def test_duties_come_from_the_history() -> None:
    """In the order of their slots, of all dialects of nodes; what nobody knows is left out."""
    found = duties_of(
        [
            history(2, s9="checkpoint-missed", s8="block-mined", s10="dancing"),
            history(1, s4="attestation-sent", s5="attestation-missed", s6="checkpoint-proposed", s7="blocks-missed"),
        ]
    )
    assert found == [
        Duty.ATTESTED, Duty.MISSED, Duty.PROPOSED, Duty.NOT_PROPOSED, Duty.PROPOSED, Duty.NOT_PROPOSED,
    ]  # fmt: skip


def test_only_the_newest_are_shown() -> None:
    statuses = {f"s{slot}": "attestation-sent" for slot in range(200)} | {"s199": "attestation-missed"}
    found = duties_of([history(1, **statuses)])
    assert len(found) == DUTIES
    assert found[-1] is Duty.MISSED


def test_no_picture_of_nothing() -> None:
    assert draw([Row(1, "London", []), Row(2, "Paris", [])]) is None


def test_a_row_for_each_validator_the_newest_at_the_right() -> None:
    """Full height for what was done, a stub for what was missed, nothing before the first."""
    picture = draw([Row(9, "London", [Duty.ATTESTED, Duty.MISSED]), Row(10, "Paris", [Duty.ATTESTED])])
    assert picture
    width, height, rows, _ = decoded(picture.png)
    assert height == 2 * ROW_HEIGHT + EDGE
    right = width - EDGE - 12 + 4
    column = [rows[y][right] for y in range(EDGE, EDGE + BAR_HEIGHT)]
    assert column[0] == 0
    assert column[-1] == RED
    assert {rows[y][right - 12] for y in range(EDGE, EDGE + BAR_HEIGHT)} == {GREEN}
    assert {rows[y][right - 24] for y in range(EDGE, EDGE + BAR_HEIGHT)} == {0}
    assert rows[EDGE + ROW_HEIGHT][right] == GREEN


def test_it_is_small_and_the_same_each_time() -> None:
    """A full page with the largest numbers; narrower than Discord shows pictures twice as dense."""
    rows = [Row(number, "x", [Duty.ATTESTED, Duty.MISSED, Duty.PROPOSED] * 20) for number in range(295, 301)]
    first, second = draw(rows), draw(rows)
    assert first
    assert first == second
    assert len(first.png) < 5_000
    width, height, _, _ = decoded(first.png)
    assert width <= 800
    assert height <= 300


@pytest.mark.parametrize("theme", THEMES)
def test_each_colour_stands_out_from_each_theme(theme: str) -> None:
    """By WCAG's 3:1 for graphics; the background is transparent."""
    ground = luminance(THEMES[theme])
    for colour in COLOURS:
        light, dark = sorted([luminance(colour), ground], reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 3, colour
    picture = draw([Row(1, "London", [Duty.ATTESTED])])
    assert picture
    assert decoded(picture.png)[3][b"tRNS"] == b"\x00"


def test_the_same_in_words() -> None:
    """For who cannot see it, within Discord's limit."""
    picture = draw([Row(1, "London", [Duty.ATTESTED] * 58 + [Duty.MISSED, Duty.PROPOSED]), Row(2, "Paris", [])])
    assert picture
    assert picture.words == "Recent duties. 1 (London): 58 attested, 1 missed, 1 proposed. 2 (Paris): nothing recorded."
    long = draw([Row(number, "L" * 64, [*Duty] * 15) for number in range(1, 40)])
    assert long
    assert len(long.words) <= 1024
