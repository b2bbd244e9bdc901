"""What is counted from log lines: patterns that match the right ones, into a metric that somebody reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from templates.rules.alarms_metrics import readings
from templates.rules.alarms_model import alarms, fires, series
from templates.rules.finding import Finding, rule
from templates.rules.log_lines import CALLS, ROOT_CALL, Lines, lines_of
from templates.rules.log_patterns import branches, contradicts, matches_line, tests
from templates.rules.metrics import METRICS
from templates.rules.programs import deployed_as_a_whole, whole_stack
from templates.rules.system import Resource, System
from templates.rules.values import dicts, mapping, number, text

FILTER = "AWS::Logs::MetricFilter"


def _filters(system: System) -> Iterator[tuple[Resource, str, Lines]]:
    """Each filter with its pattern and what its group holds, where that is known."""
    for found in system.of_type(FILTER):
        group = system.target(found.get("LogGroupName"))
        lines = lines_of(system, group) if group else None
        if lines:
            yield found, text(found.get("FilterPattern")), lines


@rule("our lines are JSON: a pattern that is none matches by chance, or is refused")
def pattern_readable(system: System) -> Iterator[Finding]:
    for found, pattern, _ in _filters(system):
        try:
            branches(pattern)
        except ValueError as error:
            yield found.finding(f'has the pattern {pattern or "nothing"}: {error}; write {{ $.field = "value" }}')


@rule("a pattern that no line, or every line, can match counts nothing, or everything")
def pattern_tells_apart(system: System) -> Iterator[Finding]:
    for found, pattern, lines in _filters(system):
        try:
            alternatives, certain = branches(pattern), matches_line(pattern, lines.well)
        except ValueError:
            continue
        for branch in alternatives:
            if path := contradicts(branch):
                yield found.finding(f"wants $.{path} to have two values at once; use || instead of &&")
        for test in dict.fromkeys(tests(pattern)):
            known = lines.known.get(test.path)
            usable = known and test.operator in ("=", "!=") and not test.value.startswith("%")
            if usable and known and not any(fnmatchcase(value, test.value) for value in known):
                yield found.finding(f"compares $.{test.path} with {test.value}; it can be {', '.join(known)}")
        if certain:
            yield found.finding("also counts lines that say nothing is wrong; correct the comparison")


@rule("a field that the lines of this group do not have is never found there")
def pattern_fits_group(system: System) -> Iterator[Finding]:
    for found, pattern, lines in _filters(system):
        try:
            paths = {test.path for test in tests(pattern)}
        except ValueError:
            continue
        foreign = {path for path in paths if path.split(".")[0] in lines.never or "" in lines.never}
        if foreign:
            yield found.finding(f"looks for $.{min(foreign)} in {lines.what}; refer to the group that has it")


@rule("the root user can do everything and is needed for nothing here: its first use must be heard of")
def root_use_has_alarm(system: System) -> Iterator[Finding]:
    if not deployed_as_a_whole(system):
        return
    seeing = [found for found, pattern, lines in _filters(system) if lines is CALLS and _sees(pattern, ROOT_CALL)]
    counted = {_metric(each) for found in seeing for each in dicts(found.get("MetricTransformations"))}
    watching = [alarm for alarm in alarms(system) if any((e.namespace, e.name) in counted for e in series(alarm))]
    if not seeing:
        yield whole_stack(system).finding("-", "does not count calls of the root user; add a filter on the trail's log")
    elif not any(fires(alarm, lambda _: 1.0) and fires(alarm, lambda _: 0.0) is False for alarm in watching):
        place = watching[0] if watching else seeing[0]
        yield place.finding("no alarm goes off at the first call of the root user; set its Threshold to 0")


def _sees(pattern: str, line: Mapping[str, str]) -> bool:
    try:
        return matches_line(pattern, line)
    except ValueError:
        return False


def _metric(transformation: dict[str, Any]) -> tuple[str, str]:
    return text(transformation.get("MetricNamespace")), text(transformation.get("MetricName"))


def _transformed(system: System) -> Iterator[tuple[Resource, dict[str, Any]]]:
    for found in system.of_type(FILTER):
        yield from ((found, each) for each in dicts(found.get("MetricTransformations")))


@rule("what is counted and read by nobody is a wire that was never laid")
def counted_metric_read(system: System) -> Iterator[Finding]:
    read = {(each.series.namespace, each.series.name) for each in readings(system)}
    for found, each in _transformed(system):
        key = _metric(each)
        if key not in read:
            yield found.finding(f"counts {key[1]} in {key[0]}, which no alarm or graph reads; correct one of the names")


@rule("a metric of two sources is neither, and two environments that share one alarm each other")
def counted_metric_own(system: System) -> Iterator[Finding]:
    seen: dict[tuple[str, str], Resource] = {}
    for found, each in _transformed(system):
        key = _metric(each)
        if key in METRICS:
            yield found.finding(f"counts {key[1]}, which programs publish themselves; choose another MetricName")
        if seen.setdefault(key, found) is not found:
            yield found.finding(f"counts {key[1]} as {seen[key].id} does; choose another MetricName")


@rule("a match adds one: with another value or default the sum is no number of lines")
def match_counts_one(system: System) -> Iterator[Finding]:
    for found, each in _transformed(system):
        value, default = text(each.get("MetricValue")), number(each.get("DefaultValue", 0))
        if number(value) != 1 and not value.startswith("$"):
            yield found.finding(f"adds {value or 'nothing'} for each line; set MetricValue to '1'")
        if default != 0:
            yield found.finding("adds something when no line matches; set DefaultValue to 0 or leave it out")
        if "DefaultValue" in each and mapping(each.get("Dimensions")):
            yield found.finding("has DefaultValue and Dimensions, which CloudWatch refuses together; remove one")
