"""What an alarm watches, and whether it fires for given values: its arithmetic, done here with numbers of our own."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, mapping, number, text, truth

ALARM = "AWS::CloudWatch::Alarm"
SIGNS: dict[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": operator.gt,
    "GreaterThanOrEqualToThreshold": operator.ge,
    "LessThanThreshold": operator.lt,
    "LessThanOrEqualToThreshold": operator.le,
}
Values = Callable[["Series"], float | None]
"""The value that a series has in one period; None when there is no data."""


class Series(NamedTuple):
    """One metric that an alarm or a graph reads."""

    id: str
    namespace: str
    name: str
    dimensions: dict[str, Any]
    statistic: str
    period: float

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"


def alarms(system: System) -> list[Resource]:
    return system.of_type(ALARM)


def _dimensions(value: Any) -> dict[str, Any]:
    return {text(entry.get("Name")): entry.get("Value") for entry in dicts(value)}


@lru_cache(maxsize=256)
def series(alarm: Resource) -> tuple[Series, ...]:
    """The metrics an alarm reads: its own one, or those of its Metrics."""
    found = [
        Series(
            id=text(query.get("Id")),
            namespace=text(get(stat, "Metric", "Namespace")),
            name=text(get(stat, "Metric", "MetricName")),
            dimensions=_dimensions(get(stat, "Metric", "Dimensions")),
            statistic=text(stat.get("Stat")),
            period=number(stat.get("Period")) or 0,
        )
        for query in dicts(alarm.get("Metrics"))
        for stat in dicts(query.get("MetricStat"))
    ]
    if "MetricName" in alarm.props:
        statistic = text(alarm.get("Statistic")) or text(alarm.get("ExtendedStatistic"))
        own = (text(alarm.get("Namespace")), text(alarm.get("MetricName")), _dimensions(alarm.get("Dimensions")))
        found.append(Series("", *own, statistic, number(alarm.get("Period")) or 0))
    return tuple(found)


def period(alarm: Resource) -> float:
    """Seconds of one evaluation period; 0 when it is not given."""
    return max((each.period for each in series(alarm)), default=0)


def expressions(alarm: Resource) -> dict[str, str]:
    """Id -> expression."""
    return {text(q.get("Id")): text(q.get("Expression")) for q in dicts(alarm.get("Metrics")) if "Expression" in q}


def returned(alarm: Resource) -> list[str]:
    """Ids whose data the alarm compares: ReturnData is true unless it is switched off."""
    return [text(q.get("Id")) for q in dicts(alarm.get("Metrics")) if truth(q.get("ReturnData")) is not False]


def fires(alarm: Resource, values: Values) -> bool | None:
    """Whether the alarm goes off when its metrics have these values; None when that cannot be told."""
    sign, threshold = SIGNS.get(text(alarm.get("ComparisonOperator"))), number(alarm.get("Threshold"))
    if sign is None or threshold is None:
        return None
    try:
        value = _watched(alarm, values)
    except ValueError:
        return None
    return text(alarm.get("TreatMissingData")) == "breaching" if value is None else sign(value, threshold)


def only(one: Series) -> Values:
    """One in this series, nothing in the others."""
    return lambda each: float(each.id == one.id)


def _watched(alarm: Resource, values: Values) -> float | None:
    known = {each.id: each for each in series(alarm)}
    watched = returned(alarm) or [""]
    if len(watched) != 1:
        raise ValueError("not one result")
    return _Sum(known, expressions(alarm), values).of(watched[0])


class _Sum:
    """Evaluates ids and the expressions that combine them, as far as metric math is arithmetic."""

    def __init__(self, known: Mapping[str, Series], formulas: Mapping[str, str], values: Values) -> None:
        self.known, self.formulas, self.values = known, formulas, values

    def of(self, name: str) -> float | None:
        if name in self.known:
            return self.values(self.known[name])
        if name in self.formulas:
            return self.node(parsed(self.formulas[name]))
        raise ValueError(name)

    def node(self, node: ast.expr) -> float | None:
        match node:
            case ast.Constant(value=int() | float() as value):
                return value
            case ast.Name(id=name):
                return self.of(name)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return self.combined(operator.neg, operand)
            case ast.BinOp(left=left, op=op, right=right) if type(op) in OPERATORS:
                return self.combined(OPERATORS[type(op)], left, right)
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in COMPARISONS:
                return self.combined(COMPARISONS[type(op)], left, right)
            case ast.Call(func=ast.Name(id=name), args=args):
                return self.call(name, args)
        raise ValueError(ast.dump(node))

    def combined(self, do: Callable[..., float], *nodes: ast.expr) -> float | None:
        values = [self.node(each) for each in nodes]
        try:
            return None if None in values else float(do(*values))
        except (ZeroDivisionError, OverflowError):
            return None

    def call(self, name: str, args: list[ast.expr]) -> float | None:
        if name == "FILL" and len(args) == 2:
            value = self.node(args[0])
            return self.node(args[1]) if value is None and isinstance(args[1], ast.Constant) else value
        if name == "IF" and len(args) in (2, 3):
            if self.node(args[0]):
                return self.node(args[1])
            return self.node(args[2]) if len(args) == 3 else None
        if name in SETS and len(args) == 1:
            values = [value for value in self.several(args[0]) if value is not None]
            return float(SETS[name](values)) if values else None
        raise ValueError(name)

    def several(self, node: ast.expr) -> list[float | None]:
        match node:
            case ast.List(elts=nodes):
                return [self.node(each) for each in nodes]
            case ast.Call(func=ast.Name(id="METRICS"), args=[]):
                return [self.values(each) for each in self.known.values()]
        return [self.node(node)]


OPERATORS: dict[type[ast.operator], Callable[..., float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
COMPARISONS: dict[type[ast.cmpop], Callable[..., float]] = {
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}
SETS: dict[str, Callable[[list[float]], float]] = {
    "SUM": sum,
    "MAX": max,
    "MIN": min,
    "AVG": lambda values: sum(values) / len(values),
    "ABS": lambda values: abs(values[0]),
}


@lru_cache(maxsize=256)
def parsed(expression: str) -> ast.expr:
    """Metric math reads like Python, but for `SELECT` queries and its signs for and, or and power.

    :raises ValueError: when it is no arithmetic
    """
    try:
        return ast.parse(expression.strip(), mode="eval").body
    except (SyntaxError, RecursionError) as error:
        raise ValueError(expression) from error


def _mentioned(expression: str) -> list[ast.AST]:
    try:
        return list(ast.walk(parsed(expression)))
    except ValueError:
        return []


def names_in(expression: str) -> set[str]:
    """Ids that an expression mentions: they begin with a small letter, keywords such as REPEAT do not."""
    return {node.id for node in _mentioned(expression) if isinstance(node, ast.Name) and node.id[:1].islower()}


def functions_in(expression: str) -> set[str]:
    """Functions that an expression calls."""
    calls = [node.func for node in _mentioned(expression) if isinstance(node, ast.Call)]
    return {function.id for function in calls if isinstance(function, ast.Name)}


def environment(alarm: Resource, system: System) -> str:
    """The name of the deployment that an alarm belongs to."""
    return text(mapping(system.stacks[alarm.stack].parameters).get("Environment"))
