"""docs/alerts.md helps with every alarm that is emitted, and with none that is not."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from tests.templates.rules.cases import clean

GUIDE = Path(__file__).parents[2] / "docs" / "alerts.md"
PARTS = ("**Severity:**", "**Means:**", "**Look:**", "**Do:**")


@cache
def sections() -> dict[str, str]:
    """Heading -> what stands below it."""
    parts = re.split(r"^## (.+)$", GUIDE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def described(environment: str) -> dict[str, str]:
    """Alarm -> its description, as emitted for an environment."""
    alarms = clean(environment).of_type("AWS::CloudWatch::Alarm")
    return {alarm.props["AlarmName"]: alarm.props["AlarmDescription"] for alarm in alarms}


def test_each_alarm_has_its_heading() -> None:
    """The headings are the names of production's alarms, in any order, no more and no less."""
    assert set(sections()) == set(described("production"))


@pytest.mark.parametrize("name", sorted(described("production")))
def test_section_helps(name: str) -> None:
    """A section says how bad it is as the alarm does, what it means, where to look and what to do."""
    severity = described("production")[name].partition(":")[0]
    assert f"**Severity:** {severity}." in sections()[name]
    assert [part for part in PARTS if part not in sections()[name]] == []


def test_pointers_lead_somewhere() -> None:
    """Links inside the page, and those in the alarms of every environment, lead to a heading."""
    linked = set(re.findall(r"\]\(#([\w-]+)\)", GUIDE.read_text(encoding="utf-8")))
    pointed = {text.rpartition("#")[2] for name in ("production", "staging") for text in described(name).values()}
    assert linked | pointed <= set(sections())


def test_tables_named_as_deployed() -> None:
    """Every table that the page names exists in production under that name."""
    tables = {table.props["TableName"] for table in clean("production").of_type("AWS::DynamoDB::Table")}
    assert set(re.findall(r"sparta-[a-z-]+-production", GUIDE.read_text(encoding="utf-8"))) - tables <= {
        "sparta-production-alerts"
    }
