"""Write out the names of what outlives its stack, so that a new stack can take it over.

CloudFormation imports what exists by itself (ImportExistingResources), in nested stacks too when the change set is the
root's, but only by a name that stands in the template as it is: not by one that a function makes
(docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/import-resources-automatically.html). The value is the same, so
that a stack which has the function in its place sees no change.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace

from templates.rules.physical import NAMED, physical_name
from templates.rules.reader import Template, parse
from templates.rules.system import Resource, System
from templates.rules.values import get, text, tokens

RETAINED = ("Retain", "RetainExceptOnCreate")


def written_out(read: Mapping[str, Template], system: System) -> dict[str, Template]:
    """The templates with the names of retained resources as this system has them."""
    stacks = {stack.template.name: stack for stack in system.stacks.values() if stack.parent}
    return {
        name: _template(template, stacks[name].resources) if name in stacks else template
        for name, template in read.items()
    }


def _template(template: Template, resources: Mapping[str, Resource]) -> Template:
    written = template.text
    for resource in resources.values():
        if text(resource.raw.get("DeletionPolicy")) in RETAINED and resource.type in NAMED:
            written = _with_name(written, resource)
    return template if written == template.text else replace(template, text=written, body=parse(written))


def _with_name(written: str, resource: Resource) -> str:
    """The text with the resource's name in place of the one-line function that makes it."""
    key, name = NAMED[resource.type].key, physical_name(resource)
    if not isinstance(get(resource.raw, "Properties", key), dict) or not name or tokens(name):
        return written
    line = re.compile(rf"(^  {re.escape(resource.id)}:\n(?:(?:   .*)?\n)*?      {key}: )![^\n]*$", re.MULTILINE)
    return line.sub(lambda match: f"{match[1]}{name}", written, count=1)
