"""Schedule expressions, rate(...) and cron(...): whether they are well formed, and how often they come round."""

from __future__ import annotations

import calendar
import re
from datetime import date, timedelta
from functools import lru_cache
from itertools import pairwise
from typing import NamedTuple

RATE = re.compile(r"rate\(([1-9]\d*) (minute|hour|day)(s?)\)")
CRON = re.compile(r"cron\(([^()]+)\)")
MINUTES = {"minute": 1, "hour": 60, "day": 1440}
MONTHS = [name.upper() for name in calendar.month_abbr]
DAYS = ["", "SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]
# minutes, hours, day of month, month, day of week, year: smallest, largest, names
FIELDS: tuple[tuple[int, int, list[str]], ...] = (
    (0, 59, []),
    (0, 23, []),
    (1, 31, []),
    (1, 12, MONTHS),
    (1, 7, DAYS),
    (1970, 2199, []),
)
ONCE_A_MONTH = re.compile(
    r"(\d{1,2}|L)W|L|[1-7A-Z]{1,3}(L|#[1-5])"
)  # the nearest weekday, the last Friday and the like
FIRST_DAY, DAYS_LOOKED_AT = date(2027, 1, 1), 800  # two years and a February with 29 days
EVERY_DAY = 1440


class Gaps(NamedTuple):
    """Minutes between one run and the next: the shortest and the longest."""

    shortest: int
    longest: int


@lru_cache(maxsize=256)
def gaps(expression: str) -> Gaps | None:
    """How often an expression comes round; None when it is malformed or never does."""
    rate, cron = RATE.fullmatch(expression), CRON.fullmatch(expression)
    if rate and (rate[1] == "1") == (rate[3] == ""):
        minutes = int(rate[1]) * MINUTES[rate[2]]
        return Gaps(minutes, minutes)
    return _cron_gaps(cron[1].split()) if cron else None


def _cron_gaps(fields: list[str]) -> Gaps | None:
    if len(fields) != len(FIELDS) or [fields[2], fields[4]].count("?") != 1:
        return None
    if any(ONCE_A_MONTH.fullmatch(fields[n]) for n in (2, 4)):
        fields = [*fields[:2], "1", fields[3], "?", fields[5]]
    sets = [_values(field, n) for n, field in enumerate(fields)]
    if any(values is None for values in sets):
        return None
    minutes, hours, days, months, weekdays, _ = (values or set() for values in sets)
    times = sorted(hour * 60 + minute for hour in hours for minute in minutes)
    runs = [
        number * EVERY_DAY + time
        for number in range(DAYS_LOOKED_AT)
        if _falls_on(FIRST_DAY + timedelta(number), days, months, weekdays, fields)
        for time in times
    ]
    between = [later - earlier for earlier, later in pairwise(runs)]
    return Gaps(min(between), max(between)) if between else None


def _falls_on(day: date, days: set[int], months: set[int], weekdays: set[int], fields: list[str]) -> bool:
    weekday = day.isoweekday() % 7 + 1
    return day.month in months and (day.day in days if fields[4] == "?" else weekday in weekdays)


def _values(field: str, number: int) -> set[int] | None:
    """The numbers a cron field stands for; None when it is malformed."""
    low, high, names = FIELDS[number]
    if field == "?":
        return set() if number in (2, 4) else None
    found: set[int] = set()
    for part in field.split(","):
        values = _part(part, low, high, names)
        if not values:
            return None
        found |= values
    return found


def _part(part: str, low: int, high: int, names: list[str]) -> set[int]:
    """One item of a field: *, a value or a range, each perhaps with a step; empty when malformed."""
    span, slash, step = part.partition("/")
    every = int(step) if step.isdecimal() else 0
    if slash and not every:
        return set()
    first, dash, last = span.partition("-")
    begin = low if span == "*" else _number(first, names)
    end = high if span == "*" or (slash and not dash) else _number(last if dash else first, names)
    return set(range(begin, end + 1, every or 1)) if low <= begin <= end <= high else set()


def _number(word: str, names: list[str]) -> int:
    if word.upper() in names:
        return names.index(word.upper())
    return int(word) if word.isdecimal() else -1
