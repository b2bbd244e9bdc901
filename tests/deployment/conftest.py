from collections.abc import Iterator
from pathlib import Path

import pytest

from templates import emit, registry
from tests.deployment.system import System, bring_up
from tests.emulator.emulator import Emulator


@pytest.fixture(scope="session")
def emulator() -> Iterator[Emulator]:
    """One emulated AWS account, shared by all environments as a real one may be."""
    with Emulator() as running:
        yield running


@pytest.fixture(scope="session")
def templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder that `make template` writes."""
    folder = tmp_path_factory.mktemp("templates")
    for name, tree in registry.build().items():
        (folder / f"{name}.yaml").write_text(emit.to_yaml(name, tree), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def production(emulator: Emulator, templates: Path) -> System:
    """Deployed once: tests read it and do with it what the guide's commands do, which no other test minds."""
    return bring_up(emulator, templates, "production")


@pytest.fixture(scope="session")
def staging(emulator: Emulator, templates: Path) -> System:
    """Deployed beside production; tests of updates change it and put back what they changed."""
    return bring_up(emulator, templates, "staging")
