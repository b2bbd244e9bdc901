"""Stacks are wired by name; what does not fit together is refused at build time, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from troposphere import Join, Ref, Sub, Template
from troposphere.sns import Topic

from templates import network, plain, registry
from templates.stack import BuildError, output, wire


def stack(build: Callable[[Template], object]) -> dict[str, Any]:
    """A small stack with one topic."""
    template = Template(Description="A stack.")
    template.add_resource(Topic("Topic", DisplayName="topic"))
    build(template)
    return plain.tree(template)


def uses(name: str) -> Callable[[Template], object]:
    return lambda template: template.add_resource(Topic("Other", DisplayName=Ref(name)))


def provides(name: str, value: Any = "value") -> Callable[[Template], object]:
    return lambda template: output(template, name, value, "A value.")


def test_an_output_and_a_parameter_of_one_name_are_the_whole_wiring() -> None:
    trees = {"cluster": stack(provides("ClusterArn")), "service": stack(uses("ClusterArn"))}
    passed = wire(trees, {})
    assert passed["service"]["ClusterArn"].to_dict() == {"Fn::GetAtt": ["Cluster", "Outputs.ClusterArn"]}
    assert trees["service"]["Parameters"] == {"ClusterArn": {"Type": "String", "Description": "A value."}}


def test_a_list_travels_as_a_list() -> None:
    trees = {"network": stack(provides("SubnetIds", ["a", "b"])), "service": stack(uses("SubnetIds"))}
    wire(trees, {})
    assert trees["network"]["Outputs"]["SubnetIds"]["Value"] == {"Fn::Join": [",", ["a", "b"]]}
    assert trees["service"]["Parameters"]["SubnetIds"]["Type"] == "CommaDelimitedList"


def test_a_deploy_time_parameter_is_handed_down_and_has_no_default_there() -> None:
    trees = {"service": stack(uses("ApiPort"))}
    passed = wire(trees, {})
    assert passed["service"]["ApiPort"].to_dict() == {"Ref": "ApiPort"}
    assert trees["service"]["Parameters"]["ApiPort"]["MaxValue"] == 65535
    assert "Default" not in trees["service"]["Parameters"]["ApiPort"]


def test_names_inside_a_text_are_wired_too() -> None:
    trees = {"service": stack(lambda t: t.add_resource(Topic("Other", DisplayName=Sub("x-${NameSuffix}"))))}
    passed = wire(trees, {"NameSuffix": Join("", ["-", "x"])})
    assert list(passed["service"]) == ["NameSuffix"]


@pytest.mark.parametrize(
    ("trees", "sentence"),
    [
        ({"service": stack(uses("ClusterArm"))}, "Stack service uses ClusterArm, which nobody provides"),
        (
            {"one": stack(provides("ClusterArn")), "two": stack(provides("ClusterArn"))},
            "ClusterArn is provided twice, by one and by two",
        ),
        ({"one": stack(provides("ApiPort"))}, "ApiPort is provided twice, by parameters and by one"),
        ({"one": stack(provides("NameSuffix"))}, "NameSuffix is provided twice, by root and by one"),
    ],
    ids=["nobody provides it", "two stacks provide it", "a parameter's name", "a derived value's name"],
)
def test_contradictions_are_refused(trees: dict[str, Any], sentence: str) -> None:
    """The sentence names the name and says what to do."""
    with pytest.raises(BuildError, match=sentence):
        wire(trees, {"NameSuffix": ""})


def test_an_undefined_condition_is_refused() -> None:
    def mistaken(template: Template) -> None:
        template.add_resource(Topic("Other", Condition="HasNothing"))

    with pytest.raises(BuildError, match="Condition HasNothing is used but not defined"):
        wire({"service": stack(mistaken)}, {})


def test_an_output_that_nobody_uses_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_idle_output() -> Template:
        template = network.build()
        output(template, "Idle", Ref("Vpc"), "Nobody asks for it.")
        return template

    stacks = tuple(s._replace(build=with_idle_output) if s.name == "network" else s for s in registry.NESTED)
    monkeypatch.setattr(registry, "NESTED", stacks)
    with pytest.raises(BuildError, match="Nobody uses output Idle of network"):
        registry.build()


def test_nothing_happens_at_import_and_building_twice_gives_the_same() -> None:
    """Stacks are values: no state is left behind by a build."""
    assert registry.build() == registry.build()


@pytest.mark.parametrize("name", [each.name for each in registry.NESTED])
def test_plain_trees_are_what_troposphere_would_give(name: str) -> None:
    """Our shortcut through the objects changes nothing, and troposphere's own validation passes."""
    template = next(each for each in registry.NESTED if each.name == name).build()
    given, reference = plain.tree(template), template.to_dict()
    assert {part: given.get(part) for part in reference} == reference
