"""The workflows: least rights, no stored keys, and the names that AWS, the Makefile and the templates know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from templates import environments, registry
from tests.test_house import targets

HOUSE = Path(__file__).resolve().parents[1]
FILES = sorted((HOUSE / ".github" / "workflows").glob("*.yml"))
ON_NODE_24 = {
    "actions/checkout": 5,
    "actions/setup-python": 6,
    "actions/upload-artifact": 6,
    "actions/download-artifact": 7,
    "aws-actions/configure-aws-credentials": 6,
}
ASKS_AWS = "aws-actions/configure-aws-credentials"
WRITES = {
    ("deploy", "prepare"): {"id-token"},
    ("deploy", "execute"): {"id-token"},
    ("review", "comment"): {"pull-requests"},
}
"""What any job may write, by workflow and job."""


def load(path: Path) -> dict[str, Any]:
    """YAML 1.1 reads ``on`` as true."""
    found: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    return {"on" if key is True else str(key): value for key, value in found.items()}


def steps(job: dict[str, Any]) -> list[dict[str, Any]]:
    return list(job["steps"])


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    found: Path = request.param
    return found


@pytest.fixture
def workflow(path: Path) -> dict[str, Any]:
    return load(path)


def test_a_job_may_read_the_code_and_little_else(path: Path, workflow: dict[str, Any]) -> None:
    """By default nothing is written; a job that writes says what, and is known here."""
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        written = {right for right, level in job.get("permissions", {}).items() if level != "read"}
        assert written == WRITES.get((path.stem, name), set()), name


def test_every_job_ends(workflow: dict[str, Any]) -> None:
    """In a time of its own, and none runs beside another of the same kind."""
    assert "concurrency" in workflow
    for name, job in workflow["jobs"].items():
        assert 1 <= job["timeout-minutes"] <= 120, name


def test_no_key_is_stored(path: Path) -> None:
    """AWS is asked by a token of the moment; no secret of GitHub's is read, and a checkout leaves no token behind."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"secrets[.\[]|aws-access-key|aws-secret|AKIA", text, re.IGNORECASE)
    for job in load(path)["jobs"].values():
        for step in steps(job):
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_actions_are_of_few_and_by_version(workflow: dict[str, Any]) -> None:
    """GitHub's own and AWS's, by their major version or a commit."""
    for job in workflow["jobs"].values():
        for used in (step["uses"] for step in steps(job) if "uses" in step):
            assert re.fullmatch(r"(actions|aws-actions)/[\w-]+@(v\d+|[0-9a-f]{40})", used), used


def test_actions_run_where_node_20_is_gone(workflow: dict[str, Any]) -> None:
    """Runners lost Node 20 in September 2026: the first major version of each action that runs on Node 24, or later."""
    for job in workflow["jobs"].values():
        for used in (step["uses"] for step in steps(job) if "uses" in step):
            action, _, version = used.partition("@")
            assert action in ON_NODE_24
            assert len(version) == 40 or int(version.removeprefix("v")) >= ON_NODE_24[action], used


def test_what_others_wrote_is_no_script(workflow: dict[str, Any]) -> None:
    """A title or an input is handed to a command as a variable: within its text it could be one itself."""
    for job in workflow["jobs"].values():
        for run in (step["run"] for step in steps(job) if "run" in step):
            assert not re.search(r"\$\{\{\s*(?!matrix\.)", run), run


def test_its_verbs_exist(workflow: dict[str, Any]) -> None:
    """No job calls a target that is not there."""
    runs = " ".join(step.get("run", "") for job in workflow["jobs"].values() for step in steps(job))
    assert set(re.findall(r"\bmake ([a-z]+)", runs)) <= targets().keys()


def test_a_pull_request_reaches_nothing(workflow: dict[str, Any]) -> None:
    """Whoever opens one gets neither AWS nor, where their code runs, a token that writes."""
    assert "pull_request_target" not in workflow["on"]
    if "pull_request" in workflow["on"]:
        for name, job in workflow["jobs"].items():
            assert "environment" not in job
            assert not [step for step in steps(job) if step.get("uses", "").startswith(ASKS_AWS)]
            if name == "comment":
                assert not [step for step in steps(job) if step.get("uses", "").startswith("actions/checkout")]
                assert "head.repo.full_name == github.repository" in job["if"]


def test_aws_trusts_the_jobs_by_their_environment(path: Path, workflow: dict[str, Any]) -> None:
    """Its name is the last part of the token's subject, and one that the parameters know."""
    role = registry.build()["bootstrap"]["Resources"]["DeployRole"]["Properties"]
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    (subject,) = statement["Condition"]["StringLike"].values()
    assert subject == {"Fn::Sub": "repo:${GitHubRepository}:environment:${Environment}"}
    asking = {
        name: job
        for name, job in workflow["jobs"].items()
        if any(step.get("uses", "").startswith(ASKS_AWS) for step in steps(job))
    }
    assert set(asking) == ({"prepare", "execute"} if path.stem == "deploy" else set())
    for job in asking.values():
        assert job["permissions"] == {"contents": "read", "id-token": "write"}
        assert job["environment"] == "${{ inputs.environment || 'staging' }}"
        (step,) = (step for step in steps(job) if step.get("uses", "").startswith(ASKS_AWS))
        assert step["with"]["role-to-assume"] == "${{ vars.AWS_DEPLOY_ROLE_ARN }}"
        assert workflow["on"]["workflow_dispatch"]["inputs"]["environment"]["options"] == ["staging", "production"]
        assert {"staging", "production"} <= set(environments.NAMES)


def test_nothing_is_executed_unseen() -> None:
    """What is executed was tested, reviewed and asked for in a job of its own, which verifies afterwards."""
    jobs = load(HOUSE / ".github" / "workflows" / "deploy.yml")["jobs"]
    said = {name: [step["run"] for step in steps(job) if "run" in step] for name, job in jobs.items()}
    assert said["check"] == ["make lint", "make test"]
    assert jobs["prepare"]["needs"] == "check"
    assert "make changeset YES=1" in said["prepare"]
    assert not [run for run in said["prepare"] if "make deploy" in run]
    assert jobs["execute"]["needs"] == "prepare"
    assert said["execute"] == ["make deploy YES=1", "make verify"]


def test_dependabot_looks_after_everything() -> None:
    """The locks, the actions and the image's base."""
    updates = yaml.safe_load((HOUSE / ".github" / "dependabot.yml").read_text(encoding="utf-8"))["updates"]
    assert {each["package-ecosystem"] for each in updates} == {"pip", "github-actions", "docker"}
