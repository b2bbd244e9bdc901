"""Packages are fetched once, checked against their pinned hash, and refused when they differ."""

import base64
import hashlib
import io
import os
import tarfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from scripts.devnet import packages
from scripts.devnet.errors import DevnetError, UnavailableError
from scripts.devnet.packages import Package, fetch


@dataclass
class Npm:
    """A stand-in for npm on the PATH, and the package it hands out."""

    folder: Path
    package: Package
    said: list[str]

    def script(self, text: str) -> None:
        program = self.folder / "npm"
        program.write_text(f"#!/bin/sh\necho call >> {self.folder / 'calls'}\n{text}\n", encoding="utf-8")
        program.chmod(0o755)

    @property
    def calls(self) -> int:
        log = self.folder / "calls"
        return len(log.read_text(encoding="utf-8").splitlines()) if log.exists() else 0

    def fetch(self) -> Path:
        return fetch(self.package, self.said.append)


@pytest.fixture
def npm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Npm:
    folder = tmp_path / "bin"
    folder.mkdir()
    archive = _archive(folder)
    sha512 = base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    made = Npm(folder, Package("@some/tool", "1.0.0", sha512, "package/bin/*"), [])
    made.script(f"cp {archive} .")
    return made


def _archive(folder: Path) -> Path:
    path = folder / "some-tool-1.0.0.tgz"
    with tarfile.open(path, "w:gz") as tar:
        for name in ("package/bin/tool", "package/README.md"):
            content = b"#!/bin/sh\n"
            member = tarfile.TarInfo(name)
            member.size, member.mode = len(content), 0o755
            tar.addfile(member, io.BytesIO(content))
    return path


def test_a_package_is_fetched_once_and_said(npm: Npm) -> None:
    """The second time comes from the cache, in silence; only the files of use are kept, programs executable."""
    folder = npm.fetch()
    assert npm.fetch() == folder
    assert npm.calls == 1
    assert npm.said == ["Fetching @some/tool@1.0.0 with npm, once ..."]
    assert [path.name for path in folder.rglob("*") if path.is_file()] == ["tool"]
    assert os.access(folder / "bin" / "tool", os.X_OK)


def test_another_hash_is_refused_in_one_sentence_and_nothing_is_kept(npm: Npm, tmp_path: Path) -> None:
    """A package that is not byte for byte the pinned one is never unpacked."""
    npm.package = Package("@some/tool", "1.0.0", "AAAA", "package/bin/*")
    with pytest.raises(DevnetError) as refused:
        npm.fetch()
    sentence = str(refused.value)
    assert sentence.startswith("@some/tool@1.0.0 was refused and nothing of it was kept: its sha512 is ")
    assert "not the pinned AAAA" in sentence
    assert "\n" not in sentence
    assert [path.name for path in (tmp_path / "cache" / "sparta").iterdir()] == ["lock"]


def test_without_npm_the_cache_is_enough(npm: Npm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """npm is only needed for what is not there yet, and its absence is told apart from a wrong file."""
    empty = tmp_path / "empty"
    empty.mkdir()
    monkeypatch.setenv("PATH", str(empty))
    with pytest.raises(UnavailableError, match="there is no npm on the PATH"):
        npm.fetch()
    monkeypatch.undo()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PATH", f"{npm.folder}{os.pathsep}{os.environ['PATH']}")
    folder = npm.fetch()
    monkeypatch.setenv("PATH", str(empty))
    assert npm.fetch() == folder


def test_what_npm_says_is_passed_on(npm: Npm, tmp_path: Path) -> None:
    """When npm fails its own words reach the person, and nothing half-done stays."""
    npm.script("echo 'npm error code E404' >&2; exit 1")
    with pytest.raises(
        UnavailableError, match=r"npm could not fetch @some/tool@1\.0\.0\. It said: npm error code E404"
    ):
        npm.fetch()
    assert [path.name for path in (tmp_path / "cache" / "sparta").iterdir()] == ["lock"]


def test_two_at_once_fetch_once(npm: Npm) -> None:
    """Test processes side by side share one download."""
    with ThreadPoolExecutor(4) as pool:
        folders = {job.result() for job in [pool.submit(npm.fetch) for _ in range(4)]}
    assert len(folders) == 1
    assert npm.calls == 1


def test_the_cache_is_in_the_users_cache_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """XDG_CACHE_HOME where it is set to a full path, else ~/.cache."""
    monkeypatch.setenv("HOME", str(tmp_path))
    for value in ("", "relative"):
        monkeypatch.setenv("XDG_CACHE_HOME", value)
        assert packages.cache_folder() == tmp_path / ".cache" / "sparta"
    monkeypatch.setenv("XDG_CACHE_HOME", "/somewhere")
    assert packages.cache_folder() == Path("/somewhere/sparta")


def test_a_machine_without_a_pinned_anvil_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """No package is fetched that was not looked at."""
    monkeypatch.setattr("platform.system", lambda: "Plan9")
    monkeypatch.setattr("platform.machine", lambda: "mips")
    with pytest.raises(UnavailableError, match="No anvil package is pinned for Plan9 mips"):
        packages.anvil_package()
