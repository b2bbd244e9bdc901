"""Lambda functions: pinned, bounded, from packaging's zip, with a log group of their own that is there before them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from templates.rules.contract_environment import known
from templates.rules.finding import Finding, rule
from templates.rules.physical import physical_name
from templates.rules.programs import FUNCTION, Running, deployed_as_a_whole
from templates.rules.security_groups_needs import discovered, endpoint_of, urls
from templates.rules.system import Resource, System
from templates.rules.values import items, number, text

LOG_GROUP = "AWS::Logs::LogGroup"
# Security patches end with the runtime (docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html).
PATCHED = {"python3.11", "python3.12", "python3.13", "python3.14"}
LONGEST = 900
MUCH = 8  # times the least memory
PATIENCE = 20  # times the shortest time
MOST_AT_ONCE = 5
INSIDE = ".internal"
CALLERS = (
    "AWS::Events::Rule",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Scheduler::Schedule",
    "AWS::SecretsManager::RotationSchedule",
)


def functions(system: System) -> list[Running]:
    """The functions whose program the contract knows."""
    return [each for each in known(system) if each.resource.type == FUNCTION]


@rule("packages are made for one runtime: on another nothing imports, and an old one gets no patches")
def runtime_pinned(system: System) -> Iterator[Finding]:
    every = system.of_type(FUNCTION)
    usual = Counter(text(each.get("Runtime")) for each in every).most_common(1)
    for function in every:
        runtime = text(function.get("Runtime"))
        if runtime not in PATCHED:
            yield function.finding(f"Runtime {runtime or 'is missing'}; use python3.13, which is patched")
        elif runtime != usual[0][0]:
            yield function.finding(f"Runtime {runtime}, the others have {usual[0][0]}; packages are made for that one")


@rule("code written into the template is not what was tested and packaged")
def code_from_packaging(system: System) -> Iterator[Finding]:
    for function in system.of_type(FUNCTION):
        if function.get("Code", "ZipFile") or not (function.get("Code", "S3Bucket") and function.get("Code", "S3Key")):
            yield function.finding("does not take its code from the artifact bucket; give S3Bucket and S3Key")
        if function.get("Layers"):
            yield function.finding("has Layers, which packaging does not know; put all into its zip")


@rule("too little memory ends a run in the middle; too much is paid for and never used")
def memory_suffices(system: System) -> Iterator[Finding]:
    for each in functions(system):
        memory = _or(number(each.resource.get("MemorySize")), 128)
        least = each.program.memory if each.program else 0
        if not least <= memory <= least * MUCH:
            yield each.finding(f"MemorySize {memory:g}; give {least} to {least * MUCH}")


def _or(value: float | None, usual: float) -> float:
    return usual if value is None else value


@rule("a run that is cut off starts over the next time, and never ends; one that may hang blocks the next")
def timeout_suffices(system: System) -> Iterator[Finding]:
    for each in functions(system):
        timeout = _or(number(each.resource.get("Timeout")), 3)
        least = each.program.seconds if each.program else 0
        most = min(LONGEST, least * PATIENCE)
        if not least <= timeout <= most:
            yield each.finding(f"Timeout {timeout:g} s; give {least} to {most} s")


@rule("without a limit one fault takes all the account's concurrency; with 0 the function never runs")
def concurrency_reserved(system: System) -> Iterator[Finding]:
    for function in system.of_type(FUNCTION):
        reserved = number(function.get("ReservedConcurrentExecutions"))
        if reserved is None or not 1 <= reserved <= MOST_AT_ONCE:
            given = text(function.get("ReservedConcurrentExecutions")) or "missing"
            yield function.finding(f"ReservedConcurrentExecutions is {given}; give 1, and {MOST_AT_ONCE} at most")


@rule("in a VPC a function reaches the internet through NAT only: slower, dearer, and with rights on the network")
def outside_vpc(system: System) -> Iterator[Finding]:
    for function in system.of_type(FUNCTION):
        if items(function.get("VpcConfig", "SubnetIds")) and not _calls_inside(system, function):
            yield function.finding("is in a VPC, but calls nothing there; remove VpcConfig")


@rule("a name inside a VPC leads nowhere outside of it: each call fails")
def inside_vpc(system: System) -> Iterator[Finding]:
    for function in system.of_type(FUNCTION):
        if _calls_inside(system, function) and not items(function.get("VpcConfig", "SubnetIds")):
            yield function.finding("calls what has a name inside the VPC only; add VpcConfig")


def _calls_inside(system: System, function: Resource) -> bool:
    hosts = {endpoint_of(url)[0] for _, url in urls(function) if url}
    return any(host in discovered(system) or host.endswith(INSIDE) for host in hosts)


def log_group_of(system: System, function: Resource) -> tuple[str, Resource | None]:
    """The name of the group a function writes to, and the group when the templates declare it."""
    value = function.get("LoggingConfig", "LogGroup")
    name = text(value) or f"/aws/lambda/{physical_name(function)}"
    target = system.target(value)
    if target and target.type == LOG_GROUP:
        return physical_name(target), target
    declared = {physical_name(group): group for group in system.of_type(LOG_GROUP)}
    return name, declared.get(name)


@rule("Lambda makes a missing log group itself, unencrypted and for ever; the declared one then already exists")
def function_after_its_log_group(system: System) -> Iterator[Finding]:
    writers: dict[str, Resource] = {}
    for function in system.of_type(FUNCTION):
        name, group = log_group_of(system, function)
        if group is None:
            yield function.finding(
                f"writes to {name}, which no template declares; declare it and name it in LoggingConfig"
            )
            continue
        if not system.waits_for(function, group):
            yield function.finding(f"may run before {group.id} exists; refer to it in LoggingConfig.LogGroup")
        if physical_name(group) != f"/aws/lambda/{physical_name(function)}":
            yield function.finding(
                f"is called {physical_name(function)} and logs into {physical_name(group)}; call both alike"
            )
        first = writers.setdefault(name, function)
        if first is not function:
            yield function.finding(f"logs into {name}, as {first.id} does; give it its own")


@rule("a function that nothing calls does nothing, and nobody misses it until it counts")
def function_is_called(system: System) -> Iterator[Finding]:
    called = {target for each in system.of_type(*CALLERS) for target in system.targets(each.props)}
    for each in functions(system) if deployed_as_a_whole(system) else []:
        if each.resource not in called:
            yield each.finding(f"{each.what} is called by nothing; add its schedule, or the rotation that uses it")


@rule("the load balancer is the only way in from outside: a function's own address is another one")
def function_has_no_address(system: System) -> Iterator[Finding]:
    for address in system.of_type("AWS::Lambda::Url", "AWS::ApiGateway::RestApi", "AWS::ApiGatewayV2::Api"):
        yield address.finding("opens a function to the internet; remove it")


@rule("without this the function is called on every version, or on none that exists")
def function_named_as_it_is(system: System) -> Iterator[Finding]:
    for each in system.of_type("AWS::Lambda::EventInvokeConfig"):
        qualifier = text(each.get("Qualifier"))
        versions = system.of_type("AWS::Lambda::Alias", "AWS::Lambda::Version")
        if qualifier != "$LATEST" and not any(v in versions for v in system.targets(qualifier)):
            yield each.finding(f"is about {qualifier or 'no version'}, which nothing calls; set Qualifier to $LATEST")


HANDLER = re.compile(r"[A-Za-z_][\w/]*(\.[A-Za-z_]\w*)+")


@rule("a handler that is no module and function fails at every call")
def handler_well_formed(system: System) -> Iterator[Finding]:
    for function in system.of_type(FUNCTION):
        handler = text(function.get("Handler"))
        if text(function.get("PackageType") or "Zip") == "Zip" and not HANDLER.fullmatch(handler):
            yield function.finding(f"Handler is {handler or 'missing'}; write package.module.function")
