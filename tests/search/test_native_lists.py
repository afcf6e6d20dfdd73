"""Inverted lists: nearly all of the nearest are found, and what is found depends on the journal alone."""

from pathlib import Path

import numpy as np
import pytest

from broadsheet.search import Embed, NativeIndex, Put, Query, Vector, Withdraw, parse

pytestmark = pytest.mark.slow

PAPERS, LEARNED_FROM, BLOCK_SLOTS, DIMENSION = 6_000, 4_096, 1_024, 48
IDENTITY = "library of the lists"
ANY = Query("", terms=("",))
"""A query whose only term no paper has, so that papers are found by meaning alone."""


def drawn(seed):
    """Codes and scales of papers that lie in clusters."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(200, DIMENSION))
    rows = centres[chance.integers(0, len(centres), PAPERS)] + 0.5 * chance.normal(size=(PAPERS, DIMENSION))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    codes = np.clip(np.rint(rows * 300), -127, 127).astype(np.int8)
    return codes, 1 / np.linalg.norm(codes.astype(float), axis=1)


@pytest.fixture(scope="module")
def vectors():
    return drawn(3)


@pytest.fixture(scope="module")
def journal(vectors):
    """Papers with their vectors, some withdrawn, some embedded again."""
    codes, scales = vectors
    changes = []
    for n in range(PAPERS):
        topics = ("rare.topic",) if n % 500 == 7 else ()
        changes.append(Put(len(changes) + 1, n, "Cats", "", topics=topics))
        changes.append(Embed(len(changes) + 1, n, Vector(codes[n], float(scales[n]))))
        if n % 20 == 11:
            changes.append(Withdraw(len(changes) + 1, n - 7))
        if n % 30 == 17:
            changes.append(Embed(len(changes) + 1, n - 3, Vector(codes[n - 2], float(scales[n - 2]))))
    return changes


def build(journal, size):
    index = NativeIndex(BLOCK_SLOTS, LEARNED_FROM)
    for start in range(0, len(journal), size):
        index.apply(journal[start : start + size], journal[start : start + size][-1].seq)
    return index


@pytest.fixture(scope="module")
def index(journal):
    return build(journal, 500)


def near(codes, seed):
    chance = np.random.default_rng(seed)
    noise = codes[chance.integers(len(codes))] + chance.normal(scale=15, size=DIMENSION)
    return Vector(np.clip(np.rint(noise), -127, 127).astype(np.int8), 0.01)


def found(index, vector, at=None, query=ANY):
    answer = index.search(query, vector, 10, at)
    return sorted(zip((-answer.meanings).tolist(), answer.papers.tolist(), strict=True))


def is_scan_of_all(index, exact, vectors, at=None):
    return all(found(index, vector, at) == found(exact, vector, at) for vector in vectors)


@pytest.fixture(scope="module")
def exact(journal):
    """The same papers, all of them looked at for each search."""
    index = NativeIndex(BLOCK_SLOTS, 10**9)
    index.apply(journal, journal[-1].seq)
    return index


@pytest.fixture(scope="module")
def asked(vectors):
    return [near(vectors[0], seed) for seed in range(100)]


def test_of_the_nearest_ten_98_in_a_hundred_are_found(index, exact, asked):
    hits = [len({paper for _, paper in found(index, one)} & {paper for _, paper in found(exact, one)}) for one in asked]
    assert 980 <= sum(hits) < 1_000, "not all of them either, or no lists were used"


def test_a_batch_a_pack_or_a_restart_changes_no_answer(index, journal, asked, tmp_path: Path):
    once = build(journal, len(journal))
    packed = build(journal, 777)
    packed.compact()
    packed.save(tmp_path / "snapshot", IDENTITY)
    restarted = NativeIndex.load(tmp_path / "snapshot", IDENTITY, BLOCK_SLOTS, LEARNED_FROM)
    began_early = build(journal[:9_000], 9_000)
    began_early.save(tmp_path / "early", IDENTITY)
    continued = NativeIndex.load(tmp_path / "early", IDENTITY, BLOCK_SLOTS, LEARNED_FROM)
    continued.apply(journal[9_000:], journal[-1].seq)
    for other in (once, packed, restarted, continued):
        for at in (None, journal[-1].seq - 1_000, 9_001, 8_500, 4_000):
            for one in asked[:20]:
                assert found(other, one, at) == found(index, one, at)


def test_a_search_as_of_a_time_before_the_lists_looks_at_all(index, exact, asked):
    assert is_scan_of_all(index, exact, asked, 6_000)
    assert not is_scan_of_all(index, exact, asked)


def test_what_passes_a_filter_is_found_in_whichever_list_it_is(index, exact, asked):
    rare = parse("topic:rare")
    for one in asked:
        answer = found(index, one, query=rare)
        assert len(answer) >= 10
        assert answer == found(exact, one, query=rare)


def test_after_a_change_of_model_all_are_looked_at_and_the_past_stays(journal, index, asked, tmp_path: Path):
    codes, scales = drawn(8)
    mine, exact = build(journal, 4_000), NativeIndex(BLOCK_SLOTS, 10**9)
    exact.apply(journal, journal[-1].seq)
    before = [found(mine, one) for one in asked]
    end = journal[-1].seq
    again = [Embed(end + 1 + n, n, Vector(codes[n], float(scales[n]))) for n in range(LEARNED_FROM * 2 // 3)]
    for one in (mine, exact):
        one.apply(again, again[-1].seq)
    assert [found(mine, one, end) for one in asked] == before
    assert not is_scan_of_all(mine, exact, asked, end + LEARNED_FROM // 4)
    mine.save(tmp_path / "snapshot", IDENTITY)
    for one in (mine, NativeIndex.load(tmp_path / "snapshot", IDENTITY, BLOCK_SLOTS, LEARNED_FROM)):
        assert is_scan_of_all(one, exact, asked)
        assert [found(one, vector, end) for vector in asked] == before


def test_who_wants_many_gets_them_from_all(index, exact, asked):
    for one in asked[:10]:
        mine, all_of_them = (each.search(ANY, one, 500) for each in (index, exact))
        assert int(mine.is_near.sum()) == 500
        assert sorted(mine.papers.tolist()) == sorted(all_of_them.papers.tolist())
