"""The packages of a lock: fetched by pip as wheels, once, and read from there. Nothing is installed, nothing built."""

import hashlib
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from scripts.devnet.packages import cache_folder, one_at_a_time
from scripts.devnet.screen import say
from scripts.package.errors import PackageError
from scripts.package.platforms import Platform

# What no program imports: sources of compiled modules, types, tests, and what wheels put beside their packages.
SOURCES = {".c", ".h", ".pxd", ".pyi", ".pyx"}
TESTS = {"SelfTest", "tests"}
BESIDE = {"bin", "docs"}
# Says what was installed, which is not true of a part.
RECORDS = {"RECORD", "RECORD.jws", "RECORD.p7s"}
SERVICES = PurePosixPath("botocore/data")


def fetch(lock: Path, platform: Platform) -> Path:
    """The folder with the lock's wheels for the platform; fetched once, then taken from the user's cache folder.

    :raises PackageError: when pip cannot fetch them
    """
    digest = hashlib.sha256(lock.read_bytes() + " ".join(platform.options).encode()).hexdigest()[:12]
    folder = cache_folder() / f"wheels-{platform.key}-{digest}"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(folder.parent):
        if not folder.is_dir():
            say(f"Fetching the packages of {lock.name} with pip, once ...")
            with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as name:
                _download(lock, platform, Path(name) / "wheels")
                (Path(name) / "wheels").rename(folder)
    return folder


def _download(lock: Path, platform: Platform, to: Path) -> None:
    # The lock is complete: what else a package asks for would be judged by the Python that runs here.
    options = ["--no-deps", "--require-hashes", "--only-binary=:all:", *platform.options, f"--dest={to}"]
    done = subprocess.run(  # noqa: S603 - our own words
        [sys.executable, "-m", "pip", "download", "--disable-pip-version-check", "--quiet", *options, "-r", str(lock)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise PackageError(
            f"pip could not fetch the packages of {lock.name}, so nothing was packaged. Without a way to the package "
            "registry, name a mirror (PIP_INDEX_URL) or a folder of wheels (PIP_NO_INDEX=1 PIP_FIND_LINKS=...); once "
            f"fetched, they are kept. pip said: {done.stderr.strip()[-500:]}"
        )


def files(wheels: Path, lock: Path, services: set[str]) -> dict[str, bytes]:
    """What the wheels hold of use for a function that calls these AWS services, by its place in the zip.

    :raises PackageError: when a wheel is not one that the lock names
    """
    hashes = set(re.findall(r"--hash=sha256:([0-9a-f]{64})", lock.read_text(encoding="utf-8")))
    found: dict[str, bytes] = {}
    for wheel in sorted(wheels.glob("*.whl")):
        if hashlib.sha256(wheel.read_bytes()).hexdigest() not in hashes:
            raise PackageError(f"{wheel} is not the file that {lock.name} names. Remove its folder and try again.")
        found.update(_read(wheel, services))
    return found


def _read(wheel: Path, services: set[str]) -> Iterator[tuple[str, bytes]]:
    with zipfile.ZipFile(wheel) as archive:
        for member in archive.infolist():
            place = PurePosixPath(re.sub(r"^[^/]+\.data/(purelib|platlib)/", "", member.filename))
            if not member.is_dir() and _of_use(place, services):
                yield str(place), archive.read(member)


def _of_use(place: PurePosixPath, services: set[str]) -> bool:
    top, *folders = place.parts[:-1] or ("",)
    if top in BESIDE or top.endswith(".data") or place.suffix in SOURCES or TESTS.intersection(folders):
        return False
    if top.endswith(".dist-info"):
        return place.name not in RECORDS
    # Beside the folders of the services stand files about all of them.
    return SERVICES not in place.parent.parents or place.relative_to(SERVICES).parts[0] in services
