"""The house: what a newcomer types, what CI runs, what is installed, and what is written about it agree."""

import configparser
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from templates import environments
from templates.rules import contract

HOUSE = Path(__file__).resolve().parents[1]
PARTS = ("api", "bot", "infra", "monitor", "operations")
LOCKS = (*PARTS, "dev", "emulator", "lambda")
WORKFLOWS = ("lint", "template", "test")
SECRETS = {"BACKEND_API_KEY", "BOT_TOKEN", "SPARTA_PRIVATE_KEY"}
VARIABLES = """
    ENVIRONMENT API_HOST API_PORT BACKEND_API_KEY BACKEND_API_KEY_SECRET CORS_ALLOWED_ORIGINS BOT_TOKEN BOT_CLIENT_ID
    GUILD_ID DISCORD_API_URL ROLE_APPRENTICE_ID ROLE_GUARDIAN_ID MODERATOR_ROLE_IDS CHANNEL_OPERATORS_ID
    CHANNEL_MODERATORS_ID CHANNEL_AUDIT_ID ETHEREUM_HOST L1_CHAIN_ID STAKING_ASSET_HANDLER_ADDRESS ROLLUP_ADDRESS
    REGISTRY_ADDRESS SPARTA_ADDRESS SPARTA_PRIVATE_KEY AZTEC_RPC_URL AWS_REGION AWS_ENDPOINT_URL
    AWS_ENDPOINT_URL_DYNAMODB OPERATORS_TABLE_NAME VALIDATORS_TABLE_NAME VALIDATOR_HISTORY_TABLE_NAME
    NETWORK_STATS_TABLE_NAME CONFIG_TABLE_NAME ALERTS_TABLE_NAME API_URL MISS_RATE_ALERT_THRESHOLD LOG_LEVEL
    LOG_PRETTY_PRINT VALIDATORS_PER_OPERATOR
""".split()


def text(path: str) -> str:
    return (HOUSE / path).read_text(encoding="utf-8")


def readme_commands() -> list[str]:
    """Each line that begins with ``make`` inside the README's code blocks, in order."""
    blocks = re.findall(r"^```\w*\n(.*?)^```", text("README.md"), re.MULTILINE | re.DOTALL)
    return re.findall(r"^make [a-z]+", "".join(blocks), re.MULTILINE)


def ci_commands() -> list[str]:
    return re.findall(r"^run (make [a-z]+)$", text(".ci/run"), re.MULTILINE)


def targets() -> dict[str, str]:
    """Each verb of the Makefile and its line for people."""
    return dict(re.findall(r"^([a-z]+):.*?(?:## (.*))?$", text("Makefile"), re.MULTILINE))


def make(*arguments: str, folder: Path = HOUSE, path: str = "") -> subprocess.CompletedProcess[str]:
    # Without the options of the make that may have started the tests.
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    if path:
        environment["PATH"] = path
    command = [str(shutil.which("make")), "-f", str(HOUSE / "Makefile"), *arguments]
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


def pins(lock: str) -> dict[str, list[str]]:
    """Each pinned package: its lines without comments and extras, that is versions, markers and hashes."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in re.sub(r"(?m)^([\w.-]+)\[.*?\]", r"\1", text(f"requirements/{lock}.txt")).splitlines():
        if not line.startswith((" ", "#")):
            name = canonicalize_name(line.partition("==")[0])
        if not line.lstrip().startswith("#"):
            found.setdefault(name, []).append(line.rstrip("\\").strip())
    return found


def versions(lock: str, name: str) -> set[str]:
    return {Requirement(line).specifier.__str__() for line in pins(lock)[canonicalize_name(name)] if "==" in line}


def extra(name: str) -> list[Requirement]:
    config = configparser.ConfigParser(interpolation=None)
    config.read_string(text("setup.cfg"))
    lines = config["options.extras_require"][name].split("\n")
    return [Requirement(line) for line in lines if line and not line.startswith("sparta[")]


def stand_in(folder: Path, name: str, script: str) -> str:
    program = folder / name
    program.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def test_ci_runs_the_commands_of_the_readme() -> None:
    """What a newcomer is told to type first is what every change is tested with."""
    assert ci_commands() == ["make template", "make test", "make lint"]
    assert readme_commands()[:2] == ["make template", "make test"]
    assert set(ci_commands()) <= set(readme_commands())


def test_documents_name_only_verbs_that_exist() -> None:
    """No document or workflow sends a reader to a make target that is not there."""
    pages = [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *(f"docs/{path.name}" for path in (HOUSE / "docs").iterdir()),
    ]
    for place in [
        *pages,
        ".ci/run",
        *(f".github/workflows/{path.name}" for path in (HOUSE / ".github/workflows").iterdir()),
    ]:
        named = set(re.findall(r"(?:`|run: |run |^)make ([a-z]+)", text(place), re.MULTILINE))
        assert named <= targets().keys(), place


def test_help_lists_every_verb() -> None:
    """`make help` shows each target a person can call, with a sentence, on a screen of 80 columns."""
    shown = make("help").stdout
    assert max(map(len, shown.splitlines())) <= 80
    listed = re.split(r"^  make ", shown, flags=re.MULTILINE)[1:]
    for name, sentence in targets().items():
        assert sentence, f"{name} has no '## ' line in the Makefile"
        assert f"{name} {sentence}" in [" ".join(each.split()) for each in listed]


@pytest.mark.parametrize(
    ("there", "builds"),
    [
        ({"docker": "exit 0", "buildah": "exit 0"}, "docker build --tag mine --pull ."),
        ({"docker": "exit 1", "podman": "exit 0"}, "podman build --format docker --tag mine --pull ."),
        ({"docker": "exit 1", "buildah": "exit 0"}, "buildah bud --format docker --tag mine --pull ."),
    ],
)
def test_the_image_is_built_by_what_is_there(tmp_path: Path, there: dict[str, str], builds: str) -> None:
    """Docker if its daemon answers; the others keep the health check only in Docker's own format."""
    for name, end in there.items():
        stand_in(tmp_path, name, f'echo "{name} $*" >> "$0.calls"; {end}')
    done = make("image", "TAG=mine", "ARGS=--pull", path=str(tmp_path))
    assert done.returncode == 0, done.stderr
    calls = tmp_path / f"{builds.partition(' ')[0]}.calls"
    assert calls.read_text(encoding="utf-8").splitlines()[-1] == builds
    assert done.stdout == f"{builds}\n"


def test_without_a_builder_no_image_is_made(tmp_path: Path) -> None:
    done = make("image", path=str(tmp_path))
    assert done.returncode != 0
    assert done.stderr.splitlines()[0].startswith("Nothing here builds images: no docker that runs, no podman, no bu")


def test_a_python_that_does_not_run_is_passed_over(tmp_path: Path) -> None:
    """A version manager's stand-in that fails does not stop the set-up: the next candidate is taken."""
    broken = stand_in(tmp_path, "broken", "exit 127")
    good = stand_in(tmp_path, "good", 'echo "$@" >> calls')
    done = make(".venv/bin/python", f"PYTHON={broken} {good}", folder=tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "calls").read_text(encoding="utf-8").splitlines()[-1] == "-m venv --clear .venv"


def test_no_usable_python_is_one_clear_line(tmp_path: Path) -> None:
    """Without a Python that will do, the set-up says what was tried and how to name one."""
    broken = stand_in(tmp_path, "broken", "exit 127")
    done = make(".venv/bin/python", f"PYTHON={broken}", folder=tmp_path)
    first = done.stderr.splitlines()[0]
    assert done.returncode != 0
    assert first.startswith(f"No usable Python 3.11, 3.12 or 3.13 (with venv) among: {broken}.")
    assert "PYTHON=/path/to/python3.12" in first


@pytest.mark.parametrize("part", PARTS)
def test_a_part_and_dev_lock_the_same_files(part: str) -> None:
    """What is deployed is what was tested; and `make template` and `make test` share one environment."""
    dev = pins("dev")
    for name, lines in pins(part).items():
        # Development may need another extra of the same package besides.
        assert set(lines) <= set(dev[name]), f"{name}: run `make lock`"


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_has_hashes_and_names_no_host(lock: str) -> None:
    """Whoever installs chooses the index; the files are the same wherever they come from."""
    assert "://" not in text(f"requirements/{lock}.txt")
    assert "--index" not in text(f"requirements/{lock}.txt")
    for name, lines in pins(lock).items():
        assert any(line.startswith("--hash=sha256:") for line in lines), name


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_gives_what_its_extra_asks_for(lock: str) -> None:
    """A changed requirement in setup.cfg has reached the lock."""
    for requirement in extra(lock):
        for version in versions(lock, requirement.name):
            assert requirement.specifier.contains(version.removeprefix("==")), f"{requirement}: run `make lock`"


def example_settings() -> list[tuple[str, str]]:
    lines = [line.partition("=") for line in text(".env.example").splitlines() if line and not line.startswith("#")]
    return [(name, value) for name, _, value in lines]


def test_the_example_settings_are_complete() -> None:
    """.env.example holds every setting once, and no secret."""
    assert sorted(name for name, _ in example_settings()) == sorted(VARIABLES)
    assert not [name for name, value in example_settings() if name in SECRETS and value]


def test_the_example_settings_are_those_the_templates_know() -> None:
    """What the rules expect programs to read is what people are told of, with the same defaults."""
    assert sorted([*contract.BY_NAME, "BACKEND_API_KEY_SECRET"]) == sorted(VARIABLES)
    shown = dict(example_settings())
    for variable in contract.VARIABLES:
        if variable.default:
            assert shown[variable.name] == variable.default.replace("<environment>", "development"), variable.name


def test_the_example_ids_are_those_of_production() -> None:
    """A person who copies .env.example speaks of the same server, roles and channels as production's parameters."""
    production = environments.read(environments.FOLDER / "production.json")
    shown = dict(example_settings())
    ids = [name for name in shown if re.fullmatch("(ROLE|MODERATOR|CHANNEL|GUILD|BOT_CLIENT)_.*IDS?|GUILD_ID", name)]
    assert len(ids) == 8
    for name in ids:
        assert shown[name] == production["".join(word.capitalize() for word in name.split("_"))], name


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_runs_its_verb_on_each_pull_request(name: str) -> None:
    """Each workflow is valid YAML, runs on pull requests and on main, may only read, and calls its verb."""
    workflow: dict[Any, Any] = yaml.safe_load(text(f".github/workflows/{name}.yml"))
    triggers = workflow[True]  # YAML 1.1 reads the key `on` as true
    steps = workflow["jobs"][name]["steps"]
    assert "pull_request" in triggers
    assert triggers["push"] == {"branches": ["main"]}
    assert workflow["permissions"] == {"contents": "read"}
    assert any(str(step.get("run", "")).startswith(f"make {name}") for step in steps)
