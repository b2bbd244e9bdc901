"""A migration that is killed is gone on with, and two at once cannot run."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from sparta.stores import Stores
from tests.emulator.emulator import REPOSITORY
from tests.operations.dynamodb_front import DynamoDbFront
from tests.operations.migrate.rows import (
    check,
    earlier_rows,
    written,
)
from tests.operations.running import Done

MINUTE = 60
LONG = 300


@pytest.mark.timeout(LONG)
@pytest.mark.parametrize("lost", [False, True])
def test_killed_at_any_item_the_next_run_goes_on(
    lost: bool, variables: dict[str, str], front: DynamoDbFront, stores: Stores
) -> None:
    """SIGKILL before each write, or after it and before its answer: in the end every item was written once."""
    earlier_rows(stores.database)
    kills = 0
    for _ in range(MINUTE):
        code = killed_at(variables, front, stores, writes=2, after=lost)
        if code == 0:
            break
        assert code == -signal.SIGKILL
        kills += 1
    else:
        pytest.fail("no run came to its end")
    assert kills > 5
    check(stores)
    assert len(front.backups) == 2, "one set of backups, of before the first change"
    twice = {key: times for key, times in written(front).items() if times > 1}
    # An operator is made whole first, and gets its list of validators in another pass.
    assert all(key.startswith("operator#") and times == 2 for key, times in twice.items()), twice


def killed_at(variables: dict[str, str], front: DynamoDbFront, stores: Stores, *, writes: int, after: bool) -> int:
    """How a run ended that is killed at its so-many-th write, if it comes to that."""
    first = len(front.writes)
    process = subprocess.Popen(
        [sys.executable, "-m", "scripts", "migrate"],
        cwd=REPOSITORY,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )

    def kill(number: int) -> None:
        if number - first >= writes - 1:
            process.kill()
            process.wait()

    front.before, front.after = (_never, kill) if after else (kill, _never)
    code = process.wait(timeout=MINUTE)
    front.before = front.after = _never
    if code != 0:
        # The lease of the dead run ends in ten seconds; here at once.
        stores.config_table.put({"pk": "lease#migrations", "owner": "dead", "until": 0})
    return code


def _never(_: int) -> None:
    return


def test_after_a_kill_the_lease_is_waited_for(command: Callable[..., Done], stores: Stores) -> None:
    """Nobody lengthens it, so its owner is dead: the run goes on when it ends, without being told."""
    earlier_rows(stores.database)
    stores.config_table.put({"pk": "lease#migrations", "owner": "dead", "until": stores.clock() + 8_000})
    done = command("migrate")
    assert done.code == 0, done.err
    check(stores)


def test_two_at_once_cannot_run(variables: dict[str, str], front: DynamoDbFront, stores: Stores) -> None:
    """The one that comes second says who is at work, or that all is done, and writes nothing; every item once."""
    earlier_rows(stores.database)
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "scripts", "migrate"],
            cwd=REPOSITORY,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(3)
    ]
    ends = [(*process.communicate(timeout=MINUTE), process.returncode) for process in processes]
    winners = [out for out, _, code in ends if code == 0 and "applied and verified" in out]
    assert len(winners) == 1, ends
    for out, err, code in ends:
        if out not in winners:
            assert code == 0 or "applied by now" in err or "is at work" in err, err
    check(stores)
    assert max(written(front).values()) <= 2


def test_a_living_run_keeps_others_out(command: Callable[..., Done], front: DynamoDbFront, stores: Stores) -> None:
    """While its lease is lengthened, the other names its owner and does nothing."""
    earlier_rows(stores.database)
    stop = threading.Event()

    def live() -> None:
        while not stop.wait(0.3):
            stores.config.acquire("migrations", "night-shift:1", 4)

    stores.config.acquire("migrations", "night-shift:1", 4)
    thread = threading.Thread(target=live)
    thread.start()
    try:
        done = command("migrate")
    finally:
        stop.set()
        thread.join()
    assert done.code == 1
    assert "Another run of the migrations is at work (night-shift:1). Nothing was done here." in done.err
    assert front.writes == []
