"""A chain without anvil: py-evm behind as much of a node's JSON-RPC as the local network and its callers need.

Started by ``anvil.py`` where there is no anvil, with the seconds between blocks as argument if any. It cannot act for
an account whose key nobody has.
"""

import ast
import json
import re
import sys
import threading
import time
from collections.abc import Callable, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from eth_tester import EthereumTester, PyEVMBackend
from eth_tester.exceptions import TransactionFailed
from web3 import Web3
from web3.providers.eth_tester import EthereumTesterProvider

CHAIN_ID = 31337
# anvil's own, so that the accounts and their keys are the same.
MNEMONIC = "test test test test test test test test test test test junk"
ACCOUNTS_PATH = "m/44'/60'/0'/0"
ACCOUNTS = 10
GWEI = 10**9
REVERTED, METHOD_NOT_FOUND, REFUSED = 3, -32601, -32000


class Chain:
    def __init__(self) -> None:
        backend = PyEVMBackend.from_mnemonic(MNEMONIC, num_accounts=ACCOUNTS, hd_path=ACCOUNTS_PATH)
        backend.chain.chain_id = CHAIN_ID
        self._tester = EthereumTester(backend)
        provider = EthereumTesterProvider(self._tester)
        web3 = Web3(provider)
        self._ask = provider.request_func(web3, web3.middleware_onion)
        self._lock = threading.Lock()
        self._own: dict[str, Callable[..., Any]] = {
            "eth_chainId": lambda: hex(CHAIN_ID),
            "net_version": lambda: str(CHAIN_ID),
            "eth_gasPrice": lambda: hex(2 * GWEI),
            "eth_maxPriorityFeePerGas": lambda: hex(GWEI),
            "evm_increaseTime": self._increase_time,
            "evm_mine": self._mine,
        }

    def answer(self, request: Any) -> dict[str, Any]:
        head = {"jsonrpc": "2.0", "id": request.get("id")}
        try:
            with self._lock:
                return head | self._result(request["method"], request.get("params", []))
        except TransactionFailed as error:
            return head | {"error": {"code": REVERTED, "message": "execution reverted", "data": revert_data(error)}}
        except Exception as error:  # noqa: BLE001 - the edge of a server: a caller's mistake is refused, not fatal
            return head | {"error": {"code": REFUSED, "message": str(error)}}

    def _result(self, method: str, params: list[Any]) -> dict[str, Any]:
        if method in self._own:
            return {"result": self._own[method](*params)}
        answer = self._ask(method, params)
        if "error" in answer:
            return {"error": {"code": METHOD_NOT_FOUND, "message": f"Method {method} is not available here"}}
        return {"result": as_json(answer["result"])}

    def _increase_time(self, seconds: int) -> str:
        self._tester.time_travel(self._pending_time() + seconds)
        return hex(seconds)

    def _mine(self) -> str:
        """The time of the block to come was fixed with the last one: it is brought up to now."""
        now = int(time.time())
        if self._pending_time() < now:
            self._tester.time_travel(now)
        self._tester.mine_block()
        return "0x0"

    def _pending_time(self) -> int:
        return int(self._tester.get_block_by_number("pending")["timestamp"])


def revert_data(error: TransactionFailed) -> str:
    """What the contract reverted with, which stands as Python bytes in the error's text."""
    found = re.search(r"b(['\"]).*\1", str(error), re.DOTALL)
    return "0x" + ast.literal_eval(found[0]).hex() if found else "0x"


def as_json(value: Any) -> Any:
    """A node's way: quantities and bytes in hex."""
    if isinstance(value, Mapping):
        return {key: as_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [as_json(item) for item in value]
    if isinstance(value, bytes):
        return "0x" + bytes(value).hex()
    if isinstance(value, int) and not isinstance(value, bool):
        return hex(value)
    return value


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    chain: Chain

    def do_POST(self) -> None:
        request = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        many = isinstance(request, list)
        answers = [self.chain.answer(each) for each in (request if many else [request])]
        content = json.dumps(answers if many else answers[0]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """The log is for what goes wrong."""


def _mine_every(seconds: float) -> None:
    while True:
        time.sleep(seconds)
        _Handler.chain.answer({"method": "evm_mine"})


def main() -> None:
    _Handler.chain = Chain()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    if sys.argv[1:]:
        threading.Thread(target=_mine_every, args=(float(sys.argv[1]),), daemon=True).start()
    print(f"Listening on 127.0.0.1:{server.server_port}", flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
