"""What Discord said of its limits is kept to."""

from __future__ import annotations

from sparta.notify.limits import REFUSALS_SECONDS, Limits, Route

POST = Route("POST", "/channels/{}/messages", "1")
ELSEWHERE = POST._replace(owner="2")
EDIT = Route("PATCH", "/channels/{}/messages/{}", "1")


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def headers(remaining: int, bucket: str = "b") -> dict[str, str]:
    return {
        "X-RateLimit-Remaining": str(remaining),
        "X-RateLimit-Reset-After": "2.5",
        "X-RateLimit-Bucket": bucket,
    }


def test_an_empty_bucket_is_waited_for() -> None:
    """Until it is full again; the same route elsewhere has a bucket of its own, and a full one needs no wait."""
    clock = Clock()
    limits = Limits(clock=clock)
    limits.learn(POST, headers(1))
    assert limits.pause(POST) == 0
    limits.learn(POST, headers(0))
    assert (limits.pause(POST), limits.pause(ELSEWHERE)) == (2.5, 0)
    clock.now += 2.5
    assert limits.pause(POST) == 0


def test_routes_that_share_a_bucket() -> None:
    """What one uses up is missing to the other, once Discord has said that they share."""
    limits = Limits(clock=Clock())
    limits.learn(EDIT, headers(5))
    limits.learn(POST, headers(0))
    assert limits.pause(EDIT) == 2.5
    limits.learn(EDIT, headers(5, bucket="another"))
    assert limits.pause(EDIT) == 0


def test_a_refused_request_tells_how_long() -> None:
    """For its bucket, or for everything; a shorter word about everything does not shorten it."""
    limits = Limits(clock=Clock())
    limits.limited(POST, 3, everything=False)
    assert (limits.pause(POST), limits.pause(EDIT), limits.pause_of_all) == (3, 0, 0)
    limits.limited(EDIT, 9, everything=True)
    limits.limited(EDIT, 4, everything=True)
    assert (limits.pause(POST), limits.pause(ELSEWHERE), limits.pause_of_all) == (9, 9, 9)


def test_refusals_are_counted_for_ten_minutes() -> None:
    """So many of them end all asking, until the oldest are forgotten."""
    clock = Clock()
    limits = Limits(most_refusals=2, clock=clock)
    seen = []
    for later in (1, REFUSALS_SECONDS - 1):
        limits.refused()
        seen.append(limits.exhausted)
        clock.now += later
    assert [*seen, limits.exhausted] == [False, True, False]


def test_headers_that_make_no_sense_are_passed_over() -> None:
    """Nothing is waited for on their account."""
    limits = Limits(clock=Clock())
    limits.learn(POST, {"X-RateLimit-Remaining": "0", "X-RateLimit-Reset-After": "soon"})
    limits.learn(POST, {})
    assert limits.pause(POST) == 0
