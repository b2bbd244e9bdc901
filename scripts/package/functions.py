"""The functions that are packaged. To add one: its module in ``functions/``, and a line here."""

from dataclasses import dataclass
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Function:
    """A module of ``functions/``, and the lock in ``requirements/`` with the packages it may import."""

    name: str
    lock: str

    @property
    def module(self) -> str:
        return f"functions.{self.name}"

    @property
    def handler(self) -> str:
        """Lambda's name for what it calls."""
        return f"{self.module}.handler"


FUNCTIONS = (
    Function("validator_monitor", lock="monitor"),
    Function("api_key_rotation", lock="monitor"),
)


def existing() -> tuple[Function, ...]:
    """Those that are written already."""
    return tuple(each for each in FUNCTIONS if (REPOSITORY / "functions" / f"{each.name}.py").is_file())
