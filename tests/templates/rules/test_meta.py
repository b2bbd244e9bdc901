"""Descriptions, console groups, limits and deletion policies."""

from __future__ import annotations

from dataclasses import replace

import pytest

from templates.rules import check_templates
from tests.templates.rules.planting import Mistake, both, emitted, news, put, remove, seen, small, values

INTERFACE = "root/Metadata/AWS::CloudFormation::Interface"
MISTAKES: list[tuple[Mistake, tuple[str, str, str]]] = [
    (remove("data/Description"), ("data", "-", "described")),
    (remove("root/Parameters/VpcCidr/Description"), ("root", "Parameters.VpcCidr", "described")),
    (put("root/Parameters/VpcCidr/Description", "Cidr"), ("root", "Parameters.VpcCidr", "described")),
    (put("network/Outputs/VpcId/Description", " "), ("network", "Outputs.VpcId", "described")),
    (
        remove("root/Parameters/VpcCidr/ConstraintDescription"),
        ("root", "Parameters.VpcCidr", "constraint-explained"),
    ),
    (remove(f"{INTERFACE}/ParameterLabels/VpcCidr"), ("root", "Parameters.VpcCidr", "console-complete")),
    (put(f"{INTERFACE}/ParameterLabels/VpcCidr", {"default": ""}), ("root", "Parameters.VpcCidr", "console-complete")),
    (put(f"{INTERFACE}/ParameterGroups/0/Parameters", []), ("root", "Parameters.Environment", "console-complete")),
    (
        put(f"{INTERFACE}/ParameterGroups/0/Parameters/+", "VpcCidr"),
        ("root", "Parameters.VpcCidr", "console-complete"),
    ),
    (remove(f"{INTERFACE}/ParameterGroups/0/Label"), ("root", "Metadata", "console-complete")),
    (put(f"{INTERFACE}/ParameterGroups/0/Parameters/+", "VpcCdir"), ("root", "Metadata", "console-exists")),
    (put(f"{INTERFACE}/ParameterLabels/VpcCdir", {"default": "x"}), ("root", "Metadata", "console-exists")),
    (remove("bootstrap/Metadata"), ("bootstrap", "Parameters.Environment", "console-complete")),
    (put("edge/AWSTemplateFormatVersion", "2012-10-17"), ("edge", "-", "headed")),
    (put("edge/Description", "long " * 300), ("edge", "-", "headed")),
    (put("data/Resources/ConfigTable/DeletionPolicy", "Delete"), ("data", "ConfigTable", "kept-alike")),
    (remove("data/Resources/ConfigTable/UpdateReplacePolicy"), ("data", "ConfigTable", "kept-alike")),
    (
        put("root/Parameters/GuildId/Default", 114469272712093708),
        ("root", "Parameters.GuildId", "long-numbers-quoted"),
    ),
    (
        put("services/Resources/ApiTask/Properties/ContainerDefinitions/0/Environment/1/Value", 0xF739D03E98E23A7B),
        ("services", "ApiTask", "long-numbers-quoted"),
    ),
    (
        both(*(put(f"data/Mappings/M{n}", {"a": {"b": "c"}}) for n in range(201))),
        ("data", "Mappings", "within-limits"),
    ),
]


@pytest.mark.parametrize(("mistake", "expected"), MISTAKES)
def test_what_people_could_not_read_is_reported(mistake: Mistake, expected: tuple[str, str, str]) -> None:
    """A missing sentence, label, group, version or policy is reported at the entry that lacks it."""
    assert expected in news(mistake)


def test_policies_that_keep_only_what_was_created_go_with_retain() -> None:
    """RetainExceptOnCreate has no counterpart for replacement: Retain is the same intention."""
    assert not news(put("data/Resources/ConfigTable/DeletionPolicy", "RetainExceptOnCreate"))


def test_a_file_without_a_word_about_itself_is_reported() -> None:
    """The first line of a YAML template is a comment that says what it is."""
    templates = emitted() | {"edge": replace(emitted()["edge"], text="Resources: {}")}
    assert ("edge", "-", "headed") in seen(templates, values("production"))


@pytest.mark.parametrize(("stack", "size", "refused"), [("edge", 60_000, False), ("edge", 1_000_001, True)])
def test_a_nested_template_may_have_a_megabyte(stack: str, size: int, *, refused: bool) -> None:
    """CloudFormation takes templates by URL up to 1,000,000 bytes."""
    templates = emitted() | {stack: replace(emitted()[stack], text="#" * size)}
    assert ((stack, "-", "within-limits") in seen(templates, values("production"))) is refused


def test_a_template_of_its_own_must_fit_into_the_request() -> None:
    """Before there is a bucket to upload to, 51,200 bytes is all a template may have."""
    templates = emitted() | {"bootstrap": replace(emitted()["bootstrap"], text="#" * 51_201)}
    assert ("bootstrap", "-", "within-limits") in seen(templates, values("production"))


def test_json_needs_no_comment() -> None:
    """JSON knows no comments: only its description is wanted."""
    found = small(one='# x\nResources: {Topic: {Type: "AWS::SNS::Topic"}}')
    as_json = {"one": replace(found["one"], path=found["one"].path.with_suffix(".json"), text="{}")}
    advices = [finding.advice for finding in check_templates(as_json, []) if finding.rule == "headed"]
    assert advices == ['set AWSTemplateFormatVersion to "2010-09-09"']
