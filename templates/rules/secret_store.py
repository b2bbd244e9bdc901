"""The three secrets: each is there, none has its value here, and the generated one is long enough."""

from __future__ import annotations

import math
import re
import string
from collections.abc import Iterator
from typing import Any

from templates.rules.contract import VARIABLES
from templates.rules.contract_values import KEPT_IN
from templates.rules.finding import Finding, rule
from templates.rules.physical import physical_name
from templates.rules.system import Resource, System
from templates.rules.values import mapping, number, text, truth, walk

ARN_NAME = re.compile(r":secretsmanager:[^:]*:[^:]*:secret:(sparta/[\w/+=.@-]+?)(?:-\?{6}|-\w{6})?(?=$|:)")
ISSUED = ("bot-token", "ethereum-private-key")
BITS = 128
ALPHABETS = {
    "ExcludeLowercase": string.ascii_lowercase,
    "ExcludeUppercase": string.ascii_uppercase,
    "ExcludeNumbers": string.digits,
    "ExcludePunctuation": string.punctuation,
}


def secrets(system: System) -> dict[str, Resource]:
    """The secrets of this system by name."""
    return {physical_name(secret): secret for secret in system.of_type(KEPT_IN)}


def _last(name: str) -> str:
    """The part of a secret's name after sparta/<environment>/."""
    return name.rpartition("/")[2]


@rule("a program whose secret is not there does not start")
def secret_made(system: System) -> Iterator[Finding]:
    made = secrets(system)
    for resource in system.resources if made else []:
        named = {name for _, node in walk(resource.props) if isinstance(node, str) for name in ARN_NAME.findall(node)}
        rotated = text(resource.get("SecretId")) if resource.type == "AWS::SecretsManager::RotationSchedule" else ""
        named |= {rotated} if rotated.startswith("sparta/") else set()
        for name in sorted(named - set(made)):
            yield resource.finding(f"names the secret {name}, which no stack here makes; correct the name or make it")


@rule("each of the application's secrets is made once, before everything that reads it")
def secrets_complete(system: System) -> Iterator[Finding]:
    made = secrets(system)
    wanted = {variable.kept_as for variable in VARIABLES if variable.kept_as}
    for missing in sorted(wanted - {_last(name) for name in made}) if made else []:
        beside = next(iter(made.values()))
        yield system.stacks[beside.stack].finding("-", f"makes no secret {missing} beside {beside.id}; add it")


@rule("a key that is short, or of few letters, can be guessed")
def generated_secret_strong(system: System) -> Iterator[Finding]:
    for secret in system.of_type(KEPT_IN):
        if "GenerateSecretString" in secret.props:
            how = mapping(secret.get("GenerateSecretString"))
            bits = (number(how.get("PasswordLength", 32)) or 0) * math.log2(max(len(_letters(how)), 1))
            if bits < BITS:
                yield secret.finding(f"generates {bits:.0f} bits; raise PasswordLength to 32 or exclude fewer letters")


def _letters(how: dict[str, Any]) -> set[str]:
    """The letters that a generated secret is made of."""
    kept = {letter for key, letters in ALPHABETS.items() if truth(how.get(key)) is not True for letter in letters}
    return kept - set(text(how.get("ExcludeCharacters")))


@rule("programs read the whole value as the key: put into JSON it is another one")
def generated_key_bare(system: System) -> Iterator[Finding]:
    for name, secret in secrets(system).items():
        how = mapping(secret.get("GenerateSecretString"))
        if _last(name) == "api-key" and {"SecretStringTemplate", "GenerateStringKey"} & set(how):
            yield secret.finding("puts the key into JSON; remove SecretStringTemplate and GenerateStringKey")


@rule("a header carries letters and digits everywhere, other signs only with care")
def generated_key_plain(system: System) -> Iterator[Finding]:
    for secret in system.of_type(KEPT_IN):
        how = mapping(secret.get("GenerateSecretString"))
        signs = _letters(how) & set(string.punctuation) if how else set()
        if signs and _last(physical_name(secret)) == "api-key":
            yield secret.finding(
                "may hold signs that shells and headers treat specially; set ExcludePunctuation to true"
            )


@rule("a key that a machine rotates is there before the first rotation: without it the API does not start")
def api_key_generated(system: System) -> Iterator[Finding]:
    for name, secret in secrets(system).items():
        if _last(name) == "api-key" and "GenerateSecretString" not in secret.props:
            yield secret.finding("has no value until somebody gives it one; generate it with GenerateSecretString")


@rule("a token or a private key comes from whoever issued it: a generated one opens nothing")
def issued_secret_not_generated(system: System) -> Iterator[Finding]:
    for name, secret in secrets(system).items():
        if _last(name) in (*ISSUED, "") and "GenerateSecretString" in secret.props:
            yield secret.finding("generates what somebody else must issue; remove GenerateSecretString")
