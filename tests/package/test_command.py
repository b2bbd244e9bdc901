"""`make package` says what it wrote, and what it cannot do."""

import subprocess
import sys
from pathlib import Path

from scripts.package.functions import REPOSITORY, existing


def package(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "scripts.package", *arguments],
        cwd=REPOSITORY,
        capture_output=True,
        text=True,
        check=False,
    )


def test_each_function_that_is_written_is_packaged(tmp_path: Path) -> None:
    """One zip and one line each: path, size, hash."""
    done = package("--out", str(tmp_path))
    names = [f"{function.name}.zip" for function in existing()]
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(names)
    assert [line.split()[0] for line in done.stdout.splitlines()] == [str(tmp_path / name) for name in names]


def test_an_unknown_function_is_refused(tmp_path: Path) -> None:
    done = package("--function", "nothing", "--out", str(tmp_path))
    assert done.returncode == 2
    assert "invalid choice: 'nothing'" in done.stderr
    assert not list(tmp_path.iterdir())
