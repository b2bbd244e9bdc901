"""``make package``: build/lambda/<function>.zip for each function that is written, the same bytes every time."""

import argparse
import hashlib
import sys
from pathlib import Path

from scripts.devnet.screen import say
from scripts.package.build import build
from scripts.package.errors import PackageError
from scripts.package.functions import REPOSITORY, existing
from scripts.package.platforms import PLATFORMS

# What runs on this machine does not stand where a deployment looks.
FOLDERS = {"lambda": REPOSITORY / "build" / "lambda", "this": REPOSITORY / "build" / "lambda-here"}


def main() -> int:
    functions = {each.name: each for each in existing()}
    parser = argparse.ArgumentParser(prog="python -m scripts.package", description=__doc__)
    parser.add_argument("--function", choices=functions, action="append", help="only this one (may be repeated)")
    parser.add_argument("--platform", choices=PLATFORMS, default="lambda", help="this: the Python that runs here")
    parser.add_argument("--out", type=Path, help="folder to write to (build/lambda; for this, build/lambda-here)")
    given = parser.parse_args()
    try:
        for name in given.function or functions:
            path = build(functions[name], PLATFORMS[given.platform], given.out or FOLDERS[given.platform])
            print(_line(path))
    except PackageError as error:
        say(str(error))
        return 1
    except KeyboardInterrupt:
        say("Interrupted: what was being made is not there, what stood there before still is.")
        return 130
    return 0


def _line(path: Path) -> str:
    content = path.read_bytes()
    shown = path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
    return f"{shown}  {len(content) / 2**20:.1f} MiB  sha256 {hashlib.sha256(content).hexdigest()}"


if __name__ == "__main__":
    sys.exit(main())
