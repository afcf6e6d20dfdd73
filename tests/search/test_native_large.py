"""Thousands of papers, with words as common and as rare as real ones: the native index equals the reference."""

import random
from datetime import date, timedelta
from itertools import count

import numpy as np
import pytest
from journals import columns

from broadsheet.search import Embed, Erase, NativeIndex, Put, Query, ReferenceIndex, Vector, Withdraw, _native, parse

pytestmark = pytest.mark.slow

PAPERS = 3_000
BLOCK_SLOTS = 512
DIMENSION = 24
RICH = range(1_100, 1_900)
"""Papers with words of their own, so many that a block needs more numbers for its terms than two bytes have."""
OWN_WORDS = 170

SYLLABLES = [first + second for first in "bdfgklmnprst" for second in ("a", "o", "ai", "u")]
WORDS = [one + other + last for one in SYLLABLES for other in SYLLABLES for last in "kmt"]
COMMON = ["the", "of", *WORDS[:3]]
FREQUENCIES = [1 / rank for rank in range(1, len(WORDS) + 1)]
NAMES = ["Ann Smith", "J. Smith", "Jean Dupont", "Li Wei", "Marie-Claire García"]
TOPICS = ["cs.LG", "cs.CL", "math.CO", "q-bio"]
FILTERS = ["author:smith", "author:j-smith", "topic:cs", "-topic:cs.lg", "after:2022", "before:2021-06", "-author:li"]


def own_words(paper):
    return [f"u{paper}x{number}" for number in range(OWN_WORDS)] if paper in RICH else []


def make_text(chance, size):
    drawn = chance.choices(WORDS, FREQUENCIES, k=size)
    return [
        word for pair in zip(drawn, chance.choices(["the", "of", ""], k=size), strict=True) for word in pair if word
    ]


def make_put(chance, seq, paper):
    words = make_text(chance, chance.randint(20, 60)) + own_words(paper)
    return Put(
        seq,
        paper,
        " ".join(make_text(chance, chance.randint(2, 9))),
        " ".join(words),
        tuple(chance.sample(NAMES, chance.randint(0, 3))),
        tuple(chance.sample(TOPICS, chance.randint(0, 2))),
        (f"doi:10.1234/{paper}",),
        chance.choice([None, date(2020, 1, 1) + timedelta(chance.randint(0, 1_500))]),
    )


def make_vector(chance):
    return Vector(np.array(chance.choices(range(-128, 128), k=DIMENSION), np.int8), chance.choice([0.01, 0.02, 0.005]))


def make_journal(chance):
    """Papers as they come: some revised, withdrawn, put again or embedded later, few erased."""
    seqs = count(1)
    for paper in range(1, PAPERS + 1):
        yield make_put(chance, next(seqs), paper)
        if chance.random() < 0.7:
            yield Embed(next(seqs), paper, make_vector(chance))
        earlier = chance.randint(1, paper)
        if chance.random() < 0.15:
            yield make_put(chance, next(seqs), earlier)
        if chance.random() < 0.1:
            yield Withdraw(next(seqs), chance.randint(1, paper))
        if chance.random() < 0.1:
            yield Embed(next(seqs), earlier, make_vector(chance))
        if paper % 1_000 == 0:
            yield Erase(next(seqs), earlier)


@pytest.fixture(scope="module")
def both():
    """The native index and the reference after one journal."""
    journal = list(make_journal(random.Random(5)))
    native, reference = NativeIndex(BLOCK_SLOTS), ReferenceIndex()
    for start in range(0, len(journal), 400):
        batch = journal[start : start + 400]
        for index in (native, reference):
            index.apply(batch, batch[-1].seq)
    return native, reference


def ask_at_random(chance):
    """One query as text: words of every frequency, phrases that stand somewhere, exclusions and filters."""
    rare, own = chance.choice(WORDS), chance.choice(own_words(chance.choice(RICH)))
    text = make_text(chance, 4)
    asked = chance.choice(
        [
            " ".join(text),
            rare,
            own,
            f"{own} {COMMON[2]}",
            f"{own} {rare} the of",
            " ".join(COMMON),
            "the of",
            f"{COMMON[2]} {rare}",
            " ".join(chance.choices(WORDS[:40], k=12)),
            f'"{chance.choice(COMMON)} {WORDS[0]}"',
            f'"the {WORDS[1]}" {rare}',
            f'"{WORDS[0]} {WORDS[1]}"',
            f"title:{WORDS[2]} {rare}",
            f"{WORDS[3]} -{WORDS[0]}",
            f'{WORDS[4]} {own} -"the {WORDS[0]}"',
            f"{own} -{own[:-1]}1",
            f"id:doi:10.1234/{chance.randint(1, PAPERS)}",
            chance.choice([filtered for filtered in FILTERS if filtered[0] != "-"]),
        ]
    )
    return f"{asked} {chance.choice(FILTERS)}" if chance.random() < 0.3 else asked


def searches(chance, size, position):
    for _ in range(size):
        at = chance.choice([None, None, chance.randint(0, position)])
        vector = chance.choice([None, make_vector(chance)])
        yield parse(ask_at_random(chance)), vector, chance.choice([1, 10, 200]), at


@pytest.mark.parametrize("seed", range(4))
def test_answers_over_thousands_of_papers_equal_the_reference(both, seed):
    native, reference = both
    assert native.size == reference.size
    for search in searches(random.Random(seed), 100, native.position):
        mine, other = (columns(index.search(*search)) for index in both)
        assert mine == other, search


@pytest.mark.parametrize("size", [60, 65, 300, 1_024])
def test_a_text_of_many_words_is_ranked_by_all_of_them(both, size):
    terms = tuple(random.Random(size).sample([*WORDS, *own_words(RICH[0]), *own_words(RICH[1])], size))
    mine, other = (columns(index.search(Query(" ".join(terms), terms=terms, words=terms), depth=10)) for index in both)
    assert mine == other


def test_a_text_of_more_words_than_an_index_can_rank_by_is_refused(both):
    terms = tuple(f"w{number}" for number in range(1_025))
    with pytest.raises(ValueError, match="at most 1024 terms"):
        both[0].search(Query("many", terms=terms, words=terms))


def test_consecutive_own_words_are_a_phrase_where_they_stand_and_nowhere_else(both):
    for paper in list(RICH)[::100]:
        words = own_words(paper)
        there, reverse = parse(f'"{words[7]} {words[8]} {words[9]}"'), parse(f'"{words[8]} {words[7]}"')
        mine, other = (columns(index.search(there)) for index in both)
        assert mine == other
        assert not both[0].search(reverse).matches


@pytest.fixture
def use_kernels():
    before = _native.kernels()
    yield _native.use_kernels
    _native.use_kernels(before)


@pytest.mark.parametrize("name", ["portable", "avx2", "avx512"])
def test_every_set_of_instructions_gives_the_same_answers(both, use_kernels, name):
    if not use_kernels(name):
        pytest.skip(f"this processor has no {name}")
    assert _native.kernels() == name
    for search in searches(random.Random(11), 60, both[0].position):
        mine, other = (columns(index.search(*search)) for index in both)
        assert mine == other, search


def test_instructions_that_nobody_knows_are_not_used():
    before = _native.kernels()
    assert not _native.use_kernels("abacus")
    assert _native.kernels() == before


@pytest.mark.parametrize("paper", [1, 7, 1_500, PAPERS])
def test_the_nearest_of_thousands_equal_the_reference(both, paper):
    native, reference = both
    for at in (None, native.position // 2):
        assert list(native.nearest(paper, 20, at)) == list(reference.nearest(paper, 20, at))


CLUSTERED, WIDE, TOPIC_OF = 9_000, 64, {0: "cs.LG", 1: "rare.topic"}


@pytest.fixture(scope="module")
def clustered():
    """An index with more vectors than are compared one by one, in clusters, and the vectors as stored."""
    chance = np.random.default_rng(3)
    centres = chance.normal(size=(300, WIDE))
    rows = centres[chance.integers(0, len(centres), CLUSTERED)] + 0.4 * chance.normal(size=(CLUSTERED, WIDE))
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    codes = np.clip(np.rint(rows * 300), -127, 127).astype(np.int8)
    scales = 1 / np.linalg.norm(codes.astype(float), axis=1)
    index = NativeIndex(2_048)
    for start in range(0, CLUSTERED, 1_000):
        papers = range(start, min(start + 1_000, CLUSTERED))
        puts = [Put(2 * n + 1, n, "Cats", "", topics=(TOPIC_OF[n % 500 == 7],)) for n in papers]
        embeds = [Embed(2 * n + 2, n, Vector(codes[n], float(scales[n]))) for n in papers]
        changes = [change for pair in zip(puts, embeds, strict=True) for change in pair]
        index.apply(changes, changes[-1].seq)
    return index, codes, scales


def best_by_meaning(index, text, vector, depth):
    matches = [match for match in index.search(parse(text), vector, depth).matches if match.meaning is not None]
    return sorted((-match.meaning, match.paper) for match in matches)[:depth]


def exact_best(codes, scales, allowed, vector, depth):
    cosines = (codes[allowed].astype(float) @ vector.codes) * (vector.scale * scales[allowed])
    best = np.lexsort((allowed, -cosines))[:depth]
    return list(zip((-cosines[best]).tolist(), allowed[best].tolist(), strict=True))


@pytest.mark.parametrize("name", ["portable", "avx2", "avx512"])
def test_the_scan_by_signs_finds_nearly_all_of_the_best(clustered, use_kernels, name):
    if not use_kernels(name):
        pytest.skip(f"this processor has no {name}")
    index, codes, scales = clustered
    chance, hits = np.random.default_rng(4), 0
    for _ in range(100):
        noise = codes[chance.integers(CLUSTERED)] + chance.normal(scale=15, size=WIDE)
        vector = Vector(np.clip(np.rint(noise), -127, 127).astype(np.int8), 0.01)
        mine = {paper for _, paper in best_by_meaning(index, "cats", vector, 10)}
        hits += len(mine & {paper for _, paper in exact_best(codes, scales, np.arange(CLUSTERED), vector, 10)})
    assert hits / 1_000 >= 0.98


def test_among_few_papers_the_best_by_meaning_are_exact(clustered):
    index, codes, scales = clustered
    allowed = np.array([n for n in range(CLUSTERED) if n % 500 == 7])
    for n in range(0, CLUSTERED, 900):
        vector = Vector(codes[n], float(scales[n]))
        mine = best_by_meaning(index, "cats topic:rare", vector, 10)
        assert mine == exact_best(codes, scales, allowed, vector, 10)
