"""`make destroy` interrupted, killed, refused and failed: what that leaves, what is said of it, how it goes on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.deployment import stacks
from tests.deployment.system import lay_ground
from tests.emulator.emulator import Emulator
from tests.operations import terminal
from tests.operations.answering import Between
from tests.operations.deploying import Ground, ended, interrupt
from tests.operations.holding import Held
from tests.operations.interrupting import CTRL_C, KILL, broken_off
from tests.operations.terminal import When, at_terminal

ROOT = "sparta-development"
AGAIN = "make destroy ENV=development"
PROTECTION = "deletion_protection.enabled"


@contextmanager
def standing(templates: Path, folder: Path, stack: str = "") -> Iterator[tuple[Ground, Held]]:
    """A system of its own, with a resource in one of its templates whose deletion waits."""
    with Emulator() as emulator, Held(emulator) as held:
        ground = Ground(lay_ground(emulator, templates, "development"), folder, {"NAME": ROOT})
        if stack:
            ground.system.url = ground.templates_with(stack, Held=held.resource)
        ground.system.execute(ground.system.review())
        yield ground, held


@pytest.fixture(scope="module")
def shared(templates: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    """For tests after which all stands as before, but for backups."""
    with standing(templates, tmp_path_factory.mktemp("home")) as (ground, _):
        yield ground


@pytest.fixture
def backups(shared: Ground) -> Any:
    """The backups that were made since the test began, in sets by their time: tables by stamp."""
    dynamodb = shared.client("dynamodb")
    before = {each["BackupArn"] for each in dynamodb.list_backups()["BackupSummaries"]}

    def made() -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for each in dynamodb.list_backups()["BackupSummaries"]:
            if each["BackupArn"] not in before:
                found.setdefault(each["BackupName"].rpartition("-")[2], set()).add(each["TableName"])
        return found

    return made


@pytest.fixture
def protection(shared: Ground) -> Iterator[Any]:
    """Whether the load balancer is protected against deletion, which it is to begin with."""
    balancer, client = shared.system.resources()["Services/LoadBalancer"], shared.client("elbv2")

    def put(value: str) -> None:
        attributes = [{"Key": PROTECTION, "Value": value}]
        client.modify_load_balancer_attributes(LoadBalancerArn=balancer, Attributes=attributes)

    def now() -> str:
        listed = client.describe_load_balancer_attributes(LoadBalancerArn=balancer)["Attributes"]
        return next(str(item["Value"]) for item in listed if item["Key"] == PROTECTION)

    put("true")
    yield now
    put("false")


def test_ctrl_c_during_the_backups_deletes_nothing_and_says_how_to_go_on(shared: Ground, backups: Any) -> None:
    """What was begun is kept; the next run saves every table anew, since the system has written meanwhile."""
    code, said = broken_off(shared, CTRL_C, "CreateBackup", "destroy")
    assert code == 130
    assert "Nothing is deleted, sparta-development runs on" in said
    assert f"To go on: {AGAIN}" in said
    assert shared.status == "CREATE_COMPLETE"
    [begun] = backups().values()
    assert len(begun) == 1


def test_killed_during_the_backups_the_next_run_makes_a_whole_set(shared: Ground, backups: Any) -> None:
    """A set is whole or it is not used: no deletion begins on what an earlier run has saved of earlier data."""
    assert broken_off(shared, KILL, "CreateBackup", "destroy")[0] == -KILL
    code, _ = broken_off(shared, KILL, "DescribeStackEvents", "destroy")
    assert code == -KILL
    assert shared.status == "CREATE_COMPLETE"
    broken, whole = sorted(backups().values(), key=len)
    assert len(broken) == 1
    assert whole == set(shared.client("dynamodb").list_tables()["TableNames"])


def test_ctrl_c_after_the_protection_was_switched_off_says_so(shared: Ground, protection: Any) -> None:
    """Nothing is deleted, but one thing is not as it was: how to put it back is said."""
    code, said = broken_off(shared, CTRL_C, "ModifyLoadBalancerAttributes", "destroy")
    assert code == 130
    assert "Nothing is deleted; every table is backed up. But the load balancer's protection is off" in said
    assert "aws elbv2 modify-load-balancer-attributes --load-balancer-arn arn:aws:" in said
    assert (shared.status, protection()) == ("CREATE_COMPLETE", "false")


def test_killed_after_the_protection_was_switched_off_the_next_run_goes_on(shared: Ground, protection: Any) -> None:
    """It does not ask for what is off already."""
    broken_off(shared, KILL, "ModifyLoadBalancerAttributes", "destroy")
    code, said = broken_off(shared, KILL, "DescribeStackEvents", "destroy", YES="")
    assert code == -KILL
    assert "Switch its protection off?" not in said
    assert (shared.status, protection()) == ("CREATE_COMPLETE", "false")


def test_ctrl_c_at_the_question_for_the_name_is_a_no(shared: Ground, backups: Any) -> None:
    """Nothing is backed up, nothing changed."""
    variables = shared.variables | {"YES": "", "NAME": ""}
    done = at_terminal(variables, "destroy", answers=[When("to go on", type=terminal.CTRL_C)])
    assert done.code == 1
    assert "Nothing was changed." in done.screen
    assert (shared.status, backups()) == ("CREATE_COMPLETE", {})


def test_a_deletion_that_does_not_begin_is_no_success(shared: Ground) -> None:
    """CloudFormation may cancel it, and the stack stands as before: nothing is called deleted."""
    nothing = (
        b"<DeleteStackResponse><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></DeleteStackResponse>"
    )
    with Between(shared.system.emulator) as between:
        between.answer("DeleteStack", lambda _: (200, {"Content-Type": "text/xml"}, nothing))
        done = shared.command("destroy", AWS_ENDPOINT_URL=between.url)
    assert done.code == 1
    first, state = done.err.splitlines()
    assert first == f"{ROOT} did not end as asked; no resource failed. AWS gives no reason."
    assert state.startswith(f"{ROOT} is in CREATE_COMPLETE.")


def test_a_stack_that_is_protected_is_refused_in_one_line(shared: Ground, backups: Any, protection: Any) -> None:
    """The line has the command that lifts it; nothing is backed up, nothing changed."""
    cloudformation = shared.client("cloudformation")
    cloudformation.update_termination_protection(StackName=ROOT, EnableTerminationProtection=True)
    done = shared.command("destroy")
    cloudformation.update_termination_protection(StackName=ROOT, EnableTerminationProtection=False)
    assert (done.code, done.out, len(done.err.splitlines())) == (1, "", 1)
    assert "Nothing was changed" in done.err
    assert f"--no-enable-termination-protection --stack-name {ROOT} --region eu-west-2" in done.err
    assert (shared.status, protection(), backups()) == ("CREATE_COMPLETE", "true", {})


def test_a_deletion_goes_on_without_its_command_and_the_next_run_watches_it(templates: Path, tmp_path: Path) -> None:
    """After Ctrl-C and after a kill; whoever comes when it has ended is told so in one line."""
    with standing(templates, tmp_path, "network") as (ground, held):
        with ground.started("destroy", until="Network/Held DELETE_IN_PROGRESS") as process:
            code, said = interrupt(process)
        assert code == 130
        assert "CloudFormation goes on by itself" in said
        assert f"To watch on: {AGAIN}" in said
        with ground.started("destroy", until="is being deleted already: watching it") as process:
            process.kill()
        with ground.started("destroy", until="is being deleted already: watching it") as process:
            held.let_go()
            code, said = ended(process)
        assert code == 0, said
        assert "kept: DynamoDB::Table: sparta-alerts-development" in said
        assert not stacks.exists(ground.client("cloudformation"), ROOT)
        tables = ground.client("dynamodb").list_tables()["TableNames"]
        assert len(ground.client("dynamodb").list_backups()["BackupSummaries"]) == len(tables)
        done = ground.command("destroy")
        assert (done.code, done.err) == (0, "")
        assert done.out.splitlines() == [
            f"{ROOT} is deleted; nothing is left to do. Tables, buckets, keys, logs and backups are kept."
        ]


def test_a_deletion_that_fails_tells_why_and_the_next_run_ends_it(templates: Path, tmp_path: Path) -> None:
    """The resource deep down that could not go, with its reason; then what is left goes, and nothing is saved twice."""
    with standing(templates, tmp_path, "network") as (ground, held):
        held.let_go()
        held.reason = "resource sg-0a1b has a dependent object (Service: Ec2, Status Code: 400, Request ID: 1)"
        done = ground.command("destroy")
        assert done.code == 1
        first, *rest = [line for line in done.err.splitlines() if not line[:2].isdigit()]
        assert first.startswith("First cause: Network/Held (Custom::Held) DELETE_FAILED:")
        assert "has a dependent object" in first
        assert "Something else uses it still" in rest[0]
        assert rest[-1].startswith(f"{ROOT} is in DELETE_FAILED.")
        assert f"Mend what the reason names, then repeat: {AGAIN}" in rest[-1]
        saved = len(ground.client("dynamodb").list_backups()["BackupSummaries"])
        held.reason = ""
        done = ground.command("destroy")
        assert done.code == 0, done.err
        assert f"An earlier deletion of {ROOT} did not end: The following resource(s) failed to delete" in done.out
        assert not stacks.exists(ground.client("cloudformation"), ROOT)
        assert len(ground.client("dynamodb").list_backups()["BackupSummaries"]) == saved
