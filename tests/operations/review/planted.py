"""The real templates with a mistake planted, and small ones written for one test."""

import copy
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from scripts.review.compare import review
from scripts.review.model import ResourceChange, Review
from templates import registry
from templates.rules.reader import Template
from templates.rules.system import System, render
from tests.deployment.system import given

Trees = dict[str, dict[str, Any]]
Edit = Callable[[Trees], object]
STAGING = given("staging")


@cache
def _trees() -> Trees:
    return {name: tree for name, tree in registry.build().items() if name != "bootstrap"}


def system(*edits: Edit, **parameters: str) -> System:
    """Staging, with its templates edited and parameters changed."""
    trees = copy.deepcopy(_trees())
    for edit in edits:
        edit(trees)
    templates = {name: Template(name, Path(f"{name}.yaml"), tree, "") for name, tree in trees.items()}
    return render(templates, STAGING | parameters)


def small(**resources: dict[str, Any]) -> System:
    """A system of one template with these resources."""
    return render({"root": Template("root", Path("root.yaml"), {"Resources": resources}, "")}, {})


def resource(kind: str, /, **properties: Any) -> dict[str, Any]:
    return {"Type": kind, "Properties": properties}


def reviewed(*edits: Edit, **parameters: str) -> Review:
    """The review of a change to staging."""
    return review(system(), system(*edits, **parameters))


def change(found: Review, path: str) -> ResourceChange:
    return next(each for each in found.changes if each.path == path)


def actions(found: Review) -> dict[str, str]:
    return {each.path: each.action for each in found.changes}


def sentences(found: Review, path: str) -> list[str]:
    return [danger.sentence for danger in found.dangers if danger.path == path]


def props(trees: Trees, stack: str, name: str) -> dict[str, Any]:
    found: dict[str, Any] = trees[stack]["Resources"][name]["Properties"]
    return found


def setting(stack: str, name: str, **properties: Any) -> Edit:
    """An edit that sets properties of a resource; one that is ``None`` is taken away."""

    def edit(trees: Trees) -> None:
        mine = props(trees, stack, name)
        mine.update(properties)
        for key in [key for key, value in properties.items() if value is None]:
            del mine[key]

    return edit


def removing(stack: str, name: str) -> Edit:
    return lambda trees: trees[stack]["Resources"].pop(name)


def renaming(stack: str, old: str, new: str) -> Edit:
    """Give a resource that nobody refers to another logical id."""

    def edit(trees: Trees) -> None:
        trees[stack]["Resources"][new] = trees[stack]["Resources"].pop(old)

    return edit
