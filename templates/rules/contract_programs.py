"""The four programs: each runs once, as what it is called, from its own code, into its own log."""

from __future__ import annotations

from collections.abc import Iterator

from templates.rules.contract import BOT, PROGRAMS, Program
from templates.rules.contract_environment import known
from templates.rules.contract_values import environment
from templates.rules.finding import Finding, rule
from templates.rules.physical import FIRST, physical_name
from templates.rules.programs import (
    Running,
    deployed_as_a_whole,
    foreseen,
    origins,
    running,
    runs,
    services_of,
    whole_stack,
)
from templates.rules.system import System
from templates.rules.values import get, text


def suffixed(system: System, name: str) -> str:
    """A production name as it is in this environment."""
    return name if environment(system) == FIRST else f"{name}-{environment(system)}"


@rule("a container or function that runs something else than it should does nothing of what is expected")
def program_known(system: System) -> Iterator[Finding]:
    names = {suffixed(system, program.runs): program for program in PROGRAMS}
    for each in running(system):
        if each.program is None and (_is_ours(each, names) or _nearly(each)):
            entries = "; ".join(" ".join(program.entry) for program in PROGRAMS)
            yield each.finding(f"runs {' '.join(each.entry) or 'nothing stated'}; run one of: {entries}")


def _is_ours(each: Running, names: dict[str, Program]) -> bool:
    family = text(each.resource.get("Family"))
    return bool({family, text(each.resource.get("FunctionName"))} & set(names))


def _nearly(each: Running) -> bool:
    """Whether the entry mentions one of our packages, or nothing at all."""
    return not "".join(each.entry) or any(word.startswith(("sparta.", "functions.")) for word in each.entry)


@rule("further words turn a service into a command that ends at once, and is started again for ever")
def program_without_extras(system: System) -> Iterator[Finding]:
    for each in known(system):
        extra = [word for word in each.entry[1:] if each.program and word not in each.program.entry]
        if extra and each.program is BOT:
            yield each.finding(f"runs {each.what} with {' '.join(extra)}, which ends by itself; leave it out")


@rule("a program that nobody runs is missed, and one that runs twice does everything twice")
def program_runs_once(system: System) -> Iterator[Finding]:
    if not deployed_as_a_whole(system):
        return
    for program in PROGRAMS:
        found = runs(system, program)
        if not program.is_function:
            found = services_of(system, program) if len(found) == 1 else found
        if not found:
            yield whole_stack(system).finding("-", f"runs no {program.name} ({' '.join(program.entry)}); add it")
        for other in found[1:]:
            yield other.finding(f"runs {program.name}, as {found[0].id} does; keep one")


@rule("a function with the other one's code fails at every call")
def function_has_its_code(system: System) -> Iterator[Finding]:
    for each in known(system):
        if each.program and each.program.is_function:
            stack = system.stacks[each.resource.stack]
            wanted = {"S3Bucket": "ArtifactBucket", "S3Key": each.program.code_key}
            for key, parameter in wanted.items():
                code = get(each.resource.raw, "Properties", "Code", key)
                if origins(system, stack, code) != {parameter}:
                    yield each.finding(f"Code.{key} does not come from the parameter {parameter}; packaging fills it")


@rule("a program that writes into the other one's log group is looked for in vain, and mixes with its alarms")
def program_logs_where_people_look(system: System) -> Iterator[Finding]:
    for each in known(system):
        keys = ("LogConfiguration", "Options", "awslogs-group")
        value = each.resource.get("LoggingConfig", "LogGroup") or get(each.container, *keys)
        group = system.target(value)
        name = physical_name(group) if group else text(value)
        wanted = suffixed(system, each.program.log_group) if each.program else ""
        if name and name != wanted and foreseen(system, name, wanted):
            yield each.finding(f"logs into {name}; the runbook looks for {each.what} in {wanted}")
