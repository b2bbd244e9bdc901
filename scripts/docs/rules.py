"""``docs/rules.md``: every rule that emitted templates are checked with, and why."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import groupby

from scripts.docs.markdown import code, page, table
from templates.rules import load_rules
from templates.rules.finding import Rule

ABOUT = """
What `make template` and `python -m templates check FOLDER` look for in a folder of templates, besides cfn-lint; by
module of `templates/rules/`. A finding names stack, resource and rule, and says what to do.

A finding that is no mistake is accepted beside its resource, with the reason:

```yaml
Metadata:
  Accepted:
    - Rule: name-of-the-rule
      Reason: Why it is right here.
```
"""


def text() -> str:
    """The page."""
    rules = sorted(load_rules().values(), key=_module)
    sections = [_section(module, list(members)) for module, members in groupby(rules, key=_module)]
    return page("Rules", f"{ABOUT}\nThere are {len(rules)} rules.", *sections)


def _module(rule: Rule) -> str:
    return rule.check.__module__


def _section(module: str, rules: Iterable[Rule]) -> str:
    about = " ".join((sys.modules[module].__doc__ or "").partition("\n\n")[0].split())
    rows = [(code(rule.name), _sentence(rule.reason)) for rule in rules]
    return f"## {code(module.rpartition('.')[2])}\n\n{about}\n\n{table(['Rule', 'Why'], rows)}"


def _sentence(reason: str) -> str:
    return reason[0].upper() + reason[1:]
