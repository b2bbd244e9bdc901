"""What stands in AWS is read as it was deployed, and the emulated AWS lists the changes that our comparison finds."""

from pathlib import Path

import pytest

from scripts.review.compare import review
from scripts.review.deployed import deployed, from_folder
from scripts.review.model import Listed, Review
from tests.deployment import stacks
from tests.deployment.system import System


def _standing(staging: System) -> object:
    return staging.emulator.client("cloudformation")


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
