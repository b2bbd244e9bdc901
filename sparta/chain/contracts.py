"""From the one contract address in the settings to the others."""

from __future__ import annotations

import time
from threading import Lock

from sparta.chain import abi, functions
from sparta.chain.contract import ask, read
from sparta.chain.handler import StakingHandler
from sparta.chain.rollup import Rollup
from sparta.chain.rpc import JsonRpc

_KEPT_SECONDS = 60.0
"""The canonical rollup changes by governance, a few times a year; asking once a minute is often enough."""


class Contracts:
    """The contracts of one network. A rollup's address wins over the handler's, that over the registry's."""

    def __init__(
        self, rpc: JsonRpc, *, handler: str | None = None, rollup: str | None = None, registry: str | None = None
    ) -> None:
        self._rpc = rpc
        self._fixed_rollup = rollup
        self._registry = registry
        self.handler = StakingHandler(rpc, handler) if handler else None
        """None when its address is not configured: then this network is only read."""
        self._lock = Lock()
        self._rollup: Rollup | None = None
        self._asked_at = 0.0

    def rollup(self) -> Rollup:
        """The rollup of now; the same object while its address stays."""
        with self._lock:
            found, fresh = self._rollup, time.monotonic() - self._asked_at < _KEPT_SECONDS
        if found is not None and fresh:
            return found
        address = self._rollup_address()
        with self._lock:
            if self._rollup is None or self._rollup.address != address:
                self._rollup = Rollup(self._rpc, address)
            self._asked_at = time.monotonic()
            return self._rollup

    def _rollup_address(self) -> str:
        if self._fixed_rollup is not None:
            return self._fixed_rollup
        if self.handler is not None:
            return self.handler.rollup_address()
        if self._registry is not None:
            return read(self._rpc, ask(self._registry, functions.GET_CANONICAL_ROLLUP), abi.address)
        raise ValueError("one of the three addresses is needed")
