"""What a deploy-time parameter is, and the shapes that many of them share."""

from __future__ import annotations

from typing import Any, NamedTuple

ADDRESS = r"0x[0-9a-fA-F]{40}"
SNOWFLAKE = r"[0-9]{17,20}"
CIDR = r"(?:[0-9]{1,3}\.){3}[0-9]{1,3}/(?:1[6-9]|2[0-8])"
URL = r"https?://[^\s,]+"
ARN = r"arn:aws[a-z-]*"
PORT = {"type": "Number", "minimum": 1, "maximum": 65535, "constraint": "A TCP port from 1 to 65535."}
SWITCH = {"allowed": ("true", "false"), "constraint": "Choose true or false."}

FARGATE_MEMORY = {
    "256": ("512", "1024", "2048"),
    "512": ("1024", "2048", "3072", "4096"),
    "1024": ("2048", "3072", "4096", "5120", "6144", "7168", "8192"),
    "2048": tuple(str(size) for size in range(4096, 16385, 1024)),
}
"""Task memory in MiB that Fargate offers for each CPU value (1024 units are one vCPU)."""

MAX_API_TASKS = 10


class DeployParameter(NamedTuple):
    """One parameter: ``constraint`` is what a person reads when the value is refused, and says what to type instead."""

    name: str
    group: str
    label: str
    description: str
    constraint: str = ""
    default: str | None = None
    type: str = "String"
    pattern: str | None = None
    allowed: tuple[str, ...] = ()
    minimum: int | None = None
    maximum: int | None = None

    def declare(self, *, nested: bool = False) -> dict[str, Any]:
        """As a template declares it; nested stacks get every value from root and have no defaults."""
        given = {
            "Type": self.type,
            "Description": self.description,
            "Default": None if nested else self.default,
            "AllowedPattern": f"^{self.pattern}$" if self.pattern else None,
            "AllowedValues": list(self.allowed) or None,
            "MinValue": self.minimum,
            "MaxValue": self.maximum,
            "ConstraintDescription": self.constraint or None,
        }
        return {key: value for key, value in given.items() if value is not None}


def pair(item: str) -> str:
    """Two different comma-separated items: a list of any other length is refused before anything is created."""
    return rf"(?!([^,]+),\1$){item},{item}"


def optional(pattern: str) -> str:
    return f"(?:{pattern})?"


def group(name: str, *members: dict[str, Any]) -> list[DeployParameter]:
    return [DeployParameter(group=name, **member) for member in members]


def parameter(name: str, label: str, description: str, **rest: Any) -> dict[str, Any]:
    return {"name": name, "label": label, "description": description, **rest}


def snowflake(name: str, label: str, description: str) -> dict[str, Any]:
    return parameter(
        name,
        label,
        f"{description} In Discord turn on Developer Mode, then right-click it and choose Copy ID.",
        pattern=SNOWFLAKE,
        constraint="A Discord id: 17 to 20 digits.",
    )


def address(name: str, label: str, description: str, default: str | None = "") -> dict[str, Any]:
    may_be_empty = default == ""
    return parameter(
        name,
        label,
        description,
        default=default,
        pattern=optional(ADDRESS) if may_be_empty else ADDRESS,
        constraint="An Ethereum address: 0x and 40 hexadecimal digits" + (", or empty." if may_be_empty else "."),
    )


def task_size(service: str, cpu: str, memory: str) -> list[dict[str, Any]]:
    sizes = sorted({size for sizes in FARGATE_MEMORY.values() for size in sizes}, key=int)
    name = service.capitalize() if service == "bot" else "Api"
    return [
        parameter(
            f"{name}Cpu",
            f"CPU of {'an API' if name == 'Api' else 'the bot'} task",
            "CPU units of the Fargate task; 1024 are one vCPU.",
            default=cpu,
            allowed=tuple(FARGATE_MEMORY),
            constraint="Choose 256, 512, 1024 or 2048.",
        ),
        parameter(
            f"{name}Memory",
            f"Memory of {'an API' if name == 'Api' else 'the bot'} task (MiB)",
            "Memory of the Fargate task in MiB; Fargate offers two to eight times the CPU units.",
            default=memory,
            allowed=tuple(sizes),
            constraint="A Fargate memory size in MiB between two and eight times the CPU units, for example 2048.",
        ),
    ]
