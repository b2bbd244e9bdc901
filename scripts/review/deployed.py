"""The system as it stands, and as a folder describes it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from templates.rules.reader import read_folder
from templates.rules.system import System, render


def deployed(cloudformation: Any, root: str) -> System | None:
    """The deployed system; ``None`` when there is no such stack."""
    raise NotImplementedError(cloudformation, root)


def from_folder(folder: Path, parameters: Mapping[str, str]) -> System:
    """The system that a folder of templates makes with these parameters."""
    templates, _ = read_folder(folder)
    return render(templates, parameters)
