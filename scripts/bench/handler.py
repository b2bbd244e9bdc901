"""The packaged monitor in a process of its own, as a function of AWS is when it starts cold."""

from __future__ import annotations

import json
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from scripts.bench.crowd import CHAIN_ID, ROLLUP, Crowd
from scripts.bench.measure import run
from scripts.package.build import build
from scripts.package.functions import Function
from scripts.package.platforms import PLATFORMS

MONITOR = Function("validator_monitor", lock="monitor")
NOBODY = "http://127.0.0.1:9"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "bench", "AWS_SECRET_ACCESS_KEY": "bench"}
# Linux lets a process begin with its parent's peak in getrusage, but not in its status.
INVOCATION = """
import json, os, resource, sys
sys.path.insert(0, sys.argv[1])
os.chdir(sys.argv[1])
os.environ |= json.loads(sys.argv[2])
from functions.validator_monitor import handler
record = handler({}, None)
try:
    with open("/proc/self/status") as lines:
        (peak,) = (int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))
except FileNotFoundError:
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"record": record, "peak": peak, "web3": "web3" in sys.modules}))
"""


@dataclass(frozen=True)
class Invocation:
    """The run's record, its process's CPU and wall seconds from start to end, and its peak in bytes."""

    record: dict[str, Any]
    cpu: float
    wall: float
    peak: int


def unpack(folder: Path) -> Path:
    """Where the monitor's zip for this machine now lies unpacked."""
    place = folder / "task"
    with zipfile.ZipFile(build(MONITOR, PLATFORMS["this"], folder)) as package:
        package.extractall(place)
    return place


def invoke(place: Path, dynamodb: str, crowd: Crowd) -> Invocation:
    """One run, with nothing but the zip, without byte code as there, and nobody to tell anything.

    :raises RuntimeError: when it fails, or does not believe what it is told
    """
    variables = json.dumps(_variables(dynamodb, crowd))
    command = [sys.executable, "-I", "-S", "-B", "-c", INVOCATION, str(place), variables]
    process = run(command, place.parent)
    said = json.loads((place.parent / "output").read_text(encoding="utf-8").splitlines()[-1])
    if said["record"]["doubts"] or said["web3"]:
        raise RuntimeError(f"The run believed nothing, or loaded web3, so its figures mean nothing: {said}")
    return Invocation(said["record"], process.cpu, process.wall, said["peak"])


def _variables(dynamodb: str, crowd: Crowd) -> dict[str, str]:
    return CREDENTIALS | {
        "ENVIRONMENT": "bench",
        "AWS_ENDPOINT_URL_DYNAMODB": dynamodb,
        "ETHEREUM_HOST": crowd.ethereum_url,
        "AZTEC_RPC_URL": crowd.node.url,
        "L1_CHAIN_ID": str(CHAIN_ID),
        "ROLLUP_ADDRESS": ROLLUP,
        "SPARTA_ADDRESS": ROLLUP,
        "DISCORD_API_URL": NOBODY,
        "BOT_TOKEN": "not.a.token",
        "BOT_CLIENT_ID": "1367117045963161681",
        "GUILD_ID": "1367117045963161682",
    }
