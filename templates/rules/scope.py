"""The names of one stack while it is rendered: parameters, conditions, outputs, evaluated once and only when asked."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from templates.rules.finding import Finding
from templates.rules.parameters import plausible, shaped
from templates.rules.reader import Template
from templates.rules.render import NO_VALUE, REGION, Renderer
from templates.rules.values import Token, get, mapping, text

NESTED = "AWS::CloudFormation::Stack"
ACCOUNT = "123456789012"


class Scope:
    """One stack: its template, its values (given, or from the parent's resource), its nested stacks."""

    def __init__(
        self,
        name: str,
        template: Template,
        values: Mapping[str, str],
        parent: Scope | None = None,
        parent_id: str = "",
    ) -> None:
        self.name = name
        self.template = template
        self.values = values
        self.parent = parent
        self.parent_id = parent_id
        self.children: dict[str, Scope] = {}
        self.troubles: list[Finding] = []
        self._known: dict[tuple[str, str], Any] = {}
        self._asked: list[tuple[str, str]] = []

    @property
    def stack_name(self) -> str:
        return f"{self.parent.stack_name}-{self.parent_id}-1A2B3C4D5E6F7" if self.parent else f"sparta-{self.name}"

    @property
    def account(self) -> str:
        """The account, which whoever knows it gives among the values."""
        return self.parent.account if self.parent else self.values.get("AWS::AccountId", ACCOUNT)

    def pseudo(self, name: str) -> Any:
        identity = f"{self.stack_name}/51af3dc0-da77-11e4-872e-1234567db123"
        return {
            "AWS::AccountId": self.account,
            "AWS::NoValue": NO_VALUE,
            "AWS::NotificationARNs": [],
            "AWS::Partition": "aws",
            "AWS::Region": REGION,
            "AWS::StackId": f"arn:aws:cloudformation:{REGION}:{self.account}:stack/{identity}",
            "AWS::StackName": self.stack_name,
            "AWS::URLSuffix": "amazonaws.com",
        }.get(name)

    def reader(self, where: str) -> Renderer:
        return Renderer(self, where)

    def trouble(self, where: str, advice: str) -> None:
        """Note what CloudFormation would refuse, once."""
        finding = Finding(self.name, where, advice)
        if finding not in self.troubles:
            self.troubles.append(finding)

    def inside(self, template: Template) -> bool:
        """Whether this stack is, or is nested in, a stack of that template."""
        return self.template is template or (self.parent is not None and self.parent.inside(template))

    def has(self, section: str, name: str) -> bool:
        """Whether an entry of Resources or Outputs is there and its condition holds."""
        entry = self.template.section(section).get(name)
        return entry is not None and ("Condition" not in entry or self.condition(text(entry["Condition"])))

    def ref(self, name: str, reader: Renderer) -> Any:
        if name.startswith("AWS::"):
            return self.pseudo(name)
        if name in self.template.section("Parameters"):
            return self.parameter(name)
        self._use(name, reader)
        return str(Token(self.name, name))

    def attribute(self, name: str, attribute: str, reader: Renderer) -> Any:
        self._use(name, reader)
        output = attribute.removeprefix("Outputs.")
        child = self.children.get(name)
        if child is None or output == attribute or output not in child.template.section("Outputs"):
            return str(Token(self.name, name, attribute))
        if not child.has("Outputs", output):
            reader.note(
                f"output {output} of {name} is absent for these parameters; put the use under the same condition"
            )
        return child.output(output)

    def _use(self, name: str, reader: Renderer) -> None:
        reader.uses.add(name)
        if name in self.template.section("Resources") and not self.has("Resources", name):
            reader.note(f"{name} is absent for these parameters; put the use under the same condition")

    def mapped(self, name: str, key: str, second: str) -> Any:
        return get(self.template.body.get("Mappings"), name, key, second)

    def condition(self, name: str) -> bool:
        """A condition's truth; one that is not declared holds (wiring rules report it)."""
        declared = mapping(self.template.body.get("Conditions"))
        if name not in declared:
            return True
        where = f"Conditions.{name}"
        return bool(self._once("condition", name, False, lambda: self.reader(where).truth(declared[name])))

    def output(self, name: str) -> Any:
        declared = self.template.section("Outputs").get(name, {})
        unknown = str(Token(self.name, name))
        return self._once("output", name, unknown, lambda: self.reader(f"Outputs.{name}").value(declared.get("Value")))

    def parameter(self, name: str) -> Any:
        """A parameter as its Ref sees it."""
        declared = self.template.section("Parameters").get(name, {})
        return self._once("parameter", name, "", lambda: self._parameter(name, declared))

    def _parameter(self, name: str, declared: dict[str, Any]) -> Any:
        if self.parent:
            entry = self.parent.template.section("Resources").get(self.parent_id, {})
            passed = mapping(get(entry, "Properties", "Parameters"))
            if name in passed:
                value = self.parent.reader(self.parent_id).value(passed[name])
                if value is not NO_VALUE:
                    return shaped(declared, value)
        elif name in self.values:
            return shaped(declared, self.values[name])
        if "Default" in declared:
            return shaped(declared, declared["Default"])
        return plausible(self.name, name, declared)

    def _once(self, kind: str, name: str, unknown: Any, evaluate: Callable[[], Any]) -> Any:
        """Evaluate a name once; one that needs itself is `unknown`, with a note."""
        key = (kind, name)
        if key in self._known:
            return self._known[key]
        if key in self._asked:
            self.trouble(f"{kind.capitalize()}s.{name}", "needs its own value; break the circle")
            return unknown
        self._asked.append(key)
        try:
            value = evaluate()
        finally:
            self._asked.pop()
        self._known[key] = value
        return value
