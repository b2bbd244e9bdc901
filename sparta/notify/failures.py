"""How sending fails: for one message, for now, or for all."""

from __future__ import annotations

_OF_CONTENT = {50006, 50035}
"""Empty, or not as Discord wants it: refused wherever it is sent."""


class Refused(Exception):
    """Discord understood and refused; ``code`` is its own (10003: no such channel, 50007: closed direct messages)."""

    def __init__(self, status: int, code: int, message: str) -> None:
        super().__init__(f"HTTP {status}, code {code}: {message}")
        self.status = status
        self.code = code

    @property
    def of_content(self) -> bool:
        """What was to be sent is wrong, not the place."""
        return self.code in _OF_CONTENT


class PutOff(Exception):
    """Not now: the time is used up, or Discord is in trouble. Worth trying again after ``seconds``.

    Whether a request that was being made had its effect is not known.
    """

    def __init__(self, reason: str, seconds: float) -> None:
        super().__init__(reason)
        self.seconds = seconds


class NoTime(PutOff):
    """The time of this run does not suffice, which says nothing about what was to be done."""


class Stopped(Exception):
    """Nothing more may be sent in this run, to anybody; ``sentence`` says why."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
