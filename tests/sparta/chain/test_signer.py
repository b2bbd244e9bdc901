"""The signer's key, looked at before it is needed."""

from __future__ import annotations

import subprocess
import sys

import pytest
from pydantic import SecretStr

from scripts.devnet.anvil import CHAIN_ID, LIMITED, OWNER
from sparta.chain.signer import Fees, Signer
from sparta.errors import SettingsError

WRONG = {"0x12": "is wrong: a private key is", LIMITED[1]: f"belongs to the account {LIMITED[0]}"}


@pytest.mark.parametrize("key", WRONG)
def test_a_wrong_key_is_a_mistake_in_the_settings(key: str) -> None:
    """One line names both settings that it can come from, and never shows the key."""
    with pytest.raises(SettingsError, match=WRONG[key]) as caught:
        Signer(SecretStr(key), OWNER[0], CHAIN_ID).check()
    (line,) = caught.value.mistakes
    assert line.startswith("SPARTA_PRIVATE_KEY, or the secret that SPARTA_PRIVATE_KEY_SECRET names,")
    assert key not in line


@pytest.mark.parametrize("key", [OWNER[1], OWNER[1][2:]])
@pytest.mark.parametrize("address", [OWNER[0], OWNER[0].lower()])
def test_the_right_key_is_right_in_any_form(key: str, address: str) -> None:
    """With 0x or without, for the address in any case."""
    Signer(SecretStr(key), address, CHAIN_ID).check()


def test_nothing_is_signed_with_the_key_of_another() -> None:
    """Also where nobody checked before."""
    signer = Signer(SecretStr(LIMITED[1]), OWNER[0], CHAIN_ID)
    with pytest.raises(SettingsError):
        signer.sign(to=OWNER[0], data="0x", gas=21_000, nonce=0, fees=Fees(2, 1))


def test_a_look_at_the_key_costs_no_start() -> None:
    """eth_account and web3 stay away until something is signed."""
    program = (
        "import sys\nfrom pydantic import SecretStr\nfrom sparta.chain.signer import Signer\n"
        f"Signer(SecretStr({OWNER[1]!r}), {OWNER[0]!r}, {CHAIN_ID}).check()\n"
        "assert not {'eth_account', 'eth_keys', 'web3'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
