from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deployment.system import System, bring_up, lay_ground, write_templates
from tests.emulator.emulator import Emulator
from tests.operations.answering import Between
from tests.operations.deploying import Ground, api
from tests.operations.running import Done, run, surroundings


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    with Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make template` writes."""
    return write_templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def staging(emulator: Emulator, templates: Path) -> System:
    """Deployed once; a test that changes it puts back what it changed."""
    return bring_up(emulator, templates, "staging")


@pytest.fixture
def command(staging: System, tmp_path: Path) -> Callable[..., Done]:
    """``command("scale", SERVICE="api", COUNT="3")``: run it on staging, with these variables."""

    def call(*arguments: str, stdin: str | None = None, **variables: str) -> Done:
        given = surroundings(staging.emulator, tmp_path) | {"ENV": "staging"} | variables
        return run(given, *arguments, stdin=stdin)

    return call


@pytest.fixture
def between(staging: System) -> Iterator[Between]:
    """To be given to a command as ``AWS_ENDPOINT_URL=between.url``."""
    with Between(staging.emulator) as standing:
        yield standing


@pytest.fixture
def living(development: Ground) -> Ground:
    """Development, deployed by the command, and alive. A test may deploy to it, if it leaves it at rest and recorded,
    with no change set that could be executed."""
    development.bring_to_life()  # Signs of life grow old, however long the tests before took.
    return development


@pytest.fixture(scope="session")
def development(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """What ``living`` brings to life."""
    with Emulator() as emulator, api() as url:
        folder = tmp_path_factory.mktemp("home")
        ground = Ground(lay_ground(emulator, templates, "development"), folder, {"API_URL": url})
        ground.prepare()
        ground.command("deploy")
        yield ground
