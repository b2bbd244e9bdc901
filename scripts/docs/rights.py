"""``docs/rights.md``: what each role of the running system may do in AWS, statement by statement."""

from __future__ import annotations

from collections.abc import Iterator

from scripts.docs import world
from scripts.docs.markdown import code, codes, page, table
from templates.rules.iam import Statement, grants, plain, uses
from templates.rules.system import Resource
from templates.rules.values import text as written
from templates.table_rights import RIGHTS

ABOUT = """
What runs may do in AWS, with production's names; who deploys has rights of its own (`templates/rights.py`). The tests
run the API and the monitor on an emulated AWS, each with exactly the rights of its role: what it needs and lacks fails
there, and so does what it is granted and never uses.
"""

TABLES = """
## Tables

IAM authorises a transaction by its parts, a batch as itself; an index, after the slash, is a resource of its own.
`templates/table_rights.py` is the place to change this.
"""


def text() -> str:
    """The page."""
    rows = [
        (program, code(right.on), codes(right.actions.split()), right.why)
        for program, rights in RIGHTS.items()
        for right in rights
    ]
    tables = f"{TABLES}\n{table(['Program', 'Table', 'May', 'So it'], rows)}"
    roles = dict.fromkeys(use.role for use in uses(world.system("production")))
    return page("Rights", ABOUT, tables, *(_section(role) for role in roles))


def _section(role: Resource) -> str:
    rows = [
        (written(each.body.get("Sid")), codes(each.all("Action")), codes(_resources(each)))
        for each in grants(world.system("production"), role)
    ]
    name, about = written(role.get("RoleName")), written(role.get("Description"))
    return f"## {code(name)}\n\n{about}\n\n{table(['Statement', 'May', 'On'], rows)}"


def _resources(statement: Statement) -> Iterator[str]:
    """ARNs without what they all begin with; a key has no name but AWS's own."""
    for resource in statement.all("Resource"):
        yield plain(world.system("production"), resource).split(":", 5)[-1]
