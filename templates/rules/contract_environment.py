"""Task environment and configuration agree: every variable known, given to whom it belongs, from the right source."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import get_close_matches

from templates.rules.contract import BY_NAME, ONE_OF, Need, meant_by
from templates.rules.finding import Finding, rule
from templates.rules.programs import Running, running
from templates.rules.system import System
from templates.rules.values import text

STAND_IN = "AWS_ENDPOINT_URL"
# Read by Python, gunicorn and botocore themselves; the contract is about our own settings.
TECHNICAL = {
    "AWS_MAX_ATTEMPTS",
    "AWS_RETRY_MODE",
    "AWS_STS_REGIONAL_ENDPOINTS",
    "AWS_USE_DUALSTACK_ENDPOINT",
    "AWS_USE_FIPS_ENDPOINT",
    "GUNICORN_CMD_ARGS",
    "TZ",
    "WEB_CONCURRENCY",
}
# Lambda's own (docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html): it refuses to be told.
RESERVED = {
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
}


def known(system: System) -> list[Running]:
    """The containers and functions whose program the contract knows."""
    return [each for each in running(system) if each.program]


def _names(each: Running) -> list[str]:
    return list(dict.fromkeys([*each.plain, *each.injected]))


def _technical(name: str) -> bool:
    return name in TECHNICAL or name.startswith("PYTHON")


@rule("a variable that no program reads is a misspelling of one that is missed")
def variable_known(system: System) -> Iterator[Finding]:
    for each in known(system):
        for name in _names(each):
            if meant_by(name) is None and not _technical(name) and not name.startswith(STAND_IN):
                close = get_close_matches(name, [*BY_NAME, *(f"{known}_SECRET" for known in BY_NAME)], n=1)
                hint = f"write {close[0]}" if close else "remove it or add it to the contract"
                yield each.finding(f"variable {name} is read by nobody; {hint}")


@rule("a variable that belongs to another program gives this one what it has no business to know")
def variable_of_this_program(system: System) -> Iterator[Finding]:
    for each in known(system):
        for name in _names(each):
            variable = meant_by(name)
            if variable and each.program not in variable.used_by:
                owners = ", ".join(owner.name for owner in variable.used_by)
                yield each.finding(f"variable {name} is for {owners}, not for {each.what}; remove it")


@rule("a stand-in's address in a deployment sends tokens and data to whoever answers there")
def no_stand_in_deployed(system: System) -> Iterator[Finding]:
    for each in known(system):
        for name in _names(each):
            variable = meant_by(name)
            if name.startswith(STAND_IN) or (variable and variable.need is Need.LOCAL):
                yield each.finding(f"variable {name} is for a developer's machine only; remove it")


@rule("a program without a variable it needs stops at its start, or works with a default made for a laptop")
def variable_given(system: System) -> Iterator[Finding]:
    for each in known(system):
        given = {name.removesuffix("_SECRET") if name not in BY_NAME else name for name in _names(each)}
        for variable in BY_NAME.values():
            needed = variable.need in (Need.REQUIRED, Need.STATED) and each.program in variable.used_by
            if needed and variable.name not in given:
                why = variable.need.value + (f": {variable.default}" if variable.default else "")
                yield each.finding(f"{each.what} gets no {variable.name} ({why}); give it")
        contracts = ", ".join(ONE_OF)
        if any(each.program in BY_NAME[name].used_by for name in ONE_OF) and not given & set(ONE_OF):
            yield each.finding(f"{each.what} gets none of {contracts}; give one, it leads to the other contracts")


@rule("Lambda sets its own variables and refuses a function that sets them")
def variable_not_reserved(system: System) -> Iterator[Finding]:
    for each in running(system):
        if each.resource.type == "AWS::Lambda::Function":
            for name in _names(each):
                if name in RESERVED:
                    yield each.finding(f"variable {name} is Lambda's own; remove it")


@rule("an empty value is a setting that nobody made: the program refuses it, or believes there is none")
def variable_not_empty(system: System) -> Iterator[Finding]:
    for each in known(system):
        for name, value in {**each.plain, **each.injected}.items():
            if not text(value).strip():
                yield each.finding(
                    f"variable {name} is empty for some parameter values; leave it out under a condition"
                )


@rule("two ways to the same setting: nobody can say which one the program takes")
def variable_in_one_form(system: System) -> Iterator[Finding]:
    for each in known(system):
        for name in _names(each):
            if meant_by(name) and name.endswith("_SECRET") and name.removesuffix("_SECRET") in _names(each):
                yield each.finding(f"gets {name.removesuffix('_SECRET')} and {name}; keep one")


@rule("a secret injected at the start stays the old one after a rotation; other settings are no secrets at all")
def secret_given_in_its_form(system: System) -> Iterator[Finding]:
    for each in known(system):
        for name in each.injected:
            variable = meant_by(name)
            if variable and variable.read_late:
                yield each.finding(f"{name} is injected at the start; give {variable.name}_SECRET, it rotates")
            elif variable and (name != variable.name or not variable.may_be_secret):
                yield each.finding(f"{name} is no secret to inject; give it as plain environment")


@rule("a container that takes variables from a file hides what it is told, and keeps secrets in a bucket")
def no_environment_files(system: System) -> Iterator[Finding]:
    for each in running(system):
        if each.container.get("EnvironmentFiles"):
            yield each.finding("takes EnvironmentFiles; state each variable in Environment or Secrets")
