"""What stands in AWS is read as it was deployed, and the emulated AWS lists the changes that our comparison finds."""

from pathlib import Path

import pytest
from mypy_boto3_cloudformation import CloudFormationClient

from scripts.operations.errors import OperationError
from scripts.review.compare import review
from scripts.review.deployed import deployed, from_folder
from scripts.review.model import Listed, Review
from tests.deployment import stacks
from tests.deployment.system import System


def _standing(staging: System) -> CloudFormationClient:
    client: CloudFormationClient = staging.emulator.client("cloudformation")
    return client


def test_unchanged_system_gives_an_empty_review(staging: System) -> None:
    before = deployed(_standing(staging), staging.root)
    after = from_folder(staging.templates, staging.parameters)
    found = review(before, after, listed=[])
    assert found.is_empty
    assert before is not None
    assert {each.path for each in review(None, after).changes} == {each.path for each in review(None, before).changes}


def test_system_that_does_not_stand_is_none(staging: System) -> None:
    assert deployed(_standing(staging), "sparta-nowhere") is None


def test_bootstrap_stack_can_be_read_too(staging: System) -> None:
    before = deployed(_standing(staging), "sparta-bootstrap-staging")
    assert before is not None
    assert "ImageRepository" in before.stacks["root"].resources


SECRETIVE = """
Parameters: {Key: {Type: String, NoEcho: true}}
Resources:
  Holder: {Type: AWS::SSM::Parameter, Properties: {Name: review-holder, Type: String, Value: !Sub "key ${Key}"}}
"""


def test_secret_parameter_stays_hidden_and_is_no_change(staging: System, tmp_path: Path) -> None:
    cloudformation = staging.emulator.client("cloudformation")
    secret = {"ParameterKey": "Key", "ParameterValue": "planted-secret"}
    cloudformation.create_stack(StackName="review-secretive", TemplateBody=SECRETIVE, Parameters=[secret])
    stacks.wait(cloudformation, "review-secretive")
    (tmp_path / "root.yaml").write_text(SECRETIVE, encoding="utf-8")
    try:
        before = deployed(cloudformation, "review-secretive")
        after = from_folder(tmp_path, {"Key": "planted-secret"})
        assert review(before, after).is_empty
        assert "planted-secret" not in repr(review(None, after))
    finally:
        stacks.delete(cloudformation, "review-secretive")


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "holds no root.yaml. Write the templates first: make template."),
        ({"root.yaml": "Resources: {X: {Type: T}}", "data.yaml": "Resources: ["}, "data.yaml: not valid YAML"),
    ],
    ids=["empty", "broken"],
)
def test_folder_that_is_none_is_one_clear_line(tmp_path: Path, files: dict[str, str], words: str) -> None:
    for name, text in files.items():
        (tmp_path / name).write_text(text, encoding="utf-8")
    with pytest.raises(OperationError) as caught:
        from_folder(tmp_path, {})
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def _beside(staging: System, folder: Path, parameters: dict[str, str]) -> tuple[Review, stacks.ChangeSet]:
    """Our review of a change, held beside what the change set lists."""
    cloudformation = staging.emulator.client("cloudformation")
    bucket = staging.parameters["ArtifactBucket"]
    url = stacks.package(staging.emulator.client("s3"), bucket, folder, "root.yaml")
    made = stacks.create_change_set(cloudformation, staging.root, url, parameters)
    listed = [Listed(each.path, each.action, each.resource_type, each.replacement) for each in made.changes]
    before = deployed(cloudformation, staging.root)
    return review(before, from_folder(folder, parameters), listed=listed), made


def _edited(staging: System, tmp_path: Path, file: str, old: str, new: str) -> Path:
    for path in staging.templates.glob("*.yaml"):
        text = path.read_text(encoding="utf-8")
        if path.stem == file:
            assert old in text
            text = text.replace(old, new, 1)
        (tmp_path / path.name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    "changed",
    [
        {"LogRetentionDays": "30"},
        {"MissRateAlertThreshold": "0.3"},
        {"BotDesiredCount": "0"},
        {"NatGatewayMode": "per-zone"},
        {"EnableValidatorMonitorSchedule": "false"},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_changed_parameter_is_listed_as_we_find_it(staging: System, changed: dict[str, str]) -> None:
    found, _ = _beside(staging, staging.templates, staging.parameters | changed)
    assert found.changes
    assert found.disagreements == ()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("observability", "Threshold: 80", "Threshold: 85"),
        ("data", "sparta-config-${Environment}", "sparta-settings-${Environment}"),
        ("services", "ServiceName: sparta-discord", "ServiceName: sparta-bot"),
        ("security", "'dynamodb:Query'", "'dynamodb:*'"),
        ("observability", "  ApiSlowAlarm:", "  ApiLazyAlarm:"),
    ],
    ids=["number", "table", "service", "permission", "renamed"],
)
def test_changed_template_is_listed_as_we_find_it(
    staging: System, tmp_path: Path, file: str, old: str, new: str
) -> None:
    folder = _edited(staging, tmp_path, file, old, new)
    found, made = _beside(staging, folder, staging.parameters)
    assert made.status == "CREATE_COMPLETE", made.reason
    assert found.changes
    assert found.disagreements == ()
