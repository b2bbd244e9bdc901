"""The real contracts of each generation, deployed on a real EVM."""

from itertools import count

import pytest

from scripts.devnet import artifacts
from scripts.devnet.anvil import LIMITED, OWNER, Anvil, deploy_contracts
from scripts.devnet.deploy import STAKE, Contracts
from scripts.devnet.errors import DevnetError
from scripts.devnet.packages import ARTIFACTS, fetch
from scripts.devnet.rpc import RpcError
from scripts.devnet.screen import say
from scripts.devnet.validators import add_validators, queue_validators, slash, withdraw

GENERATIONS = ["0.87.9", "1.2.1", "2.0.3", "4.1.2"]
LATER = GENERATIONS[1:]
NO_COMMITTEE = {"ValidatorSelection__InsufficientCommitteeSize", "ValidatorSelection__InsufficientValidatorSetSize"}
numbers = count(0x5000)


def attesters(many: int) -> list[str]:
    """Addresses that no other test uses."""
    return [f"0x{next(numbers):040x}" for _ in range(many)]


def validator_set(contracts: Contracts) -> list[str]:
    size = contracts.rollup.read("getActiveAttesterCount")
    return [contracts.rollup.read("getAttesterAtIndex", index) for index in range(size)]


@pytest.fixture
def first(chain: Anvil) -> Contracts:
    return deploy_contracts(chain.url)


def test_an_added_validator_is_in_the_set_at_once(first: Contracts) -> None:
    """Anybody may add one through the handler of 0.87.9; attester, proposer, stake and status are on chain."""
    attester, proposer = attesters(2)
    receipt = first.handler.send(LIMITED[0], "addValidator", attester, proposer)
    assert receipt["status"] == "0x1"
    assert first.rollup.read("getAttesters") == (attester,)
    assert first.rollup.read("getInfo", attester) == (STAKE, first.deployer.lower(), proposer, 1)


def test_the_quota_holds_for_all_but_the_owner(first: Contracts) -> None:
    """Three adds per interval; the fourth is refused by name, the owner goes on, and time gives a new quota."""
    *within, fourth, fifth = attesters(5)
    for attester in within:
        first.handler.send(LIMITED[0], "addValidator", attester, attester)
    with pytest.raises(RpcError) as refused:
        first.handler.send(LIMITED[0], "addValidator", fourth, fourth)
    assert first.handler.error(refused.value) == "ValidatorQuotaFilledUntil"
    first.handler.send(OWNER[0], "addValidator", fourth, fourth)
    first.rpc.pass_time(3601)
    first.handler.send(LIMITED[0], "addValidator", fifth, fifth)
    assert set(first.rollup.read("getAttesters")) == {*within, fourth, fifth}


def test_a_second_add_is_refused_by_name(first: Contracts) -> None:
    """The refusal is the rollup's own error; forced out with gas it is mined and has failed."""
    (attester,) = attesters(1)
    first.handler.send(OWNER[0], "addValidator", attester, attester)
    with pytest.raises(RpcError) as refused:
        first.handler.send(OWNER[0], "addValidator", attester, attester)
    assert first.rollup.error(refused.value) == "Staking__AlreadyRegistered"
    forced = first.handler.send(OWNER[0], "addValidator", attester, attester, gas=1_000_000)
    assert forced["status"] == "0x0"


@pytest.mark.parametrize("generation", GENERATIONS)
def test_a_generation_works_from_entry_to_exit(chain: Anvil, generation: str) -> None:
    """Four join, a committee forms after some epochs, one is slashed out, one leaves: as each generation does it."""
    contracts = deploy_contracts(chain.url, generation)
    members = attesters(4)
    add_validators(contracts, members)
    assert validator_set(contracts) == members
    assert contracts.rollup.read("getTips") == (0, 0)
    for _ in range(6):
        contracts.rpc.pass_time(48)
    assert len(contracts.rollup.read("getCurrentEpochCommittee")) == 3
    slash(contracts, members[0])
    withdraw(contracts, members[1])
    assert sorted(validator_set(contracts)) == members[2:]


@pytest.mark.parametrize("generation", LATER)
def test_later_generations_queue_and_have_no_committee_at_first(chain: Anvil, generation: str) -> None:
    """Queued is not in the set; asking for a committee then is refused by name, which is not an outage."""
    contracts = deploy_contracts(chain.url, generation)
    queue_validators(contracts, attesters(2))
    assert contracts.rollup.read("getEntryQueueLength") == 2
    assert validator_set(contracts) == []
    with pytest.raises(RpcError) as refused:
        contracts.rollup.read("getCurrentEpochCommittee")
    assert contracts.rollup.error(refused.value) in NO_COMMITTEE


def test_an_unknown_generation_is_refused(chain: Anvil) -> None:
    """The sentence names those there are."""
    with pytest.raises(DevnetError, match=r"There are no contracts of 9\.9\.9; choose one of 0\.87\.9, 1\.2\.1"):
        deploy_contracts(chain.url, "9.9.9")


def test_the_vendored_contracts_are_those_of_the_package() -> None:
    """What is deployed where there is no npm is byte for byte the same."""
    folder = fetch(ARTIFACTS["0.87.9"], say)
    for name, artifact in artifacts.vendored("0.87.9").items():
        assert artifact == artifacts.from_package(folder, name)
