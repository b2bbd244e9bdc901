"""What the README and the deployment by hand tell people to do works: the commands are run, in order."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from templates import __main__ as templates
from templates.emit import to_yaml
from templates.registry import build
from templates.rules import check_system
from templates.rules.system import render
from tests.deployment import stacks, system
from tests.emulator.emulator import ENVIRONMENT, REPOSITORY, Emulator
from tests.templates.rules.planting import emitted, planted, remove, values

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
BY_HAND = (REPOSITORY / "docs" / "deployment-by-hand.md").read_text(encoding="utf-8")
INLINE_LIMIT = 51_200
SECRETS = ("bot-token", "ethereum-private-key")


def blocks(kind: str, page: str = README) -> list[str]:
    """A page's code blocks of a kind, in order."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.MULTILINE | re.DOTALL)
    return [text for marked, text in found if marked == kind]


def test_finding_looks_like_the_example() -> None:
    """The line shown is what the mistake described gives, word for word."""
    mistake = remove("services/Resources/ApiLogGroup/Properties/RetentionInDays")
    said = [str(finding) for finding in check_system(render(planted(mistake, emitted()), values("production")))]
    example = next(block.strip() for block in blocks("") if block.startswith("services "))
    assert example in said


def test_templates_command_takes_what_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`make template` prints what the README says it prints; checking takes folders and parameter files."""
    assert templates.main(["build", "--out", str(tmp_path), "--no-check"]) == 0
    said = capsys.readouterr().out
    assert [line.split()[0] for line in said.splitlines()[1:-2]] == list(build())
    assert said.endswith(f"written to {tmp_path}/\n")
    assert "`checked: no finding`" in README
    assert 'print("checked: no finding")' in Path(templates.__file__).read_text(encoding="utf-8")
    shown = [line.partition("#")[0].split() for line in "".join(blocks("sh")).splitlines() if "-m templates" in line]
    assert {"--help", "check", "FOLDER", "--parameters"} <= {word for command in shown for word in command}


def test_table_of_files_is_complete() -> None:
    assert re.findall(r"^\| `(\w+)\.yaml` \|", README, re.MULTILINE) == list(build())


@pytest.fixture
def emulator() -> Iterator[Emulator]:
    """An account of its own: a deployment begins with an empty one."""
    with Emulator() as running:
        yield running


@pytest.fixture
def checkout(tmp_path: Path, emulator: Emulator) -> Path:
    """What a person has after step 1: templates, edited parameter files, and the two secrets in files."""
    folder = tmp_path / "build" / "templates"
    folder.mkdir(parents=True)
    for name, tree in build().items():
        (folder / f"{name}.yaml").write_text(to_yaml(name, tree), encoding="utf-8")
    shutil.copytree(system.ENVIRONMENTS, tmp_path / "templates" / "environments")
    file = tmp_path / "templates" / "environments" / "production.json"
    zone = system._hosted_zone(emulator, system.given("production")["DomainName"])["HostedZoneId"]
    account = emulator.client("sts").get_caller_identity()["Account"]
    edited = file.read_text(encoding="utf-8").replace("123456789012", account).replace("Z0123456789EXAMPLE", zone)
    file.write_text(edited, encoding="utf-8")
    for name in SECRETS:
        (tmp_path / f"{name}.txt").write_text(f"{name} of mine\n", encoding="utf-8")
    return tmp_path


def run(emulator: Emulator, checkout: Path, commands: str) -> None:
    """One block in a shell that goes on where the last one ended."""
    tools = f"PATH='{ENVIRONMENT / 'bin'}':$PATH; export PATH"
    known = "if [ -f variables ]; then . ./variables; fi"
    keep = """printf 'account=%s\\nbucket=%s\\n' "$account" "$bucket" >variables"""
    done = emulator.shell(f"{tools}\n{known}\nset -e\n{commands}\n{keep}", checkout)
    assert done.returncode == 0, f"{commands}\n{done.stderr}"


def test_deployment_works_as_written(emulator: Emulator, checkout: Path) -> None:
    """Each command of the deployment by hand succeeds; at the end the system stands, and no secret lies about."""
    client = emulator.client
    commands = [block for block in blocks("sh", BY_HAND) if re.search(r"^aws |\| aws ", block, re.MULTILINE)]
    for block in commands:
        if "execute-change-set --stack-name sparta-production" in block:
            put_packages(emulator)
        run(emulator, checkout, block)
    assert stacks.describe(client("cloudformation"), "sparta-production")["StackStatus"] == "CREATE_COMPLETE"
    assert stacks.outputs(client("cloudformation"), "sparta-production")["ApiUrl"] == "https://sparta.example.com"
    assert (checkout / "build" / "templates" / "bootstrap.yaml").stat().st_size <= INLINE_LIMIT, "step 2 sends it along"
    assert (checkout / "build" / "root.packaged.yaml").stat().st_size > INLINE_LIMIT, "step 4 says it is larger"
    for name in SECRETS:
        given = client("secretsmanager").get_secret_value(SecretId=f"sparta/production/{name}")
        assert given["SecretString"] == f"{name} of mine"
        assert not (checkout / f"{name}.txt").exists()


def put_packages(emulator: Emulator) -> None:
    """What `make package` builds: the zips of the functions, where the parameters say."""
    account = emulator.client("sts").get_caller_identity()["Account"]
    for name in ("MonitorCodeKey", "RotationCodeKey"):
        emulator.client("s3").put_object(
            Bucket=f"sparta-artifacts-production-{account}",
            Key=system.given("production")[name],
            Body=system._function(),
        )
