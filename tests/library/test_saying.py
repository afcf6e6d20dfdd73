"""Which of several sources' words is shown of each field, and that what they say is read back as written."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as some

from broadsheet.library.saying import FIELDS, best, read, reworded, shown, written
from broadsheet.papers import Author, Link, Version

SHORT, LONG = "One sentence.", "One sentence. And then another, so that it is more than half as long again."


def says(source, seq, before=None, is_late=False, **fields):
    return reworded(before, source, "", Version(**({"title": "A title"} | fields)), seq, is_late=is_late)


def test_what_was_said_last_is_shown():
    arxiv, crossref = says("arxiv", 1, title="Paging", topics=("cs.DS",)), says("crossref", 2, title="On paging")
    assert shown([arxiv, crossref]).title == shown([crossref, arxiv]).title == "On paging"
    assert shown([arxiv, crossref]).topics == ("cs.DS",)


def test_who_changes_one_field_does_not_bring_back_another():
    arxiv = says("arxiv", 1, title="Paging", venue="a workshop")
    crossref = says("crossref", 2, title="On paging")
    arxiv = says("arxiv", 3, arxiv, title="Paging", venue="a journal")
    assert (shown([arxiv, crossref]).title, shown([arxiv, crossref]).venue) == ("On paging", "a journal")


@pytest.mark.parametrize("field", ["abstract", "authors"])
def test_a_source_that_says_less_does_not_displace_one_that_says_more(field):
    fuller = {"abstract": LONG, "authors": (Author("Ann Lee"), Author("Bo Ray"), Author("Cy Day"))}[field]
    less = {"abstract": SHORT, "authors": (Author("Ann Lee"), Author("others"))}[field]
    sayings = [says("arxiv", 1, **{field: fuller}), says("crossref", 2, **{field: less})]
    assert getattr(shown(sayings), field) == fuller
    assert best(sayings)[field].source == "arxiv"


def test_about_as_long_an_abstract_that_came_later_is_shown():
    sayings = [
        says("arxiv", 1, abstract="Seven words of one and the same."),
        says("crossref", 2, abstract="Six words."),
    ]
    assert shown([sayings[0], says("crossref", 2, abstract="Seven words, but of another one.")]).abstract.startswith(
        "Seven words, but"
    )
    assert shown(sayings).abstract.startswith("Seven words of")


@pytest.mark.parametrize("cut", [LONG[:60], f"{LONG[:60]}…", f"{LONG[:60].upper()} ...", LONG[:-9]])
def test_an_abstract_that_breaks_off_does_not_displace_the_whole_one(cut):
    assert shown([says("arxiv", 1, abstract=LONG), says("crossref", 2, abstract=cut)]).abstract == LONG


def test_authors_that_break_off_do_not_displace_all_of_them():
    whole = tuple(Author(f"{initial}. Lee-{initial}") for initial in "ABCDE")
    cut = says("crossref", 2, authors=whole[:4])
    assert shown([says("arxiv", 1, authors=whole), cut]).authors == whole
    assert shown([says("arxiv", 1, authors=whole[::-1]), cut]).authors == whole[:4]


@pytest.mark.parametrize(
    ("days", "first"),
    [
        ([(2021, 4, 25), (2023, 7, 1)], (2021, 4, 25)),
        ([(2023, 7, 1), (2021, 4, 25)], (2021, 4, 25)),
        ([(2021, 4, 25), (2021, 1, 1)], (2021, 4, 25)),
        ([(2021, 1, 1), (2022, 3, 2)], (2021, 1, 1)),
    ],
)
def test_a_work_was_first_published_on_the_earliest_day_that_is_more_than_a_year(days, first):
    sayings = [says(f"s{seq}", seq, published=date(*day)) for seq, day in enumerate(days, start=1)]
    assert shown(sayings).published == date(*first)


def test_a_source_may_shorten_its_own_abstract():
    arxiv = says("arxiv", 2, says("arxiv", 1, abstract=LONG), abstract=SHORT)
    assert shown([arxiv]).abstract == SHORT


def test_a_source_that_falls_silent_keeps_its_last_word_but_takes_comments_and_links_back():
    link = Link("code", "https://code.example/a")
    first = says("arxiv", 1, abstract=LONG, topics=("cs.DS",), comment="12 pages", links=(link,))
    now = shown([says("arxiv", 2, first)])
    assert (now.abstract, now.topics, now.comment, now.links) == (LONG, ("cs.DS",), "", ())


def test_what_is_dated_earlier_fills_only_what_nobody_says():
    arxiv = says("arxiv", 1, title="Paging, revised")
    dump = says("dump", 2, is_late=True, title="Paging", abstract="Old.")
    assert (shown([arxiv, dump]).title, shown([arxiv, dump]).abstract) == ("Paging, revised", "Old.")


def test_links_of_all_add_up():
    one, two = Link("code", "https://code.example/a"), Link("pdf", "https://pdf.example/a")
    both = [says("arxiv", 1, links=(one,)), says("unpaywall", 2, links=(two, one))]
    assert shown(both).links == (two, one)


TEXTS = some.builds(
    Version,
    title=some.text(min_size=1).filter(lambda text: text.strip() and text.isprintable()),
    abstract=some.sampled_from(["", SHORT, LONG]),
    authors=some.sampled_from([(), (Author("Ann Lee", "A place", "0000-0002-1825-0097"),)]),
    topics=some.sampled_from([(), ("cs.IR", "Ünïcode 主题")]),
    published=some.none() | some.dates(date(1900, 1, 1), date(2100, 1, 1)),
    comment=some.sampled_from(["", "12 pages"]),
    links=some.sampled_from([(), (Link("code", "https://code.example/a"),)]),
)


@given(TEXTS)
def test_what_is_written_is_read_back(text):
    assert read(written(text)) == text


@given(some.lists(some.tuples(some.sampled_from("abc"), TEXTS), min_size=1, max_size=6), some.randoms())
def test_what_is_shown_is_somebodys_word_whatever_the_order_they_are_read_in(said, chance):
    sayings = {}
    for seq, (source, text) in enumerate(said, start=1):
        sayings[source] = reworded(sayings.get(source), source, "", text, seq, is_late=False)
    text, mixed = shown(sayings.values()), list(sayings.values())
    chance.shuffle(mixed)
    assert shown(mixed) == text
    for name in FIELDS:
        said_of_it = [value for each in sayings.values() if (value := getattr(each.text, name))]
        assert getattr(text, name) in said_of_it if said_of_it else not getattr(text, name)
