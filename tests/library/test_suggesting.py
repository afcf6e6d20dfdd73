"""What a typed beginning may mean: topics, authors and papers that are here at this moment."""

import sqlite3

import pytest

from broadsheet.library import journal, vocabulary
from broadsheet.library.suggesting import AUTHORS, LONGEST, TITLES, TOPICS
from broadsheet.library.vocabulary import Vocabulary


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


def test_after_an_erasure_no_word_of_it_is_left_in_the_file(library):
    library.suggest("pa")
    assert library.vocabulary.versions("titles", ["eviction"])
    library.erase("2611.00004")
    path = library.vocabulary.path
    assert not any(b"eviction" in part.read_bytes() for part in path.parent.glob(f"{path.name}*"))
    assert texts(library, "pa", "paper") == ["Paging with succinct predictions"]
    assert library.vocabulary.versions("titles", ["eviction"]) == library.vocabulary.versions("names", ["john"]) == []


def test_there_are_few_of_each_kind(library, record):
    library.put(
        [record(f"Paging, part {n}", authors=[f"Pagan{n} Author"], topics=(f"pagination {n}",)) for n in range(40)]
    )
    found = [each.kind for each in library.suggest("pag")]
    assert found == ["topic"] * TOPICS + ["author"] * AUTHORS + ["paper"] * TITLES


def test_only_the_kinds_asked_for_are_suggested(library):
    assert {each.kind for each in library.suggest("cs", kinds=("author", "paper"))} == set()
    assert {each.kind for each in library.suggest("byr", kinds=("author",))} == {"author"}


def words(vocabulary):
    return (
        vocabulary.position,
        vocabulary.versions("titles", [], "pi"),
        vocabulary.versions("titles", ["piece", "word99"]),
        vocabulary.versions("names", ["family"], "name9"),
        vocabulary.topics("topic", 5),
        vocabulary.common("p", 5),
    )


def test_reading_in_pieces_is_reading_at_once(library, record, monkeypatch):
    monkeypatch.setattr(vocabulary, "CHUNK", 30)
    library.put([record(f"Piece {n} of word{n}", authors=[f"Name{n} Family"], topics=["Topics"]) for n in range(100)])
    pieces = library.vocabulary
    for head in (1, 3, 4, 70, 104):
        pieces.read(head)
    found = words(pieces)
    assert found[0] == 104 and all(found)
    pieces.forget()
    assert words(pieces)[0] == 0
    pieces.read(104)
    assert words(pieces) == found


def test_processes_share_what_one_of_them_has_read(library, monkeypatch):
    library.suggest("pa")
    other = Vocabulary(library.alias)
    monkeypatch.setattr(other, "_follow_chunk", None)  # it has nothing to read
    other.follow(library.vocabulary.position)
    assert other.versions("titles", ["paging"]) == library.vocabulary.versions("titles", ["paging"]) != []
    other.close()


def test_two_that_read_at_once_note_nothing_twice(library, record):
    one, other = library.vocabulary, Vocabulary(library.alias)
    position = one.position
    library.put([record("Paging anew", "2611.00009")])
    assert one._follow_chunk(position, 5) and not other._follow_chunk(position, 5)
    assert len(other.versions("titles", ["anew"])) == 1
    other.close()


def test_a_damaged_file_is_told_of_and_made_anew(library, caplog):
    library.suggest("pa")
    library.vocabulary.close()
    library.vocabulary.path.write_bytes(b"no database at all" * 1_000)
    assert texts(library, "pagi", "paper") == ["Paging with succinct predictions"]
    assert "is damaged" in caplog.text


def test_the_file_of_another_journal_is_not_used(library):
    library.suggest("pa")
    library.vocabulary.close()
    with sqlite3.connect(library.vocabulary.path) as file:
        file.execute("UPDATE place SET mark = 'another'")
    file.close()
    assert library.vocabulary.position == 0
    assert texts(library, "pagi", "paper") == ["Paging with succinct predictions"]


def test_where_no_file_can_be_the_words_are_kept_in_memory(library, caplog, tmp_path):
    (tmp_path / "file").touch()
    library.vocabulary.close()
    library.vocabulary.path = tmp_path / "file" / "words"
    assert texts(library, "pagi", "paper") == ["Paging with succinct predictions"]
    assert "kept in memory" in caplog.text


def test_a_journal_with_erasures_is_read_to_its_end(library, record, monkeypatch):
    """What was erased before the reading began is forgotten already, however much came before it."""
    monkeypatch.setattr(vocabulary, "CHUNK", 2)
    library.erase("2611.00003")
    library.put([record("Paging anew", "2611.00009")])
    library.erase("2611.00004")
    words, head = library.vocabulary, journal.head(library.alias)
    for _ in range(12):  # enough to read all of it twice
        if words.position < head:
            words._follow_chunk(words.position, head)
    assert words.position == head
    assert len(words.versions("titles", ["anew"])) == 1
    assert words.versions("titles", ["eviction"]) == []
