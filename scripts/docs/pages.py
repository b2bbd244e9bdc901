"""The generated pages, by file name in ``docs/``."""

from __future__ import annotations

from collections.abc import Callable

<<<<<<< HEAD
from scripts.docs import api, configuration, cost, parameters, resources, rights, rules
=======
from scripts.docs import api, configuration, operations, parameters, resources, rights, rules
>>>>>>> services

PAGES: dict[str, Callable[[], str]] = {
    "api.md": api.text,
    "configuration.md": configuration.text,
<<<<<<< HEAD
    "cost.md": cost.text,
=======
    "operations.md": operations.text,
>>>>>>> services
    "parameters.md": parameters.text,
    "resources.md": resources.text,
    "rights.md": rights.text,
    "rules.md": rules.text,
}
"""What makes each page; raises UnknownResourceError when it names what the templates do not have."""
