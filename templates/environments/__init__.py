"""Parameter files, one per environment, and what can be wrong with them before AWS is asked.

A file is a list of ``{"ParameterKey": ..., "ParameterValue": ...}``, which the AWS CLI and cfn-lint take as it is:
``<environment>.json`` for the root stack, ``<environment>.bootstrap.json`` for the bootstrap stack.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

Values = dict[str, str]

FOLDER = Path(__file__).parent
NAMES = ("production", "staging", "development")

_MINUTES = {"minute": 1, "hour": 60, "day": 24 * 60}
_DEFAULT_PORTS = {"http": 80, "https": 443}


class EnvironmentError(Exception):  # noqa: A001 - the field's own word; the built-in one is an alias of OSError
    """A parameter file that cannot be used; each argument is one line for a person."""


def paths(template: str) -> list[Path]:
    """The shipped files for ``root`` or ``bootstrap``."""
    return [FOLDER / (f"{name}.json" if template == "root" else f"{name}.{template}.json") for name in NAMES]


def read(path: Path) -> Values:
    """Parameter values of one file, by name.

    :raises EnvironmentError: when the file is no such list, or names a parameter twice
    """
    try:
        entries = json.loads(path.read_text(encoding="utf-8"))
        pairs = [(entry["ParameterKey"], entry["ParameterValue"]) for entry in entries]
    except (OSError, ValueError, TypeError, KeyError) as error:
        reason = f"{path.name} is no list of ParameterKey and ParameterValue ({error}); see the production file."
        raise EnvironmentError(reason) from error
    names = [name for name, _ in pairs]
    twice = [
        f"{path.name}: {name} is given twice; keep one." for name in sorted({n for n in names if names.count(n) > 1})
    ]
    no_text = [
        f'{path.name}: {name} must be a text; write "{value}".' for name, value in pairs if not isinstance(value, str)
    ]
    if twice or no_text:
        raise EnvironmentError(*twice, *no_text)
    return dict(pairs)


def problems(values: Mapping[str, str], declared: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """One line for each value that is unknown, missing, malformed or at odds with another.

    :param declared: the template's ``Parameters`` section
    """
    for name in sorted(set(values) - set(declared)):
        yield f"{name} is no parameter of the template; correct the spelling or remove it."
    for name, parameter in declared.items():
        if name in values:
            if not _fits(values[name], parameter):
                yield f"{name} '{values[name]}' is not valid. {parameter.get('ConstraintDescription', '')}".rstrip()
        elif "Default" not in parameter:
            yield f"{name} is missing. {parameter.get('Description', '')}".rstrip()
    whole = {name: str(parameter["Default"]) for name, parameter in declared.items() if "Default" in parameter} | dict(
        values
    )
    for check in (_subnets_inside, _ports_opened, _silence_longer_than_interval):
        yield from check(whole)


def _fits(value: str, parameter: Mapping[str, Any]) -> bool:
    """As CloudFormation would decide."""
    pattern, allowed = parameter.get("AllowedPattern"), parameter.get("AllowedValues")
    if parameter["Type"] == "Number":
        try:
            number = float(value)
        except ValueError:
            return False
        if not parameter.get("MinValue", number) <= number <= parameter.get("MaxValue", number):
            return False
    return (pattern is None or bool(re.fullmatch(pattern, value))) and (allowed is None or value in allowed)


def _networks(text: str) -> list[IPv4Network]:
    return [IPv4Network(part) for part in text.split(",")]


def _subnets_inside(values: Values) -> Iterator[str]:
    """Subnets lie inside the VPC and do not overlap."""
    if "VpcCidr" not in values:
        return
    try:
        vpc = IPv4Network(values["VpcCidr"])
        subnets = _networks(values["PublicSubnetCidrs"]) + _networks(values["PrivateSubnetCidrs"])
    except ValueError as error:
        yield f"A network range is not valid: {error}. Write the first address of the block, for example 10.10.1.0/24."
        return
    for subnet in subnets:
        if not subnet.subnet_of(vpc):
            yield f"Subnet {subnet} is outside the VPC's range {vpc}; choose one inside."
    for index, subnet in enumerate(subnets):
        for other in subnets[index + 1 :]:
            if subnet.overlaps(other):
                yield f"Subnets {subnet} and {other} overlap; choose ranges that do not."


def _ports_opened(values: Values) -> Iterator[str]:
    """The security group opens the port that the RPC URLs name."""
    for urls, port in (("EthereumHost", "EthereumRpcPort"), ("AztecRpcUrl", "AztecRpcPort")):
        for url in filter(None, values.get(urls, "").split(",")):
            try:
                parts = urlsplit(url)
                used = parts.port or _DEFAULT_PORTS.get(parts.scheme)
            except ValueError:
                used = None
            if used is not None and used != 443 and str(used) != values[port]:
                yield f"{urls} uses port {used}, but {port} is {values[port]}, so no packet gets out. Set it to {used}."


def _silence_longer_than_interval(values: Values) -> Iterator[str]:
    """The alarm for a silent monitor must not fire between two regular runs."""
    rate = re.fullmatch(r"rate\((\d+) (minute|hour|day)s?\)", values.get("ValidatorMonitorSchedule", ""))
    silence = values.get("MonitorSilenceMinutes", "")
    if rate and silence.isdigit():
        interval = int(rate[1]) * _MINUTES[rate[2]]
        if int(silence) < 2 * interval:
            yield (
                f"MonitorSilenceMinutes {silence} is less than two intervals of {interval} minutes: "
                f"the alarm would fire without cause. Choose at least {2 * interval}."
            )
