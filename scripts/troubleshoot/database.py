"""Errors with DynamoDB: tables, rights on them, names, the way there, and what the API said."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from scripts.operations import log_events
from scripts.operations.components import service
from scripts.operations.errors import code
from scripts.operations.target import Target
from scripts.operations.waiting import describe
from scripts.troubleshoot import looks
from scripts.troubleshoot.report import CERTAIN, LIKELY, Report
from templates.table_rights import RIGHTS
from templates.tables import TABLES

HOUR = 3600 * 1000
MOST_LINES = 8
# An error's name as botocore writes it, and what to do about it.
ERRORS = {
    "AccessDenied": "The program was refused by IAM: see the rights above.",
    "ResourceNotFound": "A table or index of that name does not exist: see the tables and names above.",
    "Throttl|ProvisionedThroughput|RequestLimit": "DynamoDB was asked too often for a key or table: see make metrics.",
    "EndpointConnectionError|ConnectTimeout|ReadTimeout": "DynamoDB could not be reached: see the way there above.",
    "KMS|InaccessibleEncryption": "The tables' key cannot be used: look at its state and policy.",
}
ROLES = {"api": "Security/ApiTaskRole", "monitor": "Security/MonitorRole"}


def examine(target: Target) -> Report:
    report = Report()
    _tables(target, report)
    _names(target, report)
    for program, path in ROLES.items():
        role = target.physical(path)
        arn = target.client("iam").get_role(RoleName=role)["Role"]["Arn"]
        looks.rights(target, report, arn, _wanted(target, program), f"Rights of {role}, the {program}'s")
    looks.way_out(target, report, "Security/ApiSecurityGroup")
    looks.way_to_tables(target, report)
    for component in ROLES:
        _said(target, report, component)
    return report


def _tables(target: Target, report: Report) -> None:
    client, lines = target.client("dynamodb"), []
    for table in TABLES:
        name = target.physical(f"Data/{table.title}Table")
        status, indexes = _status(client, name)
        lines.append(f"{name}: {status}{''.join(f', index {index}: {state}' for index, state in indexes.items())}")
        if status not in ("ACTIVE", "UPDATING"):
            back = f"make restore ENV={target.environment} TABLE={table.name} INTO={name}"
            report.blame(CERTAIN, f"Table {name} is {status}. If it is gone, this brings it back from a backup: {back}")
        lacking = sorted(index for index in table.indexes if indexes.get(index) != "ACTIVE")
        if lacking and status == "ACTIVE":
            report.blame(CERTAIN, f"Table {name} has no usable index {', '.join(lacking)}. Deploy again.")
    report.add("Tables", lines)


def _status(client: Any, name: str) -> tuple[str, dict[str, str]]:
    """The table's status, and that of each index; a table that is gone is called missing."""
    try:
        table = client.describe_table(TableName=name)["Table"]
    except ClientError as error:
        if code(error) == "ResourceNotFoundException":
            return "missing", {}
        raise
    indexes = {each["IndexName"]: each.get("IndexStatus", "ACTIVE") for each in table.get("GlobalSecondaryIndexes", [])}
    return str(table["TableStatus"]), indexes


def _names(target: Target, report: Report) -> None:
    """The names that the programs are told, beside those of the tables there are."""
    there = {target.physical(f"Data/{table.title}Table") for table in TABLES}
    arn = describe(target, "api")["taskDefinition"]
    container = target.client("ecs").describe_task_definition(taskDefinition=arn)["taskDefinition"][
        "containerDefinitions"
    ]
    function = target.client("lambda").get_function_configuration(
        FunctionName=target.physical("Monitor/MonitorFunction")
    )
    told = {
        service(target, "api"): {each["name"]: each["value"] for each in container[0].get("environment", [])},
        function["FunctionName"]: function.get("Environment", {}).get("Variables", {}),
    }
    lines = []
    for program, variables in told.items():
        for name, value in sorted(variables.items()):
            if name.endswith("_TABLE_NAME"):
                lines.append(f"{program} {name}: {value}{'' if value in there else ', which is none of the tables'}")
                if value not in there:
                    report.blame(LIKELY, f"{program} looks for table {value} ({name}), which is none of the system's.")
    report.add("Table names that the programs are told", lines)


def _wanted(target: Target, program: str) -> Iterator[tuple[str, str]]:
    """Every action and table that the program needs."""
    for right in RIGHTS[program]:
        name = target.physical(f"Data/{right.table.title}Table")
        end = f"/index/{right.index}" if right.index else ""
        arn = f"arn:aws:dynamodb:{target.region}:{target.account}:table/{name}{end}"
        yield from ((f"dynamodb:{action}", arn) for action in right.actions.split())


def _said(target: Target, report: Report, component: str) -> None:
    """Errors of the last hour that have to do with DynamoDB."""
    since = time.time_ns() // 1_000_000 - HOUR
    found = [each for each in log_events.trouble(target, component, since) if _concerns(each.text)]
    report.add(f"What the {component} said of DynamoDB in the last hour", map(log_events.line, found[-MOST_LINES:]))
    for event in found:
        for pattern, meaning in ERRORS.items():
            if named := re.search(rf"\w*(?:{pattern})\w*", event.text):
                report.blame(LIKELY, f"{component}: {named[0]}. {meaning}")


def _concerns(text: str) -> bool:
    return bool(re.search(rf"dynamodb|{'|'.join(ERRORS)}", text, re.IGNORECASE))
