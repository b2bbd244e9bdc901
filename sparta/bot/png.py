"""Small pictures of few colours, as PNG: a palette, zlib, and nothing else."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from typing import NamedTuple

SIGNATURE = b"\x89PNG\r\n\x1a\n"
TRANSPARENT = 0
"""Number of the colour that lets the reader's theme through."""

Colour = tuple[int, int, int]


class Canvas:
    """Pixels by row; a pixel is the number of a colour, 0 at first. ``colours`` are those from 1 on."""

    def __init__(self, width: int, height: int, colours: Sequence[Colour]) -> None:
        self.width, self.height = width, height
        self._colours = colours
        self._rows = [bytearray(width) for _ in range(height)]

    def fill(self, box: Box, colour: int) -> None:
        """A rectangle; what stands out of the picture is not there."""
        left, right = max(box.left, 0), min(box.left + box.width, self.width)
        for row in self._rows[max(box.top, 0) : max(box.top + box.height, 0)]:
            row[left:right] = bytes([colour]) * max(right - left, 0)

    def pixel(self, x: int, y: int) -> int:
        """The number of its colour."""
        return self._rows[y][x]

    def png(self) -> bytes:
        """The file; the same for the same picture."""
        header = struct.pack(">IIBBBBB", self.width, self.height, 8, 3, 0, 0, 0)
        palette = b"".join(bytes(colour) for colour in ((0, 0, 0), *self._colours))
        lines = b"".join(b"\x00" + bytes(row) for row in self._rows)
        chunks = ((b"IHDR", header), (b"PLTE", palette), (b"tRNS", b"\x00"), (b"IDAT", zlib.compress(lines, 9)))
        return SIGNATURE + b"".join(_chunk(name, data) for name, data in (*chunks, (b"IEND", b"")))


class Box(NamedTuple):
    """A rectangle, in pixels."""

    left: int
    top: int
    width: int
    height: int


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
