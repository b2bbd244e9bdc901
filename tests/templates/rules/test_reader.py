"""Reading templates: short forms become long, and what cannot be read becomes a finding."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from templates.emit import to_yaml
from templates.registry import build
from templates.rules import check
from templates.rules.reader import loader, parse, read_folder

RESOURCES = "Resources: {A: {Type: T, Properties: {X: %s}}}"


@pytest.mark.parametrize(
    ("short", "long"),
    [
        ("!Ref B", {"Ref": "B"}),
        ("!GetAtt B.Arn", {"Fn::GetAtt": ["B", "Arn"]}),
        ("!GetAtt B.Outputs.Arn", {"Fn::GetAtt": ["B", "Outputs.Arn"]}),
        ("!GetAtt [B, Arn]", {"Fn::GetAtt": ["B", "Arn"]}),
        ("!Sub '${B}-x'", {"Fn::Sub": "${B}-x"}),
        ("!Sub ['${B}', {B: !Ref C}]", {"Fn::Sub": ["${B}", {"B": {"Ref": "C"}}]}),
        ("!If [C, !Ref B, !Ref AWS::NoValue]", {"Fn::If": ["C", {"Ref": "B"}, {"Ref": "AWS::NoValue"}]}),
        ("!Select [0, !Split [',', !Ref B]]", {"Fn::Select": [0, {"Fn::Split": [",", {"Ref": "B"}]}]}),
        ("!Not [!Condition C]", {"Fn::Not": [{"Condition": "C"}]}),
        ("!Base64 x", {"Fn::Base64": "x"}),
        ("!GetAZs ''", {"Fn::GetAZs": ""}),
        ("!Transform {Name: X, Parameters: {A: b}}", {"Fn::Transform": {"Name": "X", "Parameters": {"A": "b"}}}),
        ("2012-10-17", "2012-10-17"),
        ("true", True),
        ("012345678901", "012345678901"),
    ],
)
def test_short_forms_become_long(short: str, long: object) -> None:
    """Rules see one spelling only; dates stay text as in CloudFormation."""
    assert parse(RESOURCES % short)["Resources"]["A"]["Properties"]["X"] == long


def test_our_own_templates_read_back_as_they_were_built() -> None:
    """Emission and reading are inverse: the rules see exactly what the generator meant."""
    for name, tree in build().items():
        read = parse(to_yaml(name, tree))
        assert {section: read.get(section, {}) for section in tree} == json.loads(json.dumps(tree)), name


@pytest.mark.parametrize(
    ("source", "advice"),
    [
        ("Resources: [", "not valid YAML"),
        ("Resources: {}", "no template"),
        ("Resources: {A: {Type: T}, A: {Type: T}}", "'A' appears twice"),
        ("Resources: {[a]: b}", "is no name"),
        ("Resources: &a {A: {Type: T, Properties: *a}}", "recursive"),
        ("Resources: {A: &a [1], B: *b}", "not valid YAML"),
        ("Resources: !!python/object:os.system {}", "not valid YAML"),
        ("Resources: \x07", "not valid YAML"),
    ],
)
def test_a_broken_template_is_named_and_the_rules_wait(source: str, advice: str, tmp_path: Path) -> None:
    """One line says what is wrong with the file; what only follows from that is not said."""
    (tmp_path / "broken.yaml").write_text(source, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}, B: 3}", encoding="utf-8")
    findings = check(tmp_path, [])
    assert [(f.resource, f.rule) for f in findings] == [("broken.yaml", "unreadable"), ("B", "malformed")]
    assert advice in findings[0].advice
    assert "\n" not in str(findings[0])


@pytest.mark.parametrize("source", ["", "- a", "Parameters: {A: b}", "a: ["])
def test_another_file_does_not_hold_up_the_rules(source: str, tmp_path: Path) -> None:
    """What never meant to be a template is named too, and the templates beside it are checked."""
    (tmp_path / "notes.yaml").write_text(source, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("Resources: {Topic: {Type: AWS::SNS::Topic}}", encoding="utf-8")
    findings = check(tmp_path, [])
    assert [f.rule for f in findings if f.stack == "notes"] == ["no-template"]
    assert any(f.stack == "other" and f.rule == "described" for f in findings)


def test_aliases_that_multiply_are_refused(tmp_path: Path) -> None:
    """A small file that unfolds into millions of entries is refused instead of read for ever."""
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 9)]
    (tmp_path / "bomb.yaml").write_text("\n".join([*lines, "Resources: {A: {Type: T}}"]), encoding="utf-8")
    assert [finding.rule for finding in read_folder(tmp_path)[1]] == ["unreadable"]


def test_a_folder_without_templates_is_a_finding(tmp_path: Path) -> None:
    """Nothing found is not the same as nothing wrong."""
    assert [finding.rule for finding in check(tmp_path, [])] == ["unreadable"]


def test_json_is_read_and_other_json_left_alone(tmp_path: Path) -> None:
    """Templates may be JSON; parameter files beside them are none of the rules' business."""
    (tmp_path / "one.json").write_text(json.dumps({"Resources": {"A": {"Type": "AWS::SNS::Topic"}}}), encoding="utf-8")
    (tmp_path / "production.json").write_text(json.dumps([{"ParameterKey": "A"}]), encoding="utf-8")
    templates, findings = read_folder(tmp_path)
    assert (list(templates), findings) == (["one"], [])


def test_two_files_of_one_stack_and_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A stack has one file, and a file is UTF-8."""
    for suffix in ("yaml", "yml"):
        (tmp_path / f"a.{suffix}").write_text("Resources: {A: {Type: T}}", encoding="utf-8")
    (tmp_path / "b.yaml").write_bytes(b"\xff\xfe\xff")
    found = [(finding.resource, finding.rule) for finding in read_folder(tmp_path)[1]]
    assert found == [("a.yml", "unreadable"), ("b.yaml", "no-template")]


def test_a_file_that_cannot_be_opened_is_a_finding(tmp_path: Path) -> None:
    """A link to nowhere is named; a folder called like a template is none of the rules' business."""
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "folder.yaml").mkdir()
    assert [(f.resource, f.rule) for f in read_folder(tmp_path)[1]] == [("gone.yaml", "unreadable")]


def test_entries_that_are_no_mappings_are_named(tmp_path: Path) -> None:
    """A section or entry of the wrong shape is reported at its place; rules never see it."""
    source = """
        Description: [x]
        Parameters: [a]
        Mappings: {M: x}
        Outputs: {O: 3}
        Resources: {A: x, B: {Type: AWS::SNS::Topic, Properties: [], Metadata: 3}, C: {}}
    """
    (tmp_path / "one.yaml").write_text(source, encoding="utf-8")
    places = {finding.resource for finding in check(tmp_path, []) if finding.rule == "malformed"}
    assert places == {"Parameters", "Mappings.M", "Outputs.O", "A", "B.Properties", "B.Metadata", "C"}


def test_the_slower_loader_reads_the_same() -> None:
    """Where PyYAML was built without libyaml the pure Python loader is used."""
    source = RESOURCES % "!Sub [a, {B: !GetAtt C.D}]"
    assert parse(source, yaml_loader=loader(yaml.SafeLoader)) == parse(source)
