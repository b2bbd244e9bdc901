"""The journal's promises kept in memory, and a world that ends at a chosen step."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from threading import Lock
from typing import Any, TypeVar

from sparta.chain.journal import Intent, IntentState, Lease, LeaseLost, Outdated
from sparta.chain.rpc import Call, JsonRpc
from sparta.errors import DependencyFailed

_T = TypeVar("_T")


class MemoryJournal:
    """A ``Journal`` for threads of one process."""

    def __init__(self) -> None:
        self.intents: dict[str, Intent] = {}
        self._lease: Lease | None = None
        self._token = 0
        self._lock = Lock()

    def acquire(self, owner: str, seconds: float) -> Lease | None:
        with self._lock:
            if self._lease is not None and self._lease.expires_at > _now():
                return None
            self._token += 1
            self._lease = Lease(owner=owner, token=self._token, expires_at=_now() + int(seconds * 1000))
            return self._lease

    def renew(self, lease: Lease, seconds: float) -> Lease:
        with self._lock:
            if self._token != lease.token:
                raise LeaseLost("lost")
            self._lease = lease.model_copy(update={"expires_at": _now() + int(seconds * 1000)})
            return self._lease

    def release(self, lease: Lease) -> None:
        with self._lock:
            if self._token == lease.token:
                self._lease = None

    def get(self, attester: str) -> Intent | None:
        with self._lock:
            return self.intents.get(attester.lower())

    def pending(self) -> list[Intent]:
        with self._lock:
            return [intent for intent in self.intents.values() if intent.state is IntentState.OPEN]

    def unsettled(self) -> list[Intent]:
        with self._lock:
            return [intent for intent in self.intents.values() if intent.is_unsettled]

    def save(self, intent: Intent, lease: Lease | None = None) -> Intent:
        with self._lock:
            stored = self.intents.get(intent.attester)
            if intent.version != (stored.version if stored else 0):
                raise Outdated("outdated")
            held = self._lease is not None and self._lease.expires_at > _now()
            if lease is not None and (not held or lease.token != self._token):
                raise LeaseLost("lost")
            saved = intent.model_copy(update={"version": intent.version + 1})
            self.intents[intent.attester] = saved
            return saved


class Killed(BaseException):
    """The process is gone; nothing of it runs any more."""


class Fate:
    """Ends the process at its ``last`` step: before the step, or after it and before its answer arrives."""

    def __init__(self, last: int | None, *, after: bool = False) -> None:
        self._last = last
        self._after = after
        self.steps: list[str] = []
        self.dead = False

    def step(self, name: str, act: Callable[[], _T]) -> _T:
        if self.dead:
            raise Killed
        self.steps.append(name)
        fatal = self._last is not None and len(self.steps) > self._last
        if fatal and not self._after:
            self.dead = True
            raise Killed
        result = act()
        if fatal:
            self.dead = True
            raise Killed
        return result


class Outage(Fate):
    """One step fails, before or after it is done, and all is well again."""

    def step(self, name: str, act: Callable[[], _T]) -> _T:
        self.steps.append(name)
        fails = self._last is not None and len(self.steps) == self._last + 1
        if fails and not self._after:
            raise DependencyFailed("out of reach", dependency="Ethereum")
        result = act()
        if fails:
            raise DependencyFailed("out of reach", dependency="Ethereum")
        return result


class MortalJournal:
    """A journal seen from a process with a fate."""

    def __init__(self, journal: MemoryJournal, fate: Fate) -> None:
        self._journal = journal
        self._fate = fate

    def acquire(self, owner: str, seconds: float) -> Lease | None:
        return self._fate.step("acquire", lambda: self._journal.acquire(owner, seconds))

    def renew(self, lease: Lease, seconds: float) -> Lease:
        return self._fate.step("renew", lambda: self._journal.renew(lease, seconds))

    def release(self, lease: Lease) -> None:
        self._fate.step("release", lambda: self._journal.release(lease))

    def get(self, attester: str) -> Intent | None:
        return self._fate.step("get", lambda: self._journal.get(attester))

    def pending(self) -> list[Intent]:
        return self._fate.step("pending", self._journal.pending)

    def unsettled(self) -> list[Intent]:
        return self._fate.step("unsettled", self._journal.unsettled)

    def save(self, intent: Intent, lease: Lease | None = None) -> Intent:
        return self._fate.step("save", lambda: self._journal.save(intent, lease))


class MortalRpc(JsonRpc):
    """Ethereum seen from a process with a fate."""

    def __init__(self, url: str, fate: Fate) -> None:
        super().__init__([url])
        self._fate = fate

    def call(self, method: str, params: Sequence[Any] = ()) -> Any:
        return self._fate.step(method, lambda: super(MortalRpc, self).call(method, params))

    def batch(self, calls: Sequence[Call]) -> list[Any]:
        return self._fate.step(f"batch {calls[0][0]}", lambda: super(MortalRpc, self).batch(calls))


def _now() -> int:
    return int(time.time() * 1000)
