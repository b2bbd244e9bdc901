"""What the templates pass to each program is what the program reads, and enough for it to start."""

from __future__ import annotations

import pytest

from sparta.settings import PARTS, Part
from sparta.settings_types import EXAMPLES
from templates import environment
from templates.environment import Variable

ALWAYS = {"AWS_REGION"}
"""Lambda sets it itself."""
PASSED: dict[Part, tuple[Variable, ...]] = {
    Part.API: (*environment.API, *environment.API_SECRETS),
    Part.BOT: (*environment.BOT, *environment.BOT_SECRETS),
    Part.MONITOR: environment.MONITOR,
}


@pytest.mark.parametrize("part", PASSED)
def test_every_variable_that_is_passed_is_read(part: Part) -> None:
    """No task definition holds a variable that its program does not know."""
    read = {name.upper() for name in PARTS[part].model_fields}
    assert {variable.name for variable in PASSED[part]} <= read


@pytest.mark.parametrize("part", PASSED)
@pytest.mark.parametrize("secrets", [True, False])
def test_what_is_passed_is_enough(part: Part, secrets: bool) -> None:
    """A program starts with what its task is given, whether RPC URLs come from a secret or not."""
    chosen = {"HasEthereumHostSecret": secrets, "HasAztecRpcUrlSecret": secrets}
    given = {
        variable.name
        for variable in PASSED[part]
        if chosen.get(variable.when or "", True) and not chosen.get(variable.unless or "", False)
    }
    values = {name.lower(): EXAMPLES[name.lower()] for name in given | ALWAYS}
    if "sparta_private_key" in values:
        values["sparta_private_key"] = "0x" + "ab" * 32
    assert isinstance(PARTS[part].model_validate(values), PARTS[part])
