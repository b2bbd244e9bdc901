"""The model that rules look at: rendered values, references across stacks, order of creation."""

from __future__ import annotations

from typing import Any

import pytest

from templates.rules.render import NO_VALUE
from templates.rules.scope import Scope
from templates.rules.system import System, render
from templates.rules.values import Token, dicts, get, items, mapping, number, split, text, token, tokens, truth, walk
from tests.templates.rules.planting import small

ROOT = """
Parameters:
  Environment: {Type: String, AllowedValues: [production, staging]}
  Edge: {Type: String, Default: 'false'}
  Zones: {Type: CommaDelimitedList, Default: 'a, b'}
Mappings: {Sizes: {production: {Cpu: 1024}, staging: {Cpu: 256}}}
Conditions:
  HasEdge: !Equals [!Ref Edge, 'true']
  IsProduction: !Equals [!Ref Environment, production]
Resources:
  Network:
    Type: AWS::CloudFormation::Stack
    Properties:
      TemplateURL: https://s3.eu-west-2.amazonaws.com/bucket/network.yaml
      Parameters: {Suffix: !If [IsProduction, '', !Sub '-${Environment}'], Zones: !Join [',', !Ref Zones]}
  Edge:
    Type: AWS::CloudFormation::Stack
    Condition: HasEdge
    Properties: {TemplateURL: edge.yaml, Parameters: {VpcId: !GetAtt Network.Outputs.VpcId}}
  Topic: {Type: AWS::SNS::Topic, DependsOn: Network}
Outputs:
  Vpc: {Value: !GetAtt Network.Outputs.VpcId}
"""
NETWORK = """
Parameters:
  Suffix: {Type: String}
  Zones: {Type: CommaDelimitedList}
  Unknown: {Type: String}
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {Name: !Sub 'vpc${Suffix}', Zone: !Select [1, !Ref Zones]}}
  Subnet: {Type: AWS::EC2::Subnet, Properties: {VpcId: !Ref Vpc, Arn: !GetAtt Vpc.Arn}}
  Alone: {Type: AWS::EC2::EIP}
Outputs:
  VpcId: {Value: !Ref Vpc}
"""
EDGE = """
Parameters: {VpcId: {Type: String}}
Resources:
  Group: {Type: AWS::EC2::SecurityGroup, Properties: {VpcId: !Ref VpcId, Name: !Sub 'g-${VpcId}'}}
"""


def system(**values: str) -> System:
    return render(small(root=ROOT, network=NETWORK, edge=EDGE), {"Environment": "production", "Edge": "true", **values})


def value(source: str, **given: str) -> Any:
    """One property of the root stack, rendered."""
    body = ROOT.replace(
        "Topic: {Type: AWS::SNS::Topic, DependsOn: Network}", f"Topic: {{Type: T, Properties: {{X: {source}}}}}"
    )
    found = render(small(root=body, network=NETWORK, edge=EDGE), {"Environment": "production", **given})
    resource = found.resource("root", "Topic")
    assert resource
    return resource.get("X")


def test_a_reference_points_to_its_resource_through_all_stacks() -> None:
    """A child's output, passed by root to another child, is still the resource it came from."""
    found = system()
    group = found.resource("edge", "Group")
    vpc = found.resource("network", "Vpc")
    assert group
    assert vpc
    assert group.get("VpcId") == "${network/Vpc}" == vpc.token
    assert found.target(group.get("VpcId")) is vpc
    assert found.targets({"a": ["x", group.get("Name")]}) == [vpc]
    assert found.stacks["root"].outputs == {"Vpc": "${network/Vpc}"}
    assert found.target("no reference") is None


def test_what_a_condition_excludes_is_absent() -> None:
    """A nested stack under a false condition is not there, and neither are its resources."""
    found = system(Edge="false")
    assert set(found.stacks) == {"root", "network"}
    assert found.resource("root", "Edge") is None
    assert found.of_type("AWS::EC2::SecurityGroup") == []
    assert set(found.templates) == {"root", "network", "edge"}


def test_parameters_are_text_as_cloudformation_gives_them() -> None:
    """Given, else the default, else something plausible, else a reference that points nowhere; lists where declared."""
    network = system(Environment="staging").stacks["network"]
    assert network.parameters == {"Suffix": "-staging", "Zones": ["a", "b"], "Unknown": "${network/Unknown}"}
    vpc = network.resources["Vpc"]
    assert vpc.props == {"Name": "vpc-staging", "Zone": "b"}
    assert system().target(network.parameters["Unknown"]) is None


def test_who_is_created_first() -> None:
    """By reference, by DependsOn, and by what root passes from stack to stack."""
    found = system()
    vpc, subnet, alone = (found.stacks["network"].resources[name] for name in ("Vpc", "Subnet", "Alone"))
    group, topic = found.stacks["edge"].resources["Group"], found.stacks["root"].resources["Topic"]
    assert found.waits_for(subnet, vpc)
    assert not found.waits_for(vpc, subnet)
    assert not found.waits_for(subnet, alone)
    assert found.waits_for(group, alone)
    assert found.waits_for(topic, subnet)
    assert not found.waits_for(topic, group)


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("!Sub '${Environment}-${!Literal}-${AWS::Region}'", "production-${Literal}-eu-west-2"),
        ("!Sub ['${A}-${Edge}', {A: !Ref Environment}]", "production-false"),
        ("!Join ['-', [a, !Ref Environment]]", "a-production"),
        ("!Join ['-', !Ref Zones]", "a-b"),
        ("!Select [1, !Split [',', 'x,y']]", "y"),
        ("!Split ['/', !Sub 'a/${Network}/b']", ["a", "${root/Network}", "b"]),
        ("!Select [2, !Split [':', !Ref Network]]", "${root/Network~}"),
        ("!Select [0, !GetAtt Network.Zones]", "${root/Network.Zones~}"),
        ("!FindInMap [Sizes, !Ref Environment, Cpu]", 1024),
        ("!FindInMap [Sizes, other, Cpu, {DefaultValue: 7}]", 7),
        ("!If [IsProduction, !Ref AWS::NoValue, x]", None),
        ("[a, !If [IsProduction, !Ref AWS::NoValue, x], b]", ["a", "b"]),
        ("!Select [1, !Cidr [10.10.0.0/16, 4, 8]]", "10.10.1.0/24"),
        ("!Select [0, !Cidr [!GetAtt Network.CidrBlock, 4, 8]]", "10.0.0.0/24"),
        ("!GetAZs ''", ["eu-west-2a", "eu-west-2b", "eu-west-2c"]),
        ("{'Fn::Base64': !Ref Environment}", "production"),
        ("!ImportValue some-export", "${import/someexport}"),
        ("{'Fn::Length': !Ref Zones}", 2),
        ("{'Fn::ToJsonString': {a: !Ref Edge}}", '{"a": "false"}'),
        ("!Ref AWS::AccountId", "123456789012"),
        ("{Condition: {Bool: x}}", {"Condition": {"Bool": "x"}}),
    ],
)
def test_an_intrinsic_has_its_value(source: str, expected: object) -> None:
    """As CloudFormation evaluates it; what a resource will be called stays a reference."""
    assert value(source) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("!And [!Condition IsProduction, !Not [!Condition HasEdge]]", True),
        ("!Or [!Condition HasEdge, !Equals [a, b]]", False),
        ("!Equals [!Join ['', !Ref Zones], ab]", True),
        ("!Equals [!FindInMap [Sizes, production, Cpu], '1024']", True),
        ("!Not [!Equals [true, 'true']]", False),
        ("nonsense", False),
    ],
)
def test_a_condition_has_its_truth(condition: str, *, expected: bool) -> None:
    """Values are compared as text."""
    body = ROOT.replace("Conditions:", f"Conditions:\n  Asked: {condition}")
    found = render(small(root=body, network=NETWORK), {"Environment": "production"})
    assert found.stacks["root"].conditions["Asked"] is expected


def test_a_template_nested_twice_makes_two_stacks() -> None:
    """The second one is named after its resource too."""
    again = ROOT.replace(
        "Outputs:", "  Again: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: network.yaml}}\nOutputs:"
    )
    assert set(render(small(root=again, network=NETWORK), {}).stacks) == {"root", "network", "network-Again"}


def test_templates_that_nest_each_other_come_to_an_end() -> None:
    """Neither is at the top: nothing is rendered, and nothing hangs."""
    nests = "Resources: {Inner: {Type: AWS::CloudFormation::Stack, Properties: {TemplateURL: %s.yaml}}}"
    assert set(render(small(a=nests % "b", b=nests % "a"), {}).stacks) <= {"a", "b"}
    assert set(render(small(a=nests % "a"), {}).stacks) == {"a"}


def test_no_value_is_nothing_anywhere() -> None:
    """A nested parameter that is passed AWS::NoValue takes its default."""
    scope = Scope("one", small(one="Resources: {A: {Type: T}}")["one"], {})
    assert scope.pseudo("AWS::NoValue") is NO_VALUE
    body = ROOT.replace("!If [IsProduction, '', !Sub '-${Environment}']", "!Ref AWS::NoValue")
    child = NETWORK.replace("Suffix: {Type: String}", "Suffix: {Type: String, Default: d}")
    assert render(small(root=body, network=child), {}).stacks["network"].parameters["Suffix"] == "d"


def test_values_of_any_shape() -> None:
    """The helpers answer for whatever a person wrote."""
    nested = {"a": [{"b": 1}, "x"]}
    assert [path for path, _ in walk(nested)] == [(), ("a",), ("a", 0), ("a", 0, "b"), ("a", 1)]
    assert get(nested, "a", 0, "b") == 1
    assert [get(nested, "a", 5), get(nested, "a", "b"), get("x", "a"), get(None, 0)] == [None] * 4
    assert (items(None), items("x"), items(["x"])) == ([], ["x"], ["x"])
    assert (dicts([{}, 1, {"a": 2}]), dicts({"a": 1}), dicts("x")) == ([{}, {"a": 2}], [{"a": 1}], [])
    assert (mapping({"a": 1}), mapping([1])) == ({"a": 1}, {})
    assert [text(each) for each in (None, True, 3, ["a", 1])] == ["", "true", "3", "a,1"]
    assert [number(each) for each in ("3", 2, True, "x", None, [1])] == [3, 2, None, None, None, None]
    assert [truth(each) for each in ("true", False, "TRUE", "x", 1)] == [True, False, True, None, None]
    assert token("${a/B.Arn}") == Token("a", "B", "Arn")
    assert token("x${a/B.Arn}") is None
    assert tokens("x${a/B}y${c/D.E~}") == [Token("a", "B"), Token("c", "D", "E", part=True)]
    assert split("a/${b/C}/d", "/") == ["a", "${b/C}", "d"]
    assert split("a", "") == ["a"]
