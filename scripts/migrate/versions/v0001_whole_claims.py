"""0001: operators, the wallets and usernames they have taken, their validators and the counters agree again.

For rows that the earlier service wrote, which lack what ours derives from them, and after a table was restored from a
backup, when it is older than the others. Whose a validator is, its own row says; where that says nothing, the
operator's.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from scripts.migrate.model import Edit, Migration, Outcome, Pass, Problem
from scripts.migrate.view import View
from sparta.addresses import address_key
from sparta.stores.codec import Item
from sparta.stores.operators import operator_key
from sparta.stores.ownership import COUNTERS, MOST

OPERATORS, VALIDATORS = "operators", "validators"


def operators_and_claims(view: View, item: Item) -> Iterator[Outcome]:
    """An operator is whole and has taken its wallet and username; what nobody has is not taken."""
    kind, _, name = item["pk"].partition("#")
    if kind == "operator":
        yield from _operator(view, item, name)
    elif kind in ("wallet", "username"):
        owner = view.get(OPERATORS, operator_key(str(item.get("discordId"))))
        if owner is None or item["pk"] not in _claims(owner):
            yield Edit(OPERATORS, item, None)


def validators_and_owners(view: View, item: Item) -> Iterator[Outcome]:
    """A validator stands under its address in lower case, and with an operator who exists and lists it."""
    key = address_key(item["pk"])
    whole = _with_defaults(item | {"pk": key}, address=item["pk"], isActive=False)
    owner = view.get(OPERATORS, operator_key(item["operatorId"])) if item.get("operatorId") else None
    if item.get("operatorId") and owner is None:
        whole = {name: value for name, value in whole.items() if name not in ("operatorId", "label")}
    if key != item["pk"]:
        yield Edit(VALIDATORS, item, None)
        if view.get(VALIDATORS, {"pk": key}) is not None:
            return
        yield Edit(VALIDATORS, None, whole)
    elif whole != item:
        yield Edit(VALIDATORS, item, whole)
    if owner is not None:
        yield from _listed(owner, key, whole)


def operators_and_lists(view: View, item: Item) -> Iterator[Outcome]:
    """An operator lists its own validators only; one that no row knows, or nobody has, is its own."""
    if not item["pk"].startswith("operator#"):
        return
    listed: dict[str, Any] = {}
    for address, entry in item.get("validators", {}).items():
        key = address_key(address)
        row = view.get(VALIDATORS, {"pk": key})
        owner = row.get("operatorId") if row else None
        if owner not in (None, _id(item)):
            continue
        listed.setdefault(key, entry)
        if row is None:
            times = {name: item[name] for name in ("createdAt", "updatedAt")}
            yield Edit(VALIDATORS, None, {"pk": key, **entry, "operatorId": _id(item), **times})
        elif owner is None:
            yield Edit(VALIDATORS, row, row | {"operatorId": _id(item)})
    if listed != item.get("validators", {}):
        yield Edit(OPERATORS, item, item | {"validators": listed})


def counters(view: View) -> Iterator[Outcome]:
    """How many operators there are, and how many without validators; counted while the counters stood still."""
    before = view.get(OPERATORS, COUNTERS)
    operators = [item for item, _ in view.scan(OPERATORS) if item["pk"].startswith("operator#")]
    without = sum(not item.get("validators") for item in operators)
    after = {**COUNTERS, "operators": len(operators), "withoutValidators": without}
    if before is None and not operators:
        return
    if before != after:
        yield Edit(OPERATORS, before, after)


def _operator(view: View, item: Item, discord_id: str) -> Iterator[Outcome]:
    lacking = [name for name in ("walletAddress", "discordUsername") if not item.get(name)]
    if lacking:
        yield Problem(OPERATORS, item["pk"], f"it has no {' and no '.join(lacking)}, which nobody else knows.")
        return
    whole = _with_defaults(
        item, kind="operator", discordId=discord_id, isApproved=False, wasSlashed=False, validators={}
    )
    if whole != item:
        yield Edit(OPERATORS, item, whole)
    for claim in _claims(item):
        yield from _claim(view, claim, discord_id)


def _claim(view: View, claim: str, discord_id: str) -> Iterator[Outcome]:
    row = view.get(OPERATORS, {"pk": claim})
    wanted = {"pk": claim, "discordId": discord_id}
    if row is None or row.get("discordId") == discord_id:
        if row is None:
            yield Edit(OPERATORS, None, wanted)
        return
    other = view.get(OPERATORS, operator_key(str(row.get("discordId"))))
    if other is not None and claim in _claims(other):
        yield Problem(OPERATORS, claim, f"operators {row['discordId']} and {discord_id} both have it; one must change.")
    else:
        yield Edit(OPERATORS, row, wanted)


def _listed(owner: Item, key: str, validator: Item) -> Iterator[Outcome]:
    entry = {"address": validator["address"], "isActive": validator["isActive"]}
    listed = owner.get("validators", {})
    if listed.get(key) == entry:
        return
    if key not in listed and len(listed) >= MOST:
        yield Problem(OPERATORS, owner["pk"], f"it has {MOST} validators, which is the most, and {key} besides.")
    else:
        yield Edit(OPERATORS, owner, owner | {"validators": listed | {key: entry}})


def _claims(operator: Item) -> list[str]:
    """Keys of the rows that say its wallet and username are taken."""
    wallet, username = str(operator.get("walletAddress", "")), str(operator.get("discordUsername", ""))
    return [f"wallet#{address_key(wallet)}"] * bool(wallet) + [f"username#{username}"] * bool(username)


def _id(operator: Item) -> str:
    return str(operator["pk"].partition("#")[2])


def _with_defaults(item: Item, **defaults: Any) -> Item:
    """What lacks is added; of two times that lack, one is the other."""
    times = {"createdAt": item.get("updatedAt", 0), "updatedAt": item.get("createdAt", 0)}
    return {**defaults, **times, **{name: value for name, value in item.items() if value is not None}}


MIGRATION = Migration(
    number=1,
    name="whole-claims",
    says="operators, what they have taken, their validators and the counters agree",
    changes=(OPERATORS, VALIDATORS),
    passes=(
        Pass(OPERATORS, operators_and_claims),
        Pass(VALIDATORS, validators_and_owners),
        Pass(OPERATORS, operators_and_lists),
    ),
    closing=counters,
    repeatable=True,
)
