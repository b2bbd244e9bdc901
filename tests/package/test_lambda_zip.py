"""The zips that are deployed fit AWS Lambda as the templates ask for it."""

import os
import re
import struct
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from scripts.package.build import build
from scripts.package.functions import FUNCTIONS, REPOSITORY, existing
from scripts.package.platforms import GLIBC_MINOR, MACHINE, PLATFORMS, PYTHON
from templates import registry
from tests.functions import sample

AARCH64 = 183
"""``e_machine`` of an ELF header."""
PYTHON_TAG = "cp313"
MACHINES = {"arm64": "aarch64", "x86_64": "x86_64"}
UNZIPPED_LIMIT = 250 * 2**20
"""https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
DEPLOYED: list[dict[str, Any]] = [
    resource["Properties"]
    for resource in registry.build()["monitor"]["Resources"].values()
    if resource["Type"] == "AWS::Lambda::Function"
]

BUILD = """
import sys
from pathlib import Path
from scripts.package.build import build
from scripts.package.platforms import PLATFORMS
from tests.functions import sample
here = Path(sys.argv[1])
build(sample.SAMPLE, PLATFORMS["lambda"], here, sample.checkout(here / "checkout"))
"""


@pytest.fixture(scope="module")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[zipfile.ZipFile]]:
    """The sample's zip and that of each function that is written."""
    folder = tmp_path_factory.mktemp("lambda")
    checkout = sample.checkout(folder / "checkout")
    paths = [build(sample.SAMPLE, PLATFORMS["lambda"], folder, checkout)]
    paths += [build(function, PLATFORMS["lambda"], folder) for function in existing()]
    opened = [zipfile.ZipFile(path) for path in paths]
    yield opened
    for each in opened:
        each.close()


def test_what_is_packaged_is_what_the_templates_deploy() -> None:
    """The same functions under the same names, for the same Python and processor."""
    assert {each["Handler"] for each in DEPLOYED} == {function.handler for function in FUNCTIONS}
    for each in DEPLOYED:
        assert each["Runtime"] == f"python{PYTHON}"
        assert [MACHINES[name] for name in each["Architectures"]] == [MACHINE]


def test_compiled_code_is_for_lambdas_processor(packages: list[zipfile.ZipFile]) -> None:
    """Each shared library is 64-bit ARM by its ELF header, and its name one that the runtime's Python loads."""
    for package in packages:
        libraries = [name for name in package.namelist() if re.search(r"\.so(\.|$)", name)]
        assert libraries
        for name in libraries:
            magic, bits, machine = struct.unpack_from("<4sB13xH", package.read(name))
            assert (magic, bits, machine) == (b"\x7fELF", 2, AARCH64), name
            assert re.search(rf"\.(abi3|cpython-{PYTHON_TAG[2:]}-aarch64-linux-gnu)\.so$", name), name


def test_wheels_are_for_lambdas_python(packages: list[zipfile.ZipFile]) -> None:
    """By their tags: pure, or for the runtime's Python on a system no newer than the runtime's."""
    for package in packages:
        files = [name for name in package.namelist() if name.endswith(".dist-info/WHEEL")]
        assert len(files) > 20
        for name in files:
            tags = re.findall(r"^Tag: (.+?)\r?$", package.read(name).decode(), re.MULTILINE)
            assert any(fits(tag) for tag in tags), f"{name}: {tags}"


def fits(tag: str) -> bool:
    python, abi, platform = tag.split("-")
    if tag.endswith("-none-any"):
        return python == "py3"
    glibc = re.fullmatch(r"manylinux(?:2014|_2_(\d+))_aarch64", platform)
    return (
        glibc is not None
        and int(glibc[1] or 17) <= GLIBC_MINOR
        and (abi == PYTHON_TAG or (abi == "abi3" and int(python[3:]) <= int(PYTHON_TAG[3:])))
    )


def test_nothing_of_the_builder_is_in_it(packages: list[zipfile.ZipFile]) -> None:
    """Stored, in order, of one date and mode, without records of an installation and without byte code."""
    for package in packages:
        entries = package.infolist()
        assert [entry.filename for entry in entries] == sorted(entry.filename for entry in entries)
        assert {
            (entry.date_time, entry.create_system, entry.external_attr, entry.compress_type) for entry in entries
        } == {((1980, 1, 1, 0, 0, 0), 3, 0o100644 << 16, zipfile.ZIP_STORED)}
        odd = re.compile(r"(^|/)(bin|__pycache__)/|\.pyc$|dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$")
        assert not [name for name in package.namelist() if odd.search(name)]


def test_a_function_is_small_and_without_web3(packages: list[zipfile.ZipFile]) -> None:
    """Far below Lambda's limit; of botocore only what is called."""
    for package in packages:
        assert sum(entry.file_size for entry in package.infolist()) < UNZIPPED_LIMIT / 5
        names = package.namelist()
        assert not [name for name in names if name.startswith(("web3/", "eth_account/"))]
        assert not [name for name in names if name.startswith("botocore/data/ec2/")]


@pytest.mark.parametrize(("zone", "umask"), [("Asia/Tokyo", 0o077), ("America/New_York", 0o002)])
def test_two_builds_are_the_same_bytes(packages: list[zipfile.ZipFile], tmp_path: Path, zone: str, umask: int) -> None:
    """In another folder, process, zone, and for another umask and order of hashes."""
    subprocess.run(
        [sys.executable, "-c", BUILD, str(tmp_path)],
        cwd=REPOSITORY,
        env={**os.environ, "TZ": zone, "PYTHONHASHSEED": str(umask)},
        umask=umask,
        check=True,
    )
    assert (tmp_path / "sample.zip").read_bytes() == Path(str(packages[0].filename)).read_bytes()
