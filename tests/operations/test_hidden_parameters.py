"""A parameter that AWS does not show (NoEcho), through every command that makes a change set of the system.

The templates have none, and their rules want none; somebody may plant one all the same.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import stacks
from tests.deployment.system import lay_ground
from tests.emulator.emulator import Emulator
from tests.operations.deploying import Ground, api

SECRET = "planted-secret-value-0123456789"
PARAMETER = "\nParameters:\n  Planted:\n    Type: String\n    NoEcho: true\n"
TOPIC = "\nResources:\n  Planted2:\n    Type: AWS::SNS::Topic\n    Properties: {DisplayName: !Ref Planted}\n"


@pytest.fixture
def ground(templates: Path, tmp_path: Path) -> Iterator[Ground]:
    """Deployed, with a secret as a parameter's value that a topic shows; the parameter file does not know it."""
    planted = tmp_path / "templates"
    shutil.copytree(templates, planted)
    root = planted / "root.yaml"
    text = root.read_text(encoding="utf-8").replace("\nParameters:\n", PARAMETER, 1)
    root.write_text(text.replace("\nResources:\n", TOPIC, 1), encoding="utf-8")
    with Emulator() as emulator, api() as url:
        system = lay_ground(emulator, planted, "development")
        parameters = system.parameters | {"Planted": SECRET}
        stacks.deploy(emulator.client("cloudformation"), system.root, system.url, parameters)
        ground = Ground(system, tmp_path, {"API_URL": url, "TEMPLATES": str(planted), "CHECKS": "warn"})
        ground.bring_to_life()
        yield ground


def shown(ground: Ground) -> str:
    """The value as the deployed system has it."""
    arn = ground.system.resources()["Planted2"]
    return str(ground.client("sns").get_topic_attributes(TopicArn=arn)["Attributes"]["DisplayName"])


def written(ground: Ground) -> str:
    """All that stands in the artifact bucket: templates, records, what is prepared."""
    s3 = ground.client("s3")
    keys = [each["Key"] for each in s3.list_objects_v2(Bucket=ground.bucket)["Contents"]]
    return "".join(s3.get_object(Bucket=ground.bucket, Key=key)["Body"].read().decode("latin-1") for key in keys)


def test_a_hidden_value_is_kept_and_never_told(ground: Ground) -> None:
    """By changeset, deploy, release and rollback: on no screen, in no record, and the system goes on with it."""
    first, second = ground.push_image("v1"), ground.push_image("v2")
    told = ""
    for verb, given in (
        ("changeset", {"IMAGE": first}),
        ("deploy", {}),
        ("release", {"IMAGE": second}),
        ("rollback", {}),
        ("release", {"IMAGE": second}),
        ("rollback", {"SERVICE": "api"}),
    ):
        done = ground.command(verb, **given)
        assert done.code == 0, (verb, done.out, done.err)
        assert shown(ground) == SECRET, verb
        told += done.out + done.err
    assert ground.parameters["ImageUri"] == first
    assert {record["parameters"]["Planted"] for record in ground.records()} == {None}
    assert SECRET not in told + written(ground)
