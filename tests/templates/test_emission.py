"""The YAML says exactly what was built, in the same bytes everywhere."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from templates import emit, registry
from templates.rules.reader import parse

TREES = registry.build()
LIMIT_INLINE = 51_200


@pytest.mark.parametrize("name", TREES)
def test_what_is_written_reads_back_equal(name: str) -> None:
    assert parse(emit.to_yaml(name, TREES[name])) == {"AWSTemplateFormatVersion": "2010-09-09"} | {
        section: body for section, body in TREES[name].items() if body
    }


ODD = (
    "",
    "yes",
    "No",
    "null",
    "~",
    "1",
    "0x1F",
    "1e3",
    "2012-10-17",
    "12:30:45",
    "a: b",
    "a #b",
    "- a",
    "it's",
    "[a]",
    "*",
    "${A}/b",
    "!Ref A",
    "a:",
    " a",
    "a ",
    "a\nb",
    "a\n\nb\n",
    "\n",
    "a\tb",
    "%a",
    "@a",
    "`a",
    "<<",
    "=",
    "a\u2028b",
    "\ufeff",
)
texts = st.text() | st.sampled_from(ODD)
names = st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,5}", fullmatch=True)
functions = st.one_of(
    st.builds(lambda name: {"Ref": name}, names),
    st.builds(lambda a, b: {"Fn::GetAtt": [a, b]}, names, names),
    st.builds(lambda text: {"Fn::Sub": text}, texts),
)
scalars = texts | st.booleans() | st.integers() | functions
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts, inner, max_size=4)
        | st.builds(lambda a, b: {"Fn::If": ["Condition", a, b]}, inner, inner)
        | st.builds(lambda a: {"Fn::Join": [",", a]}, st.lists(inner, max_size=3))
        | st.builds(lambda a: {"Fn::Contains": [a, "x"]}, inner)
    ),
    max_leaves=12,
)


@given(values)
def test_whatever_a_property_holds_reads_back_equal(value: Any) -> None:
    """Texts that look like numbers, dates, tags or indicators stay texts, at any depth."""
    tree = {"Description": "A stack.", "Resources": {"A": {"Type": "B", "Properties": {"Value": value}}}}
    read = parse(emit.to_yaml("a", tree))
    assert read["Resources"]["A"]["Properties"]["Value"] == value


def test_short_forms_are_used_throughout() -> None:
    """People read !Ref and !Sub; only functions that have no tag, those of Rules, are written in full."""
    whole = "".join(emit.to_yaml(name, tree) for name, tree in TREES.items())
    assert set(re.findall(r"Fn::\w+", whole)) == {"Fn::Contains"}


@pytest.mark.parametrize("name", TREES)
def test_a_header_says_what_the_file_is(name: str) -> None:
    first, second, *_ = emit.to_yaml(name, TREES[name]).splitlines()
    assert first == f"# {TREES[name]['Description']}"
    assert f"templates/{name}.py" in second
    assert (Path("templates") / f"{name}.py").is_file()


@pytest.mark.parametrize("name", TREES)
def test_templates_stay_within_cloudformations_limits(name: str) -> None:
    """1 MB by URL for all; root also fits inline, so that it can be pasted into the console."""
    size = len(emit.to_yaml(name, TREES[name]).encode())
    assert size < (LIMIT_INLINE if name == "root" else 1_000_000)


def build_in(folder: Path, **variables: str) -> str:
    """Digest of a build by a process of its own."""
    environment = {**os.environ, **variables}
    command = [sys.executable, "-m", "templates", "build", "--no-check", "--out", str(folder)]
    subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()


def test_the_same_bytes_whatever_hash_seed_locale_or_time_zone(tmp_path: Path) -> None:
    one = build_in(tmp_path / "one", PYTHONHASHSEED="1", LC_ALL="C", TZ="UTC", PYTHONUTF8="0")
    two = build_in(tmp_path / "two", PYTHONHASHSEED="2", LC_ALL="C.UTF-8", TZ="Asia/Tokyo")
    assert one == two


def test_nested_templates_are_named_by_local_paths() -> None:
    """cfn-lint follows them and `aws cloudformation package` uploads them."""
    urls = [
        r["Properties"]["TemplateURL"] for r in TREES["root"]["Resources"].values() if "TemplateURL" in r["Properties"]
    ]
    assert urls == [f"{stack.name}.yaml" for stack in registry.NESTED]


def test_plain_yaml_tools_can_read_it() -> None:
    """With the tags declared, the standard loader agrees with ours about the structure."""

    class Loader(yaml.SafeLoader):
        """Any tag is kept as its plain value."""

    def construct(loader: yaml.SafeLoader, _: str, node: yaml.Node) -> Any:
        if isinstance(node, yaml.ScalarNode):
            return loader.construct_scalar(node)
        if isinstance(node, yaml.SequenceNode):
            return loader.construct_sequence(node, deep=True)
        assert isinstance(node, yaml.MappingNode)
        return loader.construct_mapping(node, deep=True)

    Loader.add_multi_constructor("!", construct)
    for name, tree in TREES.items():
        read = yaml.load(emit.to_yaml(name, tree), Loader)  # noqa: S506 - a safe loader
        assert list(read["Resources"]) == list(tree["Resources"])
