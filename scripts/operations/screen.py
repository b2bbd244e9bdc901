"""What commands say: facts to standard output, trouble and progress to standard error."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from scripts.operations.provider_keys import without_keys

HANGING = 2

# No emoji: what AWS writes has colons, and `:secret:` in an ARN is one.
OUT = Console(highlight=False, emoji=False)
ERR = Console(stderr=True, highlight=False, emoji=False)


def say(text: str) -> None:
    """A fact for the person, markup of rich allowed; pass what AWS or people wrote through ``rich.markup.escape``."""
    text = without_keys(text)
    if OUT.is_terminal and (item := _item(text)):
        OUT.print(item)
    else:
        OUT.print(text, soft_wrap=True)


def _item(text: str) -> Text | None:
    """An indented line that is too long for the terminal, broken between words so that what follows is indented too.

    ``None`` for any other: a sentence, and what people copy, stays one line for the terminal to break.
    """
    line = Text.from_markup(text, emoji=False)
    indent = len(line) - len(line.plain.lstrip()) + HANGING
    room = OUT.width - indent
    if indent == HANGING or len(line) <= OUT.width or any(len(word) > room for word in line.plain.split()):
        return None
    first, *rest = line[indent - HANGING :].wrap(OUT, room)
    return Text("\n").join([Text(" " * (indent - HANGING)) + first, *(Text(" " * indent) + each for each in rest)])


def fail(sentence: str) -> None:
    """Why the command did not do its work, as it is."""
    ERR.print(without_keys(sentence), style="bold red", soft_wrap=True, markup=False)
