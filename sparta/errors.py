"""What can go wrong, each with the HTTP status and the sentence a person reads.

Whoever can say what happened, what it means and what to do next raises one of these; the edges (API, bot, Lambda
handler, scripts) turn it into an answer. The sentence never holds a secret or an internal detail.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

Dependency = Literal["API", "DynamoDB", "Ethereum", "Aztec node", "Discord", "Secrets Manager"]


class SpartaError(Exception):
    """Base of all. ``status`` is the HTTP status, ``sentence`` what a person reads."""

    status = 500

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class InvalidInput(SpartaError):
    """The caller's input cannot be meant; correct it and try again."""

    status = 400


class NotPermitted(SpartaError):
    """Understood and refused: a rule forbids it to this operator."""

    status = 403


class NotFound(SpartaError):
    """What was asked for does not exist."""

    status = 404


class Conflict(SpartaError):
    """It exists already, or belongs to another, or changed meanwhile."""

    status = 409


class TooMany(SpartaError):
    """Asked too often; ``seconds`` until it is worth asking again."""

    status = 429

    def __init__(self, sentence: str, *, seconds: int) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class Busy(TooMany):
    """More is asked at once than can be served; what is served goes on."""

    status = 503


class ChainRefused(SpartaError):
    """A contract refused, with the name of its own error; ``until`` (unix seconds) when it says until when."""

    status = 502

    def __init__(self, sentence: str, *, name: str, until: int | None = None) -> None:
        super().__init__(sentence)
        self.name = name
        self.until = until


class DependencyFailed(SpartaError):
    """A service we stand on does not answer, or answers nonsense. 502 for the chain, 503 for the store."""

    def __init__(self, sentence: str, *, dependency: Dependency, status: int | None = None) -> None:
        super().__init__(sentence)
        self.dependency = dependency
        self.status = status or (502 if dependency in {"Ethereum", "Aztec node"} else 503)


class SettingsError(SpartaError):
    """Wrong or missing settings: all of them, one line each."""

    def __init__(self, mistakes: Sequence[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = tuple(mistakes)
