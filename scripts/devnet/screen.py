"""What the local network says to the person who starts it."""

import sys
from collections.abc import Callable

Say = Callable[[str], None]


def say(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)
