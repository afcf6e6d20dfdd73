"""Collections: who sees them, what they hold, in which order, and how many saved a paper."""

import pytest

from broadsheet.community import clipping, collecting, counting, voting
from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Clipping, Collection
from broadsheet.library.models import Paper


@pytest.fixture
def papers(site_library, record) -> list[Paper]:
    site_library.put([record(f"Paper {n}", f"2611.{n:05}") for n in range(1, 6)])
    return list(Paper.objects.order_by("pk"))


@pytest.fixture
def shelf(site_library):
    """A reader's doings at the library's time: shelf.save(ann, paper), shelf.make(ann, "Mine"), shelf.move(…)."""

    class Shelf:
        def make(self, reader, title="Mine", visibility="private"):
            return collecting.create(reader, title, site_library.clock(), visibility=visibility)

        def save(self, reader, paper):
            return clipping.save(reader, paper.pk, site_library.clock())

        def unsave(self, reader, paper):
            return clipping.unsave(reader, paper.pk, site_library.clock())

        def clip(self, collection, paper):
            return clipping.clip(collection, paper.pk, site_library.clock())

        def unclip(self, collection, paper):
            return clipping.unclip(collection, paper.pk, site_library.clock())

        def move(self, collection, paper, where):
            return clipping.move(collection, paper.pk, where, site_library.clock())

        def order(self, collection):
            rows = Clipping.objects.filter(collection=collection).order_by("place")
            assert len({row.place for row in rows}) == len(rows)
            return [row.paper_id for row in rows]

    return Shelf()


def test_the_first_save_makes_a_private_collection_that_takes_the_newest_first(papers, shelf, reader):
    ann = reader("ann")
    for paper in papers[:3]:
        shelf.save(ann, paper)
        assert shelf.save(ann, paper).saves == 1
    made = Collection.objects.get()
    assert (made.title, made.visibility, made.is_default, len(made.slug)) == ("Saved", "private", True, 22)
    assert shelf.order(made) == [paper.pk for paper in papers[2::-1]]
    for _ in range(2):
        assert shelf.unsave(ann, papers[0]).saves == 0
    assert list(counting.miscounts()) == []


def test_many_saves_at_once_make_one_collection_and_one_clipping(papers, shelf, reader, in_parallel):
    ann = reader("ann")
    in_parallel([lambda: shelf.save(ann, papers[0])] * 10)
    assert (Collection.objects.count(), Clipping.objects.count(), Paper.objects.get(pk=papers[0].pk).saves) == (1, 1, 1)


def test_a_reader_counts_once_however_many_collections_hold_the_paper(site_library, papers, shelf, reader):
    ann, bo, paper = reader("ann"), reader("bo"), papers[0]
    mine = shelf.make(ann)
    assert shelf.save(ann, paper).saves == 1
    assert shelf.clip(mine, paper).saves == 1
    assert shelf.save(bo, paper).saves == 2
    assert shelf.unsave(ann, paper).saves == 2
    assert shelf.unclip(mine, paper).saves == 1
    assert list(counting.miscounts()) == []


def test_saves_and_unsaves_at_once_never_miscount(papers, shelf, reader, in_parallel):
    readers = [reader(f"reader-{n}") for n in range(6)]
    acts = []
    for who in readers:
        mine = shelf.make(who)
        acts += [lambda who=who: shelf.save(who, papers[0]), lambda mine=mine: shelf.clip(mine, papers[0])]
        acts += [lambda who=who: shelf.unsave(who, papers[0]), lambda mine=mine: shelf.unclip(mine, papers[0])]
    in_parallel(acts)
    assert list(counting.miscounts()) == []


def test_saving_moves_trending(papers, shelf, reader):
    before = papers[0].trending
    assert shelf.save(reader("ann"), papers[0]).trending > before


def test_a_limited_readers_saves_are_counted_for_nobody_and_come_back_with_the_limit_lifted(
    site_library, papers, shelf, reader
):
    bo = reader("bo", is_limited=True)
    assert shelf.save(bo, papers[0]).saves == 0
    bo.is_limited = False
    bo.save()
    voting.reweigh(bo)
    assert Paper.objects.get(pk=papers[0].pk).saves == 1
    bo.is_limited = True
    bo.save()
    voting.reweigh(bo)
    assert shelf.unsave(bo, papers[0]).saves == 0
    assert list(counting.miscounts()) == []


def test_a_deleted_collection_takes_its_saves_with_it_but_not_those_of_others(site_library, papers, shelf, reader):
    ann, bo = reader("ann"), reader("bo")
    mine = shelf.make(ann)
    shelf.clip(mine, papers[0])
    shelf.clip(mine, papers[1])
    shelf.save(ann, papers[1])
    shelf.save(bo, papers[0])
    collecting.delete(mine)
    assert list(Paper.objects.order_by("pk").values_list("saves", flat=True)) == [1, 1, 0, 0, 0]
    assert list(counting.miscounts()) == []
    with pytest.raises(Missing):
        shelf.clip(mine, papers[2])


def test_collections_deleted_while_their_papers_are_saved_and_voted_for_never_miscount(
    site_library, papers, shelf, reader, in_parallel
):
    ann, now = reader("ann"), site_library.clock()
    doomed = [shelf.make(ann, f"Mine {n}") for n in range(3)]
    for collection in doomed:
        for paper in papers[:3]:
            shelf.clip(collection, paper)
    acts = [lambda collection=collection: collecting.delete(collection) for collection in doomed]
    acts += [lambda paper=paper: shelf.save(ann, paper) for paper in papers]
    acts += [lambda paper=paper: voting.vote(ann, paper.pk, now) for paper in papers]
    in_parallel(acts)
    assert list(counting.miscounts()) == []
    assert set(Paper.objects.values_list("saves", "votes")) == {(1, 1)}


def test_what_is_clipped_stands_at_the_end_and_moves_step_by_step(papers, shelf, reader):
    mine = shelf.make(reader("ann"))
    a, b, c, d = papers[:4]
    for paper in (a, b, c, d):
        shelf.clip(mine, paper)
    moves = [
        (d, "up", [a, b, d, c]),
        (a, "up", [a, b, d, c]),
        (c, "down", [a, b, d, c]),
        (c, "top", [c, a, b, d]),
        (c, "top", [c, a, b, d]),
        (a, "down", [c, b, a, d]),
        (c, "bottom", [b, a, d, c]),
    ]
    for paper, where, order in moves:
        shelf.move(mine, paper, where)
        assert shelf.order(mine) == [one.pk for one in order], (paper.key, where)
    shelf.unclip(mine, a)
    shelf.clip(mine, a)
    assert shelf.order(mine) == [b.pk, d.pk, c.pk, a.pk]
    for where in ("sideways", ""):
        with pytest.raises(CommunityError, match="up, down"):
            shelf.move(mine, a, where)
    with pytest.raises(Missing):
        shelf.move(mine, papers[4], "up")


def test_moves_at_once_are_all_made(papers, shelf, reader, in_parallel):
    mine = shelf.make(reader("ann"))
    for paper in papers:
        shelf.clip(mine, paper)
    in_parallel([lambda: shelf.move(mine, papers[4], "up")] * 3)
    assert shelf.order(mine)[1] == papers[4].pk
    acts = [
        lambda paper=paper, where=where: shelf.move(mine, paper, where) for paper in papers for where in ("up", "top")
    ]
    in_parallel(acts)
    assert sorted(shelf.order(mine)) == [paper.pk for paper in papers]


def test_who_may_open_and_find_which_collection(site_library, shelf, reader):
    ann, bo = reader("ann"), reader("bo")
    made = {visibility: shelf.make(ann, visibility, visibility) for visibility in Collection.Visibility.values}

    def opens(viewer):
        return {one.visibility for one in collecting.visible(viewer)}

    assert opens(ann) == {"private", "link", "public"}
    assert opens(bo) == opens(None) == {"link", "public"}
    for viewer in (ann, bo, None):
        assert list(collecting.listed(viewer)) == [made["public"]]
    with pytest.raises(Missing):
        collecting.find(made["private"].slug, bo)
    with pytest.raises(Missing):
        collecting.find_own(made["public"].slug, bo)
    with pytest.raises(Missing):
        collecting.find("x" * 22, ann)
    assert collecting.find(made["link"].slug, None).reader == ann


def test_a_limited_readers_collections_are_for_their_own_eyes(shelf, reader):
    ann = reader("ann")
    shelf.make(ann, "Public", "public")
    ann.is_limited = True
    ann.save()
    assert list(collecting.visible(None)) == list(collecting.listed(None)) == []
    assert len(collecting.visible(ann)) == len(collecting.listed(ann)) == 1


def test_a_collection_counts_the_papers_that_stand(site_library, papers, shelf, reader):
    ann = reader("ann")
    mine = shelf.make(ann)
    for paper in papers[:3]:
        shelf.clip(mine, paper)
    site_library.withdraw(papers[0].key)
    site_library.erase(papers[1].key)
    assert [one.papers for one in collecting.own(ann)] == [1]
    with pytest.raises(Missing):
        shelf.clip(shelf.make(ann, "Other"), papers[0])
    shelf.unclip(mine, papers[0])
    assert list(counting.miscounts()) == []


def test_texts_and_numbers_have_limits(site_library, papers, shelf, reader, monkeypatch):
    ann, now = reader("ann"), site_library.clock()
    for title in ("", " \0 ", "x" * 121):
        with pytest.raises(CommunityError):
            shelf.make(ann, title)
    with pytest.raises(CommunityError):
        shelf.make(ann, "Mine", "everybody")
    mine = shelf.make(ann, " A  title ")
    with pytest.raises(CommunityError):
        collecting.change(mine, "Mine", "x" * 2_001, "private", now)
    shelf.clip(mine, papers[0])
    with pytest.raises(CommunityError, match="this one has 2,001"):
        clipping.annotate(mine, papers[0].pk, "x" * 2_001, now)
    with pytest.raises(Missing):
        clipping.annotate(mine, papers[1].pk, "x", now)
    assert clipping.annotate(mine, papers[0].pk, " Good. ", now).note == "Good."
    monkeypatch.setattr(clipping, "PAPERS_LIMIT", 1)
    with pytest.raises(CommunityError, match="at most 1 papers"):
        shelf.clip(mine, papers[1])
    monkeypatch.setattr(collecting, "COLLECTIONS_LIMIT", 1)
    with pytest.raises(CommunityError, match="at most 1 collections"):
        shelf.make(ann, "Another")
    assert (Collection.objects.get().title, Clipping.objects.count()) == ("A title", 1)


def test_a_changed_collection_is_the_first_of_the_public_ones(site_library, papers, shelf, reader, clock):
    ann = reader("ann")
    first, second = shelf.make(ann, "First", "public"), shelf.make(ann, "Second", "public")
    clock.forward(minutes=1)
    shelf.clip(first, papers[0])
    assert list(collecting.listed(None)) == [first, second]
    clock.forward(minutes=1)
    collecting.change(second, "Second again", "About it", "public", site_library.clock())
    assert [one.title for one in collecting.listed(None)] == ["Second again", "First"]


def test_a_paper_is_placed_in_what_was_offered_and_nowhere_else(site_library, papers, shelf, reader):
    ann, paper = reader("ann"), papers[0]
    offered = [shelf.make(ann, f"Offered {n}") for n in range(3)]
    elsewhere, of_bo = shelf.make(ann, "Made meanwhile"), shelf.make(reader("bo"))
    for collection in (offered[0], offered[1], elsewhere):
        shelf.clip(collection, paper)
    slugs = [one.slug for one in [*offered, of_bo]]
    wanted = [offered[1].slug, offered[2].slug, of_bo.slug]
    collecting.place_in(ann, paper.pk, wanted, slugs, site_library.clock())
    holding = {one.title for one in collecting.holding(ann, paper.pk) if one.has_paper}
    assert holding == {"Offered 1", "Offered 2", "Made meanwhile"}
    assert not of_bo.clippings.exists()
    assert list(counting.miscounts()) == []
