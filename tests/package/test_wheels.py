"""Packages are those of the lock, or there is no zip."""

import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from scripts.package import wheels
from scripts.package.build import build
from scripts.package.errors import PackageError
from scripts.package.functions import FUNCTIONS, REPOSITORY
from scripts.package.platforms import PLATFORMS
from tests.functions import sample
from tests.test_house import pins

TEXTS = {
    "a-1.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    "a-1.dist-info/METADATA": "Metadata-Version: 2.1\nName: a\nVersion: 1\n",
}
"""What pip reads in a wheel."""


def a_wheel(folder: Path, *names: str) -> Path:
    folder.mkdir(exist_ok=True)
    path = folder / "a-1-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as archive:
        for name in names:
            archive.writestr(name, TEXTS.get(name, name))
    return path


def a_lock(folder: Path, *hashes: str) -> Path:
    lock = folder / "a.txt"
    lock.write_text("a==1" + "".join(f" \\\n    --hash=sha256:{each}" for each in hashes) + "\n", encoding="utf-8")
    return lock


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_what_no_program_imports_is_left_out(tmp_path: Path) -> None:
    """Sources of compiled modules, types, tests, scripts and records stay behind, and services nobody calls."""
    kept = [
        "a/__init__.py",
        "a/code.abi3.so",
        "a/tests.py",
        "a-1.dist-info/METADATA",
        "a-1.dist-info/licenses/LICENSE",
        "botocore/data/endpoints.json",
        "botocore/data/dynamodb/2012-08-10/service-2.json.gz",
        "single.py",
    ]
    left = [
        "a/code.pyx",
        "a/types.pyi",
        "a/tests/test_a.py",
        "a-1.dist-info/RECORD",
        "a-1.data/scripts/a",
        "botocore/data/ec2/2016-11-15/service-2.json.gz",
        "docs/index.rst",
    ]
    wheel = a_wheel(tmp_path / "wheels", *kept, *left, "a-1.data/purelib/moved.py")
    found = wheels.files(wheel.parent, a_lock(tmp_path, digest(wheel)), {"dynamodb"})
    assert sorted(found) == sorted([*kept, "moved.py"])


def test_another_file_than_the_lock_names_is_refused(tmp_path: Path) -> None:
    """Also when it lies where fetched packages are kept."""
    wheel = a_wheel(tmp_path / "wheels", "a/__init__.py")
    with pytest.raises(PackageError, match=r"a-1-py3-none-any\.whl is not the file that a\.txt names\."):
        wheels.files(wheel.parent, a_lock(tmp_path, "0" * 64), set())


def test_packages_are_fetched_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then they come from the cache, without a registry; and what was fetched is what the lock names."""
    wheel = a_wheel(tmp_path / "found", "a/__init__.py", *TEXTS)
    lock = a_lock(tmp_path, digest(wheel))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(wheel.parent))
    folder = wheels.fetch(lock, PLATFORMS["lambda"])
    assert [path.name for path in folder.iterdir()] == [wheel.name]
    wheel.unlink()
    assert wheels.fetch(lock, PLATFORMS["lambda"]) == folder
    with pytest.raises(PackageError):
        wheels.fetch(lock, PLATFORMS["this"])


def test_without_a_registry_it_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence with pip's reason; the zip of last time stays as it was, and nothing half-done is kept."""
    checkout = sample.checkout(tmp_path / "checkout")
    (tmp_path / "sample.zip").write_bytes(b"of last time")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setenv("PIP_CACHE_DIR", str(tmp_path / "pip"))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(PackageError, match=r"(?s)pip could not fetch the packages of monitor\.txt.*No matching dist"):
        build(sample.SAMPLE, PLATFORMS["lambda"], tmp_path, checkout)
    assert (tmp_path / "sample.zip").read_bytes() == b"of last time"
    assert [path.name for path in (tmp_path / "cache" / "sparta").iterdir()] == ["lock"]


@pytest.mark.parametrize("lock", sorted({function.lock for function in FUNCTIONS}))
def test_a_lock_says_the_same_to_every_builder(lock: str) -> None:
    """pip judges conditions by the Python that runs it: none may ask for its version or its system."""
    conditions = [line.partition(";")[2] for lines in pins(lock).values() for line in lines if ";" in line]
    names = {name for condition in conditions for name in re.findall(r"\b[a-z]\w*_\w+", condition)}
    assert names <= {"implementation_name"}, f"{REPOSITORY.name}/requirements/{lock}.txt"
