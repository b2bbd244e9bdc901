"""`make devnet`: the local network in the foreground, until it is interrupted."""

import argparse
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

from scripts.devnet.aztec.dialects import DIALECTS
from scripts.devnet.errors import DevnetError
from scripts.devnet.network import REPOSITORY, Devnet
from scripts.devnet.processes import Guard
from scripts.devnet.screen import say

BLOCK_SECONDS = 12
REMOVE_FILE = 'grep -qxF "$1" "$0" && rm -f -- "$0"'
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def main() -> int:
    arguments = _arguments()
    for number in STOP_SIGNALS:
        signal.signal(number, _interrupt)
    try:
        net = Devnet(dialect=arguments.dialect, block_seconds=BLOCK_SECONDS)
        say("Starting the local network ...")
        with net, _env_file(arguments.env_file, net):
            print(_where_to_look(net, arguments.env_file), flush=True)
            _watch(net)
    except KeyboardInterrupt:
        say("The local network has stopped; nothing of it is left.")
        return 0
    except DevnetError as error:
        say(f"The local network has stopped: {error}")
        return 1
    return 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m scripts.devnet", description=__doc__)
    parser.add_argument("--env-file", type=Path, default=REPOSITORY / "build" / "devnet.env", help="where to write it")
    parser.add_argument("--dialect", choices=DIALECTS, default="0.87", help="the Aztec node's version")
    return parser.parse_args()


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    """Only once: a second Ctrl-C does not break off the cleaning up that the first began."""
    for number in STOP_SIGNALS:
        signal.signal(number, signal.SIG_IGN)
    raise KeyboardInterrupt


@contextmanager
def _env_file(path: Path, net: Devnet) -> Iterator[None]:
    """The file appears when all is up, complete at once, readable by its owner only; at the end it goes."""
    content = "".join(f"{name}={value}\n" for name, value in net.env.items())
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{time.monotonic_ns()}")
    draft.touch(mode=0o600)
    draft.write_text(content, encoding="utf-8")
    # Another network may have written its own meanwhile: the file is removed only while it names our chain.
    guard = Guard(REMOVE_FILE, str(path), f"ETHEREUM_HOST={net.ethereum_url}")
    try:
        draft.replace(path)
        yield
    finally:
        guard.dismiss()
        with suppress(FileNotFoundError):
            if path.read_text(encoding="utf-8") == content:
                path.unlink()


def _watch(net: Devnet) -> None:
    while True:
        for process in net.processes:
            if not process.alive:
                raise DevnetError(f"{process.name} has ended by itself, so the rest was stopped too. Start it again.")
        time.sleep(0.5)


def _where_to_look(net: Devnet, env_file: Path) -> str:
    shown = env_file.relative_to(Path.cwd()) if env_file.is_relative_to(Path.cwd()) else env_file
    return f"""
The local network is up:
  DynamoDB    {net.dynamodb_url}
  Ethereum    {net.ethereum_url}
  Aztec node  {net.aztec_url}  (speaks as {net.aztec.dialect.node_version})
  Rollup      {net.contracts.rollup.address}
  Handler     {net.contracts.handler.address}
Settings for API, bot and monitor: {shown}. In another terminal:
  set -a; . {shown}; set +a; make api
Ctrl-C stops it and removes the file."""


if __name__ == "__main__":
    sys.exit(main())
