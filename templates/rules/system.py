"""All stacks of a folder rendered for one set of parameter values, with every reference pointing at its resource."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any

from templates.rules.finding import Finding
from templates.rules.reader import Template
from templates.rules.scope import NESTED, Scope
from templates.rules.values import Token, dicts, get, items, mapping, text, tokens, walk


@dataclass(frozen=True, eq=False)
class Resource:
    """One resource as CloudFormation would create it: `props` are rendered, `raw` is the entry as written."""

    stack: str
    id: str
    type: str
    props: dict[str, Any]
    raw: dict[str, Any]
    uses: frozenset[str] = frozenset()  # logical ids in the same stack that it waits for

    @property
    def token(self) -> str:
        return str(Token(self.stack, self.id))

    @property
    def accepted(self) -> list[dict[str, Any]]:
        return dicts(get(self.raw, "Metadata", "Accepted"))

    @cached_property
    def nodes(self) -> tuple[tuple[tuple[str | int, ...], Any], ...]:
        """Every node of the rendered properties with its path, parents first."""
        return tuple(walk(self.props))

    def get(self, *path: str | int) -> Any:
        """A rendered property by path, or None."""
        return get(self.props, *path)

    def finding(self, advice: str) -> Finding:
        return Finding(self.stack, self.id, advice)


@dataclass(frozen=True, eq=False)
class Stack:
    """One stack of the system. `template` is as written; everything else is rendered."""

    name: str
    template: Template
    parameters: dict[str, Any]
    conditions: dict[str, bool]
    resources: dict[str, Resource]
    outputs: dict[str, Any]
    troubles: list[Finding]
    parent: str = ""  # name of the stack that nests it
    parent_id: str = ""  # its logical id there

    def section(self, name: str) -> dict[str, dict[str, Any]]:
        """A section of the template as written (Parameters, Outputs, Conditions, Resources, ...)."""
        return self.template.section(name)

    def finding(self, where: str, advice: str) -> Finding:
        """About something that is no resource: where is "Outputs.VpcId", "Parameters.X", "-"."""
        return Finding(self.name, where, advice)


@dataclass(frozen=True, eq=False)
class System:
    """Every stack by name, for one set of parameter values; `templates` also has those no stack is made of now."""

    stacks: dict[str, Stack]
    values: Mapping[str, str]
    templates: Mapping[str, Template]
    _waits: dict[tuple[str, str], frozenset[Resource]] = field(default_factory=dict)

    @cached_property
    def _by_type(self) -> dict[str, list[Resource]]:
        by_type: dict[str, list[Resource]] = {}
        for resource in self.resources:
            by_type.setdefault(resource.type, []).append(resource)
        return by_type

    @cached_property
    def resources(self) -> list[Resource]:
        return [resource for stack in self.stacks.values() for resource in stack.resources.values()]

    def of_type(self, *types: str) -> list[Resource]:
        return [resource for each in types for resource in self._by_type.get(each, ())]

    def resource(self, stack: str, logical_id: str) -> Resource | None:
        return self.stacks[stack].resources.get(logical_id) if stack in self.stacks else None

    def targets(self, value: Any) -> list[Resource]:
        """The resources a rendered value refers to, in order."""
        found = (self.resource(token.stack, token.id) for token in tokens(value))
        return [resource for resource in found if resource]

    def target(self, value: Any) -> Resource | None:
        """The first resource a rendered value refers to (also inside a longer text); None when there is none."""
        return next(iter(self.targets(value)), None)

    def nested(self, resource: Resource) -> Stack | None:
        """The stack that an AWS::CloudFormation::Stack resource creates, when its template is in the folder."""
        for stack in self.stacks.values():
            if resource.type == NESTED and (stack.parent, stack.parent_id) == (resource.stack, resource.id):
                return stack
        return None

    def waits_for(self, later: Resource, earlier: Resource) -> bool:
        """Whether CloudFormation creates `earlier` first, by references and DependsOn, also across nested stacks."""
        return earlier in self._before(later)

    def _before(self, resource: Resource) -> frozenset[Resource]:
        key = (resource.stack, resource.id)
        if key not in self._waits:
            self._waits[key] = frozenset()
            self._waits[key] = frozenset(self._collect(resource))
        return self._waits[key]

    def _collect(self, resource: Resource) -> Iterator[Resource]:
        stack = self.stacks[resource.stack]
        parent = self.resource(stack.parent, stack.parent_id)
        direct = [stack.resources[name] for name in resource.uses if name in stack.resources]
        for earlier in direct:
            yield earlier
            yield from self._contents(earlier)
            yield from self._before(earlier)
        yield from self._before(parent) if parent else ()

    def _contents(self, resource: Resource) -> Iterator[Resource]:
        """What a nested stack creates, at any depth."""
        stack = self.nested(resource)
        for inner in stack.resources.values() if stack else ():
            yield inner
            yield from self._contents(inner)


def _resource(scope: Scope, logical_id: str) -> Resource:
    raw = scope.template.section("Resources")[logical_id]
    reader = scope.reader(logical_id)
    props = reader.value(mapping(raw.get("Properties")))
    uses = reader.uses | {text(name) for name in items(raw.get("DependsOn"))}
    props = props if isinstance(props, dict) else {}
    return Resource(scope.name, logical_id, text(raw.get("Type")), props, raw, frozenset(uses - {logical_id}))


def _stack(scope: Scope) -> Stack:
    template = scope.template
    outputs = {name: scope.output(name) for name in template.section("Outputs") if scope.has("Outputs", name)}
    present = [name for name in template.section("Resources") if scope.has("Resources", name)]
    return Stack(
        name=scope.name,
        template=template,
        parameters={name: scope.parameter(name) for name in template.section("Parameters")},
        conditions={name: scope.condition(name) for name in mapping(template.body.get("Conditions"))},
        resources={name: _resource(scope, name) for name in present},
        outputs=outputs,
        troubles=scope.troubles,
        parent=scope.parent.name if scope.parent else "",
        parent_id=scope.parent_id,
    )


def nested_templates(template: Template) -> dict[str, str]:
    """Logical id of each nested stack in a template -> the file name its TemplateURL ends with ("" if computed)."""
    urls = {
        name: get(raw, "Properties", "TemplateURL")
        for name, raw in template.section("Resources").items()
        if raw.get("Type") == NESTED
    }
    return {name: PurePosixPath(url).name if isinstance(url, str) else "" for name, url in urls.items()}


def top_level(templates: Mapping[str, Template]) -> list[Template]:
    """The templates that no other template nests."""
    nested = {file for t in templates.values() for file in nested_templates(t).values() if file != t.path.name}
    return [template for template in templates.values() if template.path.name not in nested]


def scopes(templates: Mapping[str, Template], values: Mapping[str, str]) -> list[Scope]:
    """One lazy scope per stack, parents first; a stack is called like its file, a second of one file also by its id."""
    files = {template.path.name: template for template in templates.values()}
    names: set[str] = set()

    def child(parent: Scope, logical_id: str, template: Template) -> Scope:
        name = f"{template.name}-{logical_id}" if template.name in names else template.name
        names.add(name)
        return Scope(name, template, {}, parent, logical_id)

    def family(scope: Scope) -> Iterator[Scope]:
        yield scope
        for logical_id, file in nested_templates(scope.template).items():
            if file in files and scope.has("Resources", logical_id) and not scope.inside(files[file]):
                scope.children[logical_id] = child(scope, logical_id, files[file])
        for inner in scope.children.values():
            yield from family(inner)

    names.update(template.name for template in top_level(templates))
    return [scope for template in top_level(templates) for scope in family(Scope(template.name, template, values))]


def render(templates: Mapping[str, Template], values: Mapping[str, str]) -> System:
    """The system for these parameter values; every template that nobody nests gets them by name."""
    return System({scope.name: _stack(scope) for scope in scopes(templates, values)}, values, templates)
