"""Questions on a real terminal: what a person types there, and what it leads to."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.deployment.system import System
from tests.emulator.emulator import REPOSITORY, Emulator
from tests.operations.deployments import place
from tests.operations.recording.terminal import Played, When, play
from tests.operations.running import surroundings

CTRL_C, CTRL_D = "\x03", "\x04"
QUESTION = "Shall sparta-bootstrap-development be created so? [y/N]: "


@pytest.fixture
def at_staging(staging: System, tmp_path: Path) -> dict[str, str]:
    return surroundings(staging.emulator, tmp_path) | {"ENV": "staging"}


def typed(variables: dict[str, str], *words: str, at: str) -> Played:
    """A command of which one question is answered."""
    arguments, answer = words[:-1], words[-1]
    return play([sys.executable, "-m", "scripts", *arguments], variables, REPOSITORY, When(at, type=answer))


@pytest.mark.parametrize("answer", ["n", "", CTRL_C, CTRL_D])
def test_whatever_is_no_yes_changes_nothing_and_leaves_nothing(tmp_path: Path, answer: str) -> None:
    """A no, Enter alone, Ctrl-C and Ctrl-D: the same sentence, exit code 1, and no change set stays behind."""
    with Emulator() as emulator:
        where = place(emulator, tmp_path, bootstrapped=False)
        variables = surroundings(emulator, tmp_path) | {"ENV": where.environment}
        done = typed(variables, "bootstrap", answer, at=QUESTION)
        assert done.code == 1
        assert done.screen.splitlines()[-1] == "Nothing was changed."
        assert where.stacks() == {}


@pytest.mark.parametrize("answer", ["y", "sparta-production", "", CTRL_C])
def test_another_name_than_the_stacks_deletes_nothing(at_staging: dict[str, str], staging: System, answer: str) -> None:
    """For what cannot be undone the name has to be typed; a yes is no name."""
    done = typed(at_staging, "destroy", answer, at="Type its name (sparta-staging) to go on: ")
    assert done.code == 1
    assert "Nothing was changed." in done.screen.splitlines()[-1]
    assert staging.emulator.client("dynamodb").list_backups()["BackupSummaries"] == []


@pytest.mark.parametrize("end", [CTRL_C, CTRL_D, "no-token"])
def test_a_secret_that_is_typed_is_never_shown(at_staging: dict[str, str], end: str) -> None:
    """The terminal echoes nothing of it, neither when it is wrong nor when the person gives up in the middle."""
    begun = "planted-5f0c9d41e7"
    done = typed(at_staging, "secret", "--name", "bot-token", begun + end, at="(not shown): ")
    assert done.code == 1
    assert begun not in done.written
    assert "Nothing was changed" in done.screen or "nothing was changed" in done.screen
