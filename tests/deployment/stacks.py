"""Deploy templates the way a person would: upload, change set, look, execute, look again."""

import hashlib
import re
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from mypy_boto3_cloudformation import CloudFormationClient
from mypy_boto3_cloudformation.type_defs import DescribeChangeSetOutputTypeDef, StackTypeDef
from mypy_boto3_s3 import S3Client

REGION_SUFFIX = "eu-west-2.amazonaws.com"
NESTED = "AWS::CloudFormation::Stack"
NO_CHANGES = ("didn't contain changes", "No updates are to be performed")
WAIT_SECONDS = 60
T = TypeVar("T")
_LOCAL_URL = re.compile(r"^(\s*TemplateURL: )(\S+\.yaml)$", re.MULTILINE)


class StackFailedError(Exception):
    """A stack ended otherwise than asked for; the text lists what failed and why."""


@dataclass(frozen=True)
class Change:
    """One line of a change set. ``path`` is logical ids from the root down: ``Services/ApiService``."""

    path: str
    action: str
    resource_type: str
    replacement: str


@dataclass(frozen=True)
class ChangeSet:
    """A change set with those of its nested stacks, ``changes`` being all of theirs."""

    arn: str
    stack: str
    status: str
    reason: str
    changes: tuple[Change, ...]

    @property
    def is_empty(self) -> bool:
        """Whether there was nothing to do: AWS calls that a failure and tells it from others by words alone."""
        return self.status == "FAILED" and any(words in self.reason for words in NO_CHANGES)

    def paths(self, action: str) -> set[str]:
        return {change.path for change in self.changes if change.action == action}


def package(s3: S3Client, bucket: str, folder: Path, root: str) -> str:
    """Upload ``root`` and the templates it names, each under its content's hash; returns the root's URL."""

    def uploaded(match: re.Match[str]) -> str:
        return match[1] + upload(s3, bucket, (folder / match[2]).read_text(encoding="utf-8"))

    return upload(s3, bucket, _LOCAL_URL.sub(uploaded, (folder / root).read_text(encoding="utf-8")))


def upload(s3: S3Client, bucket: str, text: str) -> str:
    """Put a template under its content's hash and return its URL, path style as AWS's own packager writes."""
    key = f"templates/{hashlib.sha256(text.encode()).hexdigest()}.yaml"
    s3.put_object(Bucket=bucket, Key=key, Body=text.encode())
    return f"https://s3.{REGION_SUFFIX}/{bucket}/{key}"


def create_change_set(
    cloudformation: CloudFormationClient,
    stack: str,
    url: str,
    parameters: Mapping[str, str],
    *,
    take_over: bool = False,
) -> ChangeSet:
    """Create a change set with its nested ones and return it once it is complete or failed.

    :param take_over: whether what exists outside of all stacks is imported
    """
    created = cloudformation.create_change_set(
        StackName=stack,
        ChangeSetName=f"review-{uuid.uuid4().hex}",
        ChangeSetType="UPDATE" if exists(cloudformation, stack) else "CREATE",
        TemplateURL=url,
        Parameters=[{"ParameterKey": key, "ParameterValue": value} for key, value in parameters.items()],
        Capabilities=["CAPABILITY_NAMED_IAM"],
        IncludeNestedStacks=True,
        ImportExistingResources=take_over,
    )
    for described in _until(lambda: cloudformation.describe_change_set(ChangeSetName=created["Id"])):
        if described["Status"] in ("CREATE_COMPLETE", "FAILED"):
            reason = described.get("StatusReason", "")
            changes = tuple(_changes(cloudformation, described, ""))
            return ChangeSet(created["Id"], stack, described["Status"], reason, changes)
    raise StackFailedError(f"The change set of {stack} was not ready after {WAIT_SECONDS} s.")


def _changes(
    cloudformation: CloudFormationClient, described: DescribeChangeSetOutputTypeDef, prefix: str
) -> Iterator[Change]:
    """The changes of a set, each nested stack's own right after it."""
    for change in _all_changes(cloudformation, described):
        path = prefix + change["LogicalResourceId"]
        yield Change(path, change["Action"], change["ResourceType"], change.get("Replacement", ""))
        # A stack whose own change set has nothing in it is listed all the same.
        if "ChangeSetId" in change:
            nested = cloudformation.describe_change_set(ChangeSetName=change["ChangeSetId"])
            yield from _changes(cloudformation, nested, f"{path}/")


def _all_changes(cloudformation: CloudFormationClient, page: DescribeChangeSetOutputTypeDef) -> Iterator[Any]:
    while True:
        yield from (item["ResourceChange"] for item in page["Changes"])
        if not page.get("NextToken"):
            return
        page = cloudformation.describe_change_set(ChangeSetName=page["ChangeSetId"], NextToken=page["NextToken"])


def execute(cloudformation: CloudFormationClient, change_set: ChangeSet) -> None:
    """Execute a change set and return when the stack is as asked; raises ``StackFailedError`` otherwise."""
    if change_set.status != "CREATE_COMPLETE":
        raise StackFailedError(f"The change set of {change_set.stack} failed: {change_set.reason}")
    cloudformation.execute_change_set(ChangeSetName=change_set.arn)
    wait(cloudformation, change_set.stack)


def deploy(cloudformation: CloudFormationClient, stack: str, url: str, parameters: Mapping[str, str]) -> ChangeSet:
    change_set = create_change_set(cloudformation, stack, url, parameters)
    execute(cloudformation, change_set)
    return change_set


def wait(cloudformation: CloudFormationClient, stack: str) -> None:
    for found in _until(lambda: describe(cloudformation, stack)):
        if found["StackStatus"] in ("CREATE_COMPLETE", "UPDATE_COMPLETE"):
            return
        if not found["StackStatus"].endswith("_IN_PROGRESS"):
            raise StackFailedError(f"{stack} ended as {found['StackStatus']}.\n{failures(cloudformation)}")
    raise StackFailedError(f"{stack} was not done after {WAIT_SECONDS} s.")


def delete(cloudformation: CloudFormationClient, stack: str) -> None:
    """Delete a stack and return when it is gone."""
    arn = describe(cloudformation, stack)["StackId"]
    cloudformation.delete_stack(StackName=stack)
    for found in _until(lambda: describe(cloudformation, arn)):
        if found["StackStatus"] == "DELETE_COMPLETE":
            return
        if found["StackStatus"] != "DELETE_IN_PROGRESS":
            raise StackFailedError(f"{stack} ended as {found['StackStatus']}.\n{failures(cloudformation)}")
    raise StackFailedError(f"{stack} was not deleted after {WAIT_SECONDS} s.")


def describe(cloudformation: CloudFormationClient, stack: str) -> StackTypeDef:
    return cloudformation.describe_stacks(StackName=stack)["Stacks"][0]


def outputs(cloudformation: CloudFormationClient, stack: str) -> dict[str, str]:
    return {item["OutputKey"]: item["OutputValue"] for item in describe(cloudformation, stack).get("Outputs", [])}


def resources(cloudformation: CloudFormationClient, stack: str) -> dict[str, str]:
    """Physical ids by path, those of the nested stacks included: ``{"Network/Vpc": "vpc-1", ...}``."""
    found = {}
    for item in cloudformation.describe_stack_resources(StackName=stack)["StackResources"]:
        found[item["LogicalResourceId"]] = item["PhysicalResourceId"]
        if item["ResourceType"] == NESTED:
            inner = resources(cloudformation, item["PhysicalResourceId"])
            found |= {f"{item['LogicalResourceId']}/{name}": value for name, value in inner.items()}
    return found


def failures(cloudformation: CloudFormationClient) -> str:
    """One line for each resource that failed, in any stack, latest first."""
    lines = []
    for stack in cloudformation.describe_stacks()["Stacks"]:
        for event in cloudformation.describe_stack_events(StackName=stack["StackId"])["StackEvents"]:
            if event.get("ResourceStatus", "").endswith("FAILED"):
                reason = event.get("ResourceStatusReason", "no reason given")
                lines.append(f"{stack['StackName']} {event.get('LogicalResourceId')}: {reason}")
    return "\n".join(lines)


def exists(cloudformation: CloudFormationClient, stack: str) -> bool:
    try:
        return describe(cloudformation, stack)["StackStatus"] != "REVIEW_IN_PROGRESS"
    except cloudformation.exceptions.ClientError:
        return False


def _until(ask: Callable[[], T]) -> Iterator[T]:
    """Ask again and again until the caller has heard enough or the time is up."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        yield ask()
        time.sleep(0.05)
