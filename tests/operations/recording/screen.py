"""What remains on a screen when a program has written to it: control sequences applied, colours left out."""

from __future__ import annotations

import re

# Cursor and erasing (CSI), a title or link (OSC), or anything else that begins with Escape.
PART = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\x1b\].*?(?:\x07|\x1b\\)|\x1b.|[\r\n\b]|[^\x1b\r\n\b]+", re.DOTALL)
# Colours, whether the cursor is seen, and bracketed paste leave no trace.
TRACELESS = re.compile(r"\x1b\[[0-9;]*m|\x1b\[\?[0-9;]+[hl]")


class UnknownSequenceError(Exception):
    """A control sequence that was never seen before: what it does to the screen has to be written here."""


class Screen:
    """Lines as long as they were written, without the end of any: a terminal breaks them, we do not."""

    def __init__(self) -> None:
        self.lines = [""]
        self._row = 0
        self._column = 0

    def write(self, text: str) -> None:
        """Take in everything a program wrote, or a part of it that ends where a sequence ends.

        :raises UnknownSequenceError: when it contains a sequence that nobody has described
        """
        for part in PART.findall(text):
            self._apply(part)

    @property
    def text(self) -> str:
        """What can be read, without blanks at the ends of lines and empty lines at the end."""
        return "\n".join(line.rstrip() for line in self.lines).rstrip()

    def _apply(self, part: str) -> None:
        if part == "\r":
            self._column = 0
        elif part == "\n":
            self._down(1)
        elif part == "\b":
            self._column = max(self._column - 1, 0)
        elif part.startswith("\x1b"):
            self._control(part)
        else:
            line = self.lines[self._row].ljust(self._column)
            self.lines[self._row] = line[: self._column] + part + line[self._column + len(part) :]
            self._column += len(part)

    def _control(self, part: str) -> None:
        if TRACELESS.fullmatch(part):
            return
        kind, number = part[-1], int(part[2:-1] or 0) if part[2:-1].isdigit() or part[2:-1] == "" else -1
        line = self.lines[self._row]
        match kind, number:
            case "A", _ if number >= 0:
                self._row = max(self._row - max(number, 1), 0)
            case "B", _ if number >= 0:
                self._down(max(number, 1))
            case "K", 0:
                self.lines[self._row] = line[: self._column]
            case "K", 2:
                self.lines[self._row] = ""
            case "J", 0:
                self.lines[self._row :] = [line[: self._column]]
            case _:
                raise UnknownSequenceError(f"{part!r} is not known; describe it in {__name__}.")

    def _down(self, rows: int) -> None:
        self._row += rows
        self.lines += [""] * (self._row + 1 - len(self.lines))


def shown(text: str) -> str:
    """What a program that wrote this has left on the screen."""
    screen = Screen()
    screen.write(text)
    return screen.text
