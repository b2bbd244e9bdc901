"""The templates a deployment starts from: this checkout's, or a folder that was named."""

from __future__ import annotations

import gc
from pathlib import Path
from tempfile import NamedTemporaryFile

from scripts.operations.errors import OperationError
from scripts.operations.screen import ERR
from scripts.operations.target import REPOSITORY
from templates import emit, gate, registry
from templates.rules.finding import Finding
from templates.rules.reader import Template, read_folder
from templates.stack import BuildError

BUILT = REPOSITORY / "build" / "templates"
PACKAGES = REPOSITORY / "build" / "lambda"
SHOWN = 5


def checked(folder: Path | None, *, stop: bool = True) -> dict[str, Template]:
    """The folder's templates by name, after the gate; without a folder they are written anew.

    :param stop: whether findings of the gate are in the way, or only said
    :raises OperationError: when they cannot be built or read, or the gate has findings
    """
    folder = folder or _write(BUILT)
    if not folder.is_dir() or not gate.templates_in(folder):
        raise OperationError(f"There are no templates in {folder}. Nothing was done. Name a folder that holds them.")
    if not gate.passed(folder, []):
        with ERR.status("Checking the templates ..."):
            findings = gate.check(folder)
        if findings:
            _tell(folder, findings, stop=stop)
    return read(folder)


def read(folder: Path) -> dict[str, Template]:
    """The folder's templates by name.

    :raises OperationError: when there is no root among them
    """
    templates, _ = read_folder(folder)
    if "root" not in templates:
        raise OperationError(f"There is no root template in {folder}. Nothing was done.")
    return templates


def _tell(folder: Path, findings: list[Finding], *, stop: bool) -> None:
    first = " ".join(f"{finding}." for finding in findings[:SHOWN])
    more = f" And {len(findings) - SHOWN} more." if len(findings) > SHOWN else ""
    sentence = f"The templates in {folder} have {len(findings)} findings. {first}{more}"
    if stop:
        raise OperationError(f"{sentence} Nothing was done. Correct them; CHECKS=warn goes on all the same.")
    ERR.print(sentence, style="yellow", soft_wrap=True, markup=False)


def _write(out: Path) -> Path:
    gc.disable()
    try:
        trees = registry.build()
    except BuildError as error:
        raise OperationError(f"The templates cannot be built; nothing was done. {error}") from error
    finally:
        gc.enable()
    out.mkdir(parents=True, exist_ok=True)
    for stale in set(out.glob("*.yaml")) - {out / f"{name}.yaml" for name in trees}:
        stale.unlink()
    for name, tree in trees.items():
        _replace(out / f"{name}.yaml", emit.to_yaml(name, tree).encode())
    return out


def _replace(path: Path, content: bytes) -> None:
    """Whole or not at all: another command may be reading it."""
    if path.is_file() and path.read_bytes() == content:
        return
    with NamedTemporaryFile(dir=path.parent, delete=False) as file:
        file.write(content)
    Path(file.name).replace(path)
