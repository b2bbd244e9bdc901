"""What opens and closes, in traffic and in permissions, is said in plain words."""

from typing import Any

import pytest

from scripts.review.compare import review
from scripts.review.model import Doors
from templates.rules.system import System
from tests.operations.review.planted import Trees, actions, props, resource, reviewed, setting, small, system

ANYWHERE = {"IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, "CidrIp": "0.0.0.0/0"}


def test_port_opened_to_the_world_is_told_in_capitals() -> None:
    def edit(trees: Trees) -> None:
        props(trees, "security", "ApiSecurityGroup")["SecurityGroupIngress"].append(ANYWHERE)

    assert reviewed(edit).security_rules.opened == ("The API's group now admits TCP 22 from ANYWHERE (0.0.0.0/0).",)


def test_port_that_moves_closes_and_opens_between_groups() -> None:
    doors = reviewed(ApiPort="3001").security_rules
    assert "The API's group now admits TCP 3001 from the load balancer's group." in doors.opened
    assert "The API's group no longer admits TCP 3000 from the load balancer's group." in doors.closed
    assert "The bot's group now lets TCP 3001 out to 10.20.0.0/16." in doors.opened


@pytest.mark.parametrize(
    ("kind", "rule", "sentence"),
    [
        ("Ingress", {"IpProtocol": "-1", "CidrIpv6": "::/0"}, "now admits any traffic from ANYWHERE (::/0)"),
        (
            "Ingress",
            {"IpProtocol": "tcp", "SourcePrefixListId": "pl-1"},
            "now admits TCP on every port from prefix list pl-1",
        ),
        (
            "Ingress",
            {"IpProtocol": "17", "FromPort": 1, "ToPort": 9, "CidrIp": "10.0.0.0/8"},
            "UDP 1-9 from 10.0.0.0/8",
        ),
        ("Egress", {"IpProtocol": "icmp", "FromPort": 8, "CidrIp": "10.0.0.0/8"}, "now lets ICMP out to 10.0.0.0/8"),
        (
            "Egress",
            {"IpProtocol": "tcp", "FromPort": 0, "ToPort": 65535, "DestinationSecurityGroupId": {"Ref": "CacheGroup"}},
            "now lets TCP on every port out to the cache's group",
        ),
    ],
)
def test_rule_of_its_own_belongs_to_its_group(kind: str, rule: dict[str, Any], sentence: str) -> None:
    groups = {
        name: resource("AWS::EC2::SecurityGroup", SecurityGroupEgress=[]) for name in ("WebSecurityGroup", "CacheGroup")
    }
    own = resource(f"AWS::EC2::SecurityGroup{kind}", GroupId={"Fn::GetAtt": ["WebSecurityGroup", "GroupId"]}, **rule)
    opened = review(small(**groups), small(**groups, Rule=own)).security_rules.opened
    assert len(opened) == 1
    assert opened[0].startswith("The web's group ")
    assert sentence in opened[0]


def test_rule_that_only_moves_out_of_its_group_opens_nothing() -> None:
    before = small(Group=resource("AWS::EC2::SecurityGroup", SecurityGroupEgress=[], SecurityGroupIngress=[ANYWHERE]))
    after = small(
        Group=resource("AWS::EC2::SecurityGroup", SecurityGroupEgress=[]),
        Rule=resource("AWS::EC2::SecurityGroupIngress", GroupId={"Ref": "Group"}, **ANYWHERE),
    )
    assert review(before, after).security_rules == Doors()


def test_group_that_says_nothing_of_egress_lets_everything_out() -> None:
    before = small(Group=resource("AWS::EC2::SecurityGroup", SecurityGroupEgress=[]))
    after = small(Group=resource("AWS::EC2::SecurityGroup"))
    assert "any traffic out to ANYWHERE" in review(before, after).security_rules.opened[0]


def test_widened_statement_of_the_real_role_is_told() -> None:
    """What the wider permission includes is not said to close."""

    def edit(trees: Trees) -> None:
        statements = props(trees, "security", "ApiTaskRole")["Policies"][0]["PolicyDocument"]["Statement"]
        statement = next(each for each in statements if each["Sid"] == "UseOperators")
        statement["Action"] = ["dynamodb:*"]

    doors = reviewed(edit).permissions
    assert doors == Doors(opened=("The API task role may now dynamodb:* on Data/OperatorsTable.",))


ONE = {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:aws:s3:::a/*"}
LIMITED = ONE | {"Condition": {"StringEquals": {"aws:SourceVpc": "vpc-1"}}}


def _role(*statements: dict[str, Any], **more: Any) -> System:
    trust = {
        "Statement": [
            {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}, "Action": "sts:AssumeRole"}
        ]
    }
    policies = [{"PolicyName": "p", "PolicyDocument": {"Statement": list(statements)}}] if statements else []
    return small(
        ApiRole=resource("AWS::IAM::Role", **({"AssumeRolePolicyDocument": trust, "Policies": policies} | more))
    )


@pytest.mark.parametrize(
    ("before", "after", "opened", "closed"),
    [
        (_role(), _role(ONE), ["The API role may now s3:GetObject and s3:PutObject on s3:a/*."], []),
        (_role(ONE), _role(), [], ["The API role may no longer s3:GetObject and s3:PutObject on s3:a/*."]),
        (
            _role(ONE),
            _role(ONE | {"Resource": "*"}),
            ["The API role may now s3:GetObject and s3:PutObject on everything."],
            [],
        ),
        (_role(ONE), _role(ONE | {"Action": "*"}), ["The API role may now do anything on s3:a/*."], []),
        (_role(LIMITED), _role(ONE), ["The API role may now s3:GetObject and s3:PutObject on s3:a/*."], []),
        (
            _role(ONE),
            _role(LIMITED),
            [],
            ["The API role may no longer s3:GetObject and s3:PutObject on s3:a/*."],
        ),
        (
            _role(),
            _role(LIMITED | {"Action": "s3:GetObject"}),
            ["The API role may now s3:GetObject on s3:a/* if aws:SourceVpc is vpc-1."],
            [],
        ),
        (
            _role(),
            _role(ONE | {"Effect": "Deny"}),
            [],
            ["The API role is now denied s3:GetObject and s3:PutObject on s3:a/*."],
        ),
        (
            _role(ONE | {"Effect": "Deny"}),
            _role(),
            ["The API role is no longer denied s3:GetObject and s3:PutObject on s3:a/*."],
            [],
        ),
        (
            _role(),
            _role({"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}),
            ["The API role may now everything but iam:* on everything."],
            [],
        ),
        (
            _role(),
            _role(ManagedPolicyArns=["arn:aws:iam::aws:policy/AdministratorAccess"]),
            ["The API role now has the managed policy arn:aws:iam::aws:policy/AdministratorAccess."],
            [],
        ),
        (
            _role(PermissionsBoundary="arn:aws:iam::aws:policy/X"),
            _role(),
            ["The API role is no longer held within the boundary arn:aws:iam::aws:policy/X."],
            [],
        ),
        (
            _role(),
            _role(
                AssumeRolePolicyDocument={
                    "Statement": [{"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}]
                }
            ),
            ["ANYBODY may now act as the API role."],
            ["The service ecs-tasks may no longer act as the API role."],
        ),
    ],
)
def test_permission_is_told_in_plain_words(before: System, after: System, opened: list[str], closed: list[str]) -> None:
    assert review(before, after).permissions == Doors(tuple(opened), tuple(closed))


def test_policies_on_their_own_belong_to_their_roles() -> None:
    role = resource("AWS::IAM::Role", RoleName="r")
    own = resource("AWS::IAM::Policy", PolicyName="p", Roles=[{"Ref": "ApiRole"}], PolicyDocument={"Statement": ONE})
    opened = review(small(ApiRole=role), small(ApiRole=role, Own=own)).permissions.opened
    assert opened == ("The API role may now s3:GetObject and s3:PutObject on s3:a/*.",)


def test_policies_of_resources_name_who_is_let_in() -> None:
    bucket = resource("AWS::S3::Bucket")
    statement = {
        "Effect": "Allow",
        "Principal": "*",
        "Action": "s3:GetObject",
        "Resource": {"Fn::Sub": "${Files.Arn}/*"},
    }
    policy = resource("AWS::S3::BucketPolicy", Bucket={"Ref": "Files"}, PolicyDocument={"Statement": [statement]})
    found = review(small(Files=bucket), small(Files=bucket, Policy=policy))
    assert found.permissions.opened == ("ANYBODY may now s3:GetObject on Files/*, by the policy of Files.",)


def test_function_that_others_may_start() -> None:
    function = resource("AWS::Lambda::Function")
    permission = resource(
        "AWS::Lambda::Permission",
        Action="lambda:InvokeFunction",
        FunctionName={"Ref": "Work"},
        Principal="events.amazonaws.com",
        SourceArn="arn:aws:events:eu-west-2:123456789012:rule/x",
    )
    found = review(small(Work=function), small(Work=function, May=permission))
    assert found.permissions.opened == (
        "The service events may now lambda:InvokeFunction on Work if aws:SourceArn is like events:rule/x.",
    )


def test_moved_statement_opens_nothing() -> None:
    """The same statement under another Sid, or in another policy of the role, permits the same."""

    def edit(trees: Trees) -> None:
        policy = props(trees, "security", "ApiTaskRole")["Policies"][0]
        statements = policy["PolicyDocument"]["Statement"]
        statements[0]["Sid"] = "Another"
        statements.reverse()

    found = reviewed(edit)
    assert actions(found) == {"Security/ApiTaskRole": "change"}
    assert (found.permissions, found.security_rules) == (Doors(), Doors())


def test_first_creation_opens_what_the_system_needs() -> None:
    doors = review(None, system())
    assert "The API's group now admits TCP 3000 from the load balancer's group." in doors.security_rules.opened
    assert not doors.security_rules.closed
    assert any("The monitor role may now" in sentence for sentence in doors.permissions.opened)


def test_renamed_group_stays_itself() -> None:
    """Nothing opens or closes for a change of what a group is called in the account."""
    assert reviewed(setting("security", "ApiSecurityGroup", GroupName="x")).security_rules == Doors()
