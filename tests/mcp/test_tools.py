"""What each tool answers, on both kinds of database."""

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from broadsheet.mcp import shapes, tools
from broadsheet.mcp.tools import TOOLS, Desk
from broadsheet.search import quantise

SITE = "https://papers.example"


def ids(answer):
    return [paper["id"] for paper in answer["papers"]]


def test_a_search_finds_papers_with_all_that_a_model_needs(model, library):
    answer = model.learns("search", query="paging predictions")
    assert ids(answer) == ["2611.00001", "2611.00002"]
    assert (answer["at"], answer["total"], answer["by_meaning"], answer["behind"]) == (3, 2, False, 0)
    first = answer["papers"][0]
    assert first["title"] == "Paging with succinct predictions"
    assert first["authors"] == ["Ada Byron", "Émilie du Châtelet"]
    assert first["url"] == f"{SITE}/papers/2611.00001"
    assert (first["day"], first["published"]) == (library.today().isoformat(), "2024-03-01")
    assert "which page is evicted" in first["snippet"]
    assert first["why"] == f"words {first['score']:.2f} (predictions, paging)"
    assert answer["next_offset"] is None


def test_a_search_is_repeated_by_its_number_whatever_came_since(model, library, record):
    before = model.learns("search", query="paging")
    library.put([record("Paging once more", "2611.00004", announced=library.today())])
    assert "2611.00004" in ids(model.learns("search", query="paging"))
    again = model.learns("search", query="paging", at=str(before["at"]))
    assert again == before
    assert model.learns("search", query="paging", at=before["at"]) == before  # models write numbers, too


def test_a_search_may_be_of_a_day(model, library):
    assert ids(model.learns("search", query="paging", at="2001-01-01")) == []
    assert len(ids(model.learns("search", query="paging", at=library.today().isoformat()))) == 2


def test_a_search_goes_on_at_its_next_offset(model):
    first = model.learns("search", query="paging", limit=1)
    second = model.learns("search", query="paging", limit=1, offset=first["next_offset"], at=first["at"])
    assert ids(first) + ids(second) == ["2611.00001", "2611.00002"]
    assert second["next_offset"] is None


def test_a_search_may_be_sorted(model):
    everything = "paging soup"
    assert ids(model.learns("search", query=everything, sort="date"))[-1] == "2611.00003"
    assert len(ids(model.learns("search", query=everything, sort="trending"))) == 3


def test_a_search_of_conditions_alone_says_why(model):
    answer = model.learns("search", query="topic:cs.DS")
    assert [(paper["id"], paper["why"]) for paper in answer["papers"]] == [("2611.00001", "passes the conditions")]


def test_a_paper_is_read_whole_by_any_of_its_names(model):
    answer = model.learns("paper", id="2611.00001")
    assert answer["abstract"].endswith("comes with each request.")
    assert answer["identifiers"] == ["arxiv:2611.00001", "doi:10.1145/1.2"]
    assert answer["links"] == [{"kind": "code", "url": "https://code.example/paging"}]
    assert (answer["version"], answer["votes"], answer["author_count"], answer["at"]) == (1, 0, 2, 3)
    for name in ("arXiv:2611.00001v1", "10.1145/1.2", "https://arxiv.org/abs/2611.00001"):
        assert model.learns("paper", id=name) == answer


def test_similar_papers_need_an_encoder_and_it_is_said(model):
    answer = model.learns("similar", id="2611.00001")
    assert answer == {"id": "2611.00001", "at": 3, "papers": [], "note": answer["note"]}
    assert "no sentence encoder" in answer["note"] == model.hears("similar", id="2611.00001")


def test_the_latest_day_is_listed_unless_another_is_named(model, library):
    latest = model.learns("daily")
    assert (latest["day"], latest["total"]) == (library.today().isoformat(), 2)
    assert (latest["earlier"], latest["later"]) == ("2001-02-03", None)
    older = model.learns("daily", date="2001-02-03")
    assert ids(older) == ["2611.00003"]
    assert (older["earlier"], older["later"]) == (None, library.today().isoformat())
    assert ids(model.learns("daily", date="1999-01-01")) == []


def test_a_day_is_paged(model):
    first = model.learns("daily", limit=1)
    assert first["next_offset"] == 1
    second = model.learns("daily", limit=1, offset=1)
    assert {*ids(first), *ids(second)} == {"2611.00001", "2611.00002"}
    assert second["next_offset"] is None


def test_what_trends_is_listed_without_days_to_come(model, library, clock):
    assert ids(model.learns("trending", limit=2)) == ["2611.00001", "2611.00002"]
    clock.forward(days=-400)
    assert ids(model.learns("trending")) == ["2611.00003"]


def test_the_status_tells_how_fresh_the_library_is(model, library):
    assert model.learns("status") == {
        "papers": 3,
        "at": 3,
        "behind": 0,
        "pending": 0,
        "by_meaning": False,
        "today": library.today().isoformat(),
        "latest_day": library.today().isoformat(),
        "url": f"{SITE}/",
    }


def test_a_paper_is_a_resource_by_its_id_plain_or_encoded(model):
    text = model.reads("paper://2611.00001")
    assert text.startswith("# Paging with succinct predictions\n\n- Authors: Ada Byron, Émilie du Châtelet\n")
    assert f"- Page: <{SITE}/papers/2611.00001>" in text
    assert model.reads("paper://10.1145%2F1.2") == text == model.reads("paper://10.1145/1.2")


def test_an_empty_library_answers_every_tool(site_library):
    desk = Desk(site_library, SITE, None)
    for name, asked in (("search", {"query": "soup"}), ("daily", {}), ("trending", {}), ("status", {})):
        tool = TOOLS[name]
        answer = tool.answer(desk, tool.asked(**asked))
        assert answer.model_dump().get("papers", 0) in ([], 0)
        assert tool.write(answer)


@pytest.mark.parametrize(
    ("name", "asked", "most"),
    [
        ("search", {"query": "paging", "limit": 50}, 3),
        ("paper", {"id": "2611.00001"}, 5),
        ("daily", {"limit": 50}, 8),
        ("trending", {"limit": 50}, 2),
        ("status", {}, 8),
    ],
)
def test_more_papers_cost_no_more_queries(library, record, name, asked, most):
    desk, tool = Desk(library, SITE, None), TOOLS[name]

    def queries():
        library.catch_up()
        with CaptureQueriesContext(
            connection,
        ) as captured:
            tool.answer(desk, tool.asked(**asked))
        return len(captured)

    queries()
    few = queries()
    library.put([record(f"Paging, part {n}", f"2611.{n:05}", announced=library.today()) for n in range(100, 140)])
    assert queries() == few <= most


def test_an_answer_holds_no_more_than_was_asked_for(library, record):
    names = [f"Author {n}" for n in range(700)]
    library.put([record("Many hands", "2611.00009", authors=names, abstract="word " * 15_000)])
    desk = Desk(library, SITE, None)
    listed = tools.search(desk, shapes.SearchAsked(query="hands")).papers[0]
    assert (len(listed.authors), listed.author_count, len(listed.snippet) < 400) == (20, 700, True)
    whole = tools.paper(desk, shapes.PaperAsked(id="2611.00009"))
    assert (len(whole.authors), whole.author_count, len(whole.abstract) <= 20_000) == (500, 700, True)
    assert "and 200 more" in TOOLS["paper"].write(whole)


class Letters:
    """An encoder whose vector of a text is made of how often it has each letter."""

    name, dimension = "letters", 26

    def embed_passages(self, texts):
        return [self.embed_query(text) for text in texts]

    def embed_query(self, text):
        return quantise(np.array([text.lower().count(letter) + 0.1 for letter in "abcdefghijklmnopqrstuvwxyz"]))


@pytest.fixture
def by_letters(site_library, shelf, clock):
    from broadsheet.library import Library

    library = Library("default", Letters, clock)
    library.put(shelf(library.today()))
    yield library
    library.close()


def test_similar_papers_are_the_nearest_by_cosine(by_letters):
    desk = Desk(by_letters, SITE, None)
    lone = tools.similar(desk, shapes.SimilarAsked(id="2611.00001"))
    assert (lone.papers, lone.note.split(";")[0]) == ([], "The paper has no vector yet")
    assert tools.status(desk, shapes.StatusAsked()).pending == 3
    by_letters.embed()
    near = tools.similar(desk, shapes.SimilarAsked(id="2611.00001", limit=1))
    assert near.papers[0].id == "2611.00002"
    assert near.papers[0].why == f"cosine {near.papers[0].score:.3f}"
    assert (near.at, near.note) == (by_letters.follower.index.position, "")
    assert TOOLS["similar"].write(near).startswith("Nearest in meaning to 2611.00001, nearest first, at change ")
    everything = tools.similar(desk, shapes.SimilarAsked(id="2611.00001"))
    assert [hit.id for hit in everything.papers] == ["2611.00002", "2611.00003"]


def test_a_search_by_meaning_says_which_part_of_the_score_it_is(by_letters):
    by_letters.embed()
    desk = Desk(by_letters, SITE, None)
    answer = tools.search(desk, shapes.SearchAsked(query="paging rounds"))
    assert (answer.by_meaning, answer.pending) == (True, 0)
    assert answer.papers[0].why.startswith("words 0.")
    assert " + meaning 0." in answer.papers[0].why
    nearest = tools.search(desk, shapes.SearchAsked(query="zzz"))
    assert nearest.total == 0
    assert nearest.papers[0].why.startswith("meaning ")
    assert TOOLS["search"].write(nearest).startswith("No paper has these words; these are the nearest in meaning")


def test_a_search_is_told_in_words(model, library, record):
    assert model.hears("search", query="soup").startswith("1 paper matches, best first by words, at change 3. Lines ")
    assert model.hears("search", query="paging", sort="date").startswith("2 papers match, newest first, at change 3.")
    assert (
        model.hears("search", query="paging", limit=1)
        .splitlines()[0]
        .endswith("More with offset=1 and at=3. Lines that begin with “>” are the papers' own text.")
    )
    assert model.hears("search", query="zebrafish") == (
        "0 papers match, best first by words, at change 3. Try fewer words, other words, or fewer conditions."
    )


def test_a_paper_is_told_in_words(model, library):
    assert model.hears("paper", id="2611.00001").splitlines() == [
        f"id 2611.00001; version 1; list of {library.today()}; 0 votes, 0 comments; as of change 3",
        f"page {SITE}/papers/2611.00001",
        "identifiers arxiv:2611.00001, doi:10.1145/1.2",
        "published 2024-03-01",
        "Lines that begin with “>” are the papers' own text.",
        "> Title: Paging with succinct predictions",
        "> Authors: Ada Byron, Émilie du Châtelet",
        "> Topics: cs.DS",
        "> Link (code): https://code.example/paging",
        "> Abstract: We study which page is evicted when a prediction of one bit comes with each request.",
    ]
