"""DynamoDB tables: protected, paid by use, expiring where data expire, with the keys that the stores ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

from templates.rules.finding import Finding, rule
from templates.rules.physical import physical_name
from templates.rules.system import Resource, System
from templates.rules.values import dicts, get, mapping, number, text, truth
from templates.tables import TABLES

TABLE = "AWS::DynamoDB::Table"
NAME = re.compile(r"sparta-(.+)-[a-z0-9]+")


class Design(NamedTuple):
    """A table's key and indexes as the stores ask for them, "name:type" each, and whether its items expire."""

    key: tuple[str, ...]
    indexes: dict[str, tuple[str, ...]]
    expires: bool


# A key cannot be changed on a table that holds data, and an index is a query that some store makes.
DESIGNS = {
    table.name: Design(
        tuple(f"{name}:{kind}" for name, kind in table.key.items()),
        {title: tuple(f"{name}:{kind}" for name, kind in index.items()) for title, index in table.indexes.items()},
        expires=table.expires is not None,
    )
    for table in TABLES
}
MOST_DAYS = 35


def tables(system: System) -> list[Resource]:
    return system.of_type(TABLE)


def design(table: Resource) -> Design | None:
    """The design of one of the application's tables, by its name; None for other tables."""
    match = NAME.fullmatch(physical_name(table))
    return DESIGNS.get(match[1]) if match else None


@rule("without point-in-time recovery a bad write can be taken back to last night only")
def table_recoverable(system: System) -> Iterator[Finding]:
    for table in tables(system):
        recovery = mapping(table.get("PointInTimeRecoverySpecification"))
        days = number(recovery.get("RecoveryPeriodInDays", MOST_DAYS))
        if truth(recovery.get("PointInTimeRecoveryEnabled")) is not True:
            yield table.finding("has no point-in-time recovery; set PointInTimeRecoveryEnabled to true")
        elif days is None or days < 7:
            yield table.finding("RecoveryPeriodInDays is less than a week; leave it out, it is 35 then")


@rule("data at rest are encrypted with a key whose use is recorded")
def table_encrypted(system: System) -> Iterator[Finding]:
    for table in tables(system):
        if truth(table.get("SSESpecification", "SSEEnabled")) is not True:
            yield table.finding("is not encrypted with a KMS key; set SSESpecification.SSEEnabled to true")


@rule("one wrong click or script deletes a table that is not protected")
def table_deletion_protected(system: System) -> Iterator[Finding]:
    for table in tables(system):
        if truth(table.get("DeletionProtectionEnabled")) is not True:
            yield table.finding("may be deleted; set DeletionProtectionEnabled to true")


@rule("the guide bills tables by request: provisioned capacity costs while idle and throttles when busy")
def table_billed_by_request(system: System) -> Iterator[Finding]:
    for table in tables(system):
        if text(table.get("BillingMode")) != "PAY_PER_REQUEST":
            yield table.finding("is not billed by request; set BillingMode to PAY_PER_REQUEST")
        if "ProvisionedThroughput" in table.props or any(
            "ProvisionedThroughput" in index for index in dicts(table.get("GlobalSecondaryIndexes"))
        ):
            yield table.finding("gives ProvisionedThroughput, which a table billed by request does not take; remove it")


def _expires(table: Resource) -> bool:
    return truth(table.get("TimeToLiveSpecification", "Enabled")) is True


@rule("history, statistics, leases and sent messages pile up, and are paid for, unless they expire")
def old_items_expire(system: System) -> Iterator[Finding]:
    for table in tables(system):
        found = design(table)
        if found and found.expires and not _expires(table):
            yield table.finding("keeps everything for ever; set TimeToLiveSpecification with AttributeName and Enabled")


@rule("operators and validators do not expire: with a time to live their rows would vanish by themselves")
def registered_items_stay(system: System) -> Iterator[Finding]:
    for table in tables(system):
        found = design(table)
        if found and not found.expires and _expires(table):
            yield table.finding("lets registered items expire; remove TimeToLiveSpecification")


@rule("the stores write one attribute with the expiry time: a table that watches another one keeps everything")
def expiry_attribute_alike(system: System) -> Iterator[Finding]:
    expiring = [table for table in tables(system) if _expires(table)]
    names = [text(table.get("TimeToLiveSpecification", "AttributeName")) for table in expiring]
    usual = max(names, key=names.count, default="")
    for table, name in zip(expiring, names, strict=True):
        if name != usual:
            yield table.finding(f"expires by {name or 'no attribute'}, the others by {usual}; name the same attribute")
        if name in _types(table):
            yield table.finding(f"expires by {name}, which is part of a key; name an attribute that holds a time")


def _types(table: Resource) -> dict[str, str]:
    """Attribute -> type, of those that keys use."""
    attributes = dicts(table.get("AttributeDefinitions"))
    return {text(entry.get("AttributeName")): text(entry.get("AttributeType")) for entry in attributes}


def _key(table: Resource, schema: Any) -> tuple[str, ...]:
    """A key schema as "name:type", partition key first."""
    parts = sorted(dicts(schema), key=lambda entry: text(entry.get("KeyType")))
    names = [text(entry.get("AttributeName")) for entry in parts]
    return tuple(f"{name}:{_types(table).get(name, 'undefined')}" for name in names)


@rule("DynamoDB refuses a key that is not one HASH and at most one RANGE, of attributes that are defined")
def key_well_formed(system: System) -> Iterator[Finding]:
    for table in tables(system):
        indexes = [*dicts(table.get("GlobalSecondaryIndexes")), *dicts(table.get("LocalSecondaryIndexes"))]
        schemas = [table.get("KeySchema"), *(index.get("KeySchema") for index in indexes)]
        used = {text(entry.get("AttributeName")) for schema in schemas for entry in dicts(schema)}
        for schema in schemas:
            if [text(entry.get("KeyType")) for entry in dicts(schema)] not in (["HASH"], ["HASH", "RANGE"]):
                yield table.finding("has a key that is not HASH, or HASH and RANGE; correct KeySchema")
        for name in sorted(used ^ set(_types(table))):
            yield table.finding(f"{name} is defined or used as a key, not both; correct AttributeDefinitions")


@rule("the stores ask for this key and these indexes; changing a key replaces the table by an empty one")
def table_as_stores_ask(system: System) -> Iterator[Finding]:
    for table in tables(system):
        found = design(table)
        if found is None:
            continue
        key = _key(table, table.get("KeySchema"))
        if key != found.key:
            yield table.finding(f"has the key {' '.join(key)}; the stores ask for {' '.join(found.key)}")
        indexes = {text(index.get("IndexName")): index for index in dicts(table.get("GlobalSecondaryIndexes"))}
        for name, wanted in found.indexes.items():
            index = indexes.get(name)
            if index is None or _key(table, index.get("KeySchema")) != wanted:
                yield table.finding(f"has no index {name} of {' '.join(wanted)}, which a store queries; add it")
            elif text(get(index, "Projection", "ProjectionType")) != "ALL":
                yield table.finding(f"index {name} leaves attributes out; set ProjectionType to ALL")
        for name in sorted(set(indexes) - set(found.indexes)):
            yield table.finding(f"has an index {name} that no store queries and every write pays for; remove it")
