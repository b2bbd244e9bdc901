"""Our own part of a function, read from the source: nothing is run, so any Python finds the same."""

import ast
import configparser
from collections.abc import Iterable, Iterator
from pathlib import Path

from scripts.package.errors import PackageError


def needed(checkout: Path, module: str) -> dict[str, Path]:
    """The modules of the checkout that importing ``module`` may import, now or in some function, by name."""
    found: dict[str, Path] = {}
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = _source(checkout, name)
        if path is None or name in found:
            continue
        found[name] = path
        waiting += [name.rpartition(".")[0], *_imports(path)]
    return found


def services(paths: Iterable[Path]) -> set[str]:
    """The AWS services that the modules call, by boto3's name.

    :raises PackageError: when a module makes a client whose service is known only at run time
    """
    found = set()
    for path in paths:
        for node in ast.walk(ast.parse(path.read_bytes())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == "boto3.client":
                match node.args:
                    case [ast.Constant(value=str(service)), *_]:
                        found.add(service)
                    case _:
                        raise PackageError(
                            f"{path}:{node.lineno}: boto3.client is to be called with the name of a service: only what "
                            "is named is packaged. Write the name there."
                        )
    return found


def files(checkout: Path, modules: dict[str, Path]) -> dict[str, bytes]:
    """The modules and, as setup.cfg lists it, the data of their packages, by place in the zip."""
    paths = {*modules.values(), *_data(checkout, modules)}
    return {path.relative_to(checkout).as_posix(): path.read_bytes() for path in paths}


def _source(checkout: Path, name: str) -> Path | None:
    base = checkout.joinpath(*name.split("."))
    candidates = [base / "__init__.py", base.parent / f"{base.name}.py"] if name else []
    return next((path for path in candidates if path.is_file()), None)


def _imports(path: Path) -> Iterator[str]:
    """Names that may be modules. All are absolute: ruff sees to it."""
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def _data(checkout: Path, modules: dict[str, Path]) -> Iterator[Path]:
    config = configparser.ConfigParser(interpolation=None)
    config.read(checkout / "setup.cfg", encoding="utf-8")
    section = "options.package_data"
    for package, patterns in config[section].items() if config.has_section(section) else ():
        if package in modules:
            for pattern in patterns.split():
                yield from modules[package].parent.glob(pattern)
