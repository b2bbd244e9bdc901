"""Make the change set of the root stack, nested ones included, and wait until it says what would change."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from scripts.operations.target import Target
from scripts.review.model import Listed


@dataclass(frozen=True)
class Prepared:
    """A change set that is complete and can be executed, or one that was empty and is gone again."""

    stack_id: str
    change_set_id: str
    name: str
    type: Literal["CREATE", "UPDATE"]
    empty: bool
    listed: tuple[Listed, ...]
    url: str
    parameters: Mapping[str, str]


def prepare(target: Target, *, url: str, parameters: Mapping[str, str], name: str) -> Prepared:
    """The change set ``name`` of the root stack, for the root template at ``url`` with exactly these parameters.

    :raises OperationError: when it cannot be made; what failed of it is deleted again
    """
    raise NotImplementedError(target, url, parameters, name)
