"""The Dockerfile as values, and its steps done in a folder, as far as that goes without Docker."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[1]


@dataclass
class Stage:
    """One ``FROM`` and what follows: each instruction with its words."""

    base: str
    name: str
    steps: list[tuple[str, str]] = field(default_factory=list)

    def all(self, instruction: str) -> list[str]:
        return [words for name, words in self.steps if name == instruction]

    def one(self, instruction: str) -> str:
        (words,) = self.all(instruction)
        return words

    def command(self) -> list[str]:
        words: list[str] = json.loads(self.one("CMD"))
        return words


def _instructions() -> Iterator[tuple[str, str]]:
    lines = (HOUSE / "Dockerfile").read_text(encoding="utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.startswith("#")).replace("\\\n", " ")
    for line in text.splitlines():
        if line.strip():
            name, _, words = line.partition(" ")
            yield name, re.sub(r" +", " ", words).strip()


def read() -> tuple[str, list[Stage]]:
    """The base image and the stages."""
    base, stages = "", list[Stage]()
    for name, words in _instructions():
        if name == "ARG":
            base = words.removeprefix("BASE=")
        elif name == "FROM":
            image, _, stage = words.partition(" AS ")
            stages.append(Stage(image, stage))
        else:
            stages[-1].steps.append((name, words))
    return base, stages


def ignored(path: str) -> bool:
    """Whether ``.dockerignore`` keeps a file from the builder: the last line that speaks of it decides."""
    decided = False
    for line in (HOUSE / ".dockerignore").read_text(encoding="utf-8").splitlines():
        pattern = line.strip()
        if pattern and not pattern.startswith("#") and _speaks_of(pattern.removeprefix("!"), path):
            decided = not pattern.startswith("!")
    return decided


def _speaks_of(pattern: str, path: str) -> bool:
    """A pattern speaks of a file, and of all below a folder; ``*`` stays within one name, ``**`` does not."""
    parents = ["/".join(path.split("/")[: depth + 1]) for depth in range(path.count("/") + 1)]
    if pattern.startswith("**/"):
        return any(fnmatch(parent.rpartition("/")[2], pattern[3:]) for parent in parents)
    return any(fnmatch(each, pattern) and each.count("/") == pattern.count("/") for each in parents)


def copied(stage: Stage, to: Path) -> None:
    """Do the ``COPY`` steps that take from the checkout, below ``to``."""
    for words in stage.all("COPY"):
        *sources, target = words.split()
        for source in (HOUSE / each for each in sources):
            for path in [source] if source.is_file() else sorted(each for each in source.rglob("*") if each.is_file()):
                name = path.relative_to(HOUSE).as_posix()
                if not ignored(name):
                    below = path.name if source.is_file() else path.relative_to(source).as_posix()
                    place = to / target.lstrip("/") / below
                    place.parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, place)
