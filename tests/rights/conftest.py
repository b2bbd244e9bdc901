from collections.abc import Iterator

import pytest

from tests.deployment.system import bring_up, write_templates
from tests.emulator.emulator import Emulator
from tests.rights.account import AZTEC_SECRET, ETHEREUM_SECRET, Account


@pytest.fixture(scope="session")
def account(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Account]:
    """Production as it is deployed, where IAM is enforced; with its RPC URLs in secrets, which takes rights."""
    templates = write_templates(tmp_path_factory.mktemp("templates"))
    with Emulator(enforce_permissions=True) as emulator:
        bring_up(emulator, templates, "production", EthereumHost="", AztecRpcUrl="", **_rpc_secrets(emulator))
        yield Account(emulator)


def _rpc_secrets(emulator: Emulator) -> dict[str, str]:
    """The parameters that name them; their values are told when there is something to reach."""
    create = emulator.client("secretsmanager").create_secret
    parameters = {"EthereumHostSecretArn": ETHEREUM_SECRET, "AztecRpcUrlSecretArn": AZTEC_SECRET}
    return {
        parameter: create(Name=name, SecretString="https://example.com")["ARN"]
        for parameter, name in parameters.items()
    }
