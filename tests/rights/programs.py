"""Programs that did all they do in AWS, each with the rights of its role and nothing else."""

from __future__ import annotations

import functools
import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from inspect import isfunction
from types import FrameType, FunctionType, ModuleType
from typing import Any

import pytest

from tests.rights.comparison import Document, Right, granted
from tests.rights.recording import Recorder


@dataclass(frozen=True)
class Worked:
    """``policies``: of the role. ``recorder``: what was asked for. ``idle``: what was never called."""

    policies: list[Document]
    recorder: Recorder
    idle: set[str]

    @property
    def rights(self) -> set[Right]:
        return granted(self.policies)

    @property
    def calls(self) -> set[Right]:
        return self.recorder.calls


@contextmanager
def noting_idle(services: Iterable[object]) -> Iterator[set[str]]:
    """The public methods of these that have not been called yet, by class and name; it shrinks as they are."""
    idle: set[str] = set()
    with pytest.MonkeyPatch.context() as patch:
        for kind in {type(service) for service in services}:
            for name, method in vars(kind).items():
                if isfunction(method) and not name.startswith("_"):
                    idle.add(f"{kind.__name__}.{name}")
                    patch.setattr(kind, name, _noting(method, f"{kind.__name__}.{name}", idle))
        yield idle


def _noting(method: Any, name: str, idle: set[str]) -> Any:
    @functools.wraps(method)
    def noted(*arguments: Any, **named: Any) -> Any:
        idle.discard(name)
        return method(*arguments, **named)

    return noted


@contextmanager
def noting_idle_functions(modules: Iterable[ModuleType]) -> Iterator[set[str]]:
    """The functions and methods written in these that have not been called yet; it shrinks as they are."""
    waiting = {
        function.__code__: f"{module.__name__}.{function.__qualname__}" for module, function in _written(modules)
    }
    idle = set(waiting.values())

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call" and frame.f_code in waiting:
            idle.discard(waiting[frame.f_code])

    before = sys.getprofile()
    sys.setprofile(note)
    try:
        yield idle
    finally:
        sys.setprofile(before)


def _written(modules: Iterable[ModuleType]) -> Iterator[tuple[ModuleType, FunctionType]]:
    """What stands in their files: no import, and nothing that a decorator of a class made."""
    for module in modules:
        classes = [each for each in vars(module).values() if isinstance(each, type)]
        for thing in (each for owner in (module, *classes) for each in vars(owner).values()):
            function = thing.fget if isinstance(thing, property) else thing
            if isinstance(function, FunctionType) and function.__code__.co_filename == module.__file__:
                yield module, function
