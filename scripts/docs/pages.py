"""The generated pages, by file name in ``docs/``."""

from __future__ import annotations

from collections.abc import Callable

from scripts.docs import api, configuration, cost, operations, parameters, resources, rights, rules

PAGES: dict[str, Callable[[], str]] = {
    "api.md": api.text,
    "configuration.md": configuration.text,
    "cost.md": cost.text,
    "operations.md": operations.text,
    "parameters.md": parameters.text,
    "resources.md": resources.text,
    "rights.md": rights.text,
    "rules.md": rules.text,
}
"""What makes each page; raises UnknownResourceError when it names what the templates do not have."""
