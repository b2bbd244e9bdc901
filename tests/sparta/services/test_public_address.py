"""Which addresses may be knocked at: no address passes that is not one of the public internet."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from sparta.errors import InvalidInput
from sparta.services.public_address import public_address

SPECIAL_4 = [
    "0.0.0.0/8",
    "10.0.0.0/8",
    "100.64.0.0/10",
    "127.0.0.0/8",
    "169.254.0.0/16",
    "172.16.0.0/12",
    "192.0.0.0/24",
    "192.0.2.0/24",
    "192.31.196.0/24",
    "192.52.193.0/24",
    "192.88.99.0/24",
    "192.168.0.0/16",
    "192.175.48.0/24",
    "198.18.0.0/15",
    "198.51.100.0/24",
    "203.0.113.0/24",
    "224.0.0.0/4",
    "240.0.0.0/4",
]
"""IANA's IPv4 special-purpose registry, and multicast."""
SPECIAL_6 = [
    "::/128",
    "::1/128",
    "::ffff:0:0/96",
    "::/96",
    "64:ff9b::/96",
    "64:ff9b:1::/48",
    "100::/64",
    "100:0:0:1::/64",
    "2001::/23",
    "2001::/32",
    "2001:2::/48",
    "2001:db8::/32",
    "2002::/16",
    "2620:4f:8000::/48",
    "3fff::/20",
    "5f00::/16",
    "fc00::/7",
    "fe80::/10",
    "fec0::/10",
    "ff00::/8",
]
"""IANA's IPv6 special-purpose registry, multicast, and what is deprecated: site-local and IPv4-compatible."""
METADATA = ["169.254.169.254", "169.254.170.2", "168.63.129.16", "100.100.100.200", "192.0.0.192", "fd00:ec2::254"]
"""Where clouds keep a machine's credentials."""
PUBLIC = ["8.8.8.8", "1.1.1.1", "9.9.9.9", "192.0.1.1", "223.255.255.254", "2606:4700:4700::1111", "2a00:1450::1"]


def refused(text: str) -> bool:
    try:
        public_address(text)
    except InvalidInput:
        return True
    return False


@pytest.mark.parametrize("text", PUBLIC)
def test_public_addresses_pass(text: str) -> None:
    """As they are, with blanks from copying around them."""
    assert str(public_address(text)) == str(public_address(f" {text}\n")) == text


@pytest.mark.parametrize("network", SPECIAL_4 + SPECIAL_6)
def test_both_ends_of_each_special_range_are_refused(network: str) -> None:
    """The first address and the last."""
    kind = IPv6Network if ":" in network else IPv4Network
    assert refused(str(kind(network)[0]))
    assert refused(str(kind(network)[-1]))


@given(st.sampled_from(SPECIAL_4), st.integers(0, 2**32 - 1))
def test_no_special_address_of_version_4_passes(network: str, host: int) -> None:
    """Whichever of its range."""
    found = IPv4Network(network)
    assert refused(str(found[host % found.num_addresses]))


@given(st.sampled_from(SPECIAL_6), st.integers(0, 2**128 - 1))
def test_no_special_address_of_version_6_passes(network: str, host: int) -> None:
    """Whichever of its range, written short or long."""
    found = IPv6Network(network)
    address = IPv6Address(int(found.network_address) + host % found.num_addresses)
    assert refused(str(address))
    assert refused(address.exploded)


@given(st.integers(0, 2**128 - 1))
@example(int(IPv6Address("4000::")))
@example(int(IPv6Address("1fff:ffff::")))
def test_outside_of_what_is_handed_out_nothing_passes(number: int) -> None:
    """All of IPv6 but 2000::/3 is unassigned or special."""
    address = IPv6Address(number)
    if address not in IPv6Network("2000::/3"):
        assert refused(str(address))


@given(st.sampled_from(SPECIAL_4), st.integers(0, 2**32 - 1))
def test_no_special_address_hides_in_another(network: str, host: int) -> None:
    """IPv4-mapped and -compatible addresses, 6to4, Teredo, and both prefixes of NAT64 lead to an IPv4 address."""
    found = IPv4Network(network)
    inner = int(found[host % found.num_addresses])
    teredo = (0x20010000 << 96) | (inner ^ 0xFFFFFFFF)
    for number in (
        (0xFFFF << 32) | inner,
        inner,
        (0x2002 << 112) | (inner << 80),
        teredo,
        (0x64FF9B << 96) | inner,
        (0x64FF9B0001 << 80) | inner,
        (0x0000FFFF0000 << 32) | inner,
    ):
        assert refused(str(IPv6Address(number)))


@given(st.integers(0, 2**32 - 1))
def test_what_hides_in_another_is_refused_whatever_it_is(number: int) -> None:
    """A public IPv4 address is to be given as one."""
    for prefix in ("::ffff:", "64:ff9b::"):
        assert refused(f"{prefix}{IPv4Address(number)}")


@pytest.mark.parametrize("text", METADATA)
def test_no_metadata_service_is_reached(text: str) -> None:
    """Not even the one that has a public address."""
    assert refused(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "localhost",
        "example.com",
        "8.8.8.8.nip.io",
        "8.8.8",
        "8.8.8.8:80",
        "8.8.8.8/32",
        "[2606:4700:4700::1111]",
        "2606:4700:4700::1111%eth0",
        "fe80::1%1",
        "2606:4700:4700::1111%",
        "010.8.8.8",
        "08.8.8.8",
        "0x08080808",
        "134744072",
        "8.8.8.8\x00",
        "8.8.8.8 127.0.0.1",
        "٨.8.8.8",
        "1.1",
        "::ffff:127.0.0.1",
        "http://8.8.8.8",
    ],
)
def test_what_is_no_address(text: str) -> None:
    """Names are not resolved, and no notation passes that another program would read differently."""
    assert refused(text)


def test_the_refusals_say_what_to_do() -> None:
    """What was wrong, and how to find one's address."""
    with pytest.raises(InvalidInput, match="not a name"):
        public_address("example.com")
    with pytest.raises(InvalidInput, match=r"10\.0\.0\.1 is not an address of the public internet.*ifconfig\.me"):
        public_address("10.0.0.1")
