"""A network of as many validators as wanted: what Ethereum and the Aztec node say of them, and our records of them.

Ethereum is a server that knows the answers of a rollup of 2.x: so many validators would take a real chain an hour.
"""

from __future__ import annotations

import json
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

from scripts.devnet.aztec.server import AztecStandIn
from scripts.devnet.aztec.world import World
from sparta.chain import functions
from sparta.chain.abi import Function, encode_word, words
from sparta.stores import Stores

CHAIN_ID = 31337
ROLLUP, GSE, SLASHER = "0x" + "12" * 20, "0x" + "34" * 20, "0x" + "56" * 20
SLOT_SECONDS, EPOCH_SLOTS, COMMITTEE, WINDOW_EPOCHS = 72, 32, 48, 36
REVERTED = {"code": 3, "message": "execution reverted", "data": "0x"}


@dataclass
class Crowd:
    """``size`` validators, of whom three in ten have an operator; duties of whole epochs up to ``epoch``."""

    size: int
    epoch: int = 100
    validators: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.validators = [
            f"0x{number * 0x9E3779B97F4A7C15F39CC0605CEDC8341082276B % 2**160:040x}"
            for number in range(1, self.size + 1)
        ]
        self.genesis = int(time.time()) - (self.epoch + 1) * EPOCH_SLOTS * SLOT_SECONDS
        self.node = AztecStandIn("4.1", World())
        self._server = _Ethereum(self)

    def __enter__(self) -> Self:
        self.node.start()
        self.show()
        return self

    def __exit__(self, *_: object) -> None:
        self.node.stop()
        self._server.close()

    @property
    def ethereum_url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_port}"

    def next_epoch(self) -> None:
        """Another committee did its duties, and those of the oldest left the node's window."""
        self.epoch += 1
        self.genesis -= EPOCH_SLOTS * SLOT_SECONDS
        self.show()

    def show(self) -> None:
        """Let the node know of all duties in its window."""
        duties: dict[str, list[tuple[int, str]]] = {address: [] for address in self.validators}
        for epoch in range(self.epoch - WINDOW_EPOCHS + 1, self.epoch + 1):
            for place in range(COMMITTEE):
                mine = duties[self.validators[(epoch * COMMITTEE + place) % self.size]]
                for slot in range(epoch * EPOCH_SLOTS, (epoch + 1) * EPOCH_SLOTS):
                    mine.append((slot, "block-mined" if slot % COMMITTEE == place else "attestation-sent"))
        world = self.node.world
        world.chain_id, world.l1_addresses = CHAIN_ID, {"rollupAddress": ROLLUP}
        world.genesis_time, world.slot_seconds = self.genesis, SLOT_SECONDS
        world.last_slot = (self.epoch + 1) * EPOCH_SLOTS - 1
        world.window = WINDOW_EPOCHS * EPOCH_SLOTS
        world.first_slot, world.duties = world.last_slot - world.window + 1, duties

    def register(self, stores: Stores) -> None:
        """Operators and the validators they have claimed, written straight into the tables."""
        claimed = [address for number, address in enumerate(self.validators) if number % 10 < 3]
        stores.operators.table.put_many(
            {
                "pk": f"operator#{number}",
                "kind": "operator",
                "validatorCount": 1,
                "discordId": str(number),
                "walletAddress": address,
                "discordUsername": f"operator-{number}",
                "isApproved": True,
                "wasSlashed": False,
                "createdAt": 1,
                "updatedAt": 1,
            }
            for number, address in enumerate(claimed)
        )
        stores.validators.table.put_many(
            {
                "pk": address,
                "address": address,
                "operatorId": str(number),
                "isActive": True,
                "createdAt": 1,
                "updatedAt": 1,
            }
            for number, address in enumerate(claimed)
        )


class _Ethereum(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, crowd: Crowd) -> None:
        self.crowd = crowd
        super().__init__(("127.0.0.1", 0), _Handler)
        self._thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.shutdown()
        self._thread.join()
        self.server_close()

    def answer(self, question: dict[str, Any]) -> dict[str, Any]:
        method, params = question["method"], question["params"]
        reply = {"jsonrpc": "2.0", "id": question["id"]}
        simple = {
            "eth_chainId": hex(CHAIN_ID),
            "eth_getBalance": hex(10**18),
            "eth_getLogs": [],
            "eth_getBlockByNumber": {"number": "0x100000", "timestamp": hex(int(time.time()))},
        }
        if method in simple:
            return reply | {"result": simple[method]}
        result = self._call(params[0]["data"])
        return reply | ({"error": REVERTED} if result is None else {"result": "0x" + result})

    def _call(self, data: str) -> str | None:
        crowd = self.crowd
        numbers: dict[Function, int | str] = {
            functions.GET_ACTIVATION_THRESHOLD: 1,
            functions.GET_GSE: GSE,
            functions.GET_GENESIS_TIME: crowd.genesis,
            functions.GET_SLOT_DURATION: SLOT_SECONDS,
            functions.GET_EPOCH_DURATION: EPOCH_SLOTS,
            functions.GET_COMMITTEE_SIZE: COMMITTEE,
            functions.GET_ATTESTER_COUNT: crowd.size,
            functions.GET_ATTESTER_COUNT_AT_TIME: crowd.size,
            functions.GET_SLASHER: SLASHER,
            functions.SLASHER_PROPOSER: SLASHER,
            functions.SLASHING_PROPOSER_TYPE: 1,
            functions.GET_CURRENT_ROUND: 25,
            functions.QUORUM: 65,
            functions.LIFETIME_IN_ROUNDS: 34,
            functions.ROUND_SIZE: 128,
            functions.EXECUTION_DELAY_IN_ROUNDS: 28,
        }
        by_selector = {function.selector: value for function, value in numbers.items()}
        if data[:10] == functions.GET_ATTESTERS_FROM_INDICES.selector:
            indices = words("0x" + data[10:], 4)[4:]
            addresses = [crowd.validators[index] for index in indices]
            return encode_word(32) + encode_word(len(addresses)) + "".join(map(encode_word, addresses))
        if data[:10] == functions.GET_ROUND.selector:
            return encode_word(0) + encode_word(3)  # Not executed, three votes.
        found = by_selector.get(data[:10])
        return None if found is None else encode_word(found)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: _Ethereum

    def do_POST(self) -> None:
        question = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer = (
            [self.server.answer(each) for each in question]
            if isinstance(question, list)
            else self.server.answer(question)
        )
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Nobody reads it."""
