"""What commands say: facts to standard output, trouble and progress to standard error."""

from __future__ import annotations

from rich.console import Console

from scripts.operations.provider_keys import without_keys

# No emoji: what AWS writes has colons, and `:secret:` in an ARN is one.
OUT = Console(highlight=False, emoji=False)
ERR = Console(stderr=True, highlight=False, emoji=False)


def say(text: str) -> None:
    """A fact for the person, markup of rich allowed; pass what AWS or people wrote through ``rich.markup.escape``."""
    OUT.print(without_keys(text), soft_wrap=True)


def fail(sentence: str) -> None:
    """Why the command did not do its work, as it is."""
    ERR.print(without_keys(sentence), style="bold red", soft_wrap=True, markup=False)
