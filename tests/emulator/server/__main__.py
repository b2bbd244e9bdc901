"""Start MiniStack with our resource types and repairs. Run by MiniStack's interpreter; see ``emulator.py``.

Takes a path: the names of all resource types that can be deployed are written there before the server listens.
"""

import json
import os
import sys
import threading
import time
from pathlib import Path

from tests.emulator.server import calls, imports, nested_change_sets, repairs, resource_types


def main() -> None:
    types_file = Path(sys.argv.pop())
    threading.Thread(target=_end_with, args=(os.getppid(),), daemon=True).start()
    resource_types.register()
    repairs.repair()
    nested_change_sets.install()
    imports.install()
    supported = sorted(calls.module("services.cloudformation.provisioners")._RESOURCE_HANDLERS)
    types_file.write_text(json.dumps(supported), encoding="utf-8")
    calls.module("app").main()


def _end_with(parent: int) -> None:
    """No server outlives the tests that started it, however they ended."""
    while os.getppid() == parent:
        time.sleep(1)
    os._exit(1)


if __name__ == "__main__":
    main()
