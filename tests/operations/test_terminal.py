"""The runbook at a terminal: Ctrl-C at a question, wrong input, narrow screens; and none of that in a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from rich.text import Text

from scripts.operations.screen import between_words
from tests.deployment.system import System
from tests.operations.answering import Between
from tests.operations.deployments import ACCOUNT
from tests.operations.running import Done, surroundings
from tests.operations.terminal import CTRL_C, CTRL_D, When, at_terminal

Command = Callable[..., Done]
TOKEN = "MTMyOTA3OTM1Njc4NTY4ODYxNg.GpLnTd.planted-secret-token-value-0123456789"
QUESTIONS: dict[str, dict[str, str]] = {
    "restart": {"SERVICE": "api"},
    "scale": {"SERVICE": "api", "COUNT": "2"},
    "disable": {},
    "rotate": {"NAME": "api-key"},
    "destroy": {},
}


@pytest.fixture
def person(staging: System, tmp_path: Path, between: Between) -> dict[str, str]:
    """Variables of somebody at a terminal of 80 columns."""
    seen = {"ENV": "staging", "COLUMNS": "80", "AWS_ENDPOINT_URL": between.url}
    return surroundings(staging.emulator, tmp_path) | seen


@pytest.mark.parametrize("verb", QUESTIONS)
def test_ctrl_c_at_a_question_is_a_no(person: dict[str, str], between: Between, verb: str) -> None:
    """It says, on a line of its own, that nothing was changed; and nothing was."""
    asked = "to go on: " if verb == "destroy" else "[y/N]: "
    done = at_terminal(person | QUESTIONS[verb], verb, answers=[When(asked, type=CTRL_C)])
    assert done.code == 1, done.screen
    after = done.screen.partition(asked)[2].splitlines()[1:]
    assert any(line.startswith("Nothing was changed.") for line in after), done.screen
    assert "Aborted" not in done.screen
    assert between.changed == []


@pytest.mark.parametrize("answer", ["n", "", CTRL_C, CTRL_D])
def test_whatever_is_no_yes_leaves_nothing(person: dict[str, str], staging: System, answer: str) -> None:
    """A no, Enter alone, Ctrl-C and Ctrl-D: the same sentence, exit code 1, and no change set stays behind."""
    done = at_terminal(person | {"ENV": "development"}, "bootstrap", answers=[When("[y/N]: ", type=answer)])
    assert done.code == 1, done.screen
    assert done.screen.splitlines()[-1] == "Nothing was changed."
    listed = staging.emulator.client("cloudformation").list_change_sets(StackName="sparta-bootstrap-development")
    assert listed["Summaries"] == []


@pytest.mark.parametrize("answer", ["y", "sparta-production", ""])
def test_another_name_than_the_stacks_deletes_nothing(person: dict[str, str], between: Between, answer: str) -> None:
    """For what cannot be undone the name has to be typed; a yes is no name."""
    answers = [When("Type its name (sparta-staging) to go on: ", type=answer)]
    done = at_terminal(person | {"COLUMNS": "100"}, "destroy", answers=answers)
    assert done.code == 1, done.screen
    assert "Nothing was changed." in done.screen
    assert between.changed == []


@pytest.mark.parametrize("end", [CTRL_C, CTRL_D, "no-token"])
def test_a_secret_that_is_typed_is_never_shown(person: dict[str, str], between: Between, end: str) -> None:
    """The terminal echoes nothing of it, neither when it is wrong nor when the person gives up in the middle."""
    begun = "planted-5f0c9d41e7"
    done = at_terminal(person | {"NAME": "bot-token"}, "secret", answers=[When("(not shown): ", type=begun + end)])
    assert done.code == 1, done.screen
    assert begun not in done.written
    assert "nothing was changed" in done.screen.lower()
    assert between.changed == []


def test_ctrl_c_at_the_prompt_for_a_secret_changes_nothing(person: dict[str, str], between: Between) -> None:
    done = at_terminal(person | {"NAME": "bot-token"}, "secret", answers=[When("(not shown): ", type=CTRL_C)])
    assert done.code == 1, done.screen
    assert "nothing was changed" in done.screen
    assert between.changed == []


def test_ctrl_c_after_a_secret_was_set_says_what_is_left_to_do(person: dict[str, str], staging: System) -> None:
    """The secret is set by then, so it is not said that nothing was changed; the commands that remain can be typed."""
    secrets = staging.emulator.client("secretsmanager")
    before = secrets.get_secret_value(SecretId="sparta/staging/bot-token")["SecretString"]
    # The line after it is a no too: a Ctrl-C right before the question is read can get lost, and Enter alone is a yes.
    answers = [When("(not shown): ", type=TOKEN), When("[y/N]: ", type="y"), When("[Y/n]: ", type=CTRL_C + "n")]
    try:
        done = at_terminal(person | {"NAME": "bot-token"}, "secret", answers=answers)
    finally:
        secrets.put_secret_value(SecretId="sparta/staging/bot-token", SecretString=before)
    assert done.code == 0, done.screen
    assert "Nothing was changed" not in done.screen
    assert "make restart ENV=staging SERVICE=api" in done.screen
    assert "make restart ENV=staging SERVICE=bot" in done.screen
    assert "planted" not in done.written


@pytest.mark.parametrize(
    ("verb", "variables", "said"),
    [
        ("scale", {"SERVICE": "api"}, "COUNT is missing. How many tasks are to run. Example: `make scale ENV="),
        ("scale", {"SERVICE": "api", "COUNT": "abc"}, "COUNT: 'abc' is not a whole number."),
        ("scale", {"SERVICE": "aip", "COUNT": "2"}, "SERVICE: 'aip' is not one of 'api', 'bot'."),
        ("logs", {}, "COMPONENT is missing. Whose log (COMPONENT= or SERVICE=): api, bot, monitor,"),
        ("logs", {"COMPONENT": "api", "SINCE": "tomorrow"}, "SINCE: 'tomorrow' is no time; write 30s, 10m, 2h or 1d."),
        ("errors", {"ENV": ""}, "ENV is missing. The environment: production, staging ... Example: `make errors ENV="),
        (
            "secret",
            {"NAME": ""},
            "NAME is missing. bot-token, ethereum-private-key, api-key ... Example: `make secret ENV=",
        ),
        ("deploy", {"INTERVAL": "soon"}, "INTERVAL: 'soon' is not a number."),
        ("verify --quick", {}, "No such option '--quick'"),
    ],
)
def test_wrong_usage_is_one_line_in_the_words_of_make(
    command: Command, between: Between, verb: str, variables: dict[str, str], said: str
) -> None:
    """The variable is named as it was typed, and what is wrong with it; AWS is not asked."""
    done = command(*verb.split(), AWS_ENDPOINT_URL=between.url, **variables)
    assert (done.code, done.out, len(done.err.splitlines())) == (2, "", 1), done
    assert said in done.err
    assert f"`make {verb.partition(' ')[0]} ARGS=--help`" in done.err
    assert between.asked == []


def test_lines_break_between_words_on_a_narrow_screen(person: dict[str, str]) -> None:
    """And a command that is to be copied is never broken by us."""
    done = at_terminal(person | {"ENV": "production"}, "restart", "--service", "api")
    assert done.code == 1
    lines = done.screen.splitlines()
    assert max(map(len, lines)) <= 80
    assert " ".join(line.strip() for line in lines) == (
        f"There is no stack sparta-production in account {ACCOUNT}, region eu-west-2. Look whether these are the right "
        "credentials; if production was never deployed, the README's chapter Deploy begins it."
    )


@pytest.mark.parametrize(
    ("width", "text", "broken"),
    [
        (12, "  one two three four", "  one two\n    three\n    four"),
        (22, "see `make logs SINCE=1h` now", "see\n`make logs SINCE=1h`\nnow"),
        (18, "so: make a ENV=b C=d; then", "so:\nmake a ENV=b C=d;\nthen"),
        (19, "do aws a b --c d --e; then", "do\naws a b --c d --e;\nthen"),
        (12, "a veryveryverylongword b", "a veryveryverylongword\nb"),
        (12, "short\nand a second line", "short\nand a second\nline"),
        (12, "", ""),
    ],
)
def test_where_a_line_breaks(width: int, text: str, broken: str) -> None:
    assert between_words(Text(text), width).plain == broken


def test_a_file_has_no_colours_and_wide_tables(command: Command) -> None:
    """Whoever keeps the output, or a log of CI, is no narrow screen."""
    done = command("secrets", COLUMNS="")
    assert done.code == 0
    assert "sparta" not in done.err
    assert "ethereum-private-key" in done.out
    assert "\x1b" not in done.out + done.err
    assert "\r" not in done.out + done.err
