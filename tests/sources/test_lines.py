"""Lines whose length nobody promised."""

import io
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadsheet.sources.lines import read_lines


class Endless(io.RawIOBase):
    """A line of `size` bytes and a short one after it, made as they are read; remembers the largest piece asked for."""

    def __init__(self, size: int) -> None:
        self._left = size
        self._tail = b"\nlast\n"

    def readable(self) -> bool:
        return True

    def readinto(self, buffer) -> int:
        count = min(len(buffer), self._left)
        if count:
            buffer[:count] = b"x" * count
            self._left -= count
            return count
        count = min(len(buffer), len(self._tail))
        buffer[:count] = self._tail[:count]
        self._tail = self._tail[count:]
        return count


@given(st.lists(st.binary(max_size=12).map(lambda line: line.replace(b"\n", b"").replace(b"\r", b"")), max_size=20))
def test_lines_come_back_and_long_ones_as_none(lines):
    stream = io.BufferedReader(io.BytesIO(b"".join(line + b"\n" for line in lines)))
    assert list(read_lines(stream, limit=8)) == [line if len(line) <= 8 else None for line in lines]


def test_a_last_line_needs_no_end_and_windows_ends_are_cut():
    assert list(read_lines(io.BufferedReader(io.BytesIO(b"a\r\n\nb")))) == [b"a", b"", b"b"]


@pytest.mark.parametrize("size", [9, 10, 11, 16, 17, 18, 19, 1_000])
def test_only_the_long_line_is_lost(size):
    stream = io.BufferedReader(io.BytesIO(b"x" * size + b"\nnext\n"))
    assert list(read_lines(stream, limit=9)) == [b"x" * 9 if size == 9 else None, b"next"]


def test_a_line_far_over_the_limit_is_never_held(request):
    tracemalloc.start()
    request.addfinalizer(tracemalloc.stop)
    lines = list(read_lines(io.BufferedReader(Endless(200_000_000), 65_536), limit=1_000_000))
    assert lines == [None, b"last"]
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
