"""Releases, rollbacks and change sets broken off at their worst moments: what is left, and what comes next."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.deployment import stacks
from tests.deployment.system import IMAGE_DIGEST, lay_ground
from tests.emulator.emulator import Emulator
from tests.operations import terminal
from tests.operations.deploying import Ground
from tests.operations.interrupting import CTRL_C, KILL, broken_off
from tests.operations.terminal import When, at_terminal

QUESTION = "[y/N]"
ROOT = "sparta-development"
TEMPLATES = {"CHECKS": "warn"}
WRITING = "PUT /sparta-artifacts-development-000000000000/deployments/development/prepared.json"


@pytest.fixture
def deployed(living: Ground) -> Ground:
    return living


@pytest.fixture
def image(deployed: Ground, request: pytest.FixtureRequest) -> str:
    """One that nothing else runs."""
    return deployed.push_image(request.node.name[-100:])


def test_ctrl_c_while_the_change_set_is_made_says_what_may_stand(deployed: Ground, image: str) -> None:
    """Nobody can know whether AWS has begun it; the next command names what stands, and its execution removes it."""
    code, said = broken_off(deployed, CTRL_C, "CreateChangeSet", "release", IMAGE=image)
    assert code == 130
    [left] = deployed.pending()
    assert f"Nothing is executed. CloudFormation may still work out the change set {left} of {ROOT}" in said
    done = deployed.command("release", IMAGE=image)
    assert done.code == 0, done.err
    assert f"Beside it stands the change set {left}" in done.out
    assert "aws cloudformation delete-change-set --change-set-name arn:aws:cloudformation:" in done.out
    assert deployed.pending() == []


@pytest.mark.parametrize("verb", ["release", "rollback"])
def test_ctrl_c_before_the_question_leaves_no_change_set(deployed: Ground, image: str, verb: str) -> None:
    """What nobody has agreed to is deleted again, and that is said."""
    given = {"IMAGE": image} if verb == "release" else {"SERVICE": "api"}
    if verb == "rollback":
        for each in (deployed.push_image("before"), image):
            assert deployed.command("release", IMAGE=each).code == 0
    before = deployed.parameters
    code, said = broken_off(deployed, CTRL_C, WRITING, verb, **given)
    assert code == 130
    assert "was deleted again" in said
    assert (deployed.pending(), deployed.parameters) == ([], before)


@pytest.mark.parametrize("answer", ["n", terminal.CTRL_C], ids=["no", "ctrl-c"])
def test_who_does_not_agree_leaves_no_change_set(deployed: Ground, image: str, answer: str) -> None:
    """A no and a Ctrl-C at the question are the same: nothing is changed, nothing stands that could be executed."""
    before, variables = deployed.parameters, deployed.variables | {"YES": "", "IMAGE": image}
    done = at_terminal(variables, "release", answers=[When(QUESTION, type=answer)])
    assert done.code == 1
    assert "was deleted again" in done.screen
    assert "Nothing was changed." in done.screen
    assert (deployed.pending(), deployed.parameters) == ([], before)


def test_what_was_prepared_before_is_prepared_again_after_a_no(deployed: Ground, image: str) -> None:
    """Somebody else's change set, reviewed and waiting, is not lost by a release that nobody agreed to."""
    number = str(int(deployed.parameters["ApiMaxCount"]) + 1)
    deployed.prepare(ApiMaxCount=number, ImageUri=deployed.parameters["ImageUri"])
    [waiting] = deployed.pending()
    done = deployed.command("release", IMAGE=image, YES="")
    assert (done.code, f"Beside it stands the change set {waiting}" in done.out) == (1, True)
    assert deployed.command("deploy").code == 0
    assert deployed.parameters["ApiMaxCount"] == number


def test_killed_at_the_question_deploy_can_execute_what_was_shown(deployed: Ground, image: str) -> None:
    """It is the prepared change set: it is named, asked for again, executed and recorded."""
    variables = deployed.variables | {"YES": "", "IMAGE": image}
    killed = at_terminal(variables, "release", answers=[When(QUESTION, kill=True)])
    assert killed.code == -KILL
    [left] = deployed.pending()
    assert f"The change set {left} " in killed.screen
    done = deployed.command("deploy")
    assert done.code == 0, done.err
    assert f"The change set {left} " in done.out
    assert deployed.records()[-1]["parameters"]["ImageUri"] == image


def test_ctrl_c_right_before_the_execution_leaves_it_prepared(deployed: Ground) -> None:
    """Somebody has agreed already, but nothing was begun: that is said, and deploy begins it."""
    number = str(int(deployed.parameters["ApiMaxCount"]) + 1)
    deployed.prepare(ApiMaxCount=number, ImageUri=deployed.parameters["ImageUri"])
    [waiting] = deployed.pending()
    code, said = broken_off(deployed, CTRL_C, "DescribeStackEvents", "deploy")
    assert code == 130
    assert f"Nothing is executed yet. The change set {waiting} stays prepared: make deploy ENV=development" in said
    assert deployed.command("deploy").code == 0
    assert deployed.parameters["ApiMaxCount"] == number


def test_ctrl_c_during_the_execution_leaves_it_to_deploy(deployed: Ground, image: str) -> None:
    """CloudFormation goes on; the command that watches on is said, and it records what came of it."""
    code, said = broken_off(deployed, CTRL_C, "ExecuteChangeSet", "release", IMAGE=image)
    assert code == 130
    assert "CloudFormation goes on by itself" in said
    assert "To watch on: make deploy ENV=development" in said
    done = deployed.command("deploy")
    assert done.code == 0, done.err
    assert deployed.records()[-1]["parameters"]["ImageUri"] == image


@pytest.mark.parametrize("verb", ["release", "rollback", "changeset"])
def test_the_next_command_records_what_a_killed_one_has_deployed(deployed: Ground, image: str, verb: str) -> None:
    """Else a release would put back the templates of before, and a rollback go one deployment too far."""
    url = other_templates(deployed, verb)
    number = str(int(deployed.parameters["ApiMaxCount"]) + 1)
    deployed.prepare(url=url, ApiMaxCount=number, ImageUri=deployed.parameters["ImageUri"])
    before = len(deployed.records())
    assert broken_off(deployed, KILL, "ExecuteChangeSet", "deploy")[0] == -KILL
    deployed.wait_for("UPDATE_COMPLETE")
    given = {"release": {"IMAGE": image}, "changeset": TEMPLATES | {"TEMPLATES": str(deployed.system.templates)}}
    done = deployed.command(verb, **given.get(verb, {}))
    assert done.code == 0, done.out + done.err
    assert "but nobody watched it to its end: recording it now" in done.out
    recorded = deployed.records()[before:]
    assert (recorded[0]["url"], recorded[0]["parameters"]["ApiMaxCount"]) == (url, number)
    if verb == "release":
        assert (recorded[1]["url"], recorded[1]["parameters"]["ImageUri"]) == (url, image)
    if verb == "rollback":
        assert recorded[1]["url"] != url
    if verb == "changeset":
        assert deployed.command("deploy").code == 0


def other_templates(ground: Ground, mark: str) -> str:
    """URL of a root template that differs in nothing but its text."""
    s3, key = ground.client("s3"), ground.system.url.partition(f"{ground.bucket}/")[2]
    text = s3.get_object(Bucket=ground.bucket, Key=key)["Body"].read().decode()
    return stacks.upload(s3, ground.bucket, f"# {mark}\n{text}")


def test_a_change_set_whose_command_was_killed_is_named_by_the_next(deployed: Ground) -> None:
    """Between its making and its record: deploy does not execute it, and the next change set tells of it."""
    given = TEMPLATES | {"TEMPLATES": str(deployed.system.templates), "IMAGE": f"sha256:{'2' * 64}"}
    assert broken_off(deployed, KILL, "CreateChangeSet", "changeset", **given)[0] == -KILL
    [left] = deployed.pending()
    done = deployed.command("deploy")
    assert done.code == 1
    assert "Nothing was changed" in done.err
    done = deployed.command("changeset", **given)
    assert done.code == 0, done.err
    assert f"Beside it stands the change set {left}" in done.out
    assert deployed.command("deploy").code == 0
    assert deployed.pending() == []


def test_ctrl_c_before_a_change_set_is_recorded_leaves_none(deployed: Ground) -> None:
    """It could be executed in the console, though nobody has seen its review."""
    given = TEMPLATES | {"TEMPLATES": str(deployed.system.templates), "IMAGE": f"sha256:{'3' * 64}"}
    code, said = broken_off(deployed, CTRL_C, WRITING, "changeset", **given)
    assert code == 130
    assert "was deleted again" in said
    assert deployed.pending() == []


def test_a_first_change_set_that_was_killed_leaves_no_riddle(templates: Path, tmp_path: Path) -> None:
    """The stack in review is explained, the set named; with a new one the first deployment goes its way."""
    with Emulator() as emulator:
        ground = Ground(lay_ground(emulator, templates, "development"), tmp_path)
        given = {"TEMPLATES": str(templates), "CHECKS": "warn", "IMAGE": IMAGE_DIGEST}
        assert broken_off(ground, KILL, "CreateChangeSet", "changeset", **given)[0] == -KILL
        [left] = ground.pending()
        done = ground.command("deploy")
        assert (done.code, "Nothing is prepared for development" in done.err) == (1, True)
        done = ground.command("changeset", **given)
        assert done.code == 0, done.err
        assert "it is in review (REVIEW_IN_PROGRESS)" in done.out
        assert f"Beside it stands the change set {left}" in done.out
        code, said = broken_off(ground, CTRL_C, WRITING, "changeset", **given)
        assert (code, "was deleted again" in said) == (130, True)
        assert ground.status == "REVIEW_IN_PROGRESS"
