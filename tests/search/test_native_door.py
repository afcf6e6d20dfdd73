"""Whatever is handed to an index is applied as the reference applies it, or refused with nothing applied."""

from datetime import date, datetime

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from journals import columns

from broadsheet.search import (
    ChangeError,
    Embed,
    Erase,
    NativeIndex,
    Put,
    Query,
    ReferenceIndex,
    Vector,
    Withdraw,
    parse,
)
from broadsheet.search.analysis import analyse
from broadsheet.search.clauses import ByAuthor, Phrase

LAST = 2**62 - 1
CODES = np.array([3, -4, 5], np.int8)


def make_both(changes=(), position=None):
    indexes = NativeIndex(4), ReferenceIndex()
    for index in indexes:
        index.apply(changes, changes[-1].seq if position is None else position)
    return indexes


def assert_equal(indexes, texts, vector=None):
    native, reference = indexes
    assert (native.position, native.size, list(native.papers())) == (
        reference.position,
        reference.size,
        list(reference.papers()),
    )
    for text in texts:
        query = parse(text) if isinstance(text, str) else text
        for depth in (1, 10**12):
            mine, other = (columns(index.search(query, vector, depth)) for index in indexes)
            assert mine == other


BAD = [
    None,
    7,
    "Put",
    (1, 2, 3),
    Put("3", 3, "Cats", ""),
    Put(3.0, 3, "Cats", ""),
    Put(None, 3, "Cats", ""),
    Put(3, "3", "Cats", ""),
    Put(3, 3.5, "Cats", ""),
    Put(3, 2**63, "Cats", ""),
    Put(3, -(2**70), "Cats", ""),
    Put(3, 3, None, ""),
    Put(3, 3, b"Cats", ""),
    Put(3, 3, "Cats", 7),
    Put(3, 3, "Cats", "", None),
    Put(3, 3, "Cats", "", (7,)),
    Put(3, 3, "Cats", "", ("Ann", None)),
    Put(3, 3, "Cats", "", (), (None,)),
    Put(3, 3, "Cats", "", (), (), (b"doi:10.1/x",)),
    Put(3, 3, "Cats", "", day="2024-01-01"),
    Put(3, 3, "Cats", "", day=738_000),
    Put(3, 3, "x" * 2**24, ""),
    Put(2**62, 3, "Cats", ""),
    Put(2**64, 3, "Cats", ""),
    Withdraw(3, "3"),
    Withdraw(3, 2**64),
    Erase(3, None),
    Embed(3, 1, None),
    Embed(3, 1, [1, 2]),
    Embed(3, 1, Vector([1, 2], 1.0)),
    Embed(3, 1, Vector(b"\1\2", 1.0)),
    Embed(3, 1, Vector(np.zeros(2, np.uint8), 1.0)),
    Embed(3, 1, Vector(np.zeros((), np.int8), 1.0)),
    Embed(3, 1, Vector(np.zeros(9_000, np.int8), 1.0)),
    Embed(3, 1, Vector(CODES, float("inf"))),
    Embed(3, 1, Vector(CODES, 1e300)),
    Embed(3, 1, Vector(CODES, "1")),
    Embed(3, 1, Vector(CODES, None)),
    Embed(3, "1", Vector(CODES, 1.0)),
]


@pytest.mark.parametrize("bad", range(len(BAD)))
def test_what_is_no_change_is_refused_and_nothing_of_its_batch_is_applied(bad):
    indexes = make_both([Put(1, 1, "Cats", "and dogs"), Embed(2, 1, Vector(CODES, 0.5))])
    batch = [Withdraw(3, 1), Put(3, 2, "Cats", "newword anotherword"), BAD[bad]]
    for index in indexes:
        with pytest.raises((ChangeError, TypeError)):
            index.apply(batch, LAST)
    assert_equal(indexes, ["cats", "newword"], Vector(CODES, 1.0))
    assert indexes[0].position == 2
    for index in indexes:
        index.apply([Put(5, 2, "newword", "anotherword cats")], 5)
    assert_equal(indexes, ["cats", "newword", "anotherword", '"anotherword cats"'], Vector(CODES, 1.0))


@pytest.mark.parametrize("position", ["5", 5.0, None, 2**62, 2**70])
def test_a_position_that_no_journal_has_is_refused(position):
    for index in make_both([Put(1, 1, "Cats", "")]):
        with pytest.raises((ChangeError, TypeError)):
            index.apply([Put(2, 2, "Cats", "")], position)
        assert (index.position, index.size) == (1, 1)


MANY = [f"w{number}" for number in range(70_000)]
TEXTS = {
    "nothing": ("", ""),
    "spaces": (" \t\n\v\f\r\x1c\x1d\x1e\x1f\x85\xa0\u2003\u2028 ", "cats\x85dogs\xa0birds\u2003fish\u2028cats\x1fowls"),
    "a long word": ("cats", "x" * 1_000_000),
    "one word often": ("cats", "cats " * 100_000),
    "many words": ("cats", " ".join(MANY)),
    "nulls": ("ca\0ts \0 cats\0", "\0" * 1_000),
    "half characters": ("\ud800 cats\udfff", "x\ud83d\ude00x \udcff"),
    "faces": ("cats🙂dogs 🙂🙂", "👩\u200d💻 cats"),
    "control": ("\1cats \2 \3smith cats", "\1topic \2doi \3s"),
    "ideographs": ("猫と犬 cats", "低ランク適応"),
    "stop words": ("the of the", "the " * 999),
    "marks": ("e\u0301" * 50 + " cats", "\u0301 \u200d cats\u00ad"),
}
ASKED = [
    "cats",
    "w7 w69999",
    '"w66000 w66001"',
    "x",
    "the",
    "🙂 cats",
    "smith",
    "author:smith",
    "owls fish",
    "猫",
]


@pytest.mark.parametrize("name", TEXTS)
def test_texts_of_every_kind_are_found_as_in_the_reference(name):
    title, abstract = TEXTS[name]
    changes = [Put(1, 1, "Cats", "the dogs"), Put(2, 2, title, abstract), Put(3, 3, abstract, title), Put(4, 4, "", "")]
    indexes = make_both(changes)
    assert_equal(indexes, ASKED)
    for act in (lambda index: index.apply([Withdraw(5, 2), Put(6, 1, title, abstract)], 6), compact):
        for index in indexes:
            act(index)
        assert_equal(indexes, ASKED)


def compact(index):
    if isinstance(index, NativeIndex):
        index.compact()


@pytest.mark.parametrize("size", [1, 2, 7, 8, 31, 32, 33, 63, 64, 65, 127, 384, 1_000, 4_999, 8_192])
def test_vectors_of_every_size_are_compared_exactly(size):
    chance = np.random.default_rng(size)
    codes = chance.integers(-128, 128, (12, size)).astype(np.int8)
    codes[0], codes[1] = -128, 127
    puts = [Put(n + 1, n, "Cats", "") for n in range(12)]
    indexes = make_both(puts + [Embed(13 + n, n, Vector(codes[n], 0.01)) for n in range(12)])
    for row in (0, 1, 2):
        assert_equal(indexes, ["cats"], Vector(codes[row], 0.5))
        assert list(indexes[0].nearest(row)) == list(indexes[1].nearest(row))


def test_vectors_of_very_many_sizes_stand_side_by_side(tmp_path):
    sizes = range(1, 60)
    changes = [change for n in sizes for change in (Put(2 * n, n, "Cats", ""), Embed(2 * n + 1, n, one_of(n)))]
    native, reference = NativeIndex(), ReferenceIndex()
    for index in (native, reference):
        index.apply(changes, changes[-1].seq)
    native.compact()
    native.save(tmp_path / "snapshot", "x")
    for index in (native, NativeIndex.load(tmp_path / "snapshot", "x")):
        for n in sizes:
            assert_equal((index, reference), ["cats"], one_of(n))


def one_of(size):
    return Vector(np.arange(1, size + 1).astype(np.int8), 0.1)


@pytest.mark.parametrize("codes", [np.arange(-8, 8, dtype=np.int8)[::2], np.arange(8, dtype=np.int8)[::-1]])
def test_a_vector_is_taken_however_its_memory_lies(codes):
    codes.setflags(write=False)
    indexes = make_both([Put(1, 1, "Cats", ""), Embed(2, 1, Vector(codes, np.float32(0.5)))])
    assert_equal(indexes, ["cats"], Vector(codes, 1))


def test_numbers_and_days_at_both_ends_are_kept():
    days = [date.min, date.max, None, datetime(2024, 5, 1, 12, 30)]
    papers = [-(2**63) + 1, 2**63 - 1, 0, -1]
    start = LAST - 10
    changes = [
        Put(start + n, paper, "Cats", "", day=day) for n, (paper, day) in enumerate(zip(papers, days, strict=True))
    ]
    indexes = make_both([*changes, Embed(start + 5, -1, Vector(CODES, 0.5)), Withdraw(start + 6, 0)], LAST)
    assert_equal(indexes, ["cats", "after:0001", "before:9999-12-31", "after:9999-12-31"], Vector(CODES, 1.0))
    for index in indexes:
        assert list(index.papers(start + 4)) == sorted(papers)
        assert list(index.papers(LAST)) == sorted({*papers} - {0})
        index.apply([Erase(LAST, -1)], LAST)


def test_names_of_any_length_are_searched_as_in_the_reference():
    name = " ".join(f"Name{n}" for n in range(200))
    indexes = make_both([Put(1, 1, "Cats", "", (name, "Ann Smith")), Put(2, 2, "Cats", "", ("",) * 300)])
    asked = ["name199 name198", "name0 name199", "n n", "name5 name5", "ann name3", "a smith", "s smith"]
    assert_equal(indexes, [f'author:"{words}"' for words in asked])


def test_an_answer_is_explained_after_its_index_is_gone():
    changes = [Put(n, n, "Cats", "and dogs" * n) for n in range(1, 30)]
    native, reference = make_both(changes)
    found, expected = (index.search(parse("cats dogs"), depth=50) for index in (native, reference))
    del native, reference
    others = [NativeIndex(n + 1) for n in range(20)]  # in the memory that was given back
    assert columns(found) == columns(expected)
    assert len(others) == 20


@pytest.mark.parametrize("clause", [Phrase(()), ByAuthor(()), ByAuthor(("",)), ByAuthor(("", "")), Phrase(("\0",))])
def test_a_clause_that_no_query_has_finds_nothing_and_harms_nothing(clause):
    index = make_both([Put(1, 1, "Cats", "", ("Ann Smith",))])[0]
    assert index.search(Query("", required=(clause,))).total == 0
    assert index.search(Query("", excluded=(clause,))).total == 1


odd_text = st.text(st.characters(codec=None, exclude_categories=()), max_size=30)


@pytest.mark.slow
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(texts=st.lists(st.tuples(odd_text, odd_text, odd_text, odd_text), min_size=1, max_size=4), data=st.data())
def test_any_text_at_all_is_found_as_in_the_reference(texts, data):
    changes = [
        Put(n, n, title, abstract, (name,), (topic,), (name,))
        for n, (title, abstract, name, topic) in enumerate(texts, 1)
    ]
    indexes = make_both(changes)
    words = st.sampled_from(" ".join(texts[0]).split() or ["x"])
    terms = tuple(dict.fromkeys((data.draw(words), data.draw(words))))
    whole = tuple(dict.fromkeys(term for text in texts[0] for term in analyse(text)))[:32] or ("x",)
    assert_equal(indexes, [Query("", terms=whole), Query("", terms=terms), Query("", required=(Phrase(whole[:3]),))])
