"""Lambda: one step of the API key's rotation, which Secrets Manager asks for. Errors are raised: it asks again."""

from __future__ import annotations

from typing import Any


def handler(event: dict[str, Any], _context: object) -> dict[str, str]:
    """The step, and that it is done.

    :raises SpartaError: see ``sparta.rotation.run``
    """
    # Not before it is needed: a function that cannot start says nothing of why.
    from sparta import rotation

    return rotation.run(event)
