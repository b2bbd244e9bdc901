"""A zip's bytes follow from its content, on every machine."""

import hashlib
import zipfile
from pathlib import Path

import pytest

from scripts.package import archive

CONTENT = {"b/code.py": b"print('here')\n" * 9, "a.py": b"", "b/\xe9.json": b"{}"}
DIGEST = "783d9ffee7acedc1776123726c56452091e19e980c1afc39f5b9d69211bddbf7"


def test_the_bytes_are_those_of_every_builder(tmp_path: Path) -> None:
    """This very hash comes out on each Python, system, zone and umask that the tests run on."""
    archive.write(CONTENT, tmp_path / "one.zip")
    assert hashlib.sha256((tmp_path / "one.zip").read_bytes()).hexdigest() == DIGEST


def test_the_order_of_the_files_does_not_matter(tmp_path: Path) -> None:
    archive.write(CONTENT, tmp_path / "one.zip")
    archive.write(dict(reversed(CONTENT.items())), tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_what_was_put_in_comes_out(tmp_path: Path) -> None:
    """Each file is there, readable by everybody: Lambda runs as a user of its own."""
    archive.write(CONTENT, tmp_path / "deep" / "one.zip")
    with zipfile.ZipFile(tmp_path / "deep" / "one.zip") as opened:
        assert {name: opened.read(name) for name in opened.namelist()} == CONTENT
        assert {entry.external_attr >> 16 for entry in opened.infolist()} == {0o100644}


def test_an_interrupted_build_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The zip is the old one, whole, and nothing half-written lies about."""
    archive.write(CONTENT, tmp_path / "one.zip")
    before = (tmp_path / "one.zip").read_bytes()

    write_one = zipfile.ZipFile.writestr

    def interrupted(opened: zipfile.ZipFile, entry: zipfile.ZipInfo, content: bytes) -> None:
        if opened.namelist():
            raise KeyboardInterrupt
        write_one(opened, entry, content)

    monkeypatch.setattr(zipfile.ZipFile, "writestr", interrupted)
    with pytest.raises(KeyboardInterrupt):
        archive.write({"first.py": b"1", "second.py": b"2"}, tmp_path / "one.zip")
    assert [path.name for path in tmp_path.iterdir()] == ["one.zip"]
    assert (tmp_path / "one.zip").read_bytes() == before
