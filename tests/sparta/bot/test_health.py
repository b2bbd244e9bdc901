"""When the bot says that it is well, and when not: the gateway and the API, both."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from sparta.bot.client import ApiClient
from sparta.bot.health import FRESH_SECONDS, METRIC_SECONDS, Pulse
from templates.rules import contract
from tests.sparta.api.client import REPOSITORY, Served
from tests.sparta.bot.clients import with_client
from tests.sparta.bot.proxy import ApiProxy

ACK = '{"t":null,"s":null,"op":11,"d":null}'


class Watch:
    """A clock that stands until it is put forward."""

    def __init__(self) -> None:
        self.time = 1000.0

    def __call__(self) -> float:
        return self.time


def beats(output: str) -> int:
    """How often the metric was counted."""
    lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    return sum(line.get("BotHeartbeat", 0) for line in lines)


def pulse(api: Served, file: Path, watch: Watch, work: Callable[[Pulse], Awaitable[Any]]) -> Any:
    return with_client(api.url, api.key, lambda client: work(Pulse(client, file, watch)))


def test_the_file_is_the_one_that_the_container_looks_at() -> None:
    """Nothing in the container says where temporary files go."""
    code = "from sparta.bot.health import HEALTHY_FILE; print(HEALTHY_FILE)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=REPOSITORY, env={}, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == contract.HEALTHY_FILE


def test_well_while_heartbeats_are_acknowledged(api: Served, tmp_path: Path) -> None:
    """Not before the first, and not when the last is long ago, whatever else the gateway says."""
    watch, file = Watch(), tmp_path / "healthy"

    async def look(pulse: Pulse) -> list[bool]:
        found = [await pulse.look(), file.exists()]
        pulse.heard(ACK)
        found += [await pulse.look(), file.exists()]
        watch.time += FRESH_SECONDS + 1
        pulse.heard('{"t":"GUILD_UPDATE","s":9,"op":0,"d":{}}')
        pulse.heard(json.dumps({"op": 0, "d": {"content": '"op":11' * 100}}))
        file.unlink()
        return [*found, await pulse.look(), file.exists()]

    assert pulse(api, file, watch, look) == [False, False, True, True, False, False]


def test_not_well_without_the_api(api: Served, tmp_path: Path) -> None:
    """A bot that can only apologise is of no use."""
    file = tmp_path / "healthy"

    async def look(client: ApiClient) -> bool:
        made = Pulse(client, file, Watch())
        made.heard(ACK)
        return await made.look()

    with ApiProxy(api.url) as proxy:
        proxy.fail("dropped")
        assert with_client(proxy.url, api.key, look) is False
    assert not file.exists()


def test_a_beat_a_minute(api: Served, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """However often it looks: an alarm counts them, and says how long the bot was up. After a pause none is made up
    for."""
    watch = Watch()

    async def look(pulse: Pulse) -> None:
        for _ in range(30):
            pulse.heard(ACK)
            await pulse.look()
            watch.time += METRIC_SECONDS / 6
        assert beats(capsys.readouterr().out) == 5
        watch.time += 1000
        for _ in range(3):
            pulse.heard(ACK)
            await pulse.look()
        assert beats(capsys.readouterr().out) == 1

    pulse(api, tmp_path / "healthy", watch, look)
