"""Operators: who they are, whether moderators approve of them, what they want to hear of."""

from __future__ import annotations

from dataclasses import dataclass

from sparta.addresses import address_key
from sparta.chain.aztec import AztecNode
from sparta.errors import Conflict, NotFound
from sparta.models import Operator, OperatorPage, OperatorStats, Preferences
from sparta.rules.proof import check_block, check_proof
from sparta.stores.operators import NOT_FOUND, Operators


@dataclass(frozen=True, slots=True)
class OperatorService:
    """``discord_id`` wins where a username is given too."""

    store: Operators
    node: AztecNode

    def find(self, discord_id: str | None, username: str | None = None) -> Operator:
        """With the validators.

        :raises NotFound: no such operator
        """
        found = self.store.get(discord_id) if discord_id else self.store.by_username(username or "")
        return _existing(found)

    def by_wallet(self, wallet: str) -> Operator:
        """The operator with this wallet, in any case.

        :raises NotFound: none has it
        """
        return _existing(self.store.by_wallet(wallet))

    def page(self, token: str | None) -> OperatorPage:
        """100 operators; a bad token is refused."""
        return self.store.page(token)

    def stats(self) -> OperatorStats:
        """How many there are."""
        return self.store.stats()

    def register(self, discord_id: str, wallet: str, username: str) -> Operator:
        """A new operator.

        :raises Conflict: id, wallet or username is taken
        """
        return self.store.create(discord_id, wallet, username)

    def start(self, discord_id: str, username: str, wallet: str, *, block: int, proof: str) -> tuple[Operator, bool]:
        """Register whoever proves a synced node, or correct their wallet and username; whether they are new.

        :raises InvalidInput: the proof does not hold
        :raises Conflict: wallet or username is another's
        """
        tips = self.node.tips()
        check_block(block, proven=tips.proven.number, latest=tips.latest.number)
        check_proof(proof, self.node.archive_sibling_path(block, block), block)
        if self.store.get(discord_id) is None:
            try:
                return self.store.create(discord_id, wallet, username), True
            except Conflict:
                if self.store.get(discord_id) is None:
                    raise
        # Registered before, or by the same command a moment ago.
        self.store.rename(discord_id, username)
        return self.store.update_wallet(discord_id, wallet), False

    def change_wallet(self, discord_id: str | None, username: str | None, wallet: str) -> Operator:
        """Another wallet.

        :raises NotFound: no such operator
        :raises Conflict: it is another's
        """
        operator = self.find(discord_id, username)
        if address_key(operator.wallet_address) == address_key(wallet):
            return operator
        return self.store.update_wallet(operator.discord_id, wallet)

    def delete(self, discord_id: str | None, username: str | None) -> None:
        """Forget an operator.

        :raises NotFound: no such operator
        :raises Conflict: it has validators
        """
        self.store.delete(self.find(discord_id, username).discord_id)

    def approve(self, discord_id: str | None, username: str | None, *, approved: bool) -> Operator:
        """Give or take approval.

        :raises NotFound: no such operator
        """
        return self.store.approve(self.find(discord_id, username).discord_id, approved=approved)

    def forgive(self, discord_id: str | None, username: str | None) -> Operator:
        """No longer marked as slashed; approval is given separately.

        :raises NotFound: no such operator
        """
        return self.store.forgive(self.find(discord_id, username).discord_id)

    def preferences(self, discord_id: str | None, username: str | None) -> Preferences:
        """What an operator wants to hear of.

        :raises NotFound: no such operator
        """
        return self.store.preferences(self.find(discord_id, username).discord_id)

    def set_preferences(self, discord_id: str | None, username: str | None, wanted: Preferences) -> Preferences:
        """Replace them.

        :raises NotFound: no such operator
        """
        self.store.set_preferences(self.find(discord_id, username).discord_id, wanted)
        return wanted


def _existing(found: Operator | None) -> Operator:
    if found is None:
        raise NotFound(NOT_FOUND)
    return found
