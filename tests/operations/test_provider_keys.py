"""No URL that is shown tells who asks."""

import pytest

from scripts.operations.provider_keys import without_keys

CONSOLE = (
    "https://eu-west-2.console.aws.amazon.com/cloudformation/home?region=eu-west-2#/stacks/changesets/changes?stackId="
    "arn%3Aaws%3Acloudformation%3Aeu-west-2%3A123456789012%3Astack%2Fsparta-staging%2F0a1b2c3d-4e5f-4061-8273-94a5"
)
KEY = "84842078b09946638c03157f83405213"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (f"https://mainnet.infura.io/v3/{KEY}", "https://mainnet.infura.io/v3/****"),
        (
            "https://eth-mainnet.g.alchemy.com/v2/aB3_x-9ZkLmNoPqRsTuVwXyZ012345",
            "https://eth-mainnet.g.alchemy.com/v2/****",
        ),
        (f"wss://name.quiknode.pro/{KEY}/", "wss://name.quiknode.pro/****/"),
        (f"https://rpc.ankr.com/eth?apikey={KEY}&x=1", "https://rpc.ankr.com/eth?apikey=****&x=1"),
        ("https://me:secret@node.example.com:8545", "https://****@node.example.com:8545"),
        (f"of https://a.b/{KEY}, then https://c.d/{KEY}.", "of https://a.b/****, then https://c.d/****."),
    ],
)
def test_a_key_is_masked(written: str, shown: str) -> None:
    assert without_keys(written) == shown


@pytest.mark.parametrize(
    "written",
    [
        "https://sepolia.infura.io/v3/your-project-id",
        "https://sparta.example.com/api/validator/validators",
        f"https://s3.eu-west-2.amazonaws.com/sparta-artifacts/templates/{KEY}{KEY}/root.yaml",
        CONSOLE,
        f"sparta@sha256:{KEY}{KEY}",
        "http://127.0.0.1:8545",
        "no URL at all",
    ],
)
def test_what_is_no_key_stays(written: str) -> None:
    assert without_keys(written) == written
