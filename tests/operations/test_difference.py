"""``make difference``: what a pull request changes, from two folders of templates."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from templates import environments
from tests.deployment.system import write_templates
from tests.operations.running import Done, run

KEPT = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
NOWHERE = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_EC2_METADATA_DISABLED": "true"}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    folder = tmp_path / "base"
    folder.mkdir()
    return write_templates(folder)


@pytest.fixture
def head(tmp_path: Path) -> Path:
    folder = tmp_path / "head"
    folder.mkdir()
    return write_templates(folder)


def difference(base: Path, head: Path, **variables: str) -> Done:
    return run(KEPT | NOWHERE | {"BASE": str(base), "HEAD": str(head)} | variables, "difference")


def replace(folder: Path, stack: str, old: str, new: str) -> None:
    path = folder / f"{stack}.yaml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_what_changes_is_told_without_aws(base: Path, head: Path) -> None:
    """A number by its path, before and after."""
    replace(head, "monitor", "MemorySize: 256", "MemorySize: 512")
    done = difference(base, head)
    assert (done.code, done.err) == (0, "")
    assert "RotationFunction" in done.out
    assert "`MemorySize`: `256` → `512`" in done.out


def test_a_table_that_would_go_is_loud(base: Path, head: Path) -> None:
    """The name of a table replaces it."""
    replace(head, "data", "sparta-operators-${Environment}", "sparta-people-${Environment}")
    done = difference(base, head)
    assert done.code == 0
    assert "Data/OperatorsTable" in done.out
    assert "eplaced" in done.out


def test_no_change_is_said(base: Path, head: Path) -> None:
    """In one line."""
    assert difference(base, head).out == "Nothing changes.\n"


def test_parameters_change_too(base: Path, head: Path, tmp_path: Path) -> None:
    """Those of before from a file, and the review into another."""
    before = json.loads((environments.FOLDER / "production.json").read_text(encoding="utf-8"))
    for each in before:
        if each["ParameterKey"] == "ApiDesiredCount":
            each["ParameterValue"] = "5"
    given, written = tmp_path / "before.json", tmp_path / "review.md"
    given.write_text(json.dumps(before), encoding="utf-8")
    done = difference(base, head, BASE_PARAMETERS=str(given), REVIEW_MARKDOWN=str(written))
    assert (done.code, done.out) == (0, "")
    assert "`DesiredCount`: `5` → `2`" in written.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("wrong", "code", "words"),
    [
        ({"ENV": "moon"}, 1, "There is no environment 'moon'; there are development, production, staging."),
        ({"BASE": "/nowhere"}, 2, "does not exist"),
        ({"HEAD": "/"}, 1, "holds no root.yaml. Write the templates first: make template."),
    ],
)
def test_wrong_input_is_a_line(base: Path, head: Path, wrong: dict[str, str], code: int, words: str) -> None:
    """And nothing on the screen but that."""
    done = difference(base, head, **wrong)
    assert (done.code, done.out) == (code, "")
    assert words in done.err
