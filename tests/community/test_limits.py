"""Limits: so many acts of an account, so many from behind one address, and then a clear word how long to wait."""

import pytest

from broadsheet.community import limits
from broadsheet.community.errors import LimitReached


@pytest.fixture(autouse=True)
def fresh_windows():
    limits.forget()
    yield
    limits.forget()


def spend_until_refused(kind: str, readers, addresses) -> int:
    for count, (reader, address) in enumerate(zip(readers, addresses, strict=False)):
        try:
            limits.spend(kind, reader, address)
        except LimitReached as refused:
            assert refused.wait.total_seconds() >= 1
            return count
    raise AssertionError("never refused")


def test_an_account_is_stopped_wherever_it_comes_from():
    addresses = (f"192.0.2.{n}" for n in range(1, 255))
    assert spend_until_refused("comment", [1] * 100, addresses) == 6


def test_an_address_is_stopped_whoever_acts_from_it():
    assert spend_until_refused("comment", range(100), ["192.0.2.1"] * 100) == 30


def test_a_household_with_many_addresses_of_ipv6_is_one_address():
    assert spend_until_refused("comment", range(100), (f"2001:db8::{n:x}" for n in range(100))) == 30


def test_what_is_refused_does_not_count_and_others_go_on():
    spend_until_refused("comment", [1] * 100, ["192.0.2.1"] * 100)
    for reader in range(2, 26):
        limits.spend("comment", reader, "192.0.2.1")
    limits.spend("vote", 1, "192.0.2.1")
