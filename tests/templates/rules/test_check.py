"""The whole check: our own templates pass, acceptances are kept honest, odd input never breaks it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from templates.emit import to_yaml
from templates.registry import build
from templates.rules import RULES, check, check_templates, load_rules
from templates.rules.finding import Finding, rule
from templates.rules.reader import Template
from templates.rules.system import System, render
from templates.rules.variants import refused, with_options
from tests.templates.rules.planting import Mistake, both, emitted, planted, put, remove, small, values

ENVIRONMENTS = [values(name) for name in ("production", "staging", "development")]


def test_our_own_templates_are_clean(tmp_path: Path) -> None:
    """No rule finds anything in what we emit, in any environment, with any option; and nothing is accepted in vain."""
    for name, tree in build().items():
        (tmp_path / f"{name}.yaml").write_text(to_yaml(name, tree), encoding="utf-8")
    assert [str(finding) for finding in check(tmp_path, ENVIRONMENTS)] == []


def test_every_rule_says_why() -> None:
    """A rule is called with dashes and gives its reason in one line."""
    for name, each in load_rules().items():
        assert name == each.check.__name__.replace("_", "-")
        assert len(each.reason.split()) > 4, name
        assert "\n" not in each.reason, name


def test_two_rules_of_one_name_are_refused() -> None:
    """The second one would hide the first."""

    def acyclic(_system: System) -> Iterator[Finding]:
        yield from ()

    with pytest.raises(ValueError, match="two rules are called acyclic"):
        rule("planted")(acyclic)


def test_a_finding_is_one_line() -> None:
    """Stack, resource, rule, and what to do."""
    finding = Finding("network", "PublicSubnetA", "set MapPublicIpOnLaunch to false", "nothing-public")
    assert str(finding) == "network PublicSubnetA nothing-public: set MapPublicIpOnLaunch to false"


def test_each_option_is_tried() -> None:
    """Every condition of ours holds in one rendering and does not in another."""
    seen: dict[str, set[bool]] = {}
    for chosen in with_options(emitted(), ENVIRONMENTS):
        for stack in render(emitted(), chosen).stacks.values():
            for name, holds in stack.conditions.items():
                seen.setdefault(name, set()).add(holds)
    assert {name for name, truths in seen.items() if len(truths) < 2} == set()


def test_an_option_is_tried_only_as_the_rules_of_input_allow() -> None:
    """No variant contradicts the Rules sections; those sections are what makes a combination impossible."""
    assert not any(refused(emitted(), chosen) for chosen in with_options(emitted(), ENVIRONMENTS))


def test_values_that_the_rules_of_input_refuse_are_a_finding() -> None:
    """Production without HTTPS: what the template says about it is what the person reads."""
    chosen = {**values("production"), "CertificateArn": "", "DomainName": "", "HostedZoneId": ""}
    found = [finding for finding in check_templates(emitted(), [chosen]) if finding.rule == "refused-values"]
    assert found[0].stack == "root"
    assert "HTTPS" in found[0].advice


BUCKET = """
# A bucket
AWSTemplateFormatVersion: "2010-09-09"
Description: One bucket
Resources:
  Bucket:
    Type: AWS::S3::Bucket
    DeletionPolicy: Retain
    %s
"""
KEPT = 'Metadata: {Accepted: [{Rule: kept-alike, Reason: "It is empty, nothing is lost."}]}'


def accepted(metadata: str) -> list[tuple[str, str]]:
    """(resource, rule) of what the wiring rules and acceptances say about a bucket that is not kept alike."""
    found = check_templates(small(one=BUCKET % metadata), [{}, {}])
    return [(f.resource, f.rule) for f in found if f.rule in ("kept-alike", "acceptance")]


def test_an_accepted_finding_is_silent() -> None:
    """With a reason beside the resource the finding is gone, and only that one."""
    assert accepted("") == [("Bucket", "kept-alike")]
    assert accepted(KEPT) == []


@pytest.mark.parametrize(
    "metadata",
    [
        "Metadata: {Accepted: [{Rule: kept-alike}]}",
        "Metadata: {Accepted: [{Rule: kept-alike, Reason: ' '}]}",
        "Metadata: {Accepted: [{Rule: kept-alike, Reason: is fine}]}",
        "Metadata: {Accepted: kept-alike}",
    ],
)
def test_an_acceptance_without_a_reason_accepts_nothing(metadata: str) -> None:
    """The finding stays, and the empty acceptance is one more."""
    assert accepted(metadata) == [("Bucket", "acceptance"), ("Bucket", "kept-alike")]


@pytest.mark.parametrize(
    "metadata",
    [
        "UpdateReplacePolicy: Retain\n    " + KEPT,
        "UpdateReplacePolicy: Retain\n    Metadata: {Accepted: [{Rule: kept-alik, Reason: It is misspelt.}]}",
        "UpdateReplacePolicy: Retain\n    Metadata: {cfn-lint: {config: {ignore_checks: [W3010]}}}",
    ],
)
def test_an_acceptance_of_nothing_is_a_finding(metadata: str) -> None:
    """Superfluous, misspelt and unexplained acceptances do not gather dust."""
    assert accepted(metadata) == [("Bucket", "acceptance")]


def test_an_acceptance_may_be_for_another_environment() -> None:
    """Checked with the values of one environment only, an acceptance that finds nothing is left alone."""
    found = check_templates(small(one=BUCKET % f"UpdateReplacePolicy: Retain\n    {KEPT}"), [{}])
    assert "acceptance" not in {finding.rule for finding in found}


def test_the_rules_of_other_tools_may_be_accepted() -> None:
    """Names with a capital first are cfn-lint's and the scanners'; a reason is all they need."""
    reason = "{Accepted: [{Rule: W3010, Reason: It is fine here.}], cfn-lint: {config: {ignore_checks: [W3010]}}}"
    assert accepted(f"UpdateReplacePolicy: Retain\n    Metadata: {reason}") == []


def test_a_rule_that_stumbles_does_not_hide_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    """It becomes a finding at the resource it was looking at; everybody else still speaks."""

    def stumbles(system: System) -> Iterator[Finding]:
        for resource in system.of_type("AWS::S3::Bucket"):
            yield resource.finding("before")
            raise KeyError("Statement")

    load_rules()
    with monkeypatch.context() as patch:
        patch.setitem(RULES, "stumbles", replace(RULES["acyclic"], name="stumbles", check=stumbles))
        found = check_templates(small(one=BUCKET % ""), [])
    told = {(f.resource, f.rule) for f in found}
    assert {("Bucket", "malformed"), ("Bucket", "stumbles"), ("Bucket", "kept-alike")} <= told


ODD: list[Any] = [None, True, -1, 3.5, "", "x", "${", "arn:", [], [[]], {}, {"Ref": 1}, {"Fn::GetAtt": []}]
ODD += [{"Fn::If": "x"}, {"Fn::Sub": [1, 2]}, {"Fn::Join": {}}, {"Fn::Select": [[], {}]}, {"a": {"b": [None]}}]


def _paths() -> list[str]:
    """Every node of our templates below the sections, as planting spells paths."""
    nodes = [(name, *path) for name, template in emitted().items() for path, _ in template.nodes if len(path) > 1]
    return ["/".join(map(str, path)) for path in nodes if not any("/" in str(step) for step in path)]


def _broken(*mistakes: Mistake) -> dict[str, Template] | None:
    """None when one mistake removed the place of another."""
    try:
        return planted(both(*mistakes), emitted())
    except (KeyError, ValueError, IndexError, TypeError, AttributeError):
        return None


@settings(max_examples=30)
@given(st.data())
def test_no_template_breaks_the_check(data: st.DataObject) -> None:
    """Whatever is deleted or written by mistake, the check ends with findings, never with a traceback."""
    paths = st.sampled_from(_paths())
    mistakes = st.one_of(paths.map(remove), st.tuples(paths, st.sampled_from(ODD)).map(lambda pair: put(*pair)))
    broken = _broken(*data.draw(st.lists(mistakes, min_size=1, max_size=3)))
    if broken is not None:
        found = check_templates(broken, [values("development")], options=False)
        assert [str(finding) for finding in found if "cannot read this" in finding.advice] == []
        assert all("\n" not in str(finding) for finding in found)
