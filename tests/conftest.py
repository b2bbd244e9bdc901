"""What every test stands on: the same examples on every run, and nothing of the developer's own AWS set-up."""

import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("sparta", deadline=None, derandomize=True, database=None)
settings.load_profile("sparta")

# Where the tests run in the background, Ctrl-C is ignored, also by every program they start and interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """For ``-n auto``: three for two processors, since the tests wait a third of their time for what they started."""
    return max(1, 3 * (os.cpu_count() or 1) // 2)


@pytest.fixture(scope="session", autouse=True)
def no_aws_account() -> Iterator[None]:
    """No test sees the credentials, the profile or the region of the person who runs it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("AWS_")]:
            patch.delenv(name)
        patch.setenv("AWS_CONFIG_FILE", os.devnull)
        patch.setenv("AWS_SHARED_CREDENTIALS_FILE", os.devnull)
        patch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        yield
