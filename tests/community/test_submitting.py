"""Readers bring papers: once, to today's list, within the site's rules; nothing half done."""

from datetime import date, timedelta

import pytest

from broadsheet.community import counting, fetching, submitting, voting
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.fetching import AlreadyHere, Gone, SourceAway
from broadsheet.community.models import Submission, Vote
from broadsheet.library.models import Change, Paper
from broadsheet.sources import FetchError, NotFoundAtSource

PUBLISHED = date(2026, 11, 10)


@pytest.fixture
def arxiv(record):
    """What a source answers: a record of any arXiv id or DOI; `asked` tells what for."""

    def ask(identifier):
        ask.asked.append(str(identifier))
        title = f"Paging with predictions, {identifier.value}"
        source = "arxiv" if identifier.scheme == "arxiv" else "crossref"
        return record(title, str(identifier), source=source, authors=["Ann Lee"], published=PUBLISHED)

    ask.asked = []
    return ask


@pytest.fixture
def submit(site_library, arxiv):
    def bring(who, text, **fields):
        return submitting.submit(site_library, who, text, site_library.clock(), **{"ask": arxiv, **fields})

    return bring


@pytest.fixture
def rules(monkeypatch):
    from django.conf import settings

    return lambda **changed: [monkeypatch.setattr(settings, name, value) for name, value in changed.items()]


def state():
    return Paper.objects.count(), Change.objects.count(), Submission.objects.count(), Vote.objects.count()


def test_a_submitted_paper_stands_on_todays_list_with_its_readers_vote(site_library, submit, reader):
    ann = reader("ann")
    brought = submit(ann, "https://arxiv.org/abs/2611.00001v2", note=" Worth it. ", media_url="https://a.example/f.mp4")
    paper = Paper.objects.get()
    assert (paper.key, paper.day, paper.votes, paper.trusted_votes) == ("2611.00001", site_library.today(), 1, 1)
    assert (brought.paper, brought.note, brought.media_url) == (paper, "Worth it.", "https://a.example/f.mp4")
    assert voting.voted(ann, [paper.pk]) == {paper.pk}
    assert [version.paper.key for version in site_library.day_page().versions] == ["2611.00001"]
    assert site_library.search("paging predictions").total == 1
    assert list(counting.miscounts()) == []
    assert site_library.check().problems == []


def test_a_later_harvest_of_a_submitted_paper_changes_nothing(site_library, submit, reader, arxiv):
    submit(reader("ann"), "2611.00001")
    before = Paper.objects.values().get(), site_library.status().head
    record = arxiv(site_library.names(Paper.objects.get())[0])
    assert [placement.outcome for placement in site_library.put([record])] == ["unchanged"]
    assert (Paper.objects.values().get(), site_library.status().head) == before


def test_what_is_here_is_not_brought_again_under_any_of_its_names(site_library, submit, reader, record, arxiv):
    ann = reader("ann")
    site_library.put([record("Paging", "2611.00001", "10.1000/x", published=PUBLISHED)])
    before = state()
    for text in ("2611.00001", "arXiv:2611.00001v3", "https://doi.org/10.48550/arXiv.2611.00001", "doi:10.1000/X"):
        with pytest.raises(AlreadyHere) as refusal:
            submit(ann, text)
        assert refusal.value.paper.key == "2611.00001"
    assert arxiv.asked == []
    assert state() == before


def test_what_turns_out_to_be_here_leaves_no_trace_of_the_attempt(site_library, submit, reader, record):
    site_library.put([record("Paging with predictions", "2611.00001", authors=["Ann Lee"], published=PUBLISHED)])
    before = state()
    same = record(
        "Paging with predictions", "10.1000/x", source="crossref", authors=["Ann Lee"], published=PUBLISHED, venue="X"
    )
    with pytest.raises(AlreadyHere) as refusal:
        submit(reader("ann"), "10.1000/x", ask=lambda identifier: same)
    assert refusal.value.paper.key == "2611.00001"
    assert state() == before


@pytest.mark.parametrize("take_out", ["withdraw", "erase"])
def test_a_withdrawn_or_erased_paper_never_comes_back_by_being_asked_for(
    site_library, submit, reader, record, arxiv, take_out
):
    title = "Paging with predictions, 10.1000/x"
    site_library.put([record(title, "2611.00001", source="arxiv", authors=["Ann Lee"], published=PUBLISHED)])
    getattr(site_library, take_out)("2611.00001")
    before = state()
    for text in ("2611.00001", "10.1000/x"):  # by its name, and by its title under a name that is new here
        with pytest.raises(Gone):
            submit(reader(f"ann-{len(text)}"), text)
        with pytest.raises(Gone):
            fetching.fetch(site_library, text, arxiv)
    assert state() == before
    assert site_library.search("paging").total == 0


def test_a_paper_that_its_source_withdrew_is_not_restored_by_a_visit(site_library, record, arxiv):
    from broadsheet.papers import Identifier, Record

    told = record("Paging with predictions, 10.1000/x", "2611.00001", source="crossref", authors=["Ann Lee"])
    site_library.put([told, Record("crossref", (Identifier("arxiv", "2611.00001"),), None)])
    assert Paper.objects.get().withdrawn_by == "crossref"
    before = state()
    with pytest.raises(Gone):
        fetching.fetch(site_library, "10.1000/x", lambda identifier: told)
    assert state() == before


def test_what_is_no_name_of_a_paper_is_refused_without_asking_anybody(submit, reader, arxiv):
    ann = reader("ann")
    for text in ("", "deep learning", "http://127.0.0.1/", "http://169.254.169.254/", "scifact:1"):
        with pytest.raises(CommunityError, match="give an arXiv id"):
            submit(ann, text)
    assert arxiv.asked == []


def test_a_paper_that_nobody_knows_and_a_source_that_is_away_are_told_apart_and_leave_nothing(submit, reader):
    ann = reader("ann")

    def unknown(identifier):
        raise NotFoundAtSource(f"arXiv does not know {identifier}")

    def away(identifier):
        raise FetchError("https://export.arxiv.org/: it took longer than 20 seconds in all")

    before = state()
    with pytest.raises(Missing, match="arXiv does not know"):
        submit(ann, "2611.00001", ask=unknown)
    with pytest.raises(SourceAway, match="nothing was stored, try again") as refusal:
        submit(ann, "2611.00001", ask=away)
    assert "export.arxiv.org" not in str(refusal.value)
    assert state() == before
    submit(ann, "2611.00001")
    assert Submission.objects.count() == 1


def test_a_site_may_take_new_papers_only(site_library, submit, reader, rules):
    rules(SUBMIT_WITHIN=timedelta(days=10))
    with pytest.raises(CommunityError, match="first published on 10 November 2026; this site takes papers of the last"):
        submit(reader("ann"), "2611.00001")
    assert state() == (0, 0, 0, 0)
    rules(SUBMIT_WITHIN=timedelta(days=11))
    submit(reader("bo"), "2611.00001")
    assert Paper.objects.get().day == site_library.today()


def test_a_reader_brings_so_many_papers_a_day_and_more_tomorrow(site_library, submit, reader, rules, clock, arxiv):
    rules(SUBMIT_LIMIT=2)
    ann = reader("ann")
    submit(ann, "2611.00001")
    submit(ann, "2611.00002")
    with pytest.raises(NotAllowed, match="2 papers a day"):
        submit(ann, "2611.00003")
    assert len(arxiv.asked) == 2
    submit(reader("bo"), "2611.00003")
    clock.forward(days=1)
    submit(ann, "2611.00004")
    assert Paper.objects.get(key="2611.00004").day == site_library.today()


def test_the_days_limit_holds_for_many_at_once(submit, reader, rules, in_parallel):
    rules(SUBMIT_LIMIT=3)
    ann, refused = reader("ann"), []

    def bring(n):
        try:
            submit(ann, f"2611.{n:05}")
        except NotAllowed:
            refused.append(n)

    in_parallel([lambda n=n: bring(n) for n in range(1, 8)])
    assert (Submission.objects.count(), Paper.objects.count(), len(refused)) == (3, 3, 4)
    assert list(counting.miscounts()) == []


def test_of_many_readers_at_once_one_brings_the_paper_and_the_others_are_led_to_it(submit, reader, in_parallel):
    told = []

    def bring(who):
        try:
            submit(who, "2611.00001")
        except AlreadyHere as refusal:
            told.append(refusal.paper.key)

    readers = [reader(f"reader-{n}") for n in range(8)]
    in_parallel([lambda who=who: bring(who) for who in readers])
    assert told == ["2611.00001"] * 7
    assert (Paper.objects.count(), Submission.objects.count(), Paper.objects.get().votes) == (1, 1, 1)
    assert list(counting.miscounts()) == []


def test_what_a_limited_reader_brings_is_not_put_before_others(site_library, submit, reader):
    limited, other = reader("bo", is_limited=True), reader("ann")
    brought = submit(limited, "2611.00001", note="buy this")
    paper = Paper.objects.get()
    assert (paper.day, paper.votes) == (PUBLISHED, 0)
    assert submitting.submissions([paper.pk], limited) == {paper.pk: brought}
    assert submitting.submissions([paper.pk], other) == submitting.submissions([paper.pk], None) == {}


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "JaVaScRiPt:alert(1)",
        "data:text/html,x",
        "//a.example/x",
        "a.example/x",
        "ftp://a.example/x",
        "https://ann:secret@a.example/x",
        "https://a.example/x y",
        "https://a.example\\@b.example/",
        "https://",
        "https://a.example/" + "x" * 500,
    ],
)
def test_a_media_link_is_a_plain_web_address_or_refused(url):
    with pytest.raises(CommunityError, match="link"):
        submitting.checked_media(url)


def test_a_refused_media_link_stops_a_submission_before_anybody_is_asked(submit, reader, arxiv):
    with pytest.raises(CommunityError):
        submit(reader("ann"), "2611.00001", media_url="javascript:alert(1)")
    assert arxiv.asked == []


def test_a_note_is_short(submit, reader):
    with pytest.raises(CommunityError, match="at most 1,000 characters, this one has 1,001"):
        submit(reader("ann"), "2611.00001", note="x" * 1_001)
    assert submit(reader("bo"), "2611.00001", note="x" * 1_000 + "\n\0").note == "x" * 1_000


def test_a_visit_brings_a_paper_on_its_own_day_and_without_a_vote(site_library, arxiv):
    paper = fetching.fetch(site_library, "https://arxiv.org/abs/2611.00001", arxiv)
    assert (paper.key, paper.day, paper.votes) == ("2611.00001", PUBLISHED, 0)
    assert fetching.fetch(site_library, "2611.00001", arxiv) == paper
    assert arxiv.asked == ["arxiv:2611.00001"]
    assert state() == (1, 1, 0, 0)


def test_many_visits_at_once_bring_one_paper(site_library, arxiv, in_parallel):
    in_parallel([lambda: fetching.fetch(site_library, "2611.00001", arxiv)] * 8)
    assert (Paper.objects.count(), site_library.check().problems) == (1, [])


def test_a_visit_by_another_name_leads_to_the_paper_which_gains_the_name(site_library, record, arxiv):
    title = "Paging with predictions, 10.1000/x"
    site_library.put([record(title, "2611.00001", authors=["Ann Lee"], published=PUBLISHED)])
    assert fetching.fetch(site_library, "10.1000/x", arxiv).key == "2611.00001"
    assert site_library.find("10.1000/x").paper.key == "2611.00001"


def test_no_more_readers_than_a_few_wait_for_sources_at_once(site_library, arxiv, monkeypatch):
    from threading import BoundedSemaphore

    turns = BoundedSemaphore(1)
    monkeypatch.setattr(fetching, "_turns", turns)
    with turns, pytest.raises(SourceAway, match="try again in half a minute"):
        fetching.fetch(site_library, "2611.00001", arxiv)
    assert arxiv.asked == []
    assert fetching.fetch(site_library, "2611.00001", arxiv).key == "2611.00001"
