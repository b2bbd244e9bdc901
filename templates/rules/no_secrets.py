"""No secret in a template: not as text, not as a parameter, not in a plain environment variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from templates.rules.arn_or_name import variables
from templates.rules.finding import Finding, rule
from templates.rules.kinds import IN_SECRETS_MANAGER, kind
from templates.rules.reader import Template
from templates.rules.scope import NESTED
from templates.rules.system import Resource, System, top_level
from templates.rules.values import dicts, get, items, mapping, place, text, token, tokens, walk

SHAPES = {
    "a Discord bot token": re.compile(r"\b[MNO][\w-]{22,27}\.[\w-]{6}\.[\w-]{27,45}"),
    "a Discord webhook": re.compile(r"discord(?:app)?\.com/api/webhooks/\d+/[\w-]{20,}"),
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY|\b0x[0-9a-fA-F]{64}\b|(?<![\w:@/.-])[0-9a-f]{64}\b"),
    "a GitHub token": re.compile(r"\bgh[pousr]_\w{36,}|\bgithub_pat_\w{22,}"),
    "a Slack token": re.compile(r"\bxox[abprs]-[\w-]{10,}"),
    "a provider's API key": re.compile(
        r"https?://\S+/v[23]/(?:[0-9a-f]{32}|[\w-]{32})\b|\bsk[-_](?:live|test|proj)[-_]\w{8,}"
    ),
    "a password in a URL": re.compile(r"\b\w+://[^\s/:@${}]+:[^\s/:@${}]+@"),
    "a JSON web token": re.compile(r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}"),
}
ANY_SHAPE = re.compile("|".join(shape.pattern for shape in SHAPES.values()))
TELLING = re.compile(
    r"TOKEN|SECRET|PASSW(OR)?D|PASSPHRASE|MNEMONIC|CREDENTIAL|(PRIVATE|API|ACCESS)_?KEY|(^|_)(SEED|AUTH)(_|$)"
    r"|(?<!PUBLIC)(?<!PARTITION)(?<!SORT)_KEY$"
)
HANDLE = re.compile(
    r"(_SECRET|_ARN|_ID|_NAME|_URL|_TABLE|_ADDRESS|_TTL|_SECONDS|_VERSION|_STAGE|_HEADER|_COUNT|_PATH)$"
)
NAME_LIKE = re.compile(r"[A-Za-z0-9_.${}@+=~-]+(/[A-Za-z0-9_.${}@+=~-]+)+")
PARAMETER = re.compile(
    r"(Token|Password|Passphrase|Mnemonic|Seed|Credentials?|Secret(Value|String)?|(Private|Api|Access|Secret|Signing)Key)$"
)
DYNAMIC = "{{resolve:"


def _everything(template: Template) -> Iterator[tuple[str, str]]:
    """(place, text) of every text of a template, keys of mappings too."""
    for path, node in template.nodes:
        if isinstance(node, str):
            yield place(path), node
        elif isinstance(node, dict):
            yield place(path), "\n".join(map(str, node))


def _looks_like(written: str) -> list[str]:
    return [what for what, shape in SHAPES.items() if shape.search(written)] if ANY_SHAPE.search(written) else []


@rule("whoever may read the template, its change sets or the repository has the secret", once=True)
def no_secret_in_text(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        yield from _shapes_in(template)


@lru_cache(maxsize=32)
def _shapes_in(template: Template) -> tuple[Finding, ...]:
    comments = [("-", line.partition("#")[2]) for line in template.text.splitlines() if "#" in line]
    advice = "holds what looks like {}; revoke it and keep it in Secrets Manager"
    return tuple(
        Finding(template.name, where, advice.format(what))
        for where, written in [*_everything(template), *comments]
        for what in _looks_like(written)
    )


@rule("a parameter's value stands in the stack, its change sets and its history, also with NoEcho", once=True)
def no_secret_parameter(system: System) -> Iterator[Finding]:
    for template in top_level(system.templates):
        for name, declared in template.section("Parameters").items():
            if PARAMETER.search(name) or text(declared.get("NoEcho")) == "true":
                advice = "asks for a secret; keep it in Secrets Manager and take its name or ARN instead"
                yield Finding(template.name, f"Parameters.{name}", advice)


@rule("environment variables of tasks and functions are shown to everyone who may describe them")
def no_secret_variable(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for name, value in variables(resource).items():
            if TELLING.search(_upper(name)) and not _harmless(_upper(name), value, system):
                advice = f"variable {name} holds a secret in plain text; give it through Secrets Manager"
                yield resource.finding(advice)


def _harmless(name: str, value: Any, system: System) -> bool:
    """Whether a variable with a telling name only says where the secret is."""
    if not text(value) or not HANDLE.search(name):
        return not text(value)
    target = system.target(value)
    if name.endswith(("_SECRET", "_SECRET_ARN", "_SECRET_NAME", "_SECRET_ID")):
        if target:
            return target.type in IN_SECRETS_MANAGER.split()
        return kind(value, system) == "arn" or token(value) is not None or bool(NAME_LIKE.fullmatch(text(value)))
    return True


NAMES = ("Name", "Key", "HeaderName", "ParameterKey")
VALUES = ("Value", "HeaderValue", "ParameterValue")
ELSEWHERE = {"ContainerDefinitions", "Environment", "Dimensions", "DashboardBody", "Metadata"}
FLAG = re.compile(r"--?([A-Za-z][\w-]*)(?:[= ](.+))?|([A-Z][A-Z0-9_]*)=(.+)", re.DOTALL)


@rule("tags, headers, settings and passed parameters are shown like the rest of the template")
def no_secret_setting(system: System) -> Iterator[Finding]:
    for resource in system.resources:
        for name, value in _settings(resource):
            if _secret_name(name) and _literal(value):
                yield resource.finding(f"gives {name} as plain text; keep it in Secrets Manager")


def _settings(resource: Resource) -> Iterator[tuple[str, Any]]:
    """(name, value) of each pair written as two entries, and of what a nested stack is passed as text."""
    passed = mapping(get(resource.raw, "Properties", "Parameters")) if resource.type == NESTED else {}
    yield from ((name, value) for name, value in passed.items() if isinstance(value, str))
    for path, node in resource.nodes:
        if isinstance(node, dict) and not ELSEWHERE.intersection(path):
            value = next((node[key] for key in VALUES if key in node), None)
            yield from ((text(node[key]), value) for key in NAMES if key in node and isinstance(value, str))


def _secret_name(name: str) -> bool:
    """Whether a name ends in a word for secrets: X-Api-Key does, ApiKeyRotationDays does not."""
    ending = "_".join(_upper(name).split("_")[-2:])
    return bool(TELLING.search(ending)) and not HANDLE.search(ending)


def _upper(name: str) -> str:
    """A name in any spelling as words in capitals: botToken, bot-token and BotToken are BOT_TOKEN."""
    return re.sub(r"[^A-Za-z0-9]+", "_", re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)).upper()


def _literal(value: Any) -> bool:
    """Whether a value is text of the template itself and neither a reference nor the name of something."""
    plain = text(value)
    return bool(plain) and not tokens(value) and not plain.startswith("arn:") and not NAME_LIKE.fullmatch(plain)


@rule("arguments of a program are shown with the task, and in the list of processes")
def no_secret_argument(system: System) -> Iterator[Finding]:
    for task in system.of_type("AWS::ECS::TaskDefinition"):
        for container in dicts(task.get("ContainerDefinitions")):
            words = [text(word) for key in ("EntryPoint", "Command") for word in items(container.get(key))]
            for word, following in zip(words, [*words[1:], ""], strict=True):
                match = FLAG.fullmatch(word)
                name = (match[1] or match[3] or "") if match else ""
                value = (match[2] or match[4] or following) if match else ""
                if _secret_name(name) and value and not value.startswith("-"):
                    yield task.finding(f"argument {word.partition('=')[0]} gives a secret; inject it by Secrets")


@rule("a resolved secret is stored in the resource, readable there, and is not refreshed when it rotates", once=True)
def no_dynamic_reference(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for path, node in template.nodes:
            if isinstance(node, str) and DYNAMIC in node:
                advice = "resolves a secret at deployment; let the program read it at run time"
                yield Finding(template.name, place(path), advice)


@rule("a secret's value in the template is known to all who read it; put it in after the stack is created")
def secret_value_not_given(system: System) -> Iterator[Finding]:
    for secret in system.of_type("AWS::SecretsManager::Secret"):
        if "SecretString" in secret.props or "SecretBinary" in secret.props:
            yield secret.finding("SecretString is given here; generate it or leave it out and put the value in later")
    for user_key in system.of_type("AWS::IAM::AccessKey"):
        yield user_key.finding("creates a long-lived access key; use a role")


@rule("a container that gets a name both plain and secret is refused, or shows the secret")
def variable_once(system: System) -> Iterator[Finding]:
    for task in system.of_type("AWS::ECS::TaskDefinition"):
        for container in dicts(task.get("ContainerDefinitions")):
            names = [text(e.get("Name")) for key in ("Environment", "Secrets") for e in dicts(container.get(key))]
            for name in sorted({name for name in names if names.count(name) > 1}):
                yield task.finding(f"variable {name} is given twice; keep one")


@rule("an output is shown to everyone who may describe the stack", once=True)
def no_secret_output(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for name, output in template.section("Outputs").items():
            for _, node in walk(output.get("Value")):
                attribute = get(node, "Fn::GetAtt", 1) if isinstance(node, dict) else None
                if attribute in ("SecretAccessKey", "SecretString") or "SecretString" in mapping(node):
                    yield Finding(template.name, f"Outputs.{name}", "shows a secret; output its name instead")
