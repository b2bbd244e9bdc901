"""Filter patterns of CloudWatch Logs over JSON lines: whether they can be read, and which lines they match."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from itertools import product
from typing import NamedTuple

TOKEN = re.compile(
    r"""\s*(?:(?P<sign>&&|\|\||[(){}]|<=|>=|!=|[=<>])|(?P<path>\$[\w.\[\]*'"-]*)|"(?P<quoted>[^"]*)"|(?P<regex>%[^%]+%)"""
    r"""|(?P<word>[^\s(){}&|=<>!"]+))"""
)
COMPARING = {"=", "!=", "<", ">", "<=", ">="}
PROPERTIES = {"NOT EXISTS", "EXISTS", "IS NULL", "IS NOT NULL", "IS TRUE", "IS FALSE"}


class Test(NamedTuple):
    """One condition of a pattern: `$.path operator value`, or a property such as NOT EXISTS with an empty value."""

    path: str
    operator: str
    value: str

    def holds(self, line: Mapping[str, str]) -> bool | None:
        """Whether it is true of a line, given as path -> text; None when that cannot be told."""
        if self.operator in PROPERTIES:
            absent = self.path not in line
            return {"NOT EXISTS": absent, "EXISTS": not absent}.get(self.operator)
        if self.path not in line or self.operator not in ("=", "!=") or self.value.startswith("%"):
            return False if self.path not in line else None
        return fnmatchcase(line[self.path], self.value) == (self.operator == "=")


Branch = tuple[Test, ...]
"""Conditions that must all hold."""


@lru_cache(maxsize=128)
def branches(pattern: str) -> tuple[Branch, ...]:
    """The pattern as alternatives of conditions.

    :raises ValueError: when it is no pattern over JSON
    """
    words = _words(pattern.strip())
    if words[:1] != ["{"] or words[-1:] != ["}"] or len(words) < 3:
        raise ValueError("it is not put in braces")
    reader = _Reader(words[1:-1])
    found = reader.alternatives()
    if reader.words:
        raise ValueError(f"{reader.words[0]} is out of place")
    return tuple(found)


def _words(pattern: str) -> list[str]:
    words, place = [], 0
    while place < len(pattern):
        match = TOKEN.match(pattern, place)
        if match is None:
            raise ValueError(f"{pattern[place : place + 12].strip()} cannot be read")
        words.append(f'"{match["quoted"]}' if match["quoted"] is not None else match[0].strip())
        place = match.end()
    return words


class _Reader:
    """Takes words from the left: alternatives of combinations of tests or brackets."""

    def __init__(self, words: list[str]) -> None:
        self.words = words

    def take(self) -> str:
        if not self.words:
            raise ValueError("it ends too early")
        return self.words.pop(0)

    def alternatives(self) -> list[Branch]:
        found = self.combination()
        while self.words[:1] == ["||"]:
            self.take()
            found = [*found, *self.combination()]
        return found

    def combination(self) -> list[Branch]:
        found = self.single()
        while self.words[:1] == ["&&"]:
            self.take()
            found = [(*left, *right) for left, right in product(found, self.single())]
        return found

    def single(self) -> list[Branch]:
        word = self.take()
        if word == "(":
            found = self.alternatives()
            if self.take() != ")":
                raise ValueError("a bracket is not closed")
            return found
        if not re.fullmatch(r"\$(\.[\w*-]+(\[[\d*]+\])?|\[[^\]]+\])+", word):
            raise ValueError(f"{word} is no field; write $.name")
        return [(self.test(word.removeprefix("$.")),)]

    def test(self, path: str) -> Test:
        operator = self.take()
        if operator in COMPARING:
            value = self.take()
            if value.startswith("$") or value in COMPARING or value in ("(", ")", "&&", "||"):
                raise ValueError(f"{path} is compared with {value}")
            return Test(path, operator, value.removeprefix('"'))
        for length in (2, 1, 0):
            named = " ".join([operator.upper(), *(word.upper() for word in self.words[:length])])
            if named in PROPERTIES:
                del self.words[:length]
                return Test(path, named, "")
        raise ValueError(f"{operator} is no comparison")


def contradicts(branch: Branch) -> str:
    """The field that a branch wants to have two values at once; "" when there is none."""
    wanted: dict[str, str] = {}
    for test in branch:
        exact = test.operator == "=" and not set("*%") & set(test.value)
        if exact and wanted.setdefault(test.path, test.value) != test.value:
            return test.path
    return ""


def matches_line(pattern: str, line: Mapping[str, str]) -> bool:
    """Whether a pattern surely matches a line."""
    return any(all(test.holds(line) for test in branch) for branch in branches(pattern))


def tests(pattern: str) -> Iterator[Test]:
    """Every condition of a pattern."""
    for branch in branches(pattern):
        yield from branch
