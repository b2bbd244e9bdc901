"""From a function to its zip."""

from pathlib import Path

from scripts.package import archive, modules, wheels
from scripts.package.functions import REPOSITORY, Function
from scripts.package.platforms import Platform


def build(function: Function, platform: Platform, out: Path, checkout: Path = REPOSITORY) -> Path:
    """Write ``<function>.zip`` into ``out`` and return its path.

    :raises PackageError: when its packages cannot be had, or it cannot be told what it needs
    """
    lock = checkout / "requirements" / f"{function.lock}.txt"
    own = modules.needed(checkout, function.module)
    services = modules.services(own.values())
    packages = wheels.files(wheels.fetch(lock, platform), lock, services)
    path = out / f"{function.name}.zip"
    archive.write(packages | modules.files(checkout, own), path)
    return path
