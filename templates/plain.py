"""A template as plain dictionaries, each object visited once.

``Template.to_dict()`` gives the same (a test compares them) but encodes every object again on each level above it,
which costs a third of the whole generation.
"""

from __future__ import annotations

from typing import Any

from troposphere import AWSHelperFn, BaseAWSObject, Template

_SCALARS = frozenset({str, int, float, bool})


def tree(template: Template) -> dict[str, Any]:
    """Description, resources, outputs and rules; parameters and conditions are declared by the wiring."""
    parts = {
        "Description": template.description,
        "Rules": template.rules,
        "Resources": template.resources,
        "Outputs": template.outputs,
    }
    return {name: plain(part) for name, part in parts.items() if part}


def plain(value: Any) -> Any:
    """``value`` with every object of troposphere and awacs replaced by what it stands for."""
    if type(value) in _SCALARS:
        return value
    if isinstance(value, dict):
        return {key: plain(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [plain(part) for part in value]
    if isinstance(value, BaseAWSObject):
        value.validate()
        return plain(value.resource)
    if isinstance(value, AWSHelperFn):
        return value.to_dict()
    return plain(value.JSONrepr())
