"""The node's methods: what each answers in each dialect, and how it refuses."""

import base64
import hashlib
import re
from collections.abc import Callable
from typing import Any

from scripts.devnet.aztec import stats
from scripts.devnet.aztec.dialects import Dialect
from scripts.devnet.aztec.world import World

INVALID_REQUEST, METHOD_NOT_FOUND, PARSE_ERROR = -32600, -32601, -32700
BAD_PARAMETERS, METHOD_THREW = -32701, -32702
PROTOCOL_CONTRACTS = {
    name: f"0x{number:064x}"
    for name, number in {
        "classRegistry": 3,
        "feeJuice": 5,
        "instanceRegistry": 2,
        "multiCallEntrypoint": 4,
    }.items()
}
# A JavaScript `undefined`: the answer then has no `result` at all.
UNDEFINED = object()
Method = Callable[[World, Dialect, list[Any]], Any]


class RefusalError(Exception):
    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


def methods(dialect: Dialect) -> dict[str, Method]:
    """By the name on the wire."""
    names = dict(COMMON)
    names[dialect.tips_method] = _tips
    if dialect.archive_path:
        names["getArchiveSiblingPath"] = _archive_sibling_path
    if dialect.validator_stats:
        names["getValidatorStats"] = _validator_stats
    return {dialect.namespace + name: method for name, method in names.items()}


def _tips(world: World, dialect: Dialect, _: list[Any]) -> Any:
    if not dialect.checkpoints:
        return {
            name: {"number": number} | ({"hash": _hash("block", number)} if number else {})
            for name, number in (("latest", world.latest), ("proven", world.proven), ("finalized", world.finalized))
        }
    return {
        "proposed": _tip("block", world.latest),
        "proven": {kind: _tip(kind, world.proven) for kind in ("block", "checkpoint")},
        "finalized": {kind: _tip(kind, world.finalized) for kind in ("block", "checkpoint")},
        "checkpointed": {kind: _tip(kind, world.latest) for kind in ("block", "checkpoint")},
    }


def _tip(kind: str, number: int) -> dict[str, Any]:
    return {"number": number, "hash": _hash(kind, number)}


def _hash(kind: str, number: int) -> str:
    return "0x00" + hashlib.sha256(f"{kind} {number}".encode()).hexdigest()[2:]


def _archive_sibling_path(world: World, _: Dialect, params: list[Any]) -> str:
    if len(params) < 2:
        raise RefusalError(BAD_PARAMETERS, "Array must contain at least 2 element(s) ()")
    block, leaf = params[0], params[1]
    complaints = [] if _is_integer(leaf) else [f"Expected bigint, received {_kind(leaf)} (1)"]
    if block != "latest" and not _is_integer(block):
        complaints.append("Invalid input (0)")
    if complaints:
        raise RefusalError(BAD_PARAMETERS, ". ".join(complaints))
    number = world.latest if block == "latest" else int(block)
    if not 0 <= number <= world.latest:
        raise RefusalError(METHOD_THREW, f"Queried block {number} not found")
    return base64.b64encode(world.path(number)).decode()


def _validator_stats(world: World, dialect: Dialect, params: list[Any]) -> Any:
    address = params[0] if params else None
    if not isinstance(address, str) or not re.fullmatch("0x[0-9a-fA-F]{40}", address):
        raise RefusalError(BAD_PARAMETERS, "Not a valid instance (0)")
    first, last = (int(params[place]) if len(params) > place else default for place, default in ((1, 0), (2, 2**63)))
    if len(params) > 2 and last - first > world.window:
        raise RefusalError(
            METHOD_THREW,
            f"Slot range ({last - first}) exceeds history length ({world.window}). Requested range: {first} to {last}.",
        )
    duties = world.duties.get(address.lower())
    if duties is None or not world.sentinel:
        return UNDEFINED
    within = [duty for duty in duties if first <= duty[0] <= last]
    return stats.one_validator(world, dialect, address.lower(), within)


def _node_info(world: World, dialect: Dialect, _: list[Any]) -> dict[str, Any]:
    info: dict[str, Any] = {
        "nodeVersion": dialect.node_version,
        "l1ChainId": world.chain_id,
        "rollupVersion": world.rollup_version,
        "l1ContractAddresses": world.l1_addresses,
        "protocolContractAddresses": PROTOCOL_CONTRACTS,
    }
    if world.enr is not None:
        info["enr"] = world.enr
    return info | ({"realProofs": False} if dialect.checkpoints else {})


def _sync_status(world: World, _dialect: Dialect, _: list[Any]) -> dict[str, Any]:
    return {
        "latestBlockNumber": world.latest,
        "latestBlockHash": _hash("block", world.latest),
        "finalizedBlockNumber": world.finalized,
        "oldestHistoricBlockNumber": 1,
        "treesAreSynched": True,
    }


def _is_integer(value: Any) -> bool:
    return (isinstance(value, int) and not isinstance(value, bool)) or (isinstance(value, str) and value.isdecimal())


def _kind(value: Any) -> str:
    return {str: "string", bool: "boolean", dict: "object", list: "array", type(None): "null"}.get(type(value), "nan")


COMMON: dict[str, Method] = {
    "isReady": lambda world, _dialect, _params: world.ready,
    "getNodeVersion": lambda _world, dialect, _params: dialect.node_version,
    "getVersion": lambda world, _dialect, _params: world.rollup_version,
    "getChainId": lambda world, _dialect, _params: world.chain_id,
    "getBlockNumber": lambda world, _dialect, _params: world.latest,
    "getProvenBlockNumber": lambda world, _dialect, _params: world.proven,
    "getEncodedEnr": lambda world, _dialect, _params: UNDEFINED if world.enr is None else world.enr,
    "getL1ContractAddresses": lambda world, _dialect, _params: world.l1_addresses,
    "getNodeInfo": _node_info,
    "getWorldStateSyncStatus": _sync_status,
    "getValidatorsStats": lambda world, dialect, _params: stats.all_validators(world, dialect),
}
