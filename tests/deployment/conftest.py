from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.system import System, bring_up, write_templates
from tests.emulator.emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One emulated AWS account, shared by all environments as a real one may be."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make template` writes."""
    return write_templates(tmp_path_factory.mktemp("templates"))


@pytest.fixture(scope="session")
def production(emulator: Emulator, templates: Path) -> System:
    """Deployed once: tests read it and do with it what the guide's commands do, which no other test minds."""
    return bring_up(emulator, templates, "production")


@pytest.fixture(scope="session")
def staging(emulator: Emulator, templates: Path) -> System:
    """Deployed beside production; tests of updates change it and put back what they changed."""
    return bring_up(emulator, templates, "staging")
