"""What a typed beginning may mean: topics, authors and papers that are here at this moment."""

import random

import pytest

from broadsheet.library import vocabulary
from broadsheet.library.suggesting import AUTHORS, LONGEST, TITLES, TOPICS
from broadsheet.library.vocabulary import KEPT, Lexicon, Vocabulary


@pytest.fixture
def library(site_library, record):
    site_library.put(
        [
            record(
                "Paging with succinct predictions", "2611.00001", authors=["Ada Byron"], topics=("cs.DS", "caching")
            ),
            record("Caching without predictions", "2611.00002", authors=["Byron, Ada", "Bo Chen"], topics=("cs.DS",)),
            record("Gödel's low-rank methods", "2611.00003", authors=["Émilie du Châtelet", "J. Smith"]),
            record("Online page eviction", "2611.00004", authors=["Smith, John"], topics=("online algorithms",)),
        ]
    )
    return site_library


def texts(library, typed, kind):
    return [each.text for each in library.suggest(typed) if each.kind == kind]


@pytest.mark.parametrize(
    ("typed", "titles"),
    [
        ("pagi", ["Paging with succinct predictions"]),
        ("PAGING WITH SUC", ["Paging with succinct predictions"]),
        ("predictions succ", ["Paging with succinct predictions"]),
        ("pred", ["Caching without predictions", "Paging with succinct predictions"]),
        ("paging predictions ", ["Paging with succinct predictions"]),
        ("pred ", []),
        ("godel", ["Gödel's low-rank methods"]),
        ("gödel's low-r", ["Gödel's low-rank methods"]),
        ("zebra", []),
        ("paging zebra", []),
    ],
)
def test_papers_are_suggested_by_the_words_of_their_titles_the_last_one_unfinished(library, typed, titles):
    assert texts(library, typed, "paper") == titles


def test_titles_that_begin_as_typed_come_first(library):
    assert texts(library, "cachi", "paper") == ["Caching without predictions"]
    assert texts(library, "pag", "paper") == ["Paging with succinct predictions", "Online page eviction"]


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("byr", ["Ada Byron"]),
        ("ada b", ["Ada Byron"]),
        ("byron, a", ["Ada Byron"]),
        ("emil", ["Émilie du Châtelet"]),
        ("châ", ["Émilie du Châtelet"]),
        ("smi", ["John Smith", "J. Smith"]),
        ("j. smi", ["John Smith", "J. Smith"]),
        ("john smith", ["John Smith"]),
    ],
)
def test_authors_are_suggested_by_the_words_of_their_names(library, typed, names):
    assert texts(library, typed, "author") == names


def test_topics_are_suggested_with_the_number_of_their_papers(library):
    assert [(each.text, each.papers) for each in library.suggest("cs") if each.kind == "topic"] == [("cs.DS", 2)]
    assert texts(library, "online al", "topic") == ["online algorithms"]


@pytest.mark.parametrize("typed", ["", " ", "p", "?!", "p" * (LONGEST + 1), "\x00\x00\x00", "the"])
def test_what_is_too_short_too_long_or_no_word_means_nothing(library, typed):
    assert library.suggest(typed) == []


def test_a_paper_is_suggested_right_after_its_commit_and_by_its_new_title_alone(library, record):
    assert texts(library, "fres", "paper") == []
    library.put([record("Fresh eviction", "2611.00009", authors=["Cy Dee"])])
    assert texts(library, "fres", "paper") == ["Fresh eviction"]
    library.put([record("Stale eviction", "2611.00009", authors=["Di Foe"])])
    assert texts(library, "fres", "paper") == []
    assert texts(library, "stal", "paper") == ["Stale eviction"]
    assert (texts(library, "cy d", "author"), texts(library, "di f", "author")) == ([], ["Di Foe"])


@pytest.mark.parametrize("remove", ["withdraw", "erase"])
def test_what_only_a_paper_had_that_is_gone_is_suggested_no_more(library, remove):
    assert library.suggest("online")
    getattr(library, remove)("2611.00004")
    assert library.suggest("online") == []
    assert texts(library, "smi", "author") == ["J. Smith"]


def test_after_an_erasure_no_word_of_it_is_left_in_memory(library):
    library.suggest("pa")
    assert "eviction" in library.vocabulary.titles.commonest("evic", KEPT)
    library.erase("2611.00004")
    library.suggest("pa")
    assert library.vocabulary.titles.commonest("evic", KEPT) == []
    assert library.vocabulary.names.commonest("john", KEPT) == []


def test_there_are_few_of_each_kind(library, record):
    library.put(
        [record(f"Paging, part {n}", authors=[f"Pagan{n} Author"], topics=(f"pagination {n}",)) for n in range(40)]
    )
    found = [each.kind for each in library.suggest("pag")]
    assert found == ["topic"] * TOPICS + ["author"] * AUTHORS + ["paper"] * TITLES


def test_only_the_kinds_asked_for_are_suggested(library):
    assert {each.kind for each in library.suggest("cs", kinds=("author", "paper"))} == set()
    assert {each.kind for each in library.suggest("byr", kinds=("author",))} == {"author"}


def test_the_commonest_words_are_those_that_counting_finds():
    chance, lexicon, papers = random.Random(11), Lexicon(), {}
    words = ["".join(chance.choices("abc", k=chance.randint(2, 6))) for _ in range(400)]
    for paper in range(2_000):
        brought = [words[int(chance.random() ** 3 * len(words))] for _ in range(4)]
        lexicon.add(paper, brought)
        for word in brought:
            papers.setdefault(word, set()).add(paper)
    lexicon.settle()
    for start in ("ab", "cab", "abca", "c", "bb", "zz"):
        counts = [len(papers[word]) for word in lexicon.commonest(start, KEPT)]
        all_counts = sorted((len(found) for word, found in papers.items() if word.startswith(start)), reverse=True)
        if len(start) > 1:
            assert sorted(counts, reverse=True) == all_counts[:KEPT]
    first, second = words[:2]
    both = sorted(papers.get(first, set()) & papers.get(second, set()), reverse=True)
    assert lexicon.papers([first, second]).tolist() == both


def test_reading_in_pieces_is_reading_at_once(library, record, monkeypatch):
    monkeypatch.setattr(vocabulary, "CHUNK", 30)
    library.put([record(f"Piece {n} of word{n}", authors=[f"Name{n} Family"]) for n in range(100)])
    pieces, whole = Vocabulary(library.alias), Vocabulary(library.alias)
    for head in (1, 3, 4, 70, 104):
        pieces.read(head)
    whole.read(104)
    for start in ("pi", "word10", "fam", "name99"):
        assert pieces.titles.commonest(start, KEPT) == whole.titles.commonest(start, KEPT)
        assert pieces.names.commonest(start, KEPT) == whole.names.commonest(start, KEPT)
    assert pieces.position == whole.position == 104
