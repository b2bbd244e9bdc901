"""Read a folder of CloudFormation templates, short forms made long; what cannot be read becomes a finding."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import yaml

from templates.rules.finding import Finding
from templates.rules.values import walk

SUFFIXES = {".yaml", ".yml", ".json", ".template"}
SECTIONS = ("Parameters", "Mappings", "Conditions", "Rules", "Resources", "Outputs", "Metadata")
ENTRIES = ("Parameters", "Mappings", "Rules", "Resources", "Outputs")
DEEPEST = 60
LARGEST = 200_000
BARE = {"Ref", "Condition"}
UNREADABLE = "unreadable"


class UnreadableError(Exception):
    """The file is no template; the message says what to do."""


class NoTemplateError(Exception):
    """A JSON document that does not claim to be a template."""


@dataclass(frozen=True, eq=False)
class Template:
    """One template file: `body` is the whole document with long-form intrinsics."""

    name: str
    path: Path
    body: dict[str, Any]
    text: str

    def section(self, name: str) -> dict[str, dict[str, Any]]:
        """The entries of a section that are mappings; malformed ones are reported when the folder is read."""
        return self._sections.get(name, {})

    @cached_property
    def nodes(self) -> tuple[tuple[tuple[str | int, ...], Any], ...]:
        """Every node of the document with its path, parents first."""
        return tuple(walk(self.body))

    @cached_property
    def _sections(self) -> dict[str, dict[str, dict[str, Any]]]:
        sections = {name: section for name, section in self.body.items() if isinstance(section, dict)}
        return {
            name: {key: entry for key, entry in section.items() if isinstance(entry, dict)}
            for name, section in sections.items()
        }


def _mapping(loader: Any, node: yaml.MappingNode, deep: bool = True) -> dict[str, Any]:
    result: dict[str, Any] = {}
    for key_node, value_node in node.value:
        key = key_node.value if isinstance(key_node, yaml.ScalarNode) else None
        if key is None or key in result:
            line = key_node.start_mark.line + 1
            raise UnreadableError(f"line {line}: key {key!r} appears twice or is no name; keep one")
        result[key] = loader.construct_object(value_node, deep=deep)
    return result


def _short_form(loader: Any, suffix: str, node: yaml.Node) -> dict[str, Any]:
    key = suffix if suffix in BARE else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        value = loader.construct_scalar(node)
        return {key: value.split(".", 1) if suffix == "GetAtt" and "." in value else value}
    if isinstance(node, yaml.SequenceNode):
        return {key: loader.construct_sequence(node, deep=True)}
    return {key: loader.construct_mapping(node, deep=True)}


def loader(base: type) -> Any:
    """Safe YAML with CloudFormation's tags; dates stay text, a key said twice is an error."""
    made: Any = type("TemplateLoader", (base,), {"construct_mapping": _mapping})
    made.yaml_implicit_resolvers = {
        first: [(tag, regexp) for tag, regexp in resolvers if tag != "tag:yaml.org,2002:timestamp"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }
    made.add_constructor("tag:yaml.org,2002:map", _mapping)
    made.add_multi_constructor("!", _short_form)
    return made


LOADER = loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # six times faster where PyYAML has libyaml


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    result = dict(pairs)
    if len(result) < len(pairs):
        double = next(key for key, _ in pairs if [k for k, _ in pairs].count(key) > 1)
        raise UnreadableError(f"key {double!r} appears twice; keep one")
    return result


def _measure(value: Any) -> None:
    """Refuse what would never end: aliases that contain themselves or multiply."""
    todo, seen = [(value, 0)], 0
    while todo:
        node, depth = todo.pop()
        seen += 1
        if depth > DEEPEST or seen > LARGEST:
            raise UnreadableError("nested too deeply or too large; write aliases out and make it smaller")
        children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
        todo += [(child, depth + 1) for child in children]


def parse(source: str, json_only: bool = False, yaml_loader: Any = LOADER) -> dict[str, Any]:
    """A template's text as a document with long-form intrinsics; raises UnreadableError or NoTemplateError."""
    try:
        body = json.loads(source, object_pairs_hook=_unique) if json_only else yaml.load(source, yaml_loader)  # noqa: S506
    except (yaml.YAMLError, ValueError, RecursionError, TypeError) as error:
        raise UnreadableError(f"not valid {'JSON' if json_only else 'YAML'}: {' '.join(str(error).split())}") from error
    _measure(body)
    if json_only and not (isinstance(body, dict) and {"Resources", "AWSTemplateFormatVersion"} & body.keys()):
        raise NoTemplateError("a JSON document of another kind, such as parameter values")
    if not isinstance(body, dict) or not isinstance(body.get("Resources"), dict) or not body["Resources"]:
        raise UnreadableError("no template: a template is a mapping with at least one entry under Resources")
    return body


def read(path: Path) -> Template:
    """One file; raises UnreadableError."""
    try:
        source = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableError(f"cannot be read as UTF-8 text: {error}") from error
    return Template(path.stem, path, parse(source, path.suffix == ".json"), source)


def read_folder(folder: Path) -> tuple[dict[str, Template], list[Finding]]:
    """The templates by stack name (file name without suffix), and a finding for each file that is none."""
    templates: dict[str, Template] = {}
    findings = []
    paths = sorted(p for p in folder.iterdir() if p.suffix in SUFFIXES and not p.is_dir()) if folder.is_dir() else []
    for path in paths:
        try:
            template = read(path)
        except NoTemplateError:
            continue
        except UnreadableError as error:
            findings.append(_unread(path, str(error)))
            continue
        if template.name in templates:
            findings.append(Finding(path.stem, path.name, "two files describe this stack; remove one", UNREADABLE))
        templates.setdefault(template.name, template)
    if not paths:
        findings.append(Finding("-", folder.name, "holds no template; name the folder that does", UNREADABLE))
    return templates, findings


def _unread(path: Path, why: str) -> Finding:
    """A file that means to be a template holds up the rules: without it every wire to it would look cut."""
    try:
        template = b"Resources" in path.read_bytes()
    except OSError:
        template = True
    if template:
        return Finding(path.stem, path.name, f"{why}; correct it first, the rules wait for it", UNREADABLE)
    return Finding(path.stem, path.name, f"{why}; remove it or make it one", "no-template")


def _no_mapping(template: Template) -> list[str]:
    """Paths of what must be a mapping and is none."""
    body, wrong = template.body, [name for name in SECTIONS if not isinstance(template.body.get(name, {}), dict)]
    for name in ENTRIES:
        entries = body.get(name) if name not in wrong else None
        wrong += [f"{name}.{entry}" for entry, value in (entries or {}).items() if not isinstance(value, dict)]
    for name, entry in template.section("Resources").items():
        places = [key for key in ("Properties", "Metadata") if not isinstance(entry.get(key, {}), dict)]
        wrong += [f"Resources.{name}.{key}" for key in places]
    return wrong


def malformed(template: Template) -> list[Finding]:
    """Entries that rules cannot look into."""
    advice = "must be a mapping of names to values; correct its indentation"
    findings = [
        Finding(template.name, path.removeprefix("Resources."), advice, "malformed") for path in _no_mapping(template)
    ]
    untyped = [name for name, entry in template.section("Resources").items() if not isinstance(entry.get("Type"), str)]
    return findings + [
        Finding(template.name, name, "has no Type; name the resource type", "malformed") for name in untyped
    ]
