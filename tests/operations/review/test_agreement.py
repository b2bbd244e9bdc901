"""What the change set listed is held beside our own comparison, and each difference is one sentence."""

import pytest

from scripts.review.compare import review
from scripts.review.model import Listed, Review
from templates.rules.scope import NESTED
from tests.operations.review.planted import setting, system

ALARM = "Observability/ApiSlowAlarm"
KIND = "AWS::CloudWatch::Alarm"
CHANGED = setting("observability", "ApiSlowAlarm", Threshold=9)
RENAMED = setting("observability", "ApiSlowAlarm", AlarmName="other")


def _beside(*listed: Listed, edit: object = CHANGED) -> Review:
    return review(system(), system(edit), listed=listed)  # type: ignore[arg-type]


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
        (Listed("Data/ConfigTable", "Modify", "T", "True"), "is replaced by the change set"),
        (Listed("Data/ConfigTable", "Modify", "T", "False"), "changes in place by the change set"),
    ],
)
def test_what_only_the_change_set_lists_is_a_disagreement(item: Listed, words: str) -> None:
    (sentence,) = _beside(Listed(ALARM, "Modify", KIND, "False"), item).disagreements
    assert words in sentence
    assert sentence.startswith("Data/ConfigTable")


@pytest.mark.parametrize(
    "item",
    [Listed("Data/ConfigTable", "Modify", "T", "Conditional"), Listed("Data/ConfigTable", "Dynamic", "T")],
)
def test_replacement_that_a_nested_set_invents_is_a_note(item: Listed) -> None:
    """Nested sets call everything conditional whose input is a sibling's output (coverage-roadmap#759)."""
    found = _beside(Listed(ALARM, "Modify", KIND, "False"), item)
    assert found.disagreements == ()
    assert "our comparison finds no change in it" in found.notes[0]


def test_conditional_replacement_is_denied_or_confirmed_by_our_comparison() -> None:
    (denied,) = _beside(Listed(ALARM, "Modify", KIND, "Conditional")).notes
    (confirmed,) = _beside(Listed(ALARM, "Modify", KIND, "Conditional"), edit=RENAMED).notes
    assert "denies it: it changes in place" in denied
    assert "by our comparison it is replaced" in confirmed


def test_replacement_that_the_change_set_denies_is_a_disagreement() -> None:
    (sentence,) = _beside(Listed(ALARM, "Modify", KIND, "False"), edit=RENAMED).disagreements
    assert "is replaced by our comparison, but changes in place" in sentence


def test_without_a_listing_nothing_is_compared() -> None:
    assert review(system(), system(CHANGED)).disagreements == ()
