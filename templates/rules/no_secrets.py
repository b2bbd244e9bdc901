"""No secret in a template: not as text, not as a parameter, not in a plain environment variable."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from templates.rules.arn_or_name import variables
from templates.rules.finding import Finding, rule
from templates.rules.kinds import IN_SECRETS_MANAGER, kind
from templates.rules.reader import Template
from templates.rules.system import System, top_level
from templates.rules.values import dicts, get, mapping, text, token, walk

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
    r"TOKEN|SECRET|PASSWORD|PASSWD|PASSPHRASE|MNEMONIC|SEED|CREDENTIAL|PRIVATE_?KEY|API_?KEY|ACCESS_?KEY|AUTH"
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
    for path, node in walk(template.body):
        section, entry = (*map(str, path[:2]), "", "")[:2]
        where = entry if section == "Resources" else ".".join(filter(None, (section, entry))) or "-"
        if isinstance(node, str):
            yield where, node
        elif isinstance(node, dict):
            yield from ((where, str(key)) for key in node)


def _looks_like(written: str) -> list[str]:
    return [what for what, shape in SHAPES.items() if shape.search(written)] if ANY_SHAPE.search(written) else []


@rule("whoever may read the template, its change sets or the repository has the secret", once=True)
def no_secret_in_text(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        comments = [("-", line.partition("#")[2]) for line in template.text.splitlines() if "#" in line]
        for where, written in [*_everything(template), *comments]:
            for what in _looks_like(written):
                advice = f"holds what looks like {what}; revoke it and keep it in Secrets Manager"
                yield Finding(template.name, where, advice)


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
            if TELLING.search(name.upper()) and not _harmless(name.upper(), value, system):
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


@rule("a resolved secret is stored in the resource, readable there, and is not refreshed when it rotates", once=True)
def no_dynamic_reference(system: System) -> Iterator[Finding]:
    for template in system.templates.values():
        for where, written in _everything(template):
            if DYNAMIC in written:
                advice = (
                    f"resolves {written[written.index(DYNAMIC) :][:60]}; let the program read the secret at run time"
                )
                yield Finding(template.name, where, advice)


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
