"""The image that is deployed: agrees with the task definitions, holds no more than it needs, runs where nothing can be
written."""

from __future__ import annotations

import json
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from scripts.devnet.processes import free_port
from templates import registry, tasks
from templates.rules import contract
from tests import image
from tests.functions.runtime_api import AS_ANYBODY
from tests.image import HOUSE, Stage

RESOURCES = registry.build()["services"]["Resources"]
SETTINGS = {
    "BACKEND_API_KEY": "a-key-of-some-length",
    "ETHEREUM_HOST": "http://127.0.0.1:1",
    "AZTEC_RPC_URL": "http://127.0.0.1:1",
    "L1_CHAIN_ID": "31337",
    "ROLLUP_ADDRESS": "0x" + "1" * 40,
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
}
SECONDS = 60


@pytest.fixture
def stages() -> tuple[Stage, Stage]:
    build, final = image.read()[1]
    return build, final


def container(task: str) -> dict[str, Any]:
    (found,) = RESOURCES[task]["Properties"]["ContainerDefinitions"]
    return dict(found)


def test_its_base_is_one_thing() -> None:
    """By digest and with its version, for both stages; of the Python that all else is made for."""
    base, (build, final) = image.read()
    assert re.fullmatch(r"python:3\.13\.\d+-slim-\w+@sha256:[0-9a-f]{64}", base)
    assert {build.base, final.base} == {"${BASE}"}


def test_it_agrees_with_the_tasks(stages: tuple[Stage, Stage]) -> None:
    """User, what can be written, the API's command, the bot's health, the time to stop: the same here and there."""
    _, final = stages
    api, bot = container("ApiTask"), container("BotTask")
    assert {api["User"], bot["User"], final.one("USER")} == {tasks.USER}
    user, group = tasks.USER.split(":")
    assert f"--uid {user} --gid {group}" in final.one("RUN")
    assert final.command() == api["Command"] == list(contract.API.entry)
    assert bot["Command"] == list(contract.BOT.entry)
    for each in (api, bot):
        assert each["ReadonlyRootFilesystem"] is True
        assert [mount["ContainerPath"] for mount in each["MountPoints"]] == [final.one("VOLUME").strip('["]')]
    (_, told) = bot["HealthCheck"]["Command"]
    assert told.removesuffix(".").removesuffix(" grep -q ").rstrip("| ") in final.one("HEALTHCHECK")
    assert tasks.HEALTHY_FILE in final.one("HEALTHCHECK")
    assert final.one("EXPOSE") == "3000"
    assert "API_HOST=0.0.0.0" in final.one("ENV")


def test_it_installs_the_locks_and_nothing_else(stages: tuple[Stage, Stage]) -> None:
    """With hashes, wheels only, and without pip; no template tool, test or scanner is in them."""
    build, final = stages
    installing = build.all("RUN")[0]
    for lock in ("api", "bot"):
        assert f"--require-hashes --only-binary :all: -r /requirements/{lock}.txt" in installing
    assert "--without-pip" in installing
    assert not re.search(r"apt-get|curl|wget|pip", " ".join(final.all("RUN")))
    names = {
        line.partition("==")[0].partition("[")[0]
        for lock in ("api", "bot")
        for line in (HOUSE / "requirements" / f"{lock}.txt").read_text(encoding="utf-8").splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    assert {"gunicorn", "disnake", "boto3"} <= names
    assert not names & {"troposphere", "awacs", "cfn-lint", "pytest", "moto", "ruff", "rich", "pip"}


def test_nothing_else_reaches_the_builder() -> None:
    """Least of all settings with secrets in them, and the history."""
    listed = subprocess.run(["git", "ls-files"], cwd=HOUSE, capture_output=True, text=True, check=True).stdout.split()
    sent = {path for path in [*listed, ".env", ".git/config", "sparta/__pycache__/x.pyc"] if not image.ignored(path)}
    wanted = {"gunicorn.conf.py", "requirements/api.txt", "requirements/bot.txt"}
    assert sent == wanted | {path for path in listed if path.startswith("sparta/")}


@pytest.fixture
def app(stages: tuple[Stage, Stage], tmp_path: Path) -> Iterator[Path]:
    """``/app`` of the image, compiled, where nothing can be written."""
    build, _ = stages
    image.copied(build, tmp_path)
    folder = tmp_path / "app"
    compiling = build.all("RUN")[1].replace("/app", str(folder))
    subprocess.run([sys.executable, *shlex.split(compiling)[1:]], check=True)
    folders = [folder, *(path for path in folder.rglob("*") if path.is_dir())]
    for each in folders:
        each.chmod(0o555)
    yield folder
    for each in folders:
        each.chmod(0o755)


def surroundings(stages: tuple[Stage, Stage], home: Path, **settings: str) -> dict[str, str]:
    """Variables as in the container, the packages from here."""
    own = dict(each.split("=", 1) for each in stages[1].one("ENV").split())
    here = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}", "HOME": str(home), "TMPDIR": str(home)}
    return own | here | settings


@contextmanager
def running(command: list[str], app: Path, environment: dict[str, str]) -> Iterator[subprocess.Popen[bytes]]:
    process = subprocess.Popen([*AS_ANYBODY, *command], cwd=app, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield process
    finally:
        process.terminate()
        process.wait(SECONDS)


def healthy(stages: tuple[Stage, Stage], app: Path, environment: dict[str, str]) -> bool:
    """What the image's own check says, with another folder for temporary files."""
    words = stages[1].one("HEALTHCHECK").partition(" CMD ")[2].replace("/tmp/", f"{environment['HOME']}/")  # noqa: S108
    return subprocess.run(json.loads(words), cwd=app, env=environment, check=False).returncode == 0


def test_the_api_runs_in_it(stages: tuple[Stage, Stage], app: Path, tmp_path: Path) -> None:
    """By the image's own command, as nobody special, in a folder that is read-only; and its check sees it."""
    home = tmp_path / "home"
    home.mkdir()
    environment = surroundings(stages, home, **SETTINGS, API_PORT=str(free_port()))
    assert not healthy(stages, app, environment)
    with running(stages[1].command(), app, environment) as process:
        deadline = time.monotonic() + SECONDS
        while not healthy(stages, app, environment):
            assert process.poll() is None
            assert time.monotonic() < deadline
            time.sleep(0.2)


def test_the_bot_is_in_it(stages: tuple[Stage, Stage], app: Path, tmp_path: Path) -> None:
    """By the command of its task: it starts and says what settings it lacks; its file makes the container healthy."""
    home = tmp_path / "home"
    home.mkdir()
    environment = surroundings(stages, home, API_PORT=str(free_port()))
    command = [*AS_ANYBODY, *container("BotTask")["Command"]]
    done = subprocess.run(
        command, cwd=app, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )
    assert done.returncode == 1
    assert {line.partition(" ")[0] for line in done.stderr.splitlines()} >= {"BACKEND_API_KEY", "BOT_TOKEN"}
    assert not healthy(stages, app, environment)
    (home / Path(tasks.HEALTHY_FILE).name).touch()
    assert healthy(stages, app, environment)
