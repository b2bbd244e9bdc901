"""The local chain: anvil from its npm package or the PATH, else py-evm; and the real contracts deployed on it."""

import importlib.util
import re
import shutil
import sys
from pathlib import Path
from types import TracebackType
from typing import Self

from scripts.devnet import generations
from scripts.devnet.artifacts import load
from scripts.devnet.deploy import DEFAULTS, Contracts, Deployer, Options
from scripts.devnet.errors import UnavailableError
from scripts.devnet.packages import anvil_package, fetch
from scripts.devnet.processes import Process
from scripts.devnet.rpc import Rpc
from scripts.devnet.screen import Say, say

REPOSITORY = Path(__file__).resolve().parents[2]
START_SECONDS = 30
CHAIN_ID = 31337
# The published keys of anvil's own mnemonic, worth nothing on any real chain: who owns the handler, and who does not.
OWNER = (
    "0xf39Fd6e51aad88F6F4ce6aB8827279cffFb92266",
    "0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80",
)
LIMITED = (
    "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d",
)
DEPLOYER = "0xa0Ee7A142d267C1f36714E4a8F75612F20a79720"


class Anvil:
    """An EVM on a free port of 127.0.0.1, mining a block per transaction, and one every ``block_seconds`` if given."""

    def __init__(self, *, block_seconds: int | None = None, say: Say = say) -> None:
        self._block_seconds = block_seconds
        self._say = say
        self._process: Process | None = None
        self._command: list[str] | None = None
        self.url = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.stop()

    def prepare(self) -> list[str]:
        """The command to start; fetched where it has to be."""
        if self._command is None:
            self._command = _command(self._block_seconds, self._say)
        return self._command

    def start(self) -> None:
        self._process = Process("anvil", self.prepare(), {"PYTHONPATH": str(REPOSITORY)})
        self.url = f"http://127.0.0.1:{self._process.wait_for(self._port, START_SECONDS)}"

    def stop(self) -> None:
        if self._process is not None:
            self._process.stop()
            self._process = None

    @property
    def process(self) -> Process:
        if self._process is None:
            raise UnavailableError("The chain is not running; use it inside `with Anvil() as chain:`.")
        return self._process

    def _port(self) -> int | None:
        """anvil chooses a free port by itself and writes which."""
        found = re.search(r"Listening on 127\.0\.0\.1:(\d+)", self.process.log)
        return int(found[1]) if found else None


def deploy_contracts(
    url: str,
    generation: str = "0.87.9",
    options: Options = DEFAULTS,
    owner: str = OWNER[0],
    say: Say = say,
) -> Contracts:
    """Deploy a generation's contracts on the chain at ``url``."""
    rpc = Rpc(url)
    deployer = Deployer(rpc, load(generation, say), DEPLOYER)
    return generations.deploy(generation, deployer, owner, options)


def _command(block_seconds: int | None, say: Say) -> list[str]:
    """anvil's, or our own server's around py-evm where there is no anvil."""
    try:
        program = str(fetch(anvil_package(), say) / "bin" / "anvil")
    except UnavailableError as error:
        found = shutil.which("anvil")
        if found is None:
            return _without_anvil(block_seconds, error, say)
        say(f"{error} Taking {found} instead, whatever its version.")
        program = found
    mining = [] if block_seconds is None else ["--mixed-mining", "--block-time", str(block_seconds)]
    return [program, "--host", "127.0.0.1", "--port", "0", "--chain-id", str(CHAIN_ID), *mining]


def _without_anvil(block_seconds: int | None, error: UnavailableError, say: Say) -> list[str]:
    if importlib.util.find_spec("eth_tester") is None:
        raise UnavailableError(
            f"{error} There is neither an anvil on the PATH nor eth-tester in this environment, so no chain can run "
            "here. Install npm, or Foundry, which brings anvil, or eth-tester: `make test` does that."
        )
    say(
        f"{error} There is no anvil on the PATH either. Taking py-evm instead: the same contracts, but slower, and "
        "nothing can be done there in the name of accounts without a key."
    )
    mining = [] if block_seconds is None else [str(block_seconds)]
    return [sys.executable, "-m", "scripts.devnet.evm", *mining]
