"""The query language: what is read, and which sentence says what cannot be read, and where."""

from datetime import date

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from broadsheet.search import QueryError, parse
from broadsheet.search.clauses import After, Before, ByAuthor, ByIdentifier, ByTopic, Phrase


def test_words_are_ranked_each_once_and_stop_words_are_not():
    query = parse("the Updates of updated low-rank caches")
    assert query.terms == ("updat", "low", "rank", "cach")
    assert query.words == ("Updates", "low", "rank", "caches")
    assert query.plain == "the Updates of updated low-rank caches"
    assert query.required == query.excluded == ()


def test_a_compound_is_its_parts_each_named_as_it_was_typed():
    query = parse("LowRank GPT4o TNF\u03b1")
    assert query.terms == ("low", "rank", "gpt", "4o", "tnf", "alpha")
    assert query.words == ("Low", "Rank", "GPT", "4o", "tnf", "alpha")
    assert query.plain == "LowRank GPT4o TNF\u03b1"
    assert parse('"lowrank"').required == (Phrase(("low", "rank")),)
    assert parse("cats -multimodal").excluded == (Phrase(("multi", "modal")),)


def test_stop_words_are_ranked_when_there_is_nothing_else():
    assert parse("to be or not").terms == ("to", "be", "or", "not")


@pytest.mark.parametrize("text", ['"low rank" x', "“low rank” x", "„low rank“ x", 'x"low rank"', '"low-rank"x'])
def test_quotes_of_any_kind_make_a_phrase(text):
    query = parse(text)
    assert query.required == (Phrase(("low", "rank")),)
    assert set(query.terms) == {"low", "rank", "x"}


def test_a_phrase_keeps_its_stop_words():
    assert parse('"state of the art"').required == (Phrase(("state", "of", "the", "art")),)
    assert parse('"state of the art"').terms == ("state", "art")


def test_every_field_is_read_bare_or_quoted_in_any_case():
    query = parse(
        'title:Cats TITLE:"low rank" author:"Smith, J." Topic:cs.LG source:arXiv id:https://arxiv.org/abs/2104.12255v2'
    )
    assert query.required == (
        Phrase(("cat",), in_title=True),
        Phrase(("low", "rank"), in_title=True),
        ByAuthor(("j", "smith")),
        ByTopic("cs.lg"),
        ByIdentifier("source=arxiv"),
        ByIdentifier("arxiv:2104.12255"),
    )
    assert query.plain == "Cats low rank"
    assert query.terms == ("cat", "low", "rank")


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2024", date(2024, 1, 1)),
        ("2024-03", date(2024, 3, 1)),
        ("2024-3-9", date(2024, 3, 9)),
        ('"2024"', date(2024, 1, 1)),
    ],
)
def test_dates_mean_their_first_day(text, day):
    assert parse(f"after:{text}").required == (After(day),)
    assert parse(f"before:{text}").required == (Before(day),)


def test_a_minus_excludes_words_phrases_and_fields():
    query = parse('cats -dogs -low-rank -"big data" -author:smith -after:2024 \u2212birds')
    assert query.excluded == (
        Phrase(("dog",)),
        Phrase(("low", "rank")),
        Phrase(("big", "data")),
        ByAuthor(("smith",)),
        After(date(2024, 1, 1)),
        Phrase(("bird",)),
    )
    assert query.terms == ("cat",)
    assert query.plain == "cats"


@pytest.mark.parametrize("text", ["http://example.org/x?y=1", "k:1 means", "Re: title", "a - b", "(x)", "C++"])
def test_what_is_no_syntax_is_plain_words(text):
    query = parse(text)
    assert query.plain == text
    assert query.required == query.excluded == ()


def test_an_arrow_or_a_rule_excludes_nothing():
    assert parse("write -> read --- again").excluded == ()
    assert parse("write -> read --- again").plain == "write read again"


def test_a_query_of_conditions_only_has_nothing_to_rank():
    query = parse("author:smith topic:cs.LG after:2026 -title:cats")
    assert query.terms == query.words == ()
    assert query.plain == ""
    assert not query.needs_word


def test_a_query_is_read_the_same_whatever_steers_its_direction():
    assert parse("\u200eauthor:smith\u200f cats\ufeff").required == (ByAuthor(("smith",)),)


@pytest.mark.parametrize(
    ("text", "message", "spot"),
    [
        ("", "empty", ""),
        (" \t\n", "empty", " \t\n"),
        ('cats "low rank', "quote opened at character 6 is not closed", '"low rank'),
        ('title:"x', "quote opened at character 7 is not closed", '"x'),
        ("after:2026-13", "2026-13' is not a date", "after:2026-13"),
        ("before:0000", "is not a date", "before:0000"),
        ("x after:yesterday", "is not a date", "after:yesterday"),
        ("after:２０２４", "is not a date", "after:２０２４"),
        ("cats author:", "author: needs a value", "author:"),
        ("title: cats", "title: needs a value", "title:"),
        ('topic:" "', "topic: needs a value", 'topic:" "'),
        ("author:...", "is not a name", "author:..."),
        ("topic:--", "is not a topic", "topic:--"),
        ("id:what", "is not an identifier", "id:what"),
        ('x ""', "no letters or digits", '""'),
        ("title:!", "no letters or digits", "title:!"),
        ("-cats -dogs", "only excludes", "-cats -dogs"),
        ("-title:cats", "only excludes", "-title:cats"),
        ("?! …", "no letters or digits", "?! …"),
        ("🙂 👍🏽", "no letters or digits", "🙂 👍🏽"),
        ("a\0b", "character 2 is a control character", "\0"),
        ("a \ud83d b", r"half a character \(U\+D83D\)", "\ud83d"),
        ("x" * 1_001, "at most 1,000 characters, this one has 1,001", "x"),
        ('"' * 10_000, "at most 1,000 characters, this one has 10,000", '"' * 9_000),
        (" ".join(f"w{n}" for n in range(129)), "at most 128 words", "w128"),
        (" ".join(f"-w{n}" for n in range(33)), "at most 32 phrases and conditions", "-w32"),
    ],
)
def test_a_bad_query_is_told_what_and_where(text, message, spot):
    with pytest.raises(QueryError, match=message) as raised:
        parse(text)
    assert text[raised.value.start : raised.value.end] == spot


@pytest.mark.parametrize(
    "text", ["x" * 256, '"' * 256, "מודל שפה", "\u202eright to left", "e\u0301" * 128, "\ufdfa" * 256]
)
def test_hostile_text_is_a_query_or_a_clear_error(text):
    read_or_refuse(text)


pieces = st.sampled_from(
    [
        '"',
        "“",
        "”",
        "-",
        ":",
        " ",
        "title:",
        "author:",
        "after:",
        "id:",
        "topic:",
        "2024",
        "cats",
        "the",
        "\0",
        "$",
        "\\",
    ]
)


@given(st.text(st.characters(exclude_categories=())) | st.lists(pieces, max_size=30).map("".join))
@example('-"')
@example('-title:"')
@example("-")
def test_any_text_is_a_query_or_a_clear_error(text):
    read_or_refuse(text)


def read_or_refuse(text):
    try:
        query = parse(text)
    except QueryError as error:
        assert 0 <= error.start <= error.end <= len(text)
        assert str(error)
    else:
        assert query.text == text
        assert len(query.terms) == len(query.words) == len(set(query.terms))
        assert query.terms or query.required
        assert bool(query.plain) == bool(query.terms)


@pytest.mark.parametrize("text", ["2104.12255", " arXiv:2104.12255v3 ", "https://arxiv.org/pdf/2104.12255v1"])
def test_an_identifier_alone_asks_for_its_paper(text):
    assert parse(text).required == (ByIdentifier("arxiv:2104.12255"),)
    assert not parse(text).terms


@pytest.mark.parametrize(
    "text", ["GPT-4", "k:1", "2026", "scifact:4983", "2104.12255 rebuttal", "https://example.org/x"]
)
def test_what_is_no_identifier_everywhere_stays_words(text):
    assert parse(text).terms
