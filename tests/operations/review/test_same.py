"""A system beside itself shows nothing, whatever is planted in it."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from scripts.review.compare import review
from scripts.review.differences import differences, same
from scripts.review.model import ABSENT
from tests.operations.review.planted import Edit, Trees, system

RESOURCES = sorted((r.stack, r.id) for r in system().resources if r.type != "AWS::CloudFormation::Stack")
SCALARS = st.none() | st.booleans() | st.integers() | st.text(max_size=8) | st.sampled_from(["${Data/X}", "****", "{}"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["Key", "Name", "Sid", "a"]), inner),
    max_leaves=8,
)
PROPERTIES = ["Tags", "Policies", "PolicyDocument", "SecurityGroupIngress", "DesiredCount", "AssumeRolePolicyDocument"]


def _planting(place: tuple[str, str], key: str, value: object) -> Edit:
    def edit(trees: Trees) -> None:
        trees[place[0]]["Resources"][place[1]].setdefault("Properties", {})[key] = value

    return edit


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(RESOURCES), st.sampled_from(PROPERTIES), VALUES, st.sampled_from(["0", "1", "3"]))
def test_system_beside_itself_shows_nothing(place: tuple[str, str], key: str, value: object, count: str) -> None:
    edit = _planting(place, key, value)
    found = review(system(edit, BotDesiredCount=count), system(edit, BotDesiredCount=count), listed=[])
    assert found.is_empty
    assert not any([*found.security_rules, *found.permissions, found.notes])


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(RESOURCES), st.sampled_from(PROPERTIES), VALUES)
def test_whatever_is_planted_can_be_reviewed(place: tuple[str, str], key: str, value: object) -> None:
    """Templates are edited by hand: a malformed policy is a change like any other."""
    edit = _planting(place, key, value)
    there, back = review(system(), system(edit)), review(system(edit), system())
    assert {each.path for each in there.changes} == {each.path for each in back.changes}


@settings(max_examples=300, deadline=None)
@given(VALUES, VALUES)
def test_values_differ_where_and_only_where_a_difference_is_told(before: object, after: object) -> None:
    found = list(differences(before, after))
    assert bool(found) is not same(before, after)
    assert list(differences(before, json.loads(json.dumps(before)))) == []
    for _, old, new in found:
        assert old is ABSENT or new is ABSENT or not same(old, new)
