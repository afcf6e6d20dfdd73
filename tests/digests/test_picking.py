"""Which papers an issue holds, and the reason that each is told with."""

import numpy as np
import pytest

from broadsheet.community import clipping, voting
from broadsheet.community.models import Collection
from broadsheet.digests import issuing
from broadsheet.digests.models import Feedback
from broadsheet.library import attention
from broadsheet.library.models import Embedding, Paper, Version
from encoders import searched_by


@pytest.fixture
def voted(site_library):
    """Give papers so many votes."""
    from django.db import transaction

    @transaction.atomic
    def vote(paper, votes: int) -> None:
        attention.count(attention.lock("default", paper.pk), {"votes": votes, "trusted_votes": votes})

    return vote


@pytest.fixture
def embedded():
    """Give papers vectors that point the way of a number: embedded(paper, 3)."""
    chance = np.random.default_rng(1)

    def embed(paper, way: int) -> None:
        vector = np.zeros(64)
        vector[way] = 1.0
        vector += chance.normal(size=64) * 0.02
        scale = float(np.abs(vector).max() / 127)
        codes = np.round(vector / scale).astype(np.int8).tobytes()
        version = Version.objects.get(paper=paper, died=None)
        searched_by("m")
        Embedding.objects.create(version=version, born=10_000 + version.pk, model="m", codes=codes, scale=scale)

    return embed


def test_a_topic_brings_its_papers_and_those_of_its_parts(listed, interested, picked):
    listed("Ranking", topics=("cs.IR",))
    listed("Parsing", topics=("cs.CL",))
    listed("Proving", topics=("math.LO",))
    assert picked(interested(("topic", "cs.IR"))) == {"Ranking": "topic cs.IR"}
    assert set(picked(interested(("topic", "CS"), address="bo@example.org"))) == {"Ranking", "Parsing"}


def test_an_author_is_found_as_the_filter_of_searches_finds_them(listed, interested, picked):
    listed("By Ann", authors=["Lee, Ann"])
    listed("By Andrea", authors=["Andrea Lee"])
    listed("By Bo", authors=["Chen, Bo"], topics=("cs.IR",))
    assert picked(interested(("author", "Ann Lee"))) == {"By Ann": "author Ann Lee"}
    assert set(picked(interested(("author", "A. Lee"), address="bo@example.org"))) == {"By Ann", "By Andrea"}


def test_a_search_brings_recent_papers_that_hold_most_of_its_words(listed, interested, picked):
    listed("Neural ranking of papers", "Ranking horses", "Neural fields")
    listed("Neural ranking of old", days=12)
    assert picked(interested(("search", "neural ranking"))) == {
        "Neural ranking of papers": "your search “neural ranking”"
    }
    either = interested(("search", "neural ranking horses"), address="bo@example.org")
    assert set(picked(either)) == {"Neural ranking of papers", "Ranking horses"}


def test_a_search_that_cannot_be_read_any_more_finds_nothing_and_stops_nobody(listed, interested, picked):
    listed("Ranking", topics=("cs.IR",))
    assert picked(interested(("search", "after:yesterday"), ("topic", "cs.IR"))) == {"Ranking": "topic cs.IR"}


def test_what_trends_is_told_with_its_votes_and_the_rest_only_where_little_else_is_there(
    listed, interested, picked, voted
):
    papers = listed(*(f"Paper {n}" for n in range(12)))
    voted(papers[7], 31)
    voted(papers[3], 1)
    found = picked(interested(("trending", ""), size=5))
    assert list(found.items())[:2] == [("Paper 7", "trending: 31 votes"), ("Paper 3", "trending: 1 vote")]
    assert set(list(found.values())[2:]) == {"new on 21 November"}
    for paper in papers[:6]:
        voted(paper, 2)
    assert "new on" not in "".join(picked(interested(("trending", ""), size=5, address="bo@example.org")).values())


def test_who_named_nothing_gets_what_trends(listed, subscriber, picked):
    listed("Paper")
    assert picked(subscriber("ann@example.org")) == {"Paper": "new on 21 November"}


def test_papers_of_days_to_come_old_days_and_withdrawn_ones_are_never_sent(
    listed, interested, picked, voted, site_library
):
    for paper in listed("Tomorrow", "Featured tomorrow", days=-1, topics=("cs.IR",)):
        voted(paper, 31)
    Paper.objects.filter(pk=paper.pk).update(is_featured=True)
    listed("Nine days ago", days=9, topics=("cs.IR",))
    gone, erased, _ = listed("Gone", "Erased", "Here", topics=("cs.IR",))
    site_library.withdraw(gone.key)
    site_library.erase(erased.key)
    for interest in (("topic", "cs.IR"), ("trending", "")):
        assert set(picked(interested(interest, address=f"{interest[0]}@example.org"))) == {"Here"}


def test_a_daily_issue_reaches_back_two_days_and_a_weekly_one_eight(listed, interested, picked, clock):
    clock.forward(days=-8)
    for days in range(9):
        listed(f"Day {days}", topics=("cs.IR",))
        clock.forward(days=1)
    clock.forward(days=-1)
    assert set(picked(interested(("topic", "cs.IR")))) == {"Day 8", "Day 7", "Day 6"}
    weekly = interested(("topic", "cs.IR"), address="bo@example.org", rhythm="weekly", size=20)
    assert set(picked(weekly)) == {f"Day {day}" for day in range(9)}


def test_a_paper_that_came_late_to_an_earlier_list_is_news(listed, interested, picked):
    listed("Late", days=6, topics=("cs.IR",))
    assert set(picked(interested(("topic", "cs.IR")))) == {"Late"}


def test_what_is_clipped_into_a_followed_collection_is_sent_however_old_the_paper_is(
    listed, interested, picked, reader, clock, site_library
):
    clock.forward(days=-20)
    old, _ = listed("Old", "Older", topics=("cs.IR",))
    clock.forward(days=20)
    ann = reader("ann")
    fields = {"created_at": clock(), "changed_at": clock()}
    shared = Collection.objects.create(reader=ann, slug="s" * 22, title="Reading group", visibility="link", **fields)
    hidden = Collection.objects.create(reader=ann, slug="h" * 22, title="Hidden", visibility="private", **fields)
    for collection in (shared, hidden):
        clipping.clip(collection, old.pk, clock())
    follower = interested(("collection", shared.slug), ("collection", hidden.slug), ("topic", "cs.IR"))
    assert picked(follower) == {"Old": "clipped into “Reading group”"}
    Collection.objects.filter(pk=shared.pk).update(visibility="private")
    assert picked(follower) == {}
    ann_herself = interested(("collection", hidden.slug), address="own@example.org", reader=ann)
    assert picked(ann_herself) == {}  # she clipped it, so she knows it


def test_votes_bring_the_topics_and_authors_of_what_was_voted_for_but_not_the_paper_itself(
    listed, interested, picked, reader, clock, site_library
):
    liked = listed("Liked one", "Liked two", topics=("q-bio.PE",), authors=["Lee, Ann"], days=1)
    listed("Same topic", topics=("q-bio.PE",), authors=["Chen, Bo"])
    listed("Same author", topics=("cs.CC",), authors=["Lee, Ann"])
    listed("Another", topics=("hep-th",))
    ann = reader("ann")
    for paper in liked:
        voting.vote(ann, paper.pk, clock())
    assert picked(interested(("topic", "cs.DB"), reader=ann)) == {
        "Same author": "by an author of a paper you voted for",
        "Same topic": "topic of papers you liked",
    }


def test_meaning_brings_what_is_like_a_paper_that_was_asked_for_more_of(listed, interested, picked, embedded, clock):
    wanted, near, *others = listed(*(f"Paper {n}" for n in range(20)))
    embedded(wanted, 3)
    embedded(near, 3)
    for way, other in enumerate(others, 10):
        embedded(other, way)
    ann = interested(("topic", "cs.DB"))
    Feedback.objects.create(subscriber=ann, paper=wanted, wants_more=True, at=clock())
    assert picked(ann) == {"Paper 1": "like a paper you asked for more of"}


def test_less_puts_what_is_alike_behind(listed, interested, picked, clock):
    listed("One more by Ann", topics=("cs.IR",), authors=["Lee, Ann"])
    listed("By Bo", topics=("cs.IR",), authors=["Chen, Bo"])
    (unwanted,) = listed("By Ann", topics=("cs.IR",), authors=["Lee, Ann"])
    ann = interested(("topic", "cs.IR"))
    assert next(iter(picked(ann))) == "One more by Ann"
    Feedback.objects.create(subscriber=ann, paper=unwanted, wants_more=False, at=clock())
    assert next(iter(picked(ann))) == "By Bo"


def test_a_substantial_revision_comes_again_and_says_what_changed(
    listed, interested, picked, site_library, record, clock
):
    clock.forward(days=-40)
    text = "One is so. Two is so. Three is so."
    kept = {"announced": site_library.today(), "topics": ("cs.IR",), "source": "arxiv"}
    names = ("2104.12255", "2104.12256", "2104.12257")
    site_library.put([record("Paper", name, abstract=text, **kept) for name in names[:1]])
    site_library.put([record("Another", names[1], abstract=text, **kept), record("Third", names[2], **kept)])
    clock.forward(days=40)
    changed = "One is so. Two is different. Three is so."
    site_library.put([record("Paper", names[0], abstract=changed, **kept)])
    site_library.put([record("Another", names[1], abstract=text + " Four.", authors=["Lee, Ann"], **kept)])
    site_library.put([record("Third thoughts", names[2], **kept)])
    assert picked(interested(("topic", "cs.IR"))) == {
        "Paper": "topic cs.IR; revised: the abstract changed",
        "Third thoughts": "topic cs.IR; revised: the title changed",
    }


def test_quotas_keep_one_topic_from_filling_an_issue_and_give_way_before_it_is_half_empty(
    listed, interested, picked, voted
):
    for number, paper in enumerate(listed(*(f"Learning {n}" for n in range(30)), topics=("cs.LG",))):
        voted(paper, 10 + number)
    for paper in listed(*(f"Logic {n}" for n in range(4)), topics=("math.LO",)):
        voted(paper, 1)
    for paper in listed(*(f"Vision {n}" for n in range(4)), topics=("cs.CV",)):
        voted(paper, 1)
    asked = [("trending", ""), ("topic", "math.LO"), ("topic", "cs.CV")]
    found = picked(interested(*asked))
    assert {topic: sum(title.startswith(topic) for title in found) for topic in ("Learning", "Logic", "Vision")} == {
        "Learning": 3,
        "Logic": 3,
        "Vision": 3,
    }
    alone = picked(interested(("topic", "cs.LG"), address="bo@example.org"))
    assert len(alone) == 10


@pytest.mark.parametrize("size", [5, 20])
def test_no_source_fills_an_issue_while_others_have_something_to_tell(listed, interested, picked, size):
    listed(*(f"From arXiv {n}" for n in range(40)), topics=("cs.IR",))
    listed(*(f"From HAL {n}" for n in range(40)), topics=("cs.IR",), source="hal")
    found = picked(interested(("topic", "cs.IR"), size=size))
    assert len(found) == size
    assert sum("HAL" in title for title in found) in (size // 2, size - size // 2)


def test_the_same_question_gives_the_same_issue(listed, interested, picked):
    listed(*(f"Paper {n}" for n in range(40)), topics=("cs.IR",))
    ann = interested(("topic", "cs.IR"))
    assert list(picked(ann).items()) == list(picked(ann).items())


def test_many_subscribers_cost_no_more_queries_than_few(listed, subscriber, site_library, clock):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    listed(*(f"Paper {n}" for n in range(10)))

    def cost(first: int, count: int) -> int:
        for n in range(first, first + count):
            subscriber(f"reader-{n}@example.org", key=f"{n:022}")
        with CaptureQueriesContext(connection) as queries:
            assert issuing.queue_due(site_library, clock()) == count
        return len(queries)

    cost(0, 1)
    assert cost(100, 2) == cost(200, 15)


def test_a_window_of_a_far_past_has_no_papers(listed, interested, picked, clock):
    listed("Paper", topics=("cs.IR",))
    clock.forward(days=30)
    assert picked(interested(("topic", "cs.IR"))) == {}
