"""Releases and rollbacks, on an account of their own each: they change the whole system."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment.system import lay_ground
from tests.emulator.emulator import Emulator
from tests.operations.deploying import Ground, api


@pytest.fixture
def deployed(templates: Path, tmp_path: Path) -> Iterator[Ground]:
    """Deployed by the command, once, and alive."""
    with Emulator() as emulator, api() as url:
        ground = Ground(lay_ground(emulator, templates, "development"), tmp_path, {"API_URL": url})
        ground.prepare()
        ground.command("deploy")
        ground.bring_to_life()
        yield ground


def test_a_release_changes_the_image_and_nothing_else(deployed: Ground) -> None:
    """By a change set of one parameter, from what to what, executed and verified."""
    image, before = deployed.push_image("v2"), deployed.parameters
    done = deployed.command("release", IMAGE=image)
    assert done.code == 0, done.out + done.err
    assert f"Image now:   {before['ImageUri']}" in done.out
    assert f"Image then:  {image}" in done.out
    assert "disagree" not in done.out
    assert deployed.parameters == before | {"ImageUri": image}
    assert deployed.records()[-1]["parameters"]["ImageUri"] == image


def test_a_tag_is_refused_with_the_way_to_its_digest(deployed: Ground) -> None:
    """A tag may mean another image tomorrow."""
    image = deployed.push_image("v2").partition("@")[0]
    done = deployed.command("release", IMAGE=f"{image}:v2")
    assert done.code == 1
    assert "Nothing was changed" in done.err
    assert "--repository-name sparta-development --image-ids imageTag=v2" in done.err
    assert len(deployed.records()) == 1


def test_an_image_that_is_not_in_the_registry_is_refused(deployed: Ground) -> None:
    """Before anything is changed, not by tasks that do not start."""
    image = f"{deployed.push_image('v2').partition('@')[0]}@sha256:{'a' * 64}"
    done = deployed.command("release", IMAGE=image)
    assert done.code == 1
    assert "sparta-development has no image sha256:aaaa" in done.err
    assert len(deployed.records()) == 1


def test_the_image_that_runs_already_is_no_release(deployed: Ground) -> None:
    """Nothing would change, and no change set is left."""
    image = deployed.push_image("v2")
    assert deployed.command("release", IMAGE=image).code == 0
    done = deployed.command("release", IMAGE=image)
    assert done.code == 1
    assert "Nothing would change" in done.err
    assert len(deployed.records()) == 2


def test_a_rollback_goes_back_one_deployment_and_the_next_one_further(deployed: Ground) -> None:
    """Parameters and templates of then, shown first; a second rollback does not undo the first."""
    for number in ("2", "3"):
        deployed.prepare(ApiMaxCount=number)
        assert deployed.command("deploy").code == 0
    done = deployed.command("rollback")
    assert done.code == 0, done.out + done.err
    assert "ApiMaxCount: 3 -> 2" in done.out
    assert deployed.parameters["ApiMaxCount"] == "2"
    assert deployed.command("rollback").code == 0
    assert deployed.parameters["ApiMaxCount"] == "1"
    done = deployed.command("rollback")
    assert done.code == 1
    assert "it cannot go back" in done.err


def test_a_rollback_puts_the_templates_back(deployed: Ground) -> None:
    """Those of then are kept under their content's hash; what harms by that is refused until it is named."""
    topic = {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": "planted"}}
    deployed.prepare(url=deployed.templates_with("network", Planted=topic))
    assert deployed.command("deploy").code == 0
    assert "Network/Planted" in deployed.system.resources()
    done = deployed.command("rollback")
    assert (done.code, "ALLOW=Network/Planted" in done.err) == (1, True)
    assert "Network/Planted" in deployed.system.resources()
    done = deployed.command("rollback", ALLOW="Network/Planted")
    assert done.code == 0, done.out + done.err
    assert "templates: those of then" in done.out
    assert "Network/Planted" not in deployed.system.resources()


def test_a_rollback_to_an_image_that_is_gone_is_refused(deployed: Ground) -> None:
    """Before anything changes: no task of it could start. Another image, or another way, is the person's choice."""
    assert deployed.command("release", IMAGE=deployed.push_image("v2")).code == 0
    now = deployed.parameters["ImageUri"]
    done = deployed.command("rollback")
    assert done.code == 1
    assert "has no image sha256:1111" in done.err
    assert "Nothing was changed." in done.err
    assert deployed.parameters["ImageUri"] == now


def test_a_rollback_of_a_service_puts_back_the_image_alone(deployed: Ground) -> None:
    """What else was changed since stays as it is."""
    first, second = deployed.push_image("v1"), deployed.push_image("v2")
    for image in (first, second):
        assert deployed.command("release", IMAGE=image).code == 0
    deployed.prepare(ApiMaxCount="3", ImageUri=second)
    assert deployed.command("deploy").code == 0
    done = deployed.command("rollback", SERVICE="api")
    assert done.code == 0, done.out + done.err
    assert (deployed.parameters["ImageUri"], deployed.parameters["ApiMaxCount"]) == (first, "3")


def test_a_rollback_without_consent_changes_nothing_and_says_so(deployed: Ground) -> None:
    """The change set is shown; nobody agreed to it."""
    deployed.prepare(ApiMaxCount="2")
    assert deployed.command("deploy").code == 0
    done = deployed.command("rollback", YES="")
    assert done.code == 1
    assert "Nothing was changed" in done.err
    assert deployed.parameters["ApiMaxCount"] == "2"


def test_without_a_record_nobody_guesses_what_to_go_back_to(deployed: Ground) -> None:
    """One line says so and what makes a record."""
    prepared = "deployments/development/prepared.json"
    for key in (prepared, *(record["key"] for record in deployed.records())):
        deployed.client("s3").delete_object(Bucket=deployed.bucket, Key=key)
    done = deployed.command("rollback")
    assert done.code == 1
    assert "No deployment of development is recorded" in done.err


def test_a_providers_key_in_a_url_is_never_on_the_screen(deployed: Ground) -> None:
    """Not as what is deployed, not as what comes, not as what goes back."""
    key, other = "84842078b09946638c03157f83405213", "0a1b2c3d4e5f60718293a4b5c6d7e8f9"
    said = ""
    for each in (key, other):
        deployed.prepare(EthereumHost=f"https://mainnet.infura.io/v3/{each}")
        said += deployed.command("deploy").out
    for done in (deployed.changeset(), deployed.command("rollback")):
        said += done.out + done.err
    assert deployed.parameters["EthereumHost"].endswith(key)
    assert "https://mainnet.infura.io/v3/****" in said
    assert key not in said
    assert other not in said


def test_a_name_that_is_written_out_in_one_of_the_templates_is_no_replacement(deployed: Ground) -> None:
    """make changeset writes out the names of what is kept; going back to templates that make them is no danger."""
    assert deployed.command("release", IMAGE=deployed.push_image("v1")).code == 0
    given = {"TEMPLATES": str(deployed.system.templates), "CHECKS": "warn", "IMAGE": deployed.push_image("v2")}
    assert deployed.command("changeset", **given).code == 0
    assert deployed.command("deploy").code == 0
    done = deployed.command("rollback")
    assert done.code == 0, done.out + done.err
    assert "Data/BackupBucket" not in done.out
