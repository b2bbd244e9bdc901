"""What the tests of change sets share: a run of the command, its packages, edited templates, and execution."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.deployment import stacks
from tests.deployment.system import _function
from tests.emulator.emulator import Emulator
from tests.operations.running import Done, run, surroundings

FUNCTIONS = ("validator_monitor", "api_key_rotation")
ACCOUNT = "000000000000"


@dataclass(frozen=True)
class Place:
    """One environment on one emulator, worked on by the commands alone."""

    emulator: Emulator
    home: Path
    environment: str = "development"

    @property
    def root(self) -> str:
        return f"sparta-{self.environment}"

    @property
    def bucket(self) -> str:
        return f"sparta-artifacts-{self.environment}-{ACCOUNT}"

    @property
    def packages(self) -> Path:
        return self.home / "packages"

    def call(self, verb: str, **variables: str) -> Done:
        given = surroundings(self.emulator, self.home) | {"ENV": self.environment, "PACKAGES": str(self.packages)}
        return run(given | variables, verb)

    def prepared(self) -> dict[str, Any]:
        """What is recorded for `make deploy`."""
        key = f"deployments/{self.environment}/prepared.json"
        found: dict[str, Any] = json.loads(
            self.emulator.client("s3").get_object(Bucket=self.bucket, Key=key)["Body"].read()
        )
        return found

    def execute(self) -> None:
        """What `make deploy` does, or a person in the console."""
        cloudformation = self.emulator.client("cloudformation")
        cloudformation.execute_change_set(ChangeSetName=self.prepared()["change_set_id"])
        stacks.wait(cloudformation, self.root)

    def change_sets(self) -> list[str]:
        """Names of the root stack's change sets."""
        pages = self.emulator.client("cloudformation").list_change_sets(StackName=self.root)
        return [each["ChangeSetName"] for each in pages["Summaries"]]

    def stacks(self) -> dict[str, str]:
        """Status by name of the stacks that are not deleted."""
        found = self.emulator.client("cloudformation").describe_stacks()["Stacks"]
        return {each["StackName"]: each["StackStatus"] for each in found if each["StackStatus"] != "DELETE_COMPLETE"}


def place(emulator: Emulator, home: Path, *, bootstrapped: bool = True) -> Place:
    """An environment with its functions' zips made, and bootstrapped."""
    made = Place(emulator, home)
    write_packages(made.packages)
    if bootstrapped:
        done = made.call("bootstrap", YES="1")
        assert done.code == 0, done.err
    return made


def write_packages(folder: Path) -> Path:
    """The functions' zips, whose handlers only answer."""
    folder.mkdir()
    for name in FUNCTIONS:
        (folder / f"{name}.zip").write_bytes(_function())
    return folder


def edited(templates: Path, folder: Path, **edits: tuple[str, str]) -> Path:
    """A copy of the templates with a text of some of them replaced: ``monitor=("Timeout: 240", "Timeout: 230")``."""
    shutil.copytree(templates, folder)
    for name, (old, new) in edits.items():
        path = folder / f"{name}.yaml"
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")
    return folder
