"""A review for a terminal, a pull request and a program."""

from __future__ import annotations

from rich.console import Console

from scripts.review.model import Review


def to_terminal(review: Review, console: Console) -> None:
    console.print(review)


def to_markdown(review: Review) -> str:
    return str(review)


def to_json(review: Review) -> str:
    return str(review)
