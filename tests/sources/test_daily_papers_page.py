"""Daily Papers pages copied as text."""

import json
import textwrap

import pytest

from broadsheet.papers import Record
from broadsheet.papers.text import title_key
from broadsheet.sources import Fault, SourceError, parse_daily_papers_page

COUNTS = {1: 51, 2: 74, 3: 68, 4: 249, 5: 242}
LONG = "We study this at length and in depth, with care and with patience, until nothing is left to say of it. " * 4


def read(text: str) -> tuple[list[tuple[str, str]], list[Fault]]:
    found = list(parse_daily_papers_page(text, "page.txt"))
    papers = [(one.version.title, one.version.abstract) for one in found if isinstance(one, Record)]
    return papers, [one for one in found if isinstance(one, Fault)]


def wrap(text: str, width: int) -> str:
    return textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False)


@pytest.fixture(scope="module")
def pages(shared_data) -> dict[int, str]:
    return {number: (shared_data / f"daily_papers_pages/page_{number}.txt").read_text() for number in COUNTS}


@pytest.fixture(scope="module")
def truth(shared_data) -> set[str]:
    lines = (shared_data.parent / "starter/papers.jsonl").read_text().splitlines()
    return {json.loads(line)["title"] for line in lines}


@pytest.mark.parametrize("number", COUNTS)
def test_every_paper_of_a_real_page_is_found_with_its_abstract(pages, truth, number):
    papers, faults = read(pages[number])
    assert len(papers) == COUNTS[number]
    assert faults == []
    assert all(len(title) < 200 and len(abstract) > 490 for title, abstract in papers)
    assert sum(title in truth for title, _ in papers) >= len(papers) - 2  # four titles are tidied up over there
    assert not any(abstract in truth for _, abstract in papers)


def test_the_five_pages_together_hold_557_papers(pages, truth):
    keys = {title_key(title) for text in pages.values() for title, _ in read(text)[0]}
    assert len(keys) == len(truth) == 557
    assert len(keys & {title_key(title) for title in truth}) >= 555


def test_records_name_no_identifier_and_say_where_they_stood(pages):
    record = next(iter(parse_daily_papers_page(pages[2], "page_2.txt")))
    assert (record.source, record.identifiers, record.place) == ("daily-papers-page", (), "page_2.txt line 3")
    assert record.version.title == "Complex Momentum for Optimization in Games"
    assert record.version.abstract.startswith("We generalize gradient descent with momentum")


@pytest.mark.parametrize("number", COUNTS)
def test_a_lost_line_costs_one_paper_and_pairs_no_title_with_another_abstract(pages, number):
    whole = set(read(pages[number])[0])
    lines = pages[number].split("\n")
    texts = [at for at, line in enumerate(lines) if line.strip()]
    for at in texts[8:60:3]:
        papers, faults = read("\n".join(lines[:at] + lines[at + 1 :]))
        assert set(papers) <= whole
        assert len(papers) == len(whole) - 1
        assert len(faults) == 1


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_a_page_wrapped_by_an_editor_is_read_where_blank_lines_divide_it(pages, width):
    papers, _ = read(pages[3])
    wrapped = [
        textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False) for paper in papers for text in paper
    ]
    again, faults = read("Daily Papers\n\n" + "\n\n".join(wrapped))
    assert again == papers
    assert faults == []


@pytest.mark.parametrize("width", [60, 80, 100, 140, 200])
def test_a_page_wrapped_by_an_editor_without_blank_lines_is_refused(pages, width):
    papers, _ = read(pages[2])
    wrapped = [
        textwrap.fill(text, width, break_long_words=False, break_on_hyphens=False) for paper in papers for text in paper
    ]
    with pytest.raises(SourceError, match=r"page\.txt was wrapped to a narrow column"):
        read("\n".join(wrapped))


def test_the_pages_own_words_are_no_titles():
    head = "new\n\nGet trending papers in your email inbox once a day!\n\nSubscribe\n\nDaily Papers\n\nbyAK"
    head += " and the research community\n"
    papers, faults = read(f"{head}\nSept 7, 2026\n\nA Title\n\n{LONG}\n\n{head}\nDec 24\n\nAnother\n\n{LONG}")
    assert [title for title, _ in papers] == ["A Title", "Another"]
    assert faults == []


@pytest.mark.parametrize(
    ("line", "title"),
    [
        ("SubscribeComputational Limits", "Computational Limits"),
        ("Subscribe3D Scenes", "3D Scenes"),
        ('Subscribe"Why" Indeed', '"Why" Indeed'),
        ("Subscribers and Their Habits", "Subscribers and Their Habits"),
        ("Subscribe to Me: A Study", "Subscribe to Me: A Study"),
        ("Get trending papers in your email inbox!\nSubscribeiCaRL: Learning", "iCaRL: Learning"),
        ("Get trending papers in your email inbox!\n\nSubscribeSubscribers and I", "Subscribers and I"),
        ("Get trending papers in your email inbox!\n\nSubscribe\n\nSubscribers and I", "Subscribers and I"),
    ],
)
def test_the_button_is_cut_off_the_title_it_is_glued_to(line, title):
    assert read(f"{line}\n{LONG}")[0] == [(title, LONG.strip())]


@pytest.mark.parametrize("gap", ["\n", "\n\n", "\r\n", " \n\t\n"])
def test_short_abstracts_and_any_gap_between_texts_will_do(gap):
    papers, faults = read(gap.join(["One", "It works.", "Two?", "It does not.", "iCaRL Three", "See https://e.org/x"]))
    assert papers == [("One", "It works."), ("Two?", "It does not."), ("iCaRL Three", "See https://e.org/x")]
    assert faults == []


def test_a_word_broken_at_its_hyphen_is_whole_again():
    column = "x" * 30 + " " + "y" * 30
    papers, _ = read(f"Title\n\n{column} self-\nsupervised {column} pre-\nand post-{column[:55]}\n{column} end.\n")
    assert papers[0][1] == f"{column} self-supervised {column} pre- and post-{column[:55]} {column} end."


def test_an_abstract_of_several_lines_is_one_abstract():
    papers, faults = read(
        f"One\nIt works. It is good.\nMore of it.\nCode: https://e.org/a\nTwo\n{LONG}\nAt the end.\nThree\nSo."
    )
    assert papers == [
        ("One", "It works. It is good. More of it. Code: https://e.org/a"),
        ("Two", f"{LONG}At the end."),
        ("Three", "So."),
    ]
    assert faults == []


def test_a_title_that_breaks_off_goes_on_in_lower_case():
    papers, _ = read(f"A Long Title about Bars\nand Bazes in Foo\n{LONG}")
    assert papers == [("A Long Title about Bars and Bazes in Foo", LONG.strip())]


def test_a_title_that_ends_in_a_full_stop_is_still_one_between_two_abstracts():
    papers, faults = read(f"One\n{LONG}\nAttention Is All You Need.\n{LONG}\nThree\n{LONG}")
    assert [title for title, _ in papers] == ["One", "Attention Is All You Need.", "Three"]
    assert faults == []


def test_what_could_belong_to_two_papers_is_a_fault():
    papers, faults = read(f"One\n{LONG}\n{LONG}\nLonely\nTwo\n{LONG}\nLast")
    assert [title for title, _ in papers] == ["One", "Two"]
    assert [str(fault)[:60] for fault in faults] == [
        "page.txt line 3: a second abstract in a row: its title may b",
        "page.txt line 4: a title without an abstract: 'Lonely'",
        "page.txt line 7: a title without an abstract: 'Last'",
    ]


def test_an_abstract_at_the_top_has_lost_its_title():
    papers, faults = read(f"Daily Papers\n{LONG}\nOne\n{LONG}")
    assert [title for title, _ in papers] == ["One"]
    assert "an abstract without a title" in faults[0].reason


def test_a_text_over_the_limit_of_an_abstract_is_a_fault():
    papers, faults = read(f"One\n{'x' * 200_000}\nTwo\n{LONG}")
    assert [title for title, _ in papers] == ["Two"]
    assert "200,000 characters" in faults[0].reason


def test_an_empty_page_has_no_papers():
    assert read("\n \n") == ([], [])
