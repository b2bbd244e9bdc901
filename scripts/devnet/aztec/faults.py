"""What can be wrong with a node: asked for from outside, once, some times or until it is taken back."""

from dataclasses import dataclass
from enum import StrEnum

MIB = 1024 * 1024


class Kind(StrEnum):
    SLOW = "slow"  # the right answer, ``seconds`` late
    ERROR = "error"  # HTTP 500 with a page for people
    UNAVAILABLE = "unavailable"  # HTTP 503 of a proxy in front of the node
    GARBAGE = "garbage"  # HTTP 200 and not JSON
    TRUNCATED = "truncated"  # the connection ends in the middle of the answer
    DROPPED = "dropped"  # the connection ends without an answer
    HUGE = "huge"  # an answer of ``mebibytes``, which no caller should read to its end


@dataclass
class Fault:
    """``times`` is how many requests it will still hit, ``None`` for all; ``method`` limits it to one method."""

    kind: Kind
    times: int | None = None
    method: str | None = None
    seconds: float = 30.0
    mebibytes: int = 64

    def hits(self, called: set[str]) -> bool:
        """Whether it hits a request with these methods; counts it if so."""
        if self.times == 0 or (self.method is not None and self.method not in called):
            return False
        if self.times is not None:
            self.times -= 1
        return True


PAGES = {
    Kind.ERROR: (500, b"<html><body><h1>500 Internal Server Error</h1></body></html>"),
    Kind.UNAVAILABLE: (503, b"<html><body><h1>503 Service Temporarily Unavailable</h1></body></html>"),
    Kind.GARBAGE: (200, b"\x00\xff this is no JSON"),
}
