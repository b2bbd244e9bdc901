"""`python -m templates`: what it writes, what it refuses, and what it says; exit codes say it all."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from templates import __main__ as command
from templates import emit, environments, gate, registry
from templates.lint import lint
from templates.stack import BuildError

TREES = registry.build()

Trees = dict[str, dict[str, Any]]


def write(folder: Path, change: Callable[[Trees], object] = bool) -> Path:
    """The emitted templates with a change, as a person editing them by hand would leave them."""
    trees = json.loads(json.dumps(TREES))
    change(trees)
    folder.mkdir()
    for name, tree in trees.items():
        (folder / f"{name}.yaml").write_text(emit.to_yaml(name, tree), encoding="utf-8")
    return folder


@pytest.fixture(autouse=True)
def own_stamp(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Tests remember nothing beyond themselves."""
    stamp = tmp_path / "stamp"
    monkeypatch.setattr(gate, "STAMP", stamp)
    return stamp


def test_build_writes_summarises_and_checks(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The whole of it, on real input: nine templates, a table for people, no finding; then quick."""
    out = tmp_path / "templates"
    assert command.main(["build", "--out", str(out)]) == 0
    said = capsys.readouterr().out
    assert {path.stem for path in out.iterdir()} == set(TREES)
    rows = [line.split()[0] for line in said.splitlines()[1:-3]]
    assert rows == list(TREES)
    assert said.endswith("checked: no finding\n")
    assert command.main(["check", str(out)]) == 0
    assert "unchanged" in capsys.readouterr().out


def test_a_stack_that_is_gone_leaves_no_file_behind(tmp_path: Path) -> None:
    (tmp_path / "old.yaml").write_text("Resources: {}\n", encoding="utf-8")
    assert command.main(["--no-check", "--out", str(tmp_path)]) == 0
    assert not (tmp_path / "old.yaml").exists()


def props(trees: Trees, stack: str, resource: str) -> Any:
    return trees[stack]["Resources"][resource]["Properties"]


def five_mistakes(trees: Trees) -> None:
    props(trees, "monitor", "MonitorFunction")["MemorySise"] = props(trees, "monitor", "MonitorFunction").pop(
        "MemorySize"
    )
    props(trees, "security", "BotSecurityGroup")["SecurityGroupIngress"] = [
        {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0", "Description": "Everybody"}
    ]
    del trees["data"]["Resources"]["OperatorsTable"]["DeletionPolicy"]
    del props(trees, "observability", "BotDownAlarm")["AlarmActions"]
    container = props(trees, "services", "BotTask")["ContainerDefinitions"][0]
    container["Environment"].append({"Name": "BOT_TOKEN", "Value": "MTMzMDg2ODk1NTI5MTcxMzYxNg.G_wEfW.abcdefghij"})


def test_every_deliberate_mistake_is_named_in_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A misspelt property, an open security group, a table without retention, a mute alarm, a secret in plain sight."""
    assert command.main(["check", str(write(tmp_path / "edited", five_mistakes))]) == 1
    printed = capsys.readouterr()
    lines = printed.out.splitlines()
    for stack, resource in (
        ("monitor", "MonitorFunction"),
        ("security", "BotSecurityGroup"),
        ("data", "OperatorsTable"),
        ("observability", "BotDownAlarm"),
        ("services", "BotTask"),
    ):
        assert [line for line in lines if line.startswith(f"{stack} {resource} ")], (stack, resource, lines)
    assert printed.err == f"templates: {len(lines)} findings.\n"


def test_the_linter_follows_nested_stacks(tmp_path: Path) -> None:
    """A parameter that root forgets and an output that does not exist are errors of cfn-lint."""

    def mistaken(trees: Trees) -> None:
        del props(trees, "root", "Security")["Parameters"]["VpcId"]
        props(trees, "root", "Services")["Parameters"]["VpcId"] = {"Fn::GetAtt": ["Network", "Outputs.VpcIdentity"]}

    findings = lint([write(tmp_path / "edited", mistaken) / "root.yaml"], {})
    assert {(f.stack, f.resource, f.rule) for f in findings} == {
        ("root", "Security", "E3043"),
        ("root", "Services", "E1010"),
    }


def test_the_linter_checks_each_environments_values(tmp_path: Path) -> None:
    values = environments.read(environments.FOLDER / "production.json") | {"LogRetentionDays": "31"}
    findings = lint([write(tmp_path / "folder") / "root.yaml"], {"root": {"mine.json": values}})
    assert {f.rule for f in findings} == {"E2900"}


def test_a_wrong_parameter_file_is_a_finding(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    values = environments.read(environments.FOLDER / "production.json") | {"ApiPort": "http"}
    path = tmp_path / "mine.json"
    path.write_text(json.dumps([{"ParameterKey": k, "ParameterValue": v} for k, v in values.items()]), encoding="utf-8")
    assert command.main(["check", str(write(tmp_path / "folder")), "--parameters", str(path)]) == 1
    line = "root mine.json environment-file: ApiPort 'http' is not valid. A TCP port from 1 to 65535."
    assert line in capsys.readouterr().out.splitlines()


def test_what_passed_is_forgotten_when_anything_changes(tmp_path: Path, own_stamp: Path) -> None:
    """One byte of a template is enough."""
    folder = write(tmp_path / "folder")
    assert gate.check(folder) == []
    assert own_stamp.exists()
    assert gate.passed(folder, ())
    with (folder / "data.yaml").open("a", encoding="utf-8") as file:
        file.write("# edited\n")
    assert not gate.passed(folder, ())


def test_any_folder_of_templates_can_be_checked(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Also one that is no Sparta: its own mistakes are named, and our environments are not forced on it."""
    (tmp_path / "queue.yaml").write_text(
        "Resources:\n  Queue:\n    Type: AWS::SQS::Queue\n    Properties: {QueueNam: mine}\n", encoding="utf-8"
    )
    assert command.main(["check", str(tmp_path)]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if line.startswith("queue Queue E3002")]
    assert not [line for line in lines if "environment-file" in line]


@pytest.mark.parametrize("text", ["", "[1, 2", "just text", "Resources: {A: {Type: [}", "\x00"])
def test_an_unreadable_file_is_a_finding_and_no_crash(
    tmp_path: Path, text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "broken.yaml").write_text(text, encoding="utf-8")
    assert command.main(["check", str(tmp_path)]) == 1
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("broken ")]


def test_a_folder_that_is_not_there_is_a_usage_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command.main(["check", str(tmp_path / "nowhere")]) == 2
    assert "there is no folder" in capsys.readouterr().err


def test_a_folder_without_templates_does_not_pass(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing checked is not the same as nothing found."""
    assert command.main(["check", str(tmp_path)]) == 2
    assert "holds no templates" in capsys.readouterr().err


def test_a_build_that_cannot_be_wired_says_why(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def contradict() -> Trees:
        raise BuildError("Nobody uses output Idle of network; remove it or add it to root.OUTPUTS.")

    monkeypatch.setattr(registry, "build", contradict)
    assert command.main(["build"]) == 1
    assert (
        capsys.readouterr().err
        == "templates: Nobody uses output Idle of network; remove it or add it to root.OUTPUTS.\n"
    )


def test_help_shows_both_commands(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        command.main(["--help"])
    assert end.value.code == 0
    text = capsys.readouterr().out
    assert "python -m templates check" in text
