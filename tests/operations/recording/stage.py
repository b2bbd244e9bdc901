"""A checkout of one's own, an empty account on the emulated AWS, a terminal: where the scenes are played."""

from __future__ import annotations

import io
import json
import re
import shlex
import shutil
import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.deployment import stacks
from tests.deployment.system import HANDLER, System
from tests.emulator.emulator import ENVIRONMENT, REGION, REPOSITORY, Emulator
from tests.operations.deploying import Ground, api
from tests.operations.deployments import FUNCTIONS
from tests.operations.running import surroundings
from tests.operations.terminal import Played, When, play

NAME = "development"
PARTS = ("Makefile", "requirements", "scripts", "sparta", "templates")
"""What of the checkout the runbook needs: the scenes edit it, so they get one of their own."""
PROGRAMS = {
    # The checkout has no environment of its own: make is told that it has, and to take the one of the tests.
    "make": ["make", "-o", ".venv/.operations", f"VENV_PYTHON={sys.executable}"],
    "aws": [str(ENVIRONMENT / "bin" / "aws")],
}
OWN = {
    "EthereumHost": "https://sepolia.example.org",
    "AztecRpcUrl": "https://aztec.example.org:8080",
    "SpartaAddress": "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "GitHubRepository": "spartans/sparta",
    "GitHubOidcProviderArn": "",
}
"""What a person has put in the place of the parameter files' examples. The address is everybody's in test networks."""


@dataclass(frozen=True)
class Fold:
    """Lines that the page does not show again: from one that begins with ``begin`` up to one that begins with
    ``until``, both patterns."""

    begin: str
    until: str

    def hides(self, line: str, before: bool) -> bool:
        """Whether a line is folded away, given whether the one before it is."""
        return bool(re.match(self.begin, line)) or (before and not re.match(self.until, line))


@dataclass(frozen=True)
class Line:
    """One command of a scene as it was typed, and how it ended."""

    typed: str
    played: Played
    folds: tuple[Fold, ...] = ()


@dataclass(frozen=True)
class Edit:
    """A change of one place in a file of the checkout."""

    path: str
    old: str
    new: str


Step = str | Line | Edit


@dataclass
class Stage:
    """``did`` is what was said, edited and typed in the scene so far."""

    ground: Ground
    checkout: Path
    variables: dict[str, str]
    did: list[Step] = field(default_factory=list)

    def say(self, text: str) -> None:
        """Tell the reader what the person wants."""
        self.did.append(text)

    def type(self, line: str, *reactions: When, fails: bool = False, folds: Sequence[Fold] = ()) -> str:
        """Type a line at the prompt, and react to what it says; what is on the screen when it has ended."""
        program, *rest = shlex.split(line)
        played = play([*PROGRAMS[program], *rest], self.variables, self.checkout, *reactions)
        self.did.append(Line(line, played, tuple(folds)))
        assert bool(played.code) == fails, played.screen
        return played.screen

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file of the checkout as a person would with an editor."""
        file = self.checkout / path
        text = file.read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{path} does not have {old!r} once: correct the scene"
        file.write_text(text.replace(old, new), encoding="utf-8")
        self.did.append(Edit(path, old, new))

    def undo(self) -> None:
        """Take back the edits of the scene; nobody needs to read that."""
        for edit in (each for each in self.did if isinstance(each, Edit)):
            file = self.checkout / edit.path
            file.write_text(file.read_text(encoding="utf-8").replace(edit.new, edit.old), encoding="utf-8")

    @property
    def exists(self) -> bool:
        return stacks.exists(self.client("cloudformation"), self.ground.system.root)

    def client(self, service: str) -> Any:
        return self.ground.client(service)


@contextmanager
def stage(folder: Path) -> Iterator[Stage]:
    """An empty account, and a checkout whose parameter files are filled in and whose functions are packaged."""
    checkout = folder / "sparta"
    _check_out(checkout)
    with Emulator() as emulator, api() as answering:
        account = emulator.client("sts").get_caller_identity()["Account"]
        bucket = {"ArtifactBucket": f"sparta-artifacts-{NAME}-{account}"}
        system = System(emulator, checkout / "build" / "templates", NAME, "", bucket)
        # The load balancer's name leads nowhere: requests for it go to the stand-in as their proxy.
        variables = surroundings(emulator, folder) | {
            "HTTP_PROXY": answering,
            "INTERVAL": "0.3",
            "PYTHONUTF8": "1",
            "LC_ALL": "C",
        }
        variables |= {"AWS_DEFAULT_REGION": REGION, "AWS_PAGER": ""}
        del variables["COLUMNS"]
        yield Stage(Ground(system, folder), checkout, variables)


def _check_out(folder: Path) -> None:
    folder.mkdir()
    for name in PARTS:
        found = REPOSITORY / name
        (shutil.copytree if found.is_dir() else shutil.copy2)(found, folder / name)
    packages = folder / "build" / "lambda"
    packages.mkdir(parents=True)
    for name in FUNCTIONS:
        (packages / f"{name}.zip").write_bytes(_package())
    for file in (folder / "templates" / "environments").glob(f"{NAME}*.json"):
        listed = json.loads(file.read_text(encoding="utf-8"))
        lines = [
            json.dumps(item | {"ParameterValue": OWN.get(item["ParameterKey"], item["ParameterValue"])})
            for item in listed
        ]
        file.write_text("[\n  " + ",\n  ".join(lines) + "\n]\n", encoding="utf-8")


def _package() -> bytes:
    """A function that answers, the same bytes every time."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in ("__init__", *FUNCTIONS):
            archive.writestr(zipfile.ZipInfo(f"functions/{name}.py"), HANDLER if name in FUNCTIONS else "")
    return packed.getvalue()
