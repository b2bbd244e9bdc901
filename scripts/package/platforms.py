"""Where a zip is to run, in pip's words."""

import sys
import sysconfig
from dataclasses import dataclass

PYTHON = "3.13"
MACHINE = "aarch64"
"""With PYTHON, what ``templates/monitor.py`` asks Lambda for."""
GLIBC_MINOR = 34
"""Of Amazon Linux 2023, which that runtime stands on: glibc 2.34."""
MANYLINUX2014_MINOR = 17


@dataclass(frozen=True)
class Platform:
    """``key`` tells its wheels from those of others."""

    key: str
    options: tuple[str, ...]


def _lambda() -> Platform:
    # Each by name, newest first: whether one tag implies the older ones depends on pip's version.
    tags = [f"manylinux_2_{minor}_{MACHINE}" for minor in range(GLIBC_MINOR, MANYLINUX2014_MINOR - 1, -1)]
    platforms = [f"--platform={tag}" for tag in (*tags, f"manylinux2014_{MACHINE}")]
    abis = [f"--abi={abi}" for abi in (f"cp{PYTHON.replace('.', '')}", "abi3", "none")]
    return Platform("lambda", (*platforms, *abis, f"--python-version={PYTHON}", "--implementation=cp"))


PLATFORMS = {
    "lambda": _lambda(),
    "this": Platform(f"{sysconfig.get_platform()}-{sys.implementation.cache_tag}", ()),
}
"""``this`` is the Python that runs here: to try a package on this machine."""
