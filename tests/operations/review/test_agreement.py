"""What the change set listed is held beside our own comparison, and each difference is one sentence."""

import pytest

from scripts.review.compare import review
from scripts.review.model import Listed, Review
from templates.rules.scope import NESTED
from tests.operations.review.planted import Edit, Trees, setting, system

ALARM = "Observability/ApiSlowAlarm"
KIND = "AWS::CloudWatch::Alarm"
CHANGED = setting("observability", "ApiSlowAlarm", Threshold=9)
RENAMED = setting("observability", "ApiSlowAlarm", AlarmName="other")


def _beside(*listed: Listed, edit: Edit = CHANGED) -> Review:
    return review(system(), system(edit), listed=listed)


def test_agreement_says_nothing() -> None:
    found = _beside(Listed("Observability", "Modify", NESTED, "False"), Listed(ALARM, "Modify", KIND, "False"))
    assert (found.disagreements, found.notes) == ((), ())


@pytest.mark.parametrize(
    ("listed", "sentence"),
    [
        ([], f"{ALARM} changes in place by our comparison, but the change set does not list it."),
        (
            [Listed(ALARM, "Modify", KIND, "True")],
            f"{ALARM} changes in place by our comparison, but is replaced by the change set.",
        ),
        (
            [Listed(ALARM, "Remove", KIND)],
            f"{ALARM} changes in place by our comparison, but is removed by the change set.",
        ),
    ],
)
def test_difference_is_one_sentence(listed: list[Listed], sentence: str) -> None:
    assert _beside(*listed).disagreements == (sentence,)


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Listed("Data/ConfigTable", "Remove", "T"), "is removed by the change set"),
        (Listed("Data/ConfigTable", "Add", "T"), "is added by the change set"),
        (Listed("Data/ConfigTable", "Modify", "T", "True"), "is replaced by the change set, but"),
        (Listed("Data/ConfigTable", "Modify", "T", "False"), "changes in place by the change set"),
    ],
)
def test_what_only_the_change_set_lists_is_a_disagreement(item: Listed, words: str) -> None:
    (sentence,) = _beside(Listed(ALARM, "Modify", KIND, "False"), item).disagreements
    assert words in sentence
    assert sentence.startswith("Data/ConfigTable")


def test_what_is_listed_for_a_parameter_alone_is_a_note() -> None:
    """CloudFormation lists whatever takes a parameter that changes; that nothing comes of it, our comparison knows."""
    role = Listed("Security/ApiExecutionRole", "Modify", "AWS::IAM::Role", "False", parameters=("ImageUri",))
    found = _beside(Listed(ALARM, "Modify", KIND, "False"), role)
    assert found.disagreements == ()
    (note,) = found.notes
    assert note.startswith("Security/ApiExecutionRole changes in place by the change set, because it takes ImageUri")


@pytest.mark.parametrize(
    "item",
    [Listed("Data/ConfigTable", "Modify", "T", "Conditional"), Listed("Data/ConfigTable", "Dynamic", "T")],
)
def test_replacement_that_a_nested_set_invents_is_a_note(item: Listed) -> None:
    """Nested sets call everything conditional whose input is a sibling's output (coverage-roadmap#759)."""
    found = _beside(Listed(ALARM, "Modify", KIND, "False"), item)
    assert found.disagreements == ()
    assert "our comparison finds no change in it" in found.notes[0]


def test_change_that_only_a_moving_sibling_explains_is_a_note() -> None:
    """A nested set takes what a sibling hands over for new as soon as that sibling changes at all."""
    function = Listed("Monitor/MonitorFunction", "Modify", "AWS::Lambda::Function", "False")
    group = Listed("Services/TargetGroup", "Modify", "AWS::ElasticLoadBalancingV2::TargetGroup", "True")
    siblings = [Listed(name, "Modify", NESTED, "False") for name in ("Data", "Network")]
    alarm = Listed(ALARM, "Modify", KIND, "False")
    still = _beside(alarm, function, group)
    moving = _beside(alarm, *siblings, function, group)
    assert (len(still.disagreements), len(moving.disagreements)) == (2, 0)
    assert ["because it takes a value of another stack" in note for note in moving.notes] == [True, True]


def test_conditional_replacement_is_denied_or_confirmed_by_our_comparison() -> None:
    (denied,) = _beside(Listed(ALARM, "Modify", KIND, "Conditional")).notes
    (confirmed,) = _beside(Listed(ALARM, "Modify", KIND, "Conditional"), edit=RENAMED).notes
    assert "by our comparison it changes in place" in denied
    assert "by our comparison it is replaced" in confirmed


def test_replacement_that_the_change_set_denies_is_a_disagreement() -> None:
    (sentence,) = _beside(Listed(ALARM, "Modify", KIND, "False"), edit=RENAMED).disagreements
    assert "is replaced by our comparison, but changes in place" in sentence


def test_without_a_listing_nothing_is_compared() -> None:
    assert review(system(), system(CHANGED)).disagreements == ()


def test_attributes_that_cloudformation_takes_along_are_a_note() -> None:
    """It refuses to change a DeletionPolicy alone, so no change set lists it."""

    def edit(trees: Trees) -> None:
        trees["data"]["Resources"]["ConfigTable"]["DeletionPolicy"] = "RetainExceptOnCreate"

    found = _beside(edit=edit)
    assert found.disagreements == ()
    assert found.notes == (
        "Data/ConfigTable changes only its DeletionPolicy; CloudFormation takes that with other changes.",
    )


@pytest.mark.parametrize(
    ("item", "words"),
    [
        (Listed("Data/ConfigTable", "Modify", "AWS::DynamoDB::Table", "True"), "It is replaced by an empty one"),
        (Listed("Data/ConfigTable", "Remove", "AWS::DynamoDB::Table"), "It leaves the system"),
        (
            Listed("Services/Cluster", "Modify", "AWS::ECS::Cluster", "True"),
            "our comparison does not see it): everything",
        ),
    ],
)
def test_what_only_the_change_set_replaces_or_removes_is_a_danger(item: Listed, words: str) -> None:
    """AWS does what its change set says, whatever we see: it is refused like any danger."""
    first, *rest = _beside(Listed(ALARM, "Modify", KIND, "False"), item).dangers
    assert {danger.path for danger in (first, *rest)} == {item.path}
    assert words in first.sentence


def test_what_a_nested_set_only_guesses_is_no_danger() -> None:
    """It takes every value of a stack that changes for a new one: our comparison knows better."""
    guessed = Listed("Services/TargetGroup", "Modify", "AWS::ElasticLoadBalancingV2::TargetGroup", "True")
    found = _beside(Listed("Network", "Modify", NESTED), Listed(ALARM, "Modify", KIND, "False"), guessed)
    assert found.dangers == ()
    assert len(found.notes) == 1
