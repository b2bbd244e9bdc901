"""``GET /api/operator`` as it is served, beside its two bare parts: a bare Flask answer and a bare ``get_item``."""

from __future__ import annotations

import os
import statistics
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import httpx

from scripts.bench import serving
from scripts.bench.serving import Load, Memory
from scripts.bench.start import AS_IN_THE_IMAGE
from scripts.devnet.network import REPOSITORY, Devnet
from scripts.devnet.processes import Process, free_port

FLASK, BOTO3, OURS = "a bare Flask answer", "a bare boto3 get_item", "GET /api/operator"
REQUESTS = 1000
ROUNDS = 5
GUNICORN = str(Path(sysconfig.get_path("scripts")) / "gunicorn")
OPERATOR = {
    "discordId": "7",
    "walletAddress": "0x70997970C51812dc3A010C7d01b50e0d17dc79C8",
    "discordUsername": "leonidas",
}
BARE_FLASK = """
from flask import Flask

app = Flask(__name__)


@app.get("/")
def answer():
    return {"answer": "b" * 300}
"""
BARE_BOTO3 = """
import json, sys, time
import boto3

table, key, count = sys.argv[1], {"pk": {"S": sys.argv[2]}}, int(sys.argv[3])
client = boto3.client("dynamodb", endpoint_url=sys.argv[4])
times = []
for number in range(count + 50):
    if number == 50:
        started, spent, times = time.perf_counter(), time.process_time(), []
    begun = time.perf_counter()
    client.get_item(TableName=table, Key=key, ConsistentRead=True)
    times.append(time.perf_counter() - begun)
print(json.dumps({"cpu": (time.process_time() - spent) / count, "wall": time.perf_counter() - started, "times": times}))
"""


@dataclass(frozen=True)
class Figures:
    """All that was measured."""

    loads: dict[str, list[Load]]
    worker: Memory


def compare(folder: Path) -> Figures:
    """Everything in turn, round by round, so that drift touches all alike."""
    (folder / "sitecustomize.py").write_text(AS_IN_THE_IMAGE, encoding="utf-8")
    (folder / "bare.py").write_text(BARE_FLASK, encoding="utf-8")
    port, bare_port = free_port(), free_port()
    with Devnet() as net:
        environment = {"PATH": os.environ["PATH"], "PYTHONPATH": f"{folder}:{REPOSITORY}", **net.env}
        command = [GUNICORN, "-c", str(REPOSITORY / "gunicorn.conf.py"), "sparta.api:create_app()"]
        ours = Process("API", command, environment | {"API_PORT": str(port)})
        options = ["--chdir", str(folder), "-k", "gthread", "--threads", "48", "--no-control-socket"]
        bare = Process("Flask", [GUNICORN, *options, "-b", f"127.0.0.1:{bare_port}", "bare:app"], environment)
        try:
            serving.wait_for(ours, f"http://127.0.0.1:{port}/health")
            serving.wait_for(bare, f"http://127.0.0.1:{bare_port}")
            return _measure(net, ours, bare, (port, bare_port), environment)
        finally:
            ours.stop()
            bare.stop()


def _measure(net: Devnet, ours: Process, bare: Process, ports: tuple[int, int], environment: dict[str, str]) -> Figures:
    url, bare_url = (f"http://127.0.0.1:{port}" for port in ports)
    key = {"x-api-key": net.env["BACKEND_API_KEY"]}
    worker, bare_worker = serving.worker_of(ours), serving.worker_of(bare)
    started = serving.memory(worker)
    _register(url, key)
    asked = [net.env["OPERATORS_TABLE_NAME"], "operator#7", str(REQUESTS), net.dynamodb_url]
    kinds: dict[str, Callable[[], Load]] = {
        FLASK: lambda: serving.load(bare_url, {}, bare_worker, REQUESTS),
        BOTO3: lambda: serving.run(BARE_BOTO3, asked, environment),
        OURS: lambda: serving.load(f"{url}/api/operator?discordId=7", key, worker, REQUESTS),
    }
    for kind in kinds.values():
        kind()
    loads: dict[str, list[Load]] = {name: [] for name in kinds}
    for _ in range(ROUNDS):
        for name, kind in kinds.items():
            loads[name].append(kind())
    served = serving.memory(worker)
    return Figures(loads, max(started, served, key=lambda each: each.resident))


def _register(url: str, key: dict[str, str]) -> None:
    """An operator with a validator, as most have one."""
    with httpx.Client(base_url=url, headers=key) as client:
        client.post("/api/operator", params=OPERATOR).raise_for_status()
        client.put("/api/operator/approve", params={"discordId": "7"}).raise_for_status()
        body = {"validatorAddress": OPERATOR["walletAddress"], "skipOnChain": True}
        client.post("/api/validator", params={"discordId": "7"}, json=body).raise_for_status()


def report(figures: Figures) -> str:
    """A table for people, then the targets."""
    lines = [f"{'serving':<30} {'CPU ms':>7} {'a second':>9} {'p50 ms':>7} {'p99 ms':>7}"]
    for name, loads in figures.loads.items():
        rows = [
            (each.cpu * 1e3, each.per_second, each.percentile(50) * 1e3, each.percentile(99) * 1e3) for each in loads
        ]
        cpu, rate, p50, p99 = (statistics.median(column) for column in zip(*rows, strict=True))
        lines.append(f"{name:<30} {cpu:>7.2f} {rate:>9.0f} {p50:>7.1f} {p99:>7.1f}")
    rounds = zip(*(figures.loads[name] for name in (OURS, FLASK, BOTO3)), strict=True)
    both = statistics.median(ours.cpu / (flask.cpu + boto3.cpu) for ours, flask, boto3 in rounds)
    resident, share = figures.worker.resident / 2**20, figures.worker.share / 2**20
    lines += [
        "",
        f"{'CPU a request: of the bare parts together':<45} {both:>6.2f}x    target 1.4x    {_verdict(both, 1.4)}",
        f"{'a worker after the load, resident':<45} {resident:>6.1f} MiB target 70 MiB {_verdict(resident, 70)}",
        f"{'  its share of what it shares with its parent':<45} {share:>6.1f} MiB",
    ]
    return "\n".join(lines)


def _verdict(value: float, target: float) -> str:
    return "met" if value <= target else "MISSED"
