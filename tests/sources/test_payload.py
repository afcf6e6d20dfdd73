"""Bytes of files."""

import gzip
import os

import pytest

from broadsheet.sources import SourceError
from broadsheet.sources.payload import decode, open_payload, read_head, read_payload


def test_gzip_is_seen_by_its_first_bytes_not_by_its_name(tmp_path):
    (tmp_path / "a.txt").write_bytes(gzip.compress(b"hello", mtime=0))
    (tmp_path / "b.gz").write_bytes(b"hello")
    assert read_payload(tmp_path / "a.txt") == read_payload(tmp_path / "b.gz") == b"hello"


def test_several_gzip_members_are_one_payload(tmp_path):
    (tmp_path / "a.gz").write_bytes(gzip.compress(b"one ", mtime=0) + gzip.compress(b"two"))
    assert read_payload(tmp_path / "a.gz") == b"one two"


def test_a_missing_file_a_folder_and_a_pipe_are_told_apart(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    for path, reason in [("none", "there is no file"), ("", "is a folder"), ("pipe", "is not a regular file")]:
        with pytest.raises(SourceError, match=reason):
            read_payload(tmp_path / path)
    with pytest.raises(SourceError, match="not a regular file"):
        read_head(type(tmp_path)("/dev/zero"))


@pytest.mark.parametrize("name", ["a\0b", "x" * 5_000])
def test_a_path_that_no_system_has_is_a_sentence(tmp_path, name):
    with pytest.raises(SourceError, match=r"no file|cannot be read"):
        read_payload(tmp_path / name)


def test_a_gzip_bomb_is_refused_at_the_limit(tmp_path):
    (tmp_path / "bomb.gz").write_bytes(gzip.compress(b"\0" * 20_000_000, mtime=0))
    with pytest.raises(SourceError, match="holds more than 1,000,000 bytes"):
        read_payload(tmp_path / "bomb.gz", 1_000_000)


@pytest.mark.parametrize(
    "damage",
    [
        gzip.compress(b"x" * 1_000, mtime=0)[:-4],
        gzip.compress(b"x" * 1_000, mtime=0)[:12],
        gzip.compress(b"x", mtime=0) + b"junk",
        b"\x1f\x8b\x00",
    ],
)
def test_damaged_gzip_is_a_sentence(tmp_path, damage):
    (tmp_path / "a.gz").write_bytes(damage)
    with pytest.raises(SourceError, match=r"a\.gz cannot be inflated: "):
        read_payload(tmp_path / "a.gz")


def test_a_changed_byte_within_gzip_is_a_sentence(tmp_path):
    body = bytearray(gzip.compress(os.urandom(5_000)))
    body[2_000] ^= 0xFF
    (tmp_path / "a.gz").write_bytes(bytes(body))
    with pytest.raises(SourceError, match="cannot be inflated"), open_payload(tmp_path / "a.gz") as stream:
        stream.read()


def test_text_is_utf8_with_plain_line_ends():
    assert decode(b"\xef\xbb\xbfa\r\nb\rc\n", "x") == "a\nb\nc\n"


def test_other_bytes_are_refused_with_their_line():
    with pytest.raises(SourceError, match=r"f\.bib line 3 is not UTF-8"):
        decode(b"one\ntwo\nth\xe9\n", "f.bib")
    with pytest.raises(SourceError, match=r"f\.bib line 2 holds a NUL byte"):
        decode(b"one\nt\0wo\n", "f.bib")
