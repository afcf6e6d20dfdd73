"""Bodies: inflated once, and never beyond the limit."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.sources import FetchError
from broadsheet.sources.body import read_body


def pieces(body: bytes, size: int = 7) -> list[bytes]:
    return [body[at : at + size] for at in range(0, len(body), size)]


@given(st.binary(max_size=400), st.integers(1, 50), st.sampled_from(["gzip", "x-gzip", " GZIP "]))
def test_gzip_is_undone_however_it_arrives(body, size, encoding):
    assert read_body(pieces(gzip.compress(body), size), encoding, 400) == body


def test_several_gzip_members_are_one_body():
    assert read_body(pieces(gzip.compress(b"one ") + gzip.compress(b"two")), "gzip", 100) == b"one two"


def test_a_plain_body_may_be_as_long_as_the_limit_and_no_longer():
    assert read_body([b"12345", b"67890"], "", 10) == b"1234567890"
    with pytest.raises(FetchError, match="larger than 9 bytes"):
        read_body([b"12345", b"67890"], "identity", 9)


@pytest.mark.slow
def test_a_gzip_bomb_is_stopped_at_the_limit():
    bomb = gzip.compress(b"\0" * 50_000_000)
    taken = []

    def arriving():
        for piece in pieces(bomb, 1_000):
            taken.append(piece)
            yield piece

    with pytest.raises(FetchError, match="larger than 10,000 bytes"):
        read_body(arriving(), "gzip", 10_000)
    assert len(taken) == 1  # of fifty: what did not fit was never inflated


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip", "gzip,gzip,gzip", "x" * 100])
def test_layers_and_other_encodings_are_refused(encoding):
    with pytest.raises(FetchError, match="not asked for"):
        read_body([gzip.compress(gzip.compress(b"x", mtime=0))], encoding, 1_000)


@pytest.mark.parametrize(
    "damage", [b"not gzip at all", gzip.compress(b"x" * 99, mtime=0)[:-9], gzip.compress(b"x", mtime=0) + b"junk"]
)
def test_damaged_or_cut_off_gzip_is_an_error(damage):
    with pytest.raises(FetchError, match="gzip is"):
        read_body(pieces(damage), "gzip", 1_000)


def test_a_wrong_checksum_is_an_error():
    body = bytearray(gzip.compress(b"some text"))
    body[-8] ^= 1
    with pytest.raises(FetchError, match="damaged"):
        read_body([bytes(body)], "gzip", 1_000)


def test_nothing_is_an_empty_body():
    assert read_body([], "gzip", 10) == b""
    assert zlib.decompress(zlib.compress(b"")) == read_body([], "", 10)
