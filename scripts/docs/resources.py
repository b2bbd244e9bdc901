"""``docs/resources.md``: who meets each requirement."""

from __future__ import annotations

from scripts.docs import guide, guide_security, names, requirements, stacks
from scripts.docs.markdown import page
from scripts.docs.rows import Row, written

ABOUT = """
Each row of the deployment guide's tables, and each requirement on the templates, with the resources that meet it:
stack, logical ids, and the setting that matters with its value in production. No resource of the templates is missing
here.
"""

SECTIONS: list[tuple[str, tuple[str, ...], list[Row]]] = [
    ("Core resources", ("Guide", "Configuration"), guide.CORE),
    ("Indicators", ("Metric", "Target", "Alert"), guide.INDICATORS),
    ("Alerting strategy", ("Guide", "For"), guide.ALERTING),
    ("Security checklist", ("Guide", "Asks for"), guide_security.CHECKLIST),
    ("Compliance", ("Guide",), guide_security.COMPLIANCE),
    ("IAM roles", ("Guide", "May"), guide_security.IAM),
    ("Stacks", ("Stack", "Holds"), stacks.STACKS),
    ("Requirements on the templates", ("Must be true",), requirements.RESOURCES),
]

NAMES = """
## Names in the guide's commands

The commands of the guide's operations part find these names on the production stack as they are written. The tests run
each of them, and name the few that cannot answer as the guide has them, with the reason.
"""


def rows() -> list[Row]:
    """Every row of every section."""
    return [row for _, _, section in SECTIONS for row in section]


def text() -> str:
    """The page."""
    sections = [f"## {title}\n\n{written(head, section)}" for title, head, section in SECTIONS]
    return page("Requirements and resources", ABOUT, *sections[:6], f"{NAMES}\n{names.written()}", *sections[6:])
