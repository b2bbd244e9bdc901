"""What every command of the runbook keeps to: wrong input ends in one clear line, and help helps."""

from __future__ import annotations

import re
import socket
from pathlib import Path

import click
import pytest

from scripts.__main__ import Runbook
from scripts.verbs import COMMANDS
from tests.deployment.system import System
from tests.operations.answering import Between, expired
from tests.operations.running import Done, run, surroundings

MAKEFILE = Path(__file__).resolve().parents[2] / "Makefile"
WIDTH = 110
CREATES = frozenset({"changeset", "deploy", "bootstrap"})
"""Verbs that may begin where nothing is deployed yet."""
STAYS = frozenset({"backups", "cost", "restore"})
"""What is looked at outlives the system, backups; or needs none, an estimate."""
OFFLINE = frozenset({"difference"})
"""Verbs that ask AWS nothing."""
GIVEN: dict[str, dict[str, str]] = {
    "difference": {"BASE": "templates"},
    "putback": {"TABLE": "operators", "SOURCE": "sparta-operators-copy"},
    "restore": {"TABLE": "operators"},
    "rotate": {"NAME": "api-key"},
    "secret": {"NAME": "bot-token"},
}
"""What a verb is given that wants more than any value."""
ASKS_AWS = sorted(set(COMMANDS) - OFFLINE)


def command_of(verb: str) -> click.Command:
    runbook = Runbook()
    found = runbook.get_command(click.Context(runbook), verb)
    assert found is not None
    return found


def needed(verb: str) -> dict[str, str]:
    """A value for every option that has to be given, by its variable."""
    found = {}
    for option in command_of(verb).params:
        if isinstance(option, click.Option) and option.required and option.name != "env":
            name = option.envvar[0] if isinstance(option.envvar, list | tuple) else option.envvar
            kind = option.type
            value = kind.choices[0] if isinstance(kind, click.Choice) else "1"
            found[str(name)] = str(value)
    return found


def attempt(staging: System, home: Path, verb: str, *without: str, **variables: str) -> Done:
    """Run a verb with all it needs and everybody's consent, so that only the mistake can stop it."""
    given = surroundings(staging.emulator, home) | {"ENV": "staging", "YES": "1"} | needed(verb)
    given |= GIVEN.get(verb, {}) | variables
    return run({name: value for name, value in given.items() if name not in without}, verb)


def is_refused(done: Done, words: str) -> None:
    """One line that says it, and no success."""
    assert done.code not in (0, 2), done
    assert "Traceback" not in done.err
    lines = [line for line in done.err.splitlines() if line.strip()]
    assert len(lines) == 1, done.err
    assert re.search(words, lines[0]), lines[0]


@pytest.mark.parametrize("verb", sorted(set(ASKS_AWS) - {"cost"}))
def test_no_credentials(staging: System, tmp_path: Path, between: Between, verb: str) -> None:
    """An estimate is made without any; tests/operations/test_cost.py has that."""
    keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
    done = attempt(staging, tmp_path, verb, *keys, AWS_ENDPOINT_URL=between.url)
    is_refused(done, "There are no AWS credentials that work here")
    assert between.asked == []


@pytest.mark.parametrize("verb", ASKS_AWS)
def test_expired_credentials(staging: System, tmp_path: Path, between: Between, verb: str) -> None:
    between.answer("*", expired)
    is_refused(attempt(staging, tmp_path, verb, AWS_ENDPOINT_URL=between.url), "credentials have expired")
    assert between.changed == []


@pytest.mark.parametrize("verb", ASKS_AWS)
def test_wrong_region(staging: System, tmp_path: Path, between: Between, verb: str) -> None:
    done = attempt(staging, tmp_path, verb, AWS_REGION="us-east-1", AWS_ENDPOINT_URL=between.url)
    is_refused(done, "staging is in eu-west-2 .* but the region set here is us-east-1")
    assert between.asked == []


@pytest.mark.parametrize("verb", sorted(set(ASKS_AWS) - CREATES - STAYS))
def test_missing_stack(staging: System, tmp_path: Path, between: Between, verb: str) -> None:
    """The emulator holds staging alone."""
    done = attempt(staging, tmp_path, verb, ENV="development", AWS_ENDPOINT_URL=between.url)
    is_refused(done, "There is no (stack sparta-(bootstrap-)?|table sparta-operators-|secret sparta/)development")
    assert between.changed == []


@pytest.mark.parametrize("verb", COMMANDS)
def test_unknown_environment(staging: System, tmp_path: Path, between: Between, verb: str) -> None:
    done = attempt(staging, tmp_path, verb, ENV="prodution", AWS_ENDPOINT_URL=between.url)
    is_refused(done, "There is no environment 'prodution'; there are development, production, staging")
    assert between.asked == []


@pytest.mark.parametrize("verb", ASKS_AWS)
def test_closed_network(staging: System, tmp_path: Path, verb: str) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        is_refused(attempt(staging, tmp_path, verb, AWS_ENDPOINT_URL=url), "AWS could not be reached")


@pytest.mark.parametrize("verb", COMMANDS)
def test_help_helps(verb: str) -> None:
    """A sentence, an example that can be typed, and lines that fit on a screen."""
    context = click.Context(command_of(verb), info_name=verb, max_content_width=WIDTH, terminal_width=WIDTH)
    shown = command_of(verb).get_help(context)
    text = command_of(verb).help or ""
    assert re.match(r"[A-Z][^\n]*\.", text.strip().split("\n\n")[0].replace("\n", " ")), text
    assert f"Example: make {verb} " in text
    assert [line for line in shown.splitlines() if len(line) > WIDTH] == []


@pytest.mark.parametrize("verb", COMMANDS)
def test_every_option_is_a_variable_of_make(verb: str) -> None:
    """Whatever can be given to the command can be given to make, by the same name; and says what it is."""
    for option in command_of(verb).params:
        if isinstance(option, click.Option):
            variables = [option.envvar] if isinstance(option.envvar, str) else option.envvar
            assert variables, f"{verb}: {option.name} has no variable"
            assert variables[0] == option.opts[0].removeprefix("--").upper().replace("-", "_")
            assert option.help, f"{verb}: {option.name} is not explained"


def test_every_command_is_in_the_makefile_and_the_other_way_round() -> None:
    makefile = MAKEFILE.read_text(encoding="utf-8")
    listed = re.findall(r"^([a-z]+): ## ", makefile, re.MULTILINE)
    assert [verb for verb in listed if verb in COMMANDS] == list(COMMANDS)
    runbook = re.search(r"^RUNBOOK := ((?:.*\\\n)*.*)$", makefile, re.MULTILINE)
    assert runbook is not None
    assert runbook[1].replace("\\", "").split() == list(COMMANDS)
