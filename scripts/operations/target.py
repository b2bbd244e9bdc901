"""The environment that a command works on: its account, region, stacks, and what stands in them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from scripts.operations.errors import OperationError, code

REPOSITORY = Path(__file__).resolve().parents[2]
ENVIRONMENTS = REPOSITORY / "templates" / "environments"
NESTED = "AWS::CloudFormation::Stack"
NEVER_CREATED = "ROLLBACK_COMPLETE"
"""The first creation failed, and what it had made was taken away again."""
# A person waits: better to say soon that AWS is out of reach.
CONFIG = Config(connect_timeout=5, read_timeout=30, retries={"mode": "standard", "total_max_attempts": 4})


@dataclass(frozen=True)
class Resource:
    """One resource of the system as it stands. ``path`` is logical ids from the root down: ``Services/ApiService``."""

    path: str
    type: str
    physical_id: str
    status: str


class Outputs(dict[str, str]):
    """Outputs of a stack by name."""

    def __missing__(self, name: str) -> str:
        raise OperationError(f"The root stack has no output {name}: it was deployed from other templates than these.")


class Target:
    """One environment, by name. Nothing is asked of AWS before it is needed.

    :raises OperationError: when there is no such environment, or the region set here is not its own
    """

    def __init__(self, environment: str) -> None:
        self.environment = environment
        self.parameters = given(environment)
        zone = self.parameters.get("AvailabilityZones", "").partition(",")[0]
        self.region = zone.rstrip("abcdef")
        self.session = boto3.Session()
        chosen = os.environ.get("AWS_REGION") or self.session.region_name or self.region
        if chosen != self.region:
            raise OperationError(
                f"{environment} is in {self.region} (templates/environments/{environment}.json), but the region set "
                f"here is {chosen}. Nothing was done. Set AWS_REGION={self.region}, or leave it unset."
            )

    def client(self, service: str) -> Any:
        """A client of the environment's region. ``AWS_ENDPOINT_URL`` is botocore's own affair."""
        make: Any = self.session.client
        return make(service, region_name=self.region, config=CONFIG)

    @cached_property
    def cloudformation(self) -> Any:
        return self.client("cloudformation")

    @cached_property
    def account(self) -> str:
        """The number of the account that the credentials belong to."""
        return str(self.client("sts").get_caller_identity()["Account"])

    @property
    def root(self) -> str:
        """The name of the root stack, and of the ECS cluster."""
        return f"sparta-{self.environment}"

    @property
    def bootstrap(self) -> str:
        return f"sparta-bootstrap-{self.environment}"

    @property
    def suffix(self) -> str:
        """What physical names end with that are global to an account: nothing in production."""
        return "" if self.environment == "production" else f"-{self.environment}"

    @property
    def bucket(self) -> str:
        """The artifact bucket."""
        return f"sparta-artifacts-{self.environment}-{self.account}"

    def stack(self, name: str) -> dict[str, Any]:
        """A stack as CloudFormation describes it.

        :raises OperationError: when there is none
        """
        found = self.find_stack(name)
        if found is None:
            raise OperationError(
                f"There is no stack {name} in account {self.account}, region {self.region}. Look whether these are the "
                f"right credentials; if {self.environment} was never deployed, the README's chapter Deploy begins it."
            )
        return found

    def find_stack(self, name: str) -> dict[str, Any] | None:
        """A stack by name or ARN; ``None`` where there is none, or none but a change set's placeholder."""
        try:
            found: dict[str, Any] = self.cloudformation.describe_stacks(StackName=name)["Stacks"][0]
        except ClientError as error:
            if code(error) == "ValidationError" and "does not exist" in str(error):
                return None
            raise
        return None if found["StackStatus"] in ("REVIEW_IN_PROGRESS", "DELETE_COMPLETE") else found

    @cached_property
    def outputs(self) -> Outputs:
        """Outputs of the root stack, as they are when first asked for; asking for one that is not there tells so."""
        found = self.created().get("Outputs", [])
        return Outputs({item["OutputKey"]: item["OutputValue"] for item in found})

    @cached_property
    def resources(self) -> dict[str, Resource]:
        """Every resource by path, those of nested stacks included, as they are when first asked for."""
        self.stack(self.root)
        return {each.path: each for each in self._walk(self.root, "")}

    def physical(self, path: str) -> str:
        """The physical id of a resource by path: ``physical("Services/ApiService")``.

        :raises OperationError: when the system has no such resource
        """
        found = self.resources.get(path)
        if found is None:
            self.created()
            raise OperationError(f"{self.root} has no {path}: that part is switched off or its creation failed.")
        return found.physical_id

    def created(self) -> dict[str, Any]:
        """The root stack as CloudFormation describes it.

        :raises OperationError: when there is none, or nothing but the name of one
        """
        found = self.stack(self.root)
        if found["StackStatus"] == NEVER_CREATED:
            raise OperationError(
                f"{self.root} is not there: its first creation failed, and nothing of it is left but the name "
                f"({NEVER_CREATED}). `make changeset ENV={self.environment}` begins anew."
            )
        return found

    def _walk(self, stack: str, prefix: str) -> Iterator[Resource]:
        pages = self.cloudformation.get_paginator("list_stack_resources").paginate(StackName=stack)
        for item in (each for page in pages for each in page["StackResourceSummaries"]):
            physical = item.get("PhysicalResourceId", "")
            if item["ResourceStatus"] == "DELETE_COMPLETE":
                continue
            path = prefix + item["LogicalResourceId"]
            yield Resource(path, item["ResourceType"], physical, item["ResourceStatus"])
            if item["ResourceType"] == NESTED and physical:
                yield from self._walk(physical, f"{path}/")


def environments() -> list[str]:
    """The environments that have a parameter file."""
    return sorted(path.stem for path in ENVIRONMENTS.glob("*.json") if not path.stem.endswith(".bootstrap"))


def file(environment: str) -> Path:
    """The parameter file of an environment.

    :raises OperationError: when there is no such environment
    """
    known = environments()
    if environment not in known:
        raise OperationError(
            f"There is no environment {environment!r}; there are {', '.join(known)}. Give one: ENV={known[-1]}. A new "
            "one is a parameter file in templates/environments/."
        )
    return ENVIRONMENTS / f"{environment}.json"


def given(environment: str) -> dict[str, str]:
    """An environment's parameters as its file gives them.

    :raises OperationError: when there is no such environment
    """
    listed = json.loads(file(environment).read_text(encoding="utf-8"))
    return {item["ParameterKey"]: item["ParameterValue"] for item in listed}
