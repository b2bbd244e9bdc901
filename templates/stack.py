"""A stack, and how stacks are wired to each other by name.

A stack module is one function that returns a :class:`troposphere.Template` holding resources and outputs, nothing else.
It uses names freely: ``Ref("VpcCidr")``, ``Sub("sparta-api${NameSuffix}")``, ``Condition = "HasHttps"``. A name that is
not one of its own resources is looked up, and declared as a parameter, by :func:`wire`:

- a deploy-time parameter of the catalogue (``parameters.py``), handed down by root under the same name;
- a value that root derives from them (``root.DERIVED``);
- an output of exactly one other stack.

A name that nobody or more than one provides is a :class:`BuildError`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

from troposphere import GetAtt, Join, Output, Ref, Sub, Template

from templates import conditions, parameters

Tree = dict[str, Any]

_SUB_NAME = re.compile(r"\$\{([A-Za-z0-9]+)(?:\.[A-Za-z0-9.]+)?\}")


class BuildError(Exception):
    """The stacks contradict each other; the text is one sentence that says which name and what to do."""


class Stack(NamedTuple):
    """A nested template; ``name`` is its file's stem."""

    name: str
    build: Callable[[], Template]

    @property
    def logical_id(self) -> str:
        """Name of its resource in root: ``network`` is ``Network``."""
        return self.name.capitalize()


def output(template: Template, name: str, value: object, description: str) -> None:
    """Publish a value under ``name``; a list travels between stacks as one comma-separated string."""
    template.add_output(
        Output(name, Value=Join(",", value) if isinstance(value, list) else value, Description=description)
    )


def named(name: str) -> Sub:
    """A physical name that is plain in production and carries ``-<environment>`` elsewhere."""
    return Sub(f"{name}${{NameSuffix}}")


def walk(node: object) -> list[tuple[str, object]]:
    """Every key and value of a template's tree, depth first."""
    found: list[tuple[str, object]] = []
    _collect(node, found)
    return found


def _collect(node: object, found: list[tuple[str, object]]) -> None:
    if isinstance(node, dict):
        for key, value in node.items():
            found.append((key, value))
            if not isinstance(value, str):
                _collect(value, found)
    elif isinstance(node, list):
        for value in node:
            _collect(value, found)


def _names_used(pairs: list[tuple[str, object]]) -> list[str]:
    """Names that ``Ref`` and ``Fn::Sub`` mention, in order of appearance, without pseudo parameters."""
    found: dict[str, None] = {}
    for key, value in pairs:
        if key == "Ref" and isinstance(value, str) and not value.startswith("AWS::"):
            found.setdefault(value)
        elif key == "Fn::Sub":
            text, given = value if isinstance(value, list) else (value, {})
            for name in _SUB_NAME.findall(str(text)):
                if name not in given:
                    found.setdefault(name)
    return list(found)


def _conditions_used(pairs: list[tuple[str, object]]) -> list[str]:
    """Names of the conditions that resources, outputs, properties and other conditions mention."""
    found: dict[str, None] = {}
    for key, value in pairs:
        if key == "Condition" and isinstance(value, str):
            found.setdefault(value)
        elif key == "Fn::If" and isinstance(value, list):
            found.setdefault(value[0])
    return list(found)


def declare_conditions(tree: Tree) -> list[str]:
    """Add the shared conditions (``conditions.py``) that a template uses, with those they build on.

    :returns: the names that the template then uses and that are none of its resources, sorted
    """
    declared: Tree = tree.setdefault("Conditions", {})
    pairs = walk({part: tree.get(part, {}) for part in ("Resources", "Outputs", "Rules")})
    wanted = _conditions_used(pairs)
    while wanted:
        name = wanted.pop(0)
        if name in declared:
            continue
        if name not in conditions.CONDITIONS:
            raise BuildError(f"Condition {name} is used but not defined; add it to templates/conditions.py.")
        declared[name] = conditions.CONDITIONS[name].to_dict()
        inside = walk(declared[name])
        pairs += inside
        wanted += _conditions_used(inside)
    return sorted(name for name in _names_used(pairs) if name not in tree["Resources"])


def declare_deploy_parameters(tree: Tree) -> None:
    """Declare conditions, and each free name from the catalogue, in its order; for templates deployed on their own."""
    names = set(declare_conditions(tree))
    for name in sorted(names - parameters.CATALOGUE.keys()):
        raise BuildError(f"Nobody provides {name}; declare it in templates/parameters or correct the spelling.")
    used = [name for name in parameters.CATALOGUE if name in names]
    tree["Parameters"] = {name: parameters.CATALOGUE[name].declare() for name in used}
    tree["Metadata"] = {"AWS::CloudFormation::Interface": parameters.interface(used)}


def providers(trees: Mapping[str, Tree], derived: Mapping[str, object]) -> dict[str, str]:
    """Who provides each name: a stack's name, ``"root"`` for derived values, ``"parameters"`` for the catalogue."""
    found = dict.fromkeys(parameters.CATALOGUE, "parameters")
    published = [(name, tree.get("Outputs", {})) for name, tree in trees.items()]
    for provider, names in [("root", derived), *published]:
        for name in names:
            if name in found:
                raise BuildError(f"{name} is provided twice, by {found[name]} and by {provider}; rename one of them.")
            found[name] = provider
    return found


def wire(trees: Mapping[str, Tree], derived: Mapping[str, object]) -> dict[str, Tree]:
    """Declare every stack's parameters and return, per stack, what root has to pass: parameter name to value."""
    known = providers(trees, derived)
    passed: dict[str, Tree] = {}
    for stack, tree in trees.items():
        declared = tree["Parameters"] = {}
        passed[stack] = {}
        for name in declare_conditions(tree):
            provider = known.get(name)
            if provider is None:
                raise BuildError(
                    f"Stack {stack} uses {name}, which nobody provides; "
                    "add an output or a parameter of that name, or correct the spelling."
                )
            if provider == "parameters":
                declared[name], passed[stack][name] = parameters.CATALOGUE[name].declare(nested=True), Ref(name)
            elif provider == "root":
                declared[name], passed[stack][name] = _wired(parameters.DERIVED[name]), derived[name]
            else:
                source = trees[provider]["Outputs"][name]
                declared[name] = _wired(source["Description"], is_list="Fn::Join" in source["Value"])
                passed[stack][name] = GetAtt(provider.capitalize(), f"Outputs.{name}")
    return passed


def _wired(description: str, *, is_list: bool = False) -> Tree:
    """Parameter that takes another stack's output or a derived value.

    It is untyped and without pattern on purpose: in a nested change set the value is a placeholder until the sibling
    exists, and a typed or constrained parameter refuses that (cloudformation-coverage-roadmap#759).
    """
    return {"Type": "CommaDelimitedList" if is_list else "String", "Description": description}
