"""A small JSON-RPC client for the local chain, and contracts spoken to through their ABI."""

import json
import time
from collections.abc import Sequence
from contextlib import closing
from http.client import HTTPConnection
from typing import Any

from eth_abi.abi import decode, encode
from eth_utils.crypto import keccak

from scripts.devnet.errors import DevnetError

TIMEOUT_SECONDS = 60
RECEIPT_SECONDS = 30
MOST_GAS = 30_000_000
Abi = list[dict[str, Any]]


class RpcError(DevnetError):
    """The node refused; ``data`` is what a contract reverted with, ``0x`` and hex digits."""

    def __init__(self, code: int, message: str, data: str) -> None:
        super().__init__(f"{message} (code {code}, data {data or 'none'})")
        self.code = code
        self.data = data


class Rpc:
    """A connection per call, so that there is nothing to close; straight to this machine, through no proxy."""

    def __init__(self, url: str, timeout_seconds: float = TIMEOUT_SECONDS) -> None:
        self.url = url
        self._timeout_seconds = timeout_seconds

    def call(self, method: str, *params: Any) -> Any:
        """Raises ``RpcError`` when the node refuses, ``OSError`` or ``HTTPException`` when it cannot be asked."""
        answer = self._post({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(params)})
        if "error" in answer:
            error = answer["error"]
            data = error.get("data")
            raise RpcError(error["code"], error["message"], data if isinstance(data, str) else "")
        return answer.get("result")

    def _post(self, body: dict[str, Any]) -> dict[str, Any]:
        connection = HTTPConnection(self.url.removeprefix("http://"), timeout=self._timeout_seconds)
        with closing(connection):
            connection.request("POST", "/", json.dumps(body), {"Content-Type": "application/json"})
            answer: dict[str, Any] = json.loads(connection.getresponse().read())
        return answer

    def read(self, to: str, data: bytes) -> bytes:
        return bytes.fromhex(self.call("eth_call", {"to": to, "data": "0x" + data.hex()}, "latest")[2:])

    def transact(self, sender: str, data: bytes, to: str | None = None, gas: int | None = None) -> dict[str, Any]:
        """Send from an account that the node signs for; the receipt once it is mined.

        With ``gas`` nothing is tried out first, so that a transaction that fails is mined too.
        """
        transaction = {"from": sender, "data": "0x" + data.hex()}
        if to is not None:
            transaction["to"] = to
        if gas is not None:
            return self._mined(transaction, gas)
        # Time goes on between the estimate and the block, and some calls then have more to do.
        receipt = self._mined(transaction, min(2 * int(self.call("eth_estimateGas", transaction), 16), MOST_GAS))
        if receipt["status"] != "0x1":
            raise DevnetError(f"Transaction {receipt['transactionHash']} was accepted, then failed in its block.")
        return receipt

    def _mined(self, transaction: dict[str, str], gas: int) -> dict[str, Any]:
        return self.receipt(self.call("eth_sendTransaction", transaction | {"gas": hex(gas)}))

    def receipt(self, transaction: str) -> dict[str, Any]:
        deadline = time.monotonic() + RECEIPT_SECONDS
        while time.monotonic() < deadline:
            found: dict[str, Any] | None = self.call("eth_getTransactionReceipt", transaction)
            if found is not None:
                return found
            time.sleep(0.02)
        raise DevnetError(
            f"Transaction {transaction} was not mined within {RECEIPT_SECONDS} s. Is mining switched off?"
        )

    def pass_time(self, seconds: int) -> None:
        """Move the chain's clock on and mine a block at the new time."""
        self.call("evm_increaseTime", seconds)
        self.call("evm_mine")

    def now(self) -> int:
        """The newest block's time in unix seconds."""
        return int(self.call("eth_getBlockByNumber", "latest", False)["timestamp"], 16)


class Contract:
    def __init__(self, rpc: Rpc, address: str, abi: Abi) -> None:
        self.rpc = rpc
        self.address = address
        self.abi = abi

    def read(self, name: str, *arguments: Any) -> Any:
        """What a function answers: one value bare, several as a tuple."""
        outputs = self._function(name, len(arguments))["outputs"]
        answer = self.rpc.read(self.address, self.call_data(name, *arguments))
        values = decode([type_name(output) for output in outputs], answer)
        return values[0] if len(values) == 1 else values

    def send(self, sender: str, name: str, *arguments: Any, gas: int | None = None) -> dict[str, Any]:
        """The receipt; raises ``RpcError`` when the contract refuses and no ``gas`` was given."""
        return self.rpc.transact(sender, self.call_data(name, *arguments), self.address, gas)

    def error(self, refusal: RpcError) -> str:
        """The name of the contract error in a refusal, empty when it is none of this contract's."""
        for entry in self.abi:
            if entry["type"] == "error" and refusal.data.startswith("0x" + selector(entry).hex()):
                return str(entry["name"])
        return ""

    def _function(self, name: str, arguments: int) -> dict[str, Any]:
        for entry in self.abi:
            if entry["type"] == "function" and entry["name"] == name and len(entry["inputs"]) == arguments:
                return entry
        raise DevnetError(f"The contract at {self.address} has no function {name} with {arguments} arguments.")

    def call_data(self, name: str, *arguments: Any) -> bytes:
        entry = self._function(name, len(arguments))
        return selector(entry) + encode_arguments(entry, arguments)


def selector(entry: dict[str, Any]) -> bytes:
    signature = f"{entry['name']}({','.join(type_name(part) for part in entry['inputs'])})"
    return keccak(text=signature)[:4]


def encode_arguments(entry: dict[str, Any], arguments: Sequence[Any]) -> bytes:
    return encode([type_name(part) for part in entry["inputs"]], arguments)


def type_name(part: dict[str, Any]) -> str:
    """The ABI's canonical name of a type, tuples spelt out."""
    kind = str(part["type"])
    if not kind.startswith("tuple"):
        return kind
    return f"({','.join(type_name(inner) for inner in part['components'])}){kind.removeprefix('tuple')}"
