"""What is handed in by the tests of crashes: a bit of everything that can be sent."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count

from tests.sparta.services.world import Desk

Scene = Callable[[Desk], None]
_numbers = count(1)


def thread(desk: Desk) -> None:
    """Two messages to an operator who has no thread yet."""
    user = desk.world.add_user(f"gorgo-{next(_numbers)}").id
    desk.to_operator(f"{user}/1", user, "First.")
    desk.to_operator(f"{user}/2", user, "Second.", threadName="alerts")


def same_name(desk: Desk) -> None:
    """Two operators whose threads have the same name."""
    for _ in range(2):
        user = desk.world.add_user(f"leonidas-{next(_numbers)}").id
        desk.to_operator(user, user, threadName="alerts")


def direct(desk: Desk) -> None:
    """An operator for whom a channel without threads is asked for."""
    user = desk.world.add_user(f"dienekes-{next(_numbers)}").id
    parent = desk.world.add_channel("strict", denied={"CREATE_PRIVATE_THREADS"}).id
    desk.to_operator(user, user, parentChannelId=parent)


def unreachable(desk: Desk) -> None:
    """Two messages to somebody who left."""
    user = desk.world.add_user(f"ephialtes-{next(_numbers)}", member=False).id
    for number in range(2):
        desk.to_operator(f"{user}/{number}", user)


def channel(desk: Desk) -> None:
    """A text of two pages, and twice the same text, which are two messages all the same."""
    number = next(_numbers)
    desk.to_channel(f"long {number}", desk.moderators.id, f"long-{number:05} " * 250)
    for each in range(2):
        desk.to_channel(f"same {number} {each}", desk.moderators.id, f"{number}: all is well.")


SCENES: list[Scene] = [thread, same_name, direct, unreachable, channel]
