"""What the tests of the stores share: a clock they set, addresses, many threads, and a look at the counters."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock

from sparta.errors import Conflict, InvalidInput, NotFound
from sparta.settings import Tables
from sparta.stores import Stores

START = 1_763_856_000_000


class Ticks:
    """A clock that is one millisecond later at each look."""

    def __init__(self) -> None:
        self.time = START
        self._lock = Lock()

    def __call__(self) -> int:
        with self._lock:
            self.time += 1
            return self.time

    def forward(self, seconds: float) -> None:
        self.time += int(seconds * 1000)


def tables(url: str, environment: str) -> Tables:
    values = {"environment": environment, "aws_endpoint_url_dynamodb": url}
    return Tables.model_validate(values)


def address(number: int) -> str:
    """A different one for each number, in lower case."""
    return f"0x{number:040x}"


def register(stores: Stores, number: int) -> str:
    """An operator; returns the Discord id."""
    stores.operators.create(str(number), address(10_000 + number), f"user-{number}")
    return str(number)


def at_once(tasks: Iterable[Callable[[], object]]) -> list[object]:
    """What each task returns, or the refusal it met; all begin at the same moment."""
    collected = list(tasks)
    barrier = Barrier(len(collected))

    def run(task: Callable[[], object]) -> object:
        barrier.wait(timeout=30)
        try:
            return task()
        except (Conflict, InvalidInput, NotFound) as error:
            return error

    with ThreadPoolExecutor(len(collected)) as pool:
        return list(pool.map(run, collected))


def counted(stores: Stores) -> tuple[int, int]:
    """Operators, and those without validators, counted one by one."""
    everyone = stores.operators.all()
    owned = {validator.operator_id for validator in stores.validators.all()}
    return len(everyone), sum(operator.discord_id not in owned for operator in everyone)


def told(stores: Stores) -> tuple[int, int]:
    """The same as the counters say it."""
    stats = stores.operators.stats()
    return stats.total_operators, stats.operators_without_validators


def pages(stores: Stores) -> list[list[str]]:
    """Ids of all pages of operators."""
    found: list[list[str]] = []
    token: str | None = None
    for _ in itertools.count():
        page = stores.operators.page(token)
        found.append([operator.discord_id for operator in page.operators])
        token = page.next_page_token
        if token is None:
            break
    return found
