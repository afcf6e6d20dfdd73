"""Connecting: only to checked addresses, only until the deadline."""

import httpcore2
import pytest

from broadsheet.sources import FetchError
from broadsheet.sources.guard import Deadline, GuardedBackend, resolve


def guarded(recorder: httpcore2.NetworkBackend, *addresses: str) -> GuardedBackend:
    return GuardedBackend(Deadline(10), resolve=lambda *_: addresses, inner=recorder)


def test_the_connection_goes_to_the_address_that_was_checked(record_network):
    recorder = record_network()
    guarded(recorder, "93.184.216.34").connect_tcp("example.org", 443)
    assert recorder.reached == [("93.184.216.34", 443)]


def test_one_private_address_among_public_ones_spoils_them_all(record_network):
    recorder = record_network()
    with pytest.raises(FetchError, match=r"example\.org leads to 127\.0\.0\.1, which is not a public address"):
        guarded(recorder, "93.184.216.34", "127.0.0.1").connect_tcp("example.org", 80)
    assert recorder.reached == []


def test_a_name_that_changes_between_check_and_connection_gains_nothing(record_network):
    answers = iter([["93.184.216.34"], ["127.0.0.1"], ["127.0.0.1"]])
    recorder = record_network()
    backend = GuardedBackend(Deadline(10), resolve=lambda *_: next(answers), inner=recorder)
    backend.connect_tcp("rebinding.example", 80)
    assert recorder.reached == [("93.184.216.34", 80)]
    with pytest.raises(FetchError, match="not a public address"):
        backend.connect_tcp("rebinding.example", 80)
    assert len(recorder.reached) == 1


def test_the_next_address_is_tried_when_one_does_not_answer(record_network):
    recorder = record_network(refuse=("1.1.1.1",))
    guarded(recorder, "1.1.1.1", "1.0.0.1").connect_tcp("example.org", 80)
    assert [address for address, _ in recorder.reached] == ["1.1.1.1", "1.0.0.1"]


def test_no_answer_from_any_address_is_one_error(record_network):
    with pytest.raises(FetchError, match=r"no connection to example\.org port 80: refused"):
        guarded(record_network(refuse=("1.1.1.1",)), "1.1.1.1").connect_tcp("example.org", 80)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f000001", "0x7f.1", "017700000001", "127.1", "0", "localhost", "::1"]
)
def test_loopback_is_seen_through_however_it_is_written(host, record_network):
    recorder = record_network()
    with pytest.raises(FetchError, match=r"not a public address|cannot be found"):
        GuardedBackend(Deadline(10), inner=recorder).connect_tcp(host, 80)
    assert recorder.reached == []


def test_a_name_that_nobody_has_cannot_be_found(record_network):
    def nobody(host: str, port: int) -> list[str]:
        raise OSError(-2, "Name or service not known")

    with pytest.raises(FetchError, match="cannot be found: Name or service not known"):
        GuardedBackend(Deadline(10), resolve=nobody, inner=record_network()).connect_tcp("nobody.example", 80)


def test_a_name_without_addresses_is_an_error(record_network):
    with pytest.raises(FetchError, match="has no address"):
        guarded(record_network()).connect_tcp("nowhere.example", 80)


@pytest.mark.parametrize("host", ["a\0b", "x" * 70 + ".example", ".example.."])
def test_what_is_no_host_name_at_all_is_an_os_error(host):
    with pytest.raises(OSError, match=r"."):
        resolve(host, 80)


def test_a_socket_file_is_never_opened(record_network):
    with pytest.raises(FetchError, match="socket file"):
        guarded(record_network()).connect_unix_socket("/run/docker.sock")


def test_the_deadline_holds_for_the_whole_and_gives_back_what_waiting_took():
    moments = iter([0.0, 4.0, 11.0, 11.0, 13.0])
    deadline = Deadline(10, lambda: next(moments))
    assert deadline.remaining() == 6
    with pytest.raises(FetchError, match="longer than 10 seconds in all"):
        deadline.remaining()
    deadline.give(2)
    assert deadline.remaining() == 1
    with pytest.raises(FetchError):
        deadline.remaining()
