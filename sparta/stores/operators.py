"""Operators: one item each, and one for each wallet and username that is taken, written in the same transactions."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from sparta.addresses import STORED, address_key
from sparta.errors import Conflict, DependencyFailed, NotFound
from sparta.models import Operator, OperatorPage, OperatorStats, Preferences
from sparta.stores.clock import Clock, now
from sparta.stores.codec import Item
from sparta.stores.database import BUSY, ConditionFailed
from sparta.stores.expressions import Change
from sparta.stores.ownership import COUNTERS, owned
from sparta.stores.table import Key, Table, Transaction
from sparta.stores.tokens import PageTokens

PAGE = 100
NOT_FOUND = "Operator not found"


def operator_key(discord_id: str) -> Item:
    """Where an operator stands."""
    return {"pk": f"operator#{discord_id}"}


class Operators:
    """The table ``operators``."""

    def __init__(self, table: Table, tokens: PageTokens, clock: Clock = now) -> None:
        self.table = table
        self._tokens = tokens
        self._clock = clock

    def create(self, discord_id: str, wallet: str, username: str) -> Operator:
        """Register an operator.

        :raises Conflict: when the id, the wallet or the username is taken
        """
        time = self._clock()
        operator = Operator(
            discord_id=discord_id,
            wallet_address=wallet,
            discord_username=username,
            created_at=time,
            updated_at=time,
            validators=[],
        )
        item = {**operator_key(discord_id), "kind": "operator", **operator.to_json(), "validators": {}}
        transaction = Transaction(self.table.database)
        absent = "attribute_not_exists(#pk)"
        transaction.put(self.table, item, absent)
        transaction.put(self.table, {**_wallet_key(wallet), "discordId": discord_id}, absent)
        transaction.put(self.table, {**_username_key(username), "discordId": discord_id}, absent)
        transaction.update(self.table, COUNTERS, Change(add={"operators": 1, "withoutValidators": 1}))
        try:
            transaction.commit()
        except ConditionFailed as failed:
            raise _taken(failed, wallet, username) from None
        return operator

    def get(self, discord_id: str) -> Operator | None:
        """By Discord id, with the validators."""
        item = self.item(discord_id)
        return _operator(item) if item else None

    def item(self, discord_id: str) -> Item | None:
        """As it is stored."""
        return self.table.get(operator_key(discord_id))

    def by_wallet(self, wallet: str) -> Operator | None:
        """By wallet, in any case."""
        return self._by(_wallet_key(wallet))

    def by_username(self, username: str) -> Operator | None:
        """By Discord username, as it was registered."""
        return self._by(_username_key(username))

    def page(self, token: str | None = None) -> OperatorPage:
        """The next 100 operators in the order of their ids, without their validators.

        :raises InvalidInput: when the token is not one of this list
        """
        start = self._tokens.read("operators", token)
        page = self.table.query("#kind = :kind", index="listing", limit=PAGE, start=start, kind="operator")
        following = self._tokens.write("operators", page.next_key)
        return OperatorPage(operators=[record(item) for item in page.items], next_page_token=following)

    def all(self) -> list[Operator]:
        """Every operator, for the monitor."""
        return [_operator(item) for item in self.table.query_all("#kind = :kind", index="listing", kind="operator")]

    def stats(self) -> OperatorStats:
        """How many there are: one read, whatever the number."""
        counters = self.table.get(COUNTERS) or {}
        total = counters.get("operators", 0)
        without = counters.get("withoutValidators", 0)
        return OperatorStats(total_count=total, total_operators=total, operators_without_validators=without)

    def approve(self, discord_id: str, *, approved: bool) -> Operator:
        """Give or take approval."""
        return self._change(discord_id, Change(assign={"isApproved": approved}))

    def mark_slashed(self, discord_id: str) -> Operator:
        """Slashed, and therefore no longer approved."""
        return self._change(discord_id, Change(assign={"wasSlashed": True, "isApproved": False}))

    def forgive(self, discord_id: str) -> Operator:
        """No longer slashed. Approval is given by moderators, separately."""
        return self._change(discord_id, Change(assign={"wasSlashed": False}))

    def preferences(self, discord_id: str) -> Preferences:
        """What the operator wants to hear of."""
        item = self.item(discord_id)
        if not item:
            raise NotFound(NOT_FOUND)
        return Preferences.model_validate(item.get("preferences", {}), extra="ignore")

    def set_preferences(self, discord_id: str, preferences: Preferences) -> None:
        """Replace them."""
        self._change(discord_id, Change(assign={"preferences": preferences.to_json()}))

    def update_wallet(self, discord_id: str, wallet: str) -> Operator:
        """Another wallet. The same in another case changes nothing: the form first registered stays.

        :raises NotFound: no such operator
        :raises Conflict: the wallet belongs to another
        """
        return self._replace(discord_id, _WALLET, wallet)

    def rename(self, discord_id: str, username: str) -> Operator:
        """Another username: Discord lets people change theirs, and others take the old one.

        :raises NotFound: no such operator
        :raises Conflict: the username belongs to another
        """
        return self._replace(discord_id, _USERNAME, username)

    def delete(self, discord_id: str) -> None:
        """Remove an operator, freeing wallet and username.

        :raises NotFound: no such operator
        :raises Conflict: while it has validators
        """
        for _ in self.table.database.pauses():
            item = self.item(discord_id)
            if not item:
                raise NotFound(NOT_FOUND)
            if item["validators"]:
                raise Conflict(
                    f"This operator still has {len(item['validators'])} validator(s). Remove or transfer them first."
                )
            try:
                self._remove(item)
            except ConditionFailed:
                continue
            return
        raise DependencyFailed(BUSY, dependency="DynamoDB")

    def _remove(self, item: Item) -> None:
        unchanged = "size(#validators) = :zero AND #walletAddress = :wallet AND #discordUsername = :username"
        transaction = Transaction(self.table.database)
        names = {"wallet": item["walletAddress"], "username": item["discordUsername"]}
        transaction.delete(self.table, operator_key(item["discordId"]), unchanged, zero=0, **names)
        transaction.delete(self.table, _wallet_key(item["walletAddress"]))
        transaction.delete(self.table, _username_key(item["discordUsername"]))
        transaction.update(self.table, COUNTERS, Change(add={"operators": -1, "withoutValidators": -1}))
        transaction.commit()

    def _replace(self, discord_id: str, unique: _Unique, value: str) -> Operator:
        for _ in self.table.database.pauses():
            operator = self.get(discord_id)
            if operator is None:
                raise NotFound(NOT_FOUND)
            old = getattr(operator, unique.field)
            if unique.key(old) == unique.key(value):
                return operator
            changed = operator.model_copy(update={unique.field: value, "updated_at": self._clock()})
            try:
                self._move(changed, unique, old, value)
            except ConditionFailed as failed:
                if failed.items[1] is not None:
                    raise unique.taken(value) from None
                continue
            return changed
        raise DependencyFailed(BUSY, dependency="DynamoDB")

    def _move(self, changed: Operator, unique: _Unique, old: str, new: str) -> None:
        change = Change(assign={unique.attribute: new, "updatedAt": changed.updated_at})
        transaction = Transaction(self.table.database)
        transaction.update(self.table, operator_key(changed.discord_id), change, f"#{unique.attribute} = :old", old=old)
        transaction.put(self.table, {**unique.key(new), "discordId": changed.discord_id}, "attribute_not_exists(#pk)")
        transaction.delete(self.table, unique.key(old))
        transaction.commit()

    def _by(self, lock: Key) -> Operator | None:
        found = self.table.get(lock)
        return self.get(found["discordId"]) if found else None

    def _change(self, discord_id: str, change: Change) -> Operator:
        stamped = Change(assign={**change.assign, "updatedAt": self._clock()})
        try:
            return _operator(self.table.update(operator_key(discord_id), stamped, "attribute_exists(#pk)"))
        except ConditionFailed:
            raise NotFound(NOT_FOUND) from None


def _wallet_key(wallet: str) -> Key:
    return {"pk": f"wallet#{address_key(wallet)}"}


def _username_key(username: str) -> Key:
    return {"pk": f"username#{username}"}


def record(item: Item) -> Operator:
    """An operator from an item, without the validators."""
    own = {name: value for name, value in item.items() if name != "validators"}
    return Operator.model_validate(own, extra="ignore", context=STORED)


def _operator(item: Item) -> Operator:
    return record(item).model_copy(update={"validators": owned(item)})


def _wallet_taken(_: str) -> Conflict:
    return Conflict("This wallet belongs to another operator. Use a wallet of your own.")


def _username_taken(username: str) -> Conflict:
    return Conflict(f"The username {username} belongs to another operator. Ask a moderator to correct the record.")


class _Unique(NamedTuple):
    """An attribute that no two operators share: its field, and the item that holds a value which is taken."""

    attribute: str
    field: str
    key: Callable[[str], Key]
    taken: Callable[[str], Conflict]


_WALLET = _Unique("walletAddress", "wallet_address", _wallet_key, _wallet_taken)
_USERNAME = _Unique("discordUsername", "discord_username", _username_key, _username_taken)


def _taken(failed: ConditionFailed, wallet: str, username: str) -> Conflict:
    by_id, by_wallet, _, _ = failed.items
    if by_id is not None:
        return Conflict("This Discord id is registered already. To change its wallet, update the operator instead.")
    return _wallet_taken(wallet) if by_wallet is not None else _username_taken(username)
