"""The Aztec node (L2) in the dialects of 0.85 to 4.x, and the new names of 5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sparta.chain.rpc import METHOD_NOT_FOUND, JsonRpc, RpcError
from sparta.chain.stats import NodeStats, compact, read_stats
from sparta.errors import DependencyFailed

_METHOD_THREW = -32702
_NAMESPACES = ("node_", "aztec_")


def _names(*methods: str) -> tuple[str, ...]:
    """Every name a node may know the method by, the usual one first."""
    return tuple(namespace + method for method in methods for namespace in _NAMESPACES)


_READY = _names("isReady")
_TIPS = _names("getL2Tips", "getChainTips")
_SIBLING_PATH = _names("getArchiveSiblingPath")
_STATS = _names("getValidatorsStats")
_INFO = _names("getNodeInfo")


class MethodMissing(DependencyFailed):
    """This version of the node does not know the method; another version does."""

    def __init__(self, what: str) -> None:
        super().__init__(
            f"The Aztec node's version does not offer {what}. It cannot be checked on this network; "
            "set AZTEC_RPC_URL to a node of a version that does.",
            dependency="Aztec node",
        )


@dataclass(frozen=True, slots=True)
class Tip:
    """A block; the hash may be missing for block 0."""

    number: int
    hash: str | None


@dataclass(frozen=True, slots=True)
class ChainTips:
    """How far the L2 is. Any of them may be lower than a moment ago: unproven blocks are pruned."""

    latest: Tip
    proven: Tip
    finalized: Tip


@dataclass(frozen=True, slots=True)
class NodeInfo:
    """What a node says of itself. ``contracts`` maps names such as ``rollupAddress`` to addresses."""

    version: str
    l1_chain_id: int
    rollup_version: int
    contracts: dict[str, str]


class AztecNode:
    """One or more nodes of the same network; the next takes over when one fails.

    ``timeout`` in seconds for one answer of one node; the whole set's stats may be 27 MB unpacked.
    """

    def __init__(
        self, urls: Sequence[str], *, timeout: float = 5.0, max_bytes: int = 64_000_000, connections: int = 64
    ) -> None:
        self._rpc = JsonRpc(
            urls,
            dependency="Aztec node",
            timeout=timeout,
            max_bytes=max_bytes,
            connections=connections,
            hook=compact,
        )
        self._namespace = _NAMESPACES[0]

    @property
    def requests(self) -> int:
        """Sent so far."""
        return self._rpc.requests

    def close(self) -> None:
        """Close the connections kept alive."""
        self._rpc.close()

    def ready(self) -> bool:
        """The node says it is ready."""
        return self._ask(_READY, (), "its readiness") is True

    def tips(self) -> ChainTips:
        """The newest, the proven and the finalized block."""
        answer = self._ask(_TIPS, (), "the tips of its chain")
        if not isinstance(answer, dict):
            raise _unusable("the tips of its chain")
        newest = answer.get("latest", answer.get("proposed"))
        return ChainTips(*(_tip(tip) for tip in (newest, answer.get("proven"), answer.get("finalized"))))

    def archive_sibling_path(self, block: int, leaf: int) -> str | None:
        """Proof that ``leaf`` belongs to the chain as of ``block``, in base64; None when the node has no such block.

        Only a node that is synced can give it, which is how operators show that theirs is.

        :raises MethodMissing: 4.x has no such method
        """
        try:
            answer = self._ask(_SIBLING_PATH, (block, str(leaf)), "proofs of being synced")
        except RpcError as error:
            if error.code == _METHOD_THREW:
                return None
            raise _refused(error, "a proof of being synced") from None
        if not isinstance(answer, str):
            raise _unusable("a proof of being synced")
        return answer

    def validators_stats(self) -> NodeStats:
        """All validators at once: expensive for the node, so once a run and never per validator."""
        return _stats(self._ask(_STATS, (), "statistics of validators"))

    def survey(self) -> tuple[NodeStats, NodeInfo | None]:
        """Statistics, and what the node says of itself if it does, of the same node in one request."""
        for namespace in sorted(_NAMESPACES, key=lambda each: each != self._namespace):
            try:
                stats, info = self._rpc.batch([(namespace + "getValidatorsStats", ()), (namespace + "getNodeInfo", ())])
            except RpcError as error:
                stats, info = error, None
            if not isinstance(stats, RpcError):
                self._namespace = namespace
                return _stats(stats), None if info is None or isinstance(info, RpcError) else _info(info)
            if stats.code != METHOD_NOT_FOUND:
                raise _refused(stats, "statistics of validators")
        raise MethodMissing("statistics of validators")

    def node_info(self) -> NodeInfo:
        """Version, network and contract addresses."""
        return _info(self._ask(_INFO, (), "information about itself"))

    def _ask(self, names: tuple[str, ...], params: Sequence[Any], what: str) -> Any:
        """:raises RpcError: only "the method threw", which may mean something to the caller"""
        try:
            return self._rpc.call_first(names, params)
        except RpcError as error:
            if error.code == METHOD_NOT_FOUND:
                raise MethodMissing(what) from None
            if error.code == _METHOD_THREW and names is _SIBLING_PATH:
                raise
            raise _refused(error, what) from None


def _stats(answer: Any) -> NodeStats:
    try:
        return read_stats(answer)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _unusable("statistics of validators") from None


def _info(answer: Any) -> NodeInfo:
    try:
        contracts = {str(name): str(address) for name, address in answer["l1ContractAddresses"].items()}
        return NodeInfo(str(answer["nodeVersion"]), int(answer["l1ChainId"]), int(answer["rollupVersion"]), contracts)
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _unusable("information about itself") from None


def _tip(tip: Any) -> Tip:
    """Up to 2.x a tip is a block, in 4.x it holds a block and a checkpoint; the newest is a block in both."""
    try:
        block = tip.get("block", tip)
        found = block.get("hash")
        return Tip(int(block["number"]), None if found is None else str(found))
    except (AttributeError, KeyError, TypeError, ValueError):
        raise _unusable("the tips of its chain") from None


def _refused(error: RpcError, what: str) -> DependencyFailed:
    return DependencyFailed(
        f"The Aztec node refused {what} (code {error.code}). Try again in a minute; when it lasts, check "
        "AZTEC_RPC_URL.",
        dependency="Aztec node",
    )


def _unusable(what: str) -> DependencyFailed:
    return DependencyFailed(
        f"The Aztec node's answer about {what} makes no sense. Nothing is concluded from it; when it lasts, check "
        "AZTEC_RPC_URL and the node's version.",
        dependency="Aztec node",
    )
