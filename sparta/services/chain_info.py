"""Where the chain stands, and how its validators do: addresses with checksum, nobody where there is nobody."""

from __future__ import annotations

from dataclasses import dataclass

from sparta.addresses import checksum_address
from sparta.chain.contracts import Contracts
from sparta.models import ChainStatus
from sparta.models import NetworkStats as Stats
from sparta.stores.network_stats import NetworkStats

NO_ONE = "0x0000000000000000000000000000000000000000"


@dataclass(frozen=True, slots=True)
class ChainInfo:
    """Reads the rollup, and raises DependencyFailed when Ethereum is out of reach; statistics are what the monitor
    recorded.
    """

    contracts: Contracts
    network_stats: NetworkStats
    chain_id: int
    """Of Ethereum."""

    def rollup_address(self) -> str:
        """Of the rollup whose validators these are."""
        return checksum_address(self.contracts.rollup().address)

    def committee(self) -> list[str]:
        """The validators on duty in this epoch; none while there are too few for a committee."""
        return _shown(self.contracts.rollup().committee())

    def validators(self) -> list[str]:
        """The whole set."""
        return _shown(self.contracts.rollup().validators())

    def status(self) -> ChainStatus:
        """Tips, time, committee and set; ``proposer_now`` is the zero address while nobody is to propose."""
        rollup = self.contracts.rollup()
        status = rollup.status()
        return ChainStatus(
            pending_block_num=status.tips.pending,
            proven_block_num=status.tips.proven,
            validators=_shown(rollup.validators()),
            committee=_shown(status.committee),
            current_epoch=status.epoch,
            current_slot=status.slot,
            proposer_now=status.proposer or NO_ONE,
        )

    def last_epochs(self, epochs: int) -> list[Stats]:
        """The whole set in the newest epochs on record, newest first; none before the monitor's first run."""
        return self.network_stats.last(epochs)


def _shown(addresses: list[str]) -> list[str]:
    return [checksum_address(address) for address in addresses]
