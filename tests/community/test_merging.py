"""What readers made of two papers comes together when an editor says that they are one, and goes back with `split`."""

from contextlib import suppress
from datetime import date, timedelta

import pytest
from django.db import transaction

from broadsheet.community import clipping, comments, counting, featuring, merging, moderating, voting
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import Act, Clipping, Comment, Feature, Lock, Move, Vote
from broadsheet.library.models import Change, Paper

KEPT, OTHER = "2611.00001", "2611.00002"


@pytest.fixture
def library(site_library, record):
    site_library.put([record("Paging with predictions", KEPT), record("Foresight for caches", OTHER, source="acm")])
    return site_library


@pytest.fixture
def papers(library):
    return Paper.objects.get(key=KEPT), Paper.objects.get(key=OTHER)


@pytest.fixture
def merge(library, reader):
    editor = reader("ed", role="editor")
    return lambda kept=KEPT, other=OTHER: merging.merge(editor, library, kept, other, library.clock())


@pytest.fixture
def split(library, reader):
    return lambda *names: merging.split(None, library, KEPT, names, library.clock())


def counters(key):
    return Paper.objects.values_list("votes", "comments", "saves", "reads").get(key=key)


def test_votes_comments_saves_and_reads_come_together_and_count_once_each(library, papers, reader, merge):
    ann, bo, now = reader("ann"), reader("bo"), library.clock()
    for paper in papers:
        voting.vote(ann, paper.pk, now)
    voting.vote(bo, papers[1].pk, now)
    voting.note_read(bo, papers[1].pk, now)
    clipping.save(ann, papers[0].pk, now)
    clipping.save(ann, papers[1].pk, now)
    clipping.save(bo, papers[1].pk, now)
    asked = comments.write(bo, papers[1].pk, "Is it the same?", now)
    comments.write(ann, papers[1].pk, "It is.", now, asked.pk)
    kept = merge()
    assert counters(KEPT) == (2, 2, 2, 1)
    assert {comment.paper_id for comment in Comment.objects.all()} == {kept.pk}
    assert list(counting.miscounts()) == []


def test_split_gives_back_what_came_and_leaves_what_was_given_since(library, papers, reader, merge, split):
    ann, bo, now = reader("ann"), reader("bo"), library.clock()
    for paper in papers:
        voting.vote(ann, paper.pk, now)
        clipping.save(ann, paper.pk, now)
    comments.write(ann, papers[1].pk, "Good.", now)
    before = counters(KEPT), counters(OTHER)
    merge()
    voting.vote(bo, papers[0].pk, now)
    assert split(OTHER).key == OTHER
    assert (counters(KEPT), counters(OTHER)) == ((before[0][0] + 1, *before[0][1:]), before[1])
    assert Clipping.objects.filter(paper=papers[1]).count() == 1
    assert list(counting.miscounts()) == []
    assert not Move.objects.exists()


def test_what_limited_readers_did_stays_uncounted(library, papers, reader, merge):
    reader_of_little = reader("lim", is_limited=True)
    voting.vote(reader_of_little, papers[1].pk, library.clock())
    merge()
    assert counters(KEPT)[0] == 0
    assert Vote.objects.get().paper_id == papers[0].pk


def test_a_featured_day_and_a_closed_discussion_come_along_and_go_back(library, papers, reader, merge, split):
    today, now = library.today(), library.clock()
    days = [paper.day for paper in papers]
    featuring.feature(reader("fay", role="editor"), papers[1].pk, today + timedelta(days=1), "", now, today)
    moderating.close_discussion(reader("mo", role="moderator"), papers[1].pk, "Enough", now)
    merge()
    kept = Paper.objects.get(key=KEPT)
    assert (kept.day, kept.is_featured) == (today + timedelta(days=1), True)
    assert Lock.objects.get().paper_id == kept.pk
    split(OTHER)
    kept, other = Paper.objects.get(key=KEPT), Paper.objects.get(key=OTHER)
    assert (kept.day, kept.is_featured, other.is_featured) == (days[0], False, True)
    assert Feature.objects.get().former_day == days[1] != date.max
    assert Lock.objects.get().paper_id == other.pk


def test_it_is_a_line_of_the_audit_log_once(merge, split):
    merge()
    merge()
    split(OTHER)
    told = [(act.handle, act.verb, act.about, act.detail) for act in Act.objects.order_by("pk")]
    assert told == [
        ("ed", "merged", KEPT, f"took in {OTHER}"),
        ("(terminal)", "split", KEPT, f"gave back {OTHER}"),
    ]


@pytest.mark.parametrize("role", ["reader", "moderator"])
def test_only_editors_do_it(library, reader, role):
    who = reader("who", role=role)
    with pytest.raises(NotAllowed, match="Only editors"):
        merging.merge(who, library, KEPT, OTHER, library.clock())
    with pytest.raises(NotAllowed, match="Only editors"):
        merging.split(who, library, KEPT, [OTHER], library.clock())
    assert library.count() == 2


@pytest.mark.parametrize(
    ("pair", "kind", "said"),
    [
        ((KEPT, KEPT), CommunityError, "is one paper already"),
        ((KEPT, "2611.09999"), Missing, "2611.09999 is not in this library"),
        (("nonsense", KEPT), Missing, "no paper here has the key 'nonsense'"),
    ],
)
def test_what_cannot_be_made_one_is_said_and_nothing_changes(library, merge, pair, kind, said):
    head = Change.objects.count()
    with pytest.raises(kind, match=said):
        merge(*pair)
    assert (Change.objects.count(), Act.objects.count(), Move.objects.count()) == (head, 0, 0)


def test_what_a_script_merged_in_the_library_alone_is_finished_by_merging_it_again(library, papers, reader, merge):
    voting.vote(reader("ann"), papers[1].pk, library.clock())
    library.merge(KEPT, OTHER)
    assert counters(KEPT)[0] == 0
    merge()
    assert counters(KEPT)[0] == 1
    assert Act.objects.count() == 1


def test_it_happens_whole_or_not_at_all(library, papers, reader, merge):
    """The journal and what readers made of the papers lie in one database and change in one transaction."""
    voting.vote(reader("ann"), papers[1].pk, library.clock())
    head = Change.objects.count()
    with pytest.raises(RuntimeError), transaction.atomic():
        merge()
        raise RuntimeError("killed before the commit")
    assert (Change.objects.count(), library.count()) == (head, 2)
    assert Vote.objects.get().paper_id == papers[1].pk


def test_an_editor_names_the_other_by_address_identifier_or_link(library):
    for text in (
        OTHER,
        f"arXiv:{OTHER}v2",
        f"https://arxiv.org/abs/{OTHER}",
        f" https://papers.example/papers/{OTHER} ",
    ):
        assert merging.find_other(library, text).key == OTHER
    with pytest.raises(Missing):
        merging.find_other(library, "https://papers.example/papers/")


def test_whatever_readers_do_meanwhile_is_counted_where_it_stands(library, papers, reader, merge, in_parallel):
    readers = [reader(f"r{number}") for number in range(4)]
    now = library.clock()
    for who in readers[:2]:
        clipping.save(who, papers[1].pk, now)

    def act(who) -> None:
        for paper in papers:
            voting.vote(who, paper.pk, now)
            voting.note_read(who, paper.pk, now)
            with suppress(Missing):  # withdrawn by then
                clipping.save(who, paper.pk, now)

    in_parallel([merge, *(lambda who=who: act(who) for who in readers)])
    assert list(counting.miscounts()) == []
    assert library.count() == 1
    assert library.check().problems == []
