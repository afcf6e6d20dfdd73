"""Snapshots of the native index: whole or refused, in a sentence; never a crash, never half a file."""

import os
import random
import resource
import struct
import subprocess
import sys
from itertools import count

import numpy as np
import pytest
from journals import columns

from broadsheet.search import Embed, NativeIndex, Put, SnapshotError, Vector, Withdraw, parse

IDENTITY = "the library of the tests"
WORD = struct.Struct("<Q")
BLOCKS, HEADER, ENTRY, SIZES = 24, 368, 128, 88
"""Where the header counts the blocks; how long it is, what it says of each block, and the sizes in that."""


def fill(index, papers=300):
    seqs = count(index.position + 1)
    changes = []
    for paper in range(1, papers + 1):
        changes.append(Put(next(seqs), paper, f"Cats of kind {paper}", f"{paper % 7} and {paper % 5} r{paper}"))
        changes.append(Embed(next(seqs), paper, Vector(np.array([paper % 100, 3, -5], np.int8), 0.01)))
        if paper % 9 == 0:
            changes.append(Withdraw(next(seqs), paper - 4))
    index.apply(changes, changes[-1].seq)
    return index


def answers(index):
    probe = Vector(np.array([5, -3, 1], np.int8), 0.02)
    texts = ["cats", "r7", '"of kind"', "kind -r3", "2 and 3"]
    return [columns(index.search(parse(text), probe, 50, at)) for text in texts for at in (None, 100)]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "snapshot"


@pytest.fixture
def saved(path):
    """A snapshot of several blocks on the disk."""
    fill(NativeIndex(64)).save(path, IDENTITY)
    return path


def refuse(path, why, identity=IDENTITY):
    with pytest.raises(SnapshotError, match=why) as refused:
        NativeIndex.load(path, identity)
    assert str(path) in str(refused.value)


def test_an_index_from_a_snapshot_answers_as_the_one_that_wrote_it(saved):
    index, loaded = fill(NativeIndex(64)), NativeIndex.load(saved, IDENTITY)
    assert (loaded.position, loaded.size) == (index.position, index.size)
    assert NativeIndex.position_of(saved) == index.position
    assert answers(loaded) == answers(index)


def test_the_snapshot_of_an_empty_index_is_an_empty_index(path):
    NativeIndex().save(path, IDENTITY)
    loaded = NativeIndex.load(path, IDENTITY)
    assert (loaded.position, loaded.size, list(loaded.papers())) == (0, 0, [])


def test_a_snapshot_writes_the_same_bytes_again(saved, tmp_path):
    again = tmp_path / "again"
    NativeIndex.load(saved, IDENTITY).save(again, IDENTITY)
    assert again.read_bytes() == saved.read_bytes()


@pytest.mark.slow
def test_a_damaged_byte_anywhere_is_refused_or_means_nothing(saved):
    whole, expected = saved.read_bytes(), answers(NativeIndex.load(saved, IDENTITY))
    chance, refused = random.Random(8), 0
    places = [*range(0, 400), *(chance.randrange(len(whole)) for _ in range(400))]
    for place in places:
        damaged = bytearray(whole)
        damaged[place] ^= 1 << chance.randrange(8)
        saved.write_bytes(damaged)
        try:
            loaded = NativeIndex.load(saved, IDENTITY)
        except SnapshotError:
            refused += 1
        else:
            assert whole[place] == 0  # between two parts, where nothing is
            assert answers(loaded) == expected
    assert refused >= 0.9 * len(places)


def test_a_file_that_was_cut_anywhere_is_refused(saved):
    whole = saved.read_bytes()
    for size in [
        0,
        1,
        7,
        8,
        100,
        HEADER - 1,
        HEADER,
        HEADER + 1,
        4_095,
        4_096,
        4_097,
        len(whole) // 2,
        len(whole) - 4_096,
    ]:
        saved.write_bytes(whole[:size])
        refuse(saved, "is none of ours|is damaged|is cut off")


@pytest.mark.parametrize("content", [b"", b"\0" * 100_000, b"\xff" * 100_000, b"SQLite format 3\0" * 999, b"BSINDEX\0"])
def test_a_file_of_something_else_is_refused(path, content):
    path.write_bytes(content)
    refuse(path, "is none of ours")
    with pytest.raises(SnapshotError, match="is none of ours"):
        NativeIndex.position_of(path)


def test_a_snapshot_of_another_version_is_refused(saved):
    whole = saved.read_bytes()
    saved.write_bytes(whole[:8] + WORD.pack(999) + whole[16:])
    refuse(saved, "is of another version")


@pytest.mark.parametrize(
    "identity", ["", "the library of the test", "library of the tests\0", IDENTITY + "2", "x" * 999]
)
def test_a_snapshot_of_another_library_is_refused(saved, identity):
    refuse(saved, "belongs to another library", identity)


def test_what_cannot_be_read_is_refused(saved, tmp_path):
    refuse(tmp_path / "missing", "cannot be read: .*No such file")
    refuse(tmp_path, "cannot be read: .*Is a directory")
    refuse(saved / "below", "cannot be read: .*Not a directory")
    with pytest.raises(SnapshotError, match="No such file"):
        NativeIndex.position_of(tmp_path / "missing")


def test_a_snapshot_without_permission_is_refused(saved):
    saved.chmod(0)
    is_root = os.geteuid() == 0
    if is_root:
        os.seteuid(65_534)  # nobody; root reads everything
    try:
        refuse(saved, "cannot be read: .*Permission denied")
    finally:
        if is_root:
            os.seteuid(0)


def checksum(content, start=0):
    """The sum that the core writes over the header."""
    prime, most = 0x9FB21C651E98DF25, 2**64 - 1
    lanes = [start + 1, start + 2, start + 3, start + 4]
    whole = len(content) // 32 * 32
    for place in range(0, whole, 8):
        lane = place // 8 % 4
        lanes[lane] = (lanes[lane] ^ WORD.unpack_from(content, place)[0]) * prime & most
        lanes[lane] ^= lanes[lane] >> 29
    for place in range(whole, len(content)):
        lanes[place % 4] = (lanes[place % 4] ^ content[place]) * prime & most
    total = len(content)
    for lane in lanes:
        total = (total ^ lane) * prime & most
        total ^= total >> 32
    return total


def forge(whole, place, value):
    """A snapshot with one number of its header changed, and the sum that then is right."""
    forged = bytearray(whole)
    WORD.pack_into(forged, place, value)
    listed = forged[HEADER : HEADER + WORD.unpack_from(forged, BLOCKS)[0] * ENTRY]
    WORD.pack_into(forged, HEADER - 8, checksum(listed, checksum(forged[: HEADER - 8])))
    return bytes(forged)


def test_a_forged_snapshot_with_its_own_numbers_is_the_snapshot(saved):
    whole = saved.read_bytes()
    assert forge(whole, BLOCKS, WORD.unpack_from(whole, BLOCKS)[0]) == whole


@pytest.mark.parametrize("value", [0, 1, 6, 2**16, 2**31, 2**32, 2**58, 2**61, 2**64 - 1])
def test_sizes_that_do_not_fit_the_file_are_refused_though_the_sum_is_right(saved, value):
    """Whoever can write the file can sum it too: sizes are compared with what is there before anything is read."""
    whole = saved.read_bytes()
    expected = answers(NativeIndex.load(saved, IDENTITY))
    for place in [BLOCKS, *range(HEADER, HEADER + SIZES, 8), HEADER + ENTRY - 24, HEADER + ENTRY - 16]:
        saved.write_bytes(forge(whole, place, value))
        try:
            loaded = NativeIndex.load(saved, IDENTITY)
        except SnapshotError:
            continue
        assert value < 64  # fewer blocks or deaths than there were, or parts that were as small
        assert len(answers(loaded)) == len(expected)


def test_a_save_that_fails_leaves_the_old_snapshot(saved):
    whole = saved.read_bytes()
    index = fill(NativeIndex.load(saved, IDENTITY))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))  # as a disk that is full
    try:
        with pytest.raises(OSError, match="File too large"):
            index.save(saved, IDENTITY)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert (saved.read_bytes(), list(saved.parent.iterdir())) == (whole, [saved])
    index.save(saved, IDENTITY)
    assert answers(NativeIndex.load(saved, IDENTITY)) == answers(index)


def test_a_save_to_where_nothing_can_be_written_says_so_and_leaves_nothing(tmp_path):
    index, folder = fill(NativeIndex()), tmp_path / "folder"
    folder.mkdir()
    with pytest.raises(FileNotFoundError):
        index.save(tmp_path / "missing" / "snapshot", IDENTITY)
    with pytest.raises(IsADirectoryError):
        index.save(folder, IDENTITY)
    with pytest.raises(OSError, match="Errno 22"):
        index.save(tmp_path / "a\0b", IDENTITY)
    with pytest.raises(ValueError, match="at most 255 bytes"):
        index.save(tmp_path / "snapshot", "x" * 256)
    assert list(tmp_path.iterdir()) == [folder]
    assert answers(index) == answers(fill(NativeIndex()))


OTHER = """
import sys
from pathlib import Path
from broadsheet.search import Erase, NativeIndex, Put, Withdraw, parse
index = NativeIndex.load(Path(sys.argv[1]), sys.argv[2])
print(index.search(parse("cats")).total, flush=True)
input()
here = index.position
index.apply([Withdraw(here + 1, 1), Erase(here + 2, 2), Put(here + 3, 9_000, "Dogs", "")], here + 3)
print(index.search(parse("cats")).total, index.search(parse("dogs")).total, flush=True)
"""


def test_processes_that_map_one_snapshot_go_their_own_ways(saved):
    whole, index, bystander = saved.read_bytes(), *(NativeIndex.load(saved, IDENTITY) for _ in range(2))
    before, position, cats = answers(index), index.position, index.search(parse("cats")).total
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER, str(saved), IDENTITY], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    with other:
        assert other.stdout.readline() == f"{cats}\n"
        index.apply([Withdraw(position + 1, 3), Embed(position + 2, 6, Vector(np.ones(3, np.int8), 0.5))], position + 2)
        fill(NativeIndex(), 10).save(saved, IDENTITY)  # those who mapped the old file keep it
        assert other.communicate("\n")[0] == f"{cats - 2} 1\n"
    assert other.returncode == 0
    assert index.search(parse("cats")).total == cats - 1
    assert (answers(bystander), bystander.position) == (before, position)
    assert saved.read_bytes() != whole
