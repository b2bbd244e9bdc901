"""``python -m scripts.docs``: write the pages of ``docs/`` that are made from the code."""

from __future__ import annotations

import sys
from pathlib import Path

from scripts.docs.pages import PAGES
from scripts.docs.world import REPOSITORY, UnknownResourceError

FOLDER = REPOSITORY / "docs"


def main() -> int:
    """Write what changed, and say so; 1 when a page names what is not there."""
    try:
        made = {name: make() for name, make in PAGES.items()}
    except UnknownResourceError as error:
        print(f"docs: {error}", file=sys.stderr)
        return 1
    FOLDER.mkdir(exist_ok=True)
    changed = [name for name, text in made.items() if not _says(FOLDER / name, text)]
    for name in changed:
        (FOLDER / name).write_text(made[name], encoding="utf-8", newline="\n")
    print(f"docs: wrote {', '.join(changed)}" if changed else "docs: nothing changed")
    return 0


def _says(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    raise SystemExit(main())
