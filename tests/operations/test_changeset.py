"""`make changeset` on an environment that runs: what it shows, refuses and leaves behind."""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.deployment.system import System
from tests.emulator.emulator import Emulator
from tests.operations.deployments import Place, edited, place
from tests.operations.running import Done

SECRET = "planted-5f0c9d41e7"
NUMBER = ("      Timeout: 240\n", "      Timeout: 230\n")
USED = ("          LOG_LEVEL: ", "          PLANTED: !Ref Planted\n          LOG_LEVEL: ")
TABLE = ("TableName: !Sub sparta-operators-", "TableName: !Sub sparta-operatoren-")


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """An environment deployed by our own commands. Tests change nothing of what runs."""
    with Emulator() as emulator:
        made = place(emulator, tmp_path_factory.mktemp("running"))
        done = made.call("changeset")
        assert done.code == 0, done.err
        made.execute()
        yield made


def change_sets_before(running: Place) -> set[str]:
    return set(running.change_sets())


def test_unchanged_is_success_and_leaves_nothing(running: Place) -> None:
    """What is deployed as it is: nothing is uploaded, no change set stays, the exit code is 0."""
    before = change_sets_before(running)
    done = running.call("changeset")
    assert done.code == 0, done.err
    assert "Nothing would change" in done.out
    assert "nothing; whatever else is needed was there already" in done.out
    assert change_sets_before(running) == before


def test_a_changed_number_is_shown_from_what_to_what(running: Place, templates: Path, tmp_path: Path) -> None:
    """The review names the one property; Markdown and JSON say the same; the record leads to the change set."""
    folder = edited(templates, tmp_path / "edited", monitor=NUMBER)
    files = {"REVIEW_MARKDOWN": str(tmp_path / "review.md"), "REVIEW_JSON": str(tmp_path / "review.json")}
    done = running.call("changeset", TEMPLATES=str(folder), CHECKS="warn", NAME="one-number", **files)
    assert done.code == 0, done.err
    assert "Timeout: 240 → 230" in done.out
    assert "MonitorFunction" in (tmp_path / "review.md").read_text(encoding="utf-8")
    assert "MonitorFunction" in json.dumps(json.loads((tmp_path / "review.json").read_text(encoding="utf-8")))
    assert "Nothing is executed. `make deploy ENV=development` executes exactly this." in done.out
    assert "console.aws.amazon.com/cloudformation/home?region=eu-west-2#/stacks/changesets/changes?stackId=" in done.out
    record = running.prepared()
    described = running.emulator.client("cloudformation").describe_change_set(ChangeSetName=record["change_set_id"])
    assert (record["name"], described["ChangeSetName"]) == ("one-number", "one-number")
    assert described["ExecutionStatus"] == "AVAILABLE"
    assert (record["type"], record["allowed"]) == ("UPDATE", [])
    assert record["url"].endswith("/root.yaml")


def test_a_replaced_table_is_refused_before_anything_is_made(running: Place, templates: Path, tmp_path: Path) -> None:
    """A table that would start empty: exit code 1, one sentence why and how to allow it, no change set."""
    folder = edited(templates, tmp_path / "edited", data=TABLE)
    before = change_sets_before(running)
    done = running.call("changeset", TEMPLATES=str(folder), CHECKS="warn")
    assert done.code == 1
    assert "Refused. Data/OperatorsTable: " in done.err
    assert "ALLOW=Data/OperatorsTable" in done.err
    assert change_sets_before(running) == before


def test_a_danger_that_is_named_is_allowed_and_recorded(running: Place, templates: Path, tmp_path: Path) -> None:
    """Whoever names it gets the change set, and `make deploy` learns what was accepted."""
    folder = edited(templates, tmp_path / "edited", data=TABLE)
    done = running.call("changeset", TEMPLATES=str(folder), CHECKS="warn", ALLOW="Data/OperatorsTable")
    assert done.code == 0, done.err
    assert running.prepared()["allowed"] == ["Data/OperatorsTable"]


def test_findings_of_the_checks_stop_it(running: Place, templates: Path, tmp_path: Path) -> None:
    """Templates that the gate finds wrong are not deployed, unless a person says so."""
    folder = edited(templates, tmp_path / "edited", data=TABLE)
    done = running.call("changeset", TEMPLATES=str(folder))
    assert done.code == 1
    assert "findings" in done.err
    assert "CHECKS=warn" in done.err


def test_a_secret_stands_nowhere(running: Place, templates: Path, tmp_path: Path) -> None:
    """A NoEcho parameter's value is on no screen, in no review and in no record; nor is any secret's value."""
    parameter = f"\nParameters:\n  Planted:\n    Type: String\n    NoEcho: true\n    Default: {SECRET}\n\n"
    folder = edited(
        templates, tmp_path / "edited", monitor=("\nParameters:\n", parameter), root=("\nParameters:\n", parameter)
    )
    monitor = (folder / "monitor.yaml").read_text(encoding="utf-8")
    (folder / "monitor.yaml").write_text(monitor.replace(*USED), encoding="utf-8")
    secrets = running.emulator.client("secretsmanager")
    secrets.put_secret_value(SecretId="sparta/development/bot-token", SecretString=SECRET)
    files = {"REVIEW_MARKDOWN": str(tmp_path / "review.md"), "REVIEW_JSON": str(tmp_path / "review.json")}
    done = running.call("changeset", TEMPLATES=str(folder), CHECKS="warn", **files)
    assert done.code == 0, done.err
    assert "PLANTED" in done.out
    written = "".join(Path(path).read_text(encoding="utf-8") for path in files.values())
    assert SECRET not in done.out + done.err + written + json.dumps(running.prepared())


def test_an_image_without_digest_is_refused(running: Place) -> None:
    """A tag may mean another image tomorrow."""
    before = change_sets_before(running)
    done = running.call("changeset", IMAGE="sparta:latest")
    assert done.code == 1
    assert "names no image by digest" in done.err
    assert change_sets_before(running) == before


def test_an_image_is_taken_by_digest_alone(running: Place) -> None:
    """A bare digest is one of the environment's own repository."""
    digest = f"sha256:{'ab' * 32}"
    done = running.call("changeset", IMAGE=digest)
    assert done.code == 0, done.err
    assert re.search(rf"ImageUri: \S+/sparta-development@{digest} \(the IMAGE you gave", done.out)
    assert running.prepared()["parameters"]["ImageUri"].endswith(digest)


def test_without_a_zip_what_is_deployed_stays(running: Place, tmp_path: Path) -> None:
    """A checkout in which nothing was packaged does not take the functions' code away."""
    done = running.call("changeset", PACKAGES=str(tmp_path))
    assert done.code == 0, done.err
    assert "as deployed, for want of" in done.out
    assert "Nothing would change" in done.out


def test_a_name_that_is_taken_is_one_line(running: Place) -> None:
    """The second change set of one name is not made."""
    first = running.call("changeset", IMAGE=f"sha256:{'cd' * 32}", NAME="twice")
    assert first.code == 0, first.err
    done = running.call("changeset", IMAGE=f"sha256:{'cd' * 32}", NAME="twice")
    assert done.code == 1
    assert "has a change set called twice already" in done.err


def test_what_is_deployed_wins_over_an_example(command: Callable[..., Done], staging: System, tmp_path: Path) -> None:
    """The file's example zone and image do not replace the real ones that run; each is said."""
    done = command("changeset", PACKAGES=str(tmp_path), NAME="examples")
    assert done.code == 0, done.err
    zone = staging.parameters["HostedZoneId"]
    assert f"HostedZoneId: {zone} (as deployed; the file says Z0123456789EXAMPLE)" in done.out
    assert "MonitorCodeKey: functions/monitor.zip (as deployed, for want of" in done.out
    staging.emulator.client("cloudformation").delete_change_set(ChangeSetName="examples", StackName=staging.root)
