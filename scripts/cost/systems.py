"""The two systems that are priced: ours, by its templates and an environment's parameters, and the guide's."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from scripts.docs import world
from scripts.operations.target import ENVIRONMENTS, given
from templates import environments
from templates.rules.reader import read
from templates.rules.system import System, render

GUIDE = Path(__file__).with_name("guide.yaml")


def ours(environment: str) -> System:
    """Root and bootstrap, as their parameter files want them.

    :raises OperationError: when there is no such environment
    """
    values = given(environment)
    bootstrap = ENVIRONMENTS / f"{environment}.bootstrap.json"
    first = environments.read(bootstrap) if bootstrap.is_file() else {}
    return render(world.templates(), first | values)


@cache
def guide() -> System:
    """What the deployment before this one was made of."""
    template = read(GUIDE)
    return render({template.name: template}, {})
