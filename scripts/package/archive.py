"""A zip that depends on its content only: not on the clock, the zone, the umask, the user or the compressor."""

import os
import stat
import zipfile
from collections.abc import Mapping
from pathlib import Path

UNIX = 3
MODE = stat.S_IFREG | 0o644
BEGINNING = (1980, 1, 1, 0, 0, 0)
"""The oldest time that a zip can hold."""


def write(files: Mapping[str, bytes], to: Path) -> None:
    """Appears complete or not at all; what stood there before stays until then."""
    to.parent.mkdir(parents=True, exist_ok=True)
    draft = to.with_name(f".{to.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(draft, "w", zipfile.ZIP_STORED) as archive:
            for name, content in sorted(files.items()):
                entry = zipfile.ZipInfo(name, BEGINNING)
                entry.create_system = UNIX
                entry.external_attr = MODE << 16
                archive.writestr(entry, content)
        draft.replace(to)
    finally:
        draft.unlink(missing_ok=True)
