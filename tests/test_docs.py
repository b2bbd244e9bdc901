"""The pages say what the code says: made from it, complete, and without a dead end."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest

from scripts.docs import __main__ as command
from scripts.docs import names, resources, rows, world
from scripts.docs.configuration import source
from scripts.docs.pages import PAGES
from scripts.docs.parameters import placeholders, receivers
from templates.environment import API
from templates.rules import load_rules

HOUSE = Path(__file__).resolve().parents[1]
DOCS = HOUSE / "docs"
LONGEST_WORD = 60


def text(path: str) -> str:
    return (HOUSE / path).read_text(encoding="utf-8")


def documents() -> list[str]:
    """Every page people read, by its path in the repository."""
    return [
        "README.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        *(f"docs/{path.name}" for path in (HOUSE / "docs").iterdir()),
    ]


def anchors(path: Path) -> set[str]:
    """Headings as GitHub names them in links."""
    headings = re.findall(r"^#+ (.*)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("name", PAGES)
def test_a_generated_page_is_current(name: str) -> None:
    """Whoever changes what a page is made from makes the page anew in the same change."""
    assert text(f"docs/{name}") == PAGES[name](), f"docs/{name} is not what the code says now: run make docs"


def test_every_resource_meets_a_requirement() -> None:
    """A resource that no row names is missing from the page, or from no requirement."""
    named = {(each.stack, each.id) for row in resources.rows() for each in rows.named(row.by)}
    emitted = {(stack, name) for stack, template in world.templates().items() for name in template.section("Resources")}
    assert emitted - named == set(), "name them in a row of scripts/docs, then run make docs"


@pytest.mark.parametrize(
    "by",
    ["network EC2::VPC Vcp", "network EC2::Subnet Vpc", "services EC2::VPC Vpc", "nowhere EC2::VPC Vpc"],
)
def test_a_row_names_what_is_there(by: str) -> None:
    """A resource that was renamed, moved or replaced by another kind is not claimed any more."""
    with pytest.raises(world.UnknownResourceError, match="correct scripts/docs"):
        rows.named([by])


def test_settings_are_those_of_the_templates() -> None:
    """A row shows the value that production gets, also of an option that production leaves out."""
    assert world.filled("{Vpc.CidrBlock}") == "`CidrBlock: 10.10.0.0/16`"
    assert world.filled("{=OperatorsTable.DeletionPolicy}") == "`Retain`"
    assert world.setting("WebAcl", "Scope") == "REGIONAL"
    assert rows.alarm_in_short("ApiHighCpuAlarm") == "`sparta-api-high-cpu` > 80 for 2 x 120 s"


@pytest.mark.parametrize("wrong", ["{Vpc.CidrBlok}", "{Vcp.CidrBlock}", "{ApiTask.TaskRoleArn}"])
def test_a_setting_that_is_not_there_is_refused(wrong: str) -> None:
    with pytest.raises(world.UnknownResourceError, match=r"scripts/docs|choose another"):
        world.filled(wrong)


def test_a_name_that_the_guide_does_not_use_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page cannot promise that a command finds what is called otherwise."""
    monkeypatch.setattr(names, "NAMES", [names.Name("Cluster", "sparta-prod", "Cluster", "ClusterName")])
    with pytest.raises(world.UnknownResourceError, match="would not find it"):
        names.written()


def test_every_alarm_has_one_severity() -> None:
    alarms = [alarm.id for alarm in world.system("production").of_type("AWS::CloudWatch::Alarm")]
    assert sorted(alarms) == sorted(each for kind in ("critical", "warning", "info") for each in rows.alarms_of(kind))


def test_a_parameter_goes_to_those_who_declare_it() -> None:
    assert receivers("VpcCidr") == ["network", "security"]
    assert receivers("GitHubRepository") == ["bootstrap"]
    with pytest.raises(world.UnknownResourceError, match="No template uses"):
        receivers("Nothing")


def test_variables_name_their_source() -> None:
    given = {variable.name: source(variable.value) for variable in API}
    assert given["API_PORT"] == "parameter `ApiPort`"
    assert given["ALERTS_TABLE_NAME"] == "`AlertsTable` of data"
    assert given["BACKEND_API_KEY_SECRET"] == "secret `sparta/<Environment>/api-key`"
    assert given["AWS_REGION"] == "region of the stack"


def test_every_rule_is_explained() -> None:
    listed = re.findall(r"^\| `([a-z0-9-]+)` \|", PAGES["rules.md"](), re.MULTILINE)
    assert sorted(listed) == sorted(load_rules())


def test_readme_names_every_value_to_edit() -> None:
    """Nobody deploys an example by oversight: each one is named where deploying begins."""
    step = text("README.md").partition("**1. Edit the parameters")[2].partition("**2. ")[0]
    assert [name for name in placeholders() if f"`{name}`" not in step] == []


@pytest.mark.parametrize("document", documents())
def test_links_lead_somewhere(document: str) -> None:
    """Each relative link names a file that is there, and a heading in it."""
    for link in re.findall(r"\]\(([^)\s]+)\)", text(document)):
        if "://" not in link:
            path, _, anchor = link.partition("#")
            target = (HOUSE / document).parent / path if path else HOUSE / document
            assert target.exists(), link
            assert not anchor or anchor in anchors(target), link


@pytest.mark.parametrize("name", PAGES)
def test_a_table_fits_on_a_screen(name: str) -> None:
    """Columns are as wide as their longest word: none is so long that the rest is squeezed."""
    lines = [line.replace("<br>", " ") for line in PAGES[name]().splitlines() if line.startswith("|")]
    words = [word for line in lines for word in unescape(line).split()]
    assert [word for word in words if len(word) > LONGEST_WORD] == []


def test_command_writes_what_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It says which pages it wrote, and that there was nothing to do the second time."""
    monkeypatch.setattr(command, "FOLDER", tmp_path / "docs")
    assert command.main() == 0
    assert {path.name for path in (tmp_path / "docs").iterdir()} == set(PAGES)
    assert command.main() == 0
    said = capsys.readouterr().out.splitlines()
    assert said[0] == f"docs: wrote {', '.join(PAGES)}"
    assert said[1] == "docs: nothing changed"


def test_command_says_what_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page that cannot be made is one sentence and an exit code, and nothing is written."""
    monkeypatch.setattr(command, "FOLDER", tmp_path / "docs")
    monkeypatch.setattr(names, "NAMES", [names.Name("Cluster", "sparta-prod", "Cluster", "ClusterName")])
    assert command.main() == 1
    assert capsys.readouterr().err.startswith("docs: The guide's commands use sparta-prod, but")
    assert not (tmp_path / "docs").exists()
