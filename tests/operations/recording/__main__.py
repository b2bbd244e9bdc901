"""``python -m tests.operations.recording``: play all scenes, and write the page anew that shows them."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.operations.recording.page import FILE, text
from tests.operations.recording.scenes import SCENES, played


def main() -> int:
    """Write the page if it changed, and say so."""
    # As in the tests, nothing of the account of the person at the machine.
    for name in [name for name in os.environ if name.startswith("AWS_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory(prefix="sparta-recording-") as folder:
        page = text(played(Path(folder), told=print))
    changed = not FILE.is_file() or FILE.read_text(encoding="utf-8") != page
    if changed:
        FILE.write_text(page, encoding="utf-8", newline="\n")
    print(f"{len(SCENES)} scenes were played; {'wrote' if changed else 'nothing changed in'} docs/{FILE.name}")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
