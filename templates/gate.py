"""Everything a folder of templates must pass: environment files, cfn-lint, and our own rules.

What passed is remembered by content, so that an unchanged set costs nothing the next time.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from templates.rules.finding import Finding

PACKAGE = Path(__file__).parent
STAMP = PACKAGE.parent / "build" / ".templates-passed"
SUFFIXES = (".yaml", ".yml", ".json", ".template")


def templates_in(folder: Path) -> list[Path]:
    """The folder's template files, sorted."""
    return sorted(path for path in folder.iterdir() if path.suffix in SUFFIXES)


def passed(folder: Path, files: Sequence[Path]) -> bool:
    """Whether this very content passed before, under the same values, rules and versions."""
    return STAMP.is_file() and STAMP.read_text(encoding="utf-8") == _key(folder, files)


def check(folder: Path, files: Sequence[Path] = ()) -> list[Finding]:
    """All findings, sorted; none means that the folder may be deployed.

    :param files: parameter files for the root stack; the shipped ones when none is given and the folder is a Sparta
    """
    from templates import rules
    from templates.lint import lint
    from templates.rules.reader import read_folder

    templates, _ = read_folder(folder)
    declared = {name: template.section("Parameters") for name, template in templates.items()}
    values, findings = _environments(declared, files)
    merged = [dict(each) for each in _merged(values)]
    findings += lint(templates_in(folder), values)
    findings += rules.check(folder, merged)
    if not findings:
        _remember(_key(folder, files))
    return sorted(set(findings))


def _environments(
    declared: Mapping[str, Mapping[str, Mapping[str, object]]], files: Sequence[Path]
) -> tuple[dict[str, dict[str, dict[str, str]]], list[Finding]]:
    """Values per template and environment, and what is wrong with the files."""
    from templates import environments
    from templates.rules.finding import Finding

    values: dict[str, dict[str, dict[str, str]]] = {}
    findings: list[Finding] = []
    for template in ("root", "bootstrap"):
        if "Environment" not in declared.get(template, {}):
            continue
        shipped = environments.paths(template)
        for path in (files or shipped) if template == "root" else (() if files else shipped):
            try:
                read = environments.read(path)
            except environments.EnvironmentError as error:
                findings += [Finding(template, path.name, line, "environment-file") for line in error.args]
                continue
            values.setdefault(template, {})[path.name] = read
            lines = environments.problems(read, declared[template])
            findings += [Finding(template, path.name, line, "environment-file") for line in lines]
    return values, findings


def _merged(values: Mapping[str, Mapping[str, Mapping[str, str]]]) -> list[dict[str, str]]:
    """Root's and bootstrap's values of one environment together."""
    bootstrap = {each.get("Environment"): each for each in values.get("bootstrap", {}).values()}
    return [{**bootstrap.get(each.get("Environment"), {}), **each} for each in values.get("root", {}).values()]


def _remember(key: str) -> None:
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(key, encoding="utf-8")


def _key(folder: Path, files: Sequence[Path]) -> str:
    """Digest of the templates, the parameter files, the code that checks them and the linter's version."""
    from importlib.metadata import version

    digest = hashlib.sha256(f"{version('cfn-lint')} {sys.version}".encode())
    code = [*PACKAGE.glob("*.py"), *(PACKAGE / "rules").glob("*.py"), *(PACKAGE / "environments").iterdir()]
    for path in [*sorted(code), *sorted(folder.iterdir()), *files]:
        if path.is_file():
            content = path.read_bytes()
            digest.update(f"\0{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()
