"""Files from npm packages: exact versions, checked against a pinned hash, kept in the user's cache folder."""

import base64
import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from scripts.devnet.errors import DevnetError, UnavailableError
from scripts.devnet.screen import Say

NPM_SECONDS = 600


@dataclass(frozen=True)
class Package:
    """``sha512`` is the hash of the archive in npm's own form; ``keep`` says which of its files are of use."""

    name: str
    version: str
    sha512: str
    keep: str

    @property
    def spec(self) -> str:
        return f"{self.name}@{self.version}"


DYNAMODB_LOCAL = Package(
    "amplify-dynamodb-simulator",
    "2.9.30",
    "xTeeRLvzEfqyd5lh3bH4c0kHvSHHmmhD5ZDsHFKAQ5g2Zl6JqlFdutaQhCLHzxEp6Ry1o7TB6niIoXuQAnSewQ==",
    "package/emulator/*",
)
# Only what was fetched and looked at is pinned; on other machines an anvil on the PATH takes its place.
ANVIL = {
    ("Linux", "x86_64"): Package(
        "@foundry-rs/anvil-linux-amd64",
        "1.7.1",
        "+XmShybEaxfCrr0OUUZwYEy2OnYZt5pHH9TzBtLv3+VrK0O/ANuNSVEahqNhKHlgX7GRJ59383ofNhxkRWIYTg==",
        "package/bin/anvil",
    ),
}
ARTIFACTS = {
    version: Package("@aztec/l1-artifacts", version, sha512, "package/dest/*.js")
    for version, sha512 in {
        "0.87.9": "vqmHhDNMSQMw9nM+AmVr+5eOHIONkhfRl5uyMAx7FdosqNspFmeBZtYsp41ZgMlSSx/+NknEp61pKY/H+f7apA==",
        "1.2.1": "A9RTYHVetgn1LzDDPrn4D5B6RhZTCWqrAv2qFfL7FEY15ye9iY3NXXsUJsp8Fx03LJhrjnvqQ2dA1hdPOw5NaQ==",
        "2.0.3": "APwOQZH0JeZ4Z836tZycHNR/f0gWflb8Fjkp8p3xKocm0ZXocnDlOJhnu7Waiz2i+rTHmSCVPdeOjYc7plEqJQ==",
        "4.1.2": "mTlLlYDFZW+54ocwhWOWd8eFROv7wyF9lOmqnaadVkKlQjG2ztJjMJLPN78GrJzx2ZJkyaa2aeGbNCRoZX1GlA==",
    }.items()
}


def anvil_package() -> Package:
    machine = (platform.system(), platform.machine())
    if machine not in ANVIL:
        raise UnavailableError(f"No anvil package is pinned for {' '.join(machine)}.")
    return ANVIL[machine]


def cache_folder() -> Path:
    """``$XDG_CACHE_HOME/sparta``, or ``~/.cache/sparta``."""
    base = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else Path.home() / ".cache") / "sparta"


def fetch(package: Package, say: Say) -> Path:
    """The folder with the package's files; fetched once, then taken from the cache.

    Raises ``UnavailableError`` when npm is missing or cannot fetch, ``DevnetError`` when the hash is another one.
    """
    digest = hashlib.sha256(package.sha512.encode()).hexdigest()[:12]
    folder = cache_folder() / f"{package.name.replace('/', '-').lstrip('@')}-{package.version}-{digest}"
    if folder.is_dir():
        return folder / "package"
    folder.parent.mkdir(parents=True, exist_ok=True)
    with one_at_a_time(folder.parent):
        if not folder.is_dir():
            _fetch_into(folder, package, say)
    return folder / "package"


def _fetch_into(folder: Path, package: Package, say: Say) -> None:
    """All or nothing: the folder appears, complete and checked, by one rename."""
    npm = shutil.which("npm")
    if npm is None:
        raise UnavailableError(f"{package.spec} is not in {folder.parent} and there is no npm on the PATH to fetch it.")
    say(f"Fetching {package.spec} with npm, once ...")
    with tempfile.TemporaryDirectory(prefix="fetching-", dir=folder.parent) as name:
        work = Path(name)
        archive = _pack(npm, package, work)
        verify(archive, package)
        _unpack(archive, work / "files", package.keep)
        (work / "files").rename(folder)


def _pack(npm: str, package: Package, work: Path) -> Path:
    try:
        done = subprocess.run(  # noqa: S603 - our own words
            [npm, "pack", package.spec],
            cwd=work,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=NPM_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(f"npm did not fetch {package.spec} within {NPM_SECONDS} s. Try again.") from None
    archives = list(work.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        raise UnavailableError(f"npm could not fetch {package.spec}. It said: {done.stderr.strip()[-500:]}")
    return archives[0]


def verify(archive: Path, package: Package) -> None:
    """Raises ``DevnetError`` unless the archive is, byte for byte, the one that was pinned."""
    with archive.open("rb") as file:
        found = base64.b64encode(hashlib.file_digest(file, "sha512").digest()).decode()
    if found != package.sha512:
        raise DevnetError(
            f"{package.spec} was refused and nothing of it was kept: its sha512 is {found}, not the pinned "
            f"{package.sha512}, so it is not the file that was reviewed; find out where npm fetched it from."
        )


def _unpack(archive: Path, to: Path, keep: str) -> None:
    with tarfile.open(archive) as tar:
        members = [member for member in tar.getmembers() if fnmatchcase(member.name, keep)]
        tar.extractall(to, members, filter="data")


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Test processes side by side fetch a package once; the lock ends with the process that holds it."""
    with (folder / "lock").open("w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
