"""The real Aztec contracts: ABI, bytecode and what must be linked into it."""

import gzip
import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from scripts.devnet.errors import DevnetError, UnavailableError
from scripts.devnet.packages import ARTIFACTS, fetch
from scripts.devnet.rpc import Abi
from scripts.devnet.screen import Say

# Lets the default generation run where there is no npm; a test compares it with the package.
VENDORED = {"0.87.9": Path(__file__).parent / "data" / "contracts-0.87.9.json.gz"}


@dataclass(frozen=True)
class Artifact:
    """``links``: the libraries whose addresses belong into the bytecode, and at which bytes."""

    name: str
    abi: Abi
    bytecode: str
    links: dict[str, list[int]]

    def linked(self, addresses: dict[str, str]) -> bytes:
        """The bytecode with each library's address in its places."""
        code = self.bytecode.removeprefix("0x")
        for library, places in self.links.items():
            for place in places:
                code = code[: 2 * place] + addresses[library].removeprefix("0x").lower() + code[2 * place + 40 :]
        return bytes.fromhex(code)

    @property
    def constructor(self) -> dict[str, Any]:
        return next((entry for entry in self.abi if entry["type"] == "constructor"), {"inputs": []})


Artifacts = Callable[[str], Artifact]


def load(generation: str, say: Say) -> Artifacts:
    """How to get a contract of a generation by its name."""
    if generation not in ARTIFACTS:
        raise DevnetError(f"There are no contracts of {generation}; choose one of {', '.join(ARTIFACTS)}.")
    try:
        folder = fetch(ARTIFACTS[generation], say)
    except UnavailableError as error:
        if generation not in VENDORED:
            raise
        say(f"{error} Taking the copy of the contracts in {VENDORED[generation].name} instead: the same bytes.")
        return lambda name: vendored(generation)[name]
    return lambda name: from_package(folder, name)


@cache
def from_package(folder: Path, name: str) -> Artifact:
    abi = _exports(folder / "dest" / f"{name}Abi.js")
    code = _exports(folder / "dest" / f"{name}Bytecode.js")
    links = {
        library: [place["start"] for place in places]
        for libraries in code[f"{name}LinkReferences"].values()
        for library, places in libraries.items()
    }
    return Artifact(name, abi[f"{name}Abi"], code[f"{name}Bytecode"], links)


@cache
def vendored(generation: str) -> dict[str, Artifact]:
    with gzip.open(VENDORED[generation], "rt", encoding="utf-8") as file:
        content = json.load(file)
    return {name: Artifact(name, **fields) for name, fields in content["contracts"].items()}


def _exports(path: Path) -> dict[str, Any]:
    """A module's constants by name: each is written as JSON."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(r"^.*?export const (\w+) = (.*?);$", text, re.MULTILINE | re.DOTALL)
    return {name: json.loads(value) for name, value in found}
