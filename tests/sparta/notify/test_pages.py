"""Texts of any length become messages that Discord takes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sparta.notify.pages import CONTENT_LIMIT, pages


@given(st.text(alphabet=" \n\rabc", max_size=200), st.integers(min_value=1, max_value=30))
def test_nothing_is_lost_and_no_page_is_wrong(text: str, limit: int) -> None:
    """All that is no white space stands on the pages in order; each has something on it, and no more than allowed."""
    found = pages(text, limit)
    assert "".join("".join(found).split()) == "".join(text.split())
    assert all(page == page.strip() and 0 < len(page) <= limit for page in found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("one\ntwo three", ["one", "two three"]),
        ("one two three", ["one two", "three"]),
        ("onetwothree!", ["onetwothre", "e!"]),
        ("  one\r\n", ["one"]),
        ("", []),
    ],
)
def test_where_it_is_cut(text: str, expected: list[str]) -> None:
    """Between lines, else between words, else anywhere."""
    assert pages(text, 10) == expected


def test_what_fits_is_one_page() -> None:
    """Exactly Discord's limit."""
    assert pages("x" * CONTENT_LIMIT) == ["x" * 2000]
