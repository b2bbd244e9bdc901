from collections.abc import Iterator

import pytest

from tests.deployment.system import bring_up, write_templates
from tests.emulator.emulator import Emulator
from tests.rights.account import Account


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Production as it is deployed, where IAM is enforced."""
    templates = write_templates(tmp_path_factory.mktemp("templates"))
    with Emulator(enforce_permissions=True) as emulator:
        bring_up(emulator, templates, "production")
        yield Account(emulator)
