"""The values a deployment gives the root stack: the environment's file, and what only account and build know."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.changeset.create import KEPT
from scripts.changeset.upload import function_key
from scripts.operations.errors import OperationError
from scripts.operations.provider_keys import holds_key
from scripts.operations.target import REPOSITORY, Target
from templates import environments
from templates.rules.values import text, truth

FUNCTIONS = {"MonitorCodeKey": "validator_monitor", "RotationCodeKey": "api_key_rotation"}
"""Parameter: the function whose zip it names."""
FILLED_IN = {"ArtifactBucket", "ImageUri", *FUNCTIONS}
"""What nobody writes into the file: it is found out each time."""
NO_IMAGE = f"@sha256:{'0' * 64}"
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
EXAMPLES = re.compile(rf"0x1234567890|\byour-|yourcompany\.|example\.com|EXAMPLE$|\b123456789012\b|{NO_IMAGE}")
"""What the shipped files say where a person has to put something of their own."""


@dataclass(frozen=True)
class Chosen:
    """The values, what of them is not the file's and why, and what is still an example."""

    values: dict[str, str]
    notes: tuple[str, ...]
    warnings: tuple[str, ...]
    zips: tuple[Path, ...]
    hidden: frozenset[str]
    """Names of the NoEcho parameters."""


def is_example(value: str) -> bool:
    return EXAMPLES.search(value) is not None


def deployed(target: Target) -> dict[str, str]:
    """The root stack's parameters as they are, ``****`` for NoEcho; empty when it is not there."""
    found = target.find_stack(target.root) or {}
    return {item["ParameterKey"]: item.get("ParameterValue", "") for item in found.get("Parameters", [])}


def intended(target: Target) -> dict[str, str]:
    """The file's values; where one is an example, rather what is deployed."""
    now = deployed(target)
    return {
        name: now[name] if _is_known_better(given, now.get(name, "")) else given
        for name, given in target.parameters.items()
    }


def choose(target: Target, declared: Mapping[str, Mapping[str, Any]], *, packages: Path, image: str) -> Chosen:
    """The values for a change set.

    :param declared: the root template's Parameters
    :param packages: the folder with the functions' zips
    :param image: the image that was asked for, or nothing
    :raises OperationError: when a value is not valid
    """
    choice = _Choice(target, declared, deployed(target))
    for name in declared:
        if name in FUNCTIONS:
            choice.function(name, packages / f"{FUNCTIONS[name]}.zip")
        elif name == "ArtifactBucket":
            choice.take(name, target.bucket, "the bucket of this account")
        elif name == "ImageUri" and image:
            choice.take(name, _image(target, image), "the IMAGE you gave")
        else:
            choice.from_file(name)
    choice.tell_keys()
    known = {name: value for name, value in choice.values.items() if value != KEPT}
    wrong = [*_unknown(target, declared), *environments.problems(known, _without(declared, choice.values, known))]
    if wrong:
        raise OperationError(f"Parameters of {target.environment} are wrong; nothing was done. " + " ".join(wrong))
    return Chosen(
        choice.values, tuple(choice.notes), tuple(choice.warnings), tuple(choice.zips), frozenset(choice.hidden)
    )


class _Choice:
    """Values as they are chosen one by one, with a sentence for each that is not the file's."""

    def __init__(self, target: Target, declared: Mapping[str, Mapping[str, Any]], now: dict[str, str]) -> None:
        self.file = target.parameters
        self.declared = declared
        self.now = now
        self.values: dict[str, str] = {}
        self.notes: list[str] = []
        self.warnings: list[str] = []
        self.zips: list[Path] = []
        self.hidden = {name for name, each in declared.items() if truth(each.get("NoEcho"))}

    def take(self, name: str, value: str, why: str) -> None:
        self.values[name] = value
        given = self.file.get(name)
        if value != given and name in FILLED_IN:
            self.notes.append(f"{name}: {self.shown(name, value)} ({why})")
        elif value != given:
            says = "does not give it" if given is None else f"says {self.shown(name, given)}"
            self.notes.append(f"{name}: {self.shown(name, value)} ({why}; the file {says})")

    def function(self, name: str, path: Path) -> None:
        """The zip that was made; without one what is deployed; without that the file's, which leads nowhere."""
        if path.is_file():
            self.zips.append(path)
            self.take(name, function_key(path), f"the content of {_near(path)}")
        elif self.now.get(name):
            self.take(name, self.now[name], f"as deployed, for want of {_near(path)}")
        else:
            self.values[name] = self.file.get(name, "")
            self.warnings.append(
                f"{name}: there is no {_near(path)}, and nothing is deployed; executing this change set "
                "would fail. `make package` makes it."
            )

    def from_file(self, name: str) -> None:
        """The file's value; where that is an example, rather what is deployed."""
        given, now = self.file.get(name), self.now.get(name)
        if given is None:
            self._default(name, now)
        elif now is not None and _is_known_better(given, now):
            self.take(name, now, "as deployed")
        else:
            self.values[name] = given
            if is_example(given):
                self.warnings.append(f"{name}: {self.shown(name, given)} is an example; put your own into the file")

    def _default(self, name: str, now: str | None) -> None:
        if name in self.hidden and now is not None:
            self.values[name] = KEPT
            return
        default = text(self.declared[name].get("Default"))
        if now is not None and now != default:
            self.notes.append(f"{name}: '{default}' (the template's default), '{now}' is deployed; the file is silent")

    def tell_keys(self) -> None:
        """Say which value had better be a secret."""
        for name in (each for each, value in self.values.items() if holds_key(value)):
            self.warnings.append(
                f"{name}: its URL holds a provider's key, which everybody who may see the stack then sees. Put the URL "
                f"into a secret of its own, and that secret's ARN into {name}SecretArn instead."
            )

    def shown(self, name: str, value: str) -> str:
        return KEPT if name in self.hidden else value


def _is_known_better(given: str, now: str) -> bool:
    """Whether the file's value is an example, and what is deployed is none."""
    return is_example(given) and now != "" and not is_example(now)


def _near(path: Path) -> str:
    return str(path.relative_to(REPOSITORY)) if path.is_relative_to(REPOSITORY) else str(path)


def _image(target: Target, image: str) -> str:
    """A digest alone is one of the environment's own repository.

    :raises OperationError: when the image is not named by digest: a tag may mean another image tomorrow
    """
    if DIGEST.fullmatch(image):
        outputs = (target.find_stack(target.bootstrap) or {}).get("Outputs", [])
        found = {item["OutputKey"]: item["OutputValue"] for item in outputs}
        image = f"{found.get('ImageRepositoryUri', '')}@{image}"
    if not DIGEST.fullmatch(image.partition("@")[2]) or image.endswith(NO_IMAGE):
        raise OperationError(
            f"IMAGE={image} names no image by digest. Nothing was done. Give repository@sha256:... or sha256:... alone."
        )
    return image


def _unknown(target: Target, declared: Mapping[str, object]) -> Iterator[str]:
    for name in sorted(set(target.parameters) - set(declared)):
        yield f"{name} is no parameter of the template; correct the spelling or remove it."


def _without(
    declared: Mapping[str, Mapping[str, Any]], values: Mapping[str, str], known: Mapping[str, str]
) -> dict[str, Mapping[str, Any]]:
    """The parameters whose values can be looked at: not those that stay as they are unseen."""
    return {name: each for name, each in declared.items() if name not in values or name in known}
