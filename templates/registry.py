"""The stacks there are, and all of them built."""

from __future__ import annotations

from templates import bootstrap, data, edge, monitor, network, observability, plain, root, security, services
from templates.stack import BuildError, Stack, Tree, walk, wire

NESTED = (
    Stack("network", network.build),
    Stack("security", security.build),
    Stack("data", data.build),
    Stack("services", services.build),
    Stack("monitor", monitor.build),
    Stack("observability", observability.build),
    Stack("edge", edge.build),
)


def build() -> dict[str, Tree]:
    """Every template by stack name, in plain dictionaries.

    :raises BuildError: when the stacks contradict each other
    """
    trees: dict[str, Tree] = {stack.name: plain.tree(stack.build()) for stack in NESTED}
    passed = wire(trees, root.DERIVED)
    whole = root.build(trees, passed, {stack.name: stack.logical_id for stack in NESTED})
    _refuse_unused(trees, whole)
    return {"bootstrap": bootstrap.build(), "root": whole, **trees}


def _refuse_unused(trees: dict[str, Tree], whole: Tree) -> None:
    """Root hands every output on, or shows it."""
    used = {".".join(value) for key, value in walk(whole) if key == "Fn::GetAtt" and isinstance(value, list)}
    for stack in NESTED:
        for name in trees[stack.name].get("Outputs", {}):
            if f"{stack.logical_id}.Outputs.{name}" not in used:
                raise BuildError(f"Nobody uses output {name} of {stack.name}; remove it or add it to root.OUTPUTS.")
