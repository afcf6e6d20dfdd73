"""Editors put papers on the list of a day, today or to come, and take them off again."""

from datetime import date, timedelta

import pytest

from broadsheet.community import featuring, voting
from broadsheet.community.errors import CommunityError, Missing, NotAllowed
from broadsheet.community.models import Act, Feature
from broadsheet.library.models import Paper
from broadsheet.ranking import Signals, trending

OWN_DAY = date(2026, 11, 1)


@pytest.fixture
def paper(site_library, record) -> Paper:
    site_library.put([record("Paging with predictions", "2611.00001", announced=OWN_DAY)])
    return Paper.objects.get()


@pytest.fixture
def desk(site_library, reader):
    """An editor with a clock: desk.feature(paper, day, note), desk.unfeature(paper)."""

    class Desk:
        editor = reader("eve", role="editor")
        today = site_library.today()

        def feature(self, paper, day=None, note="", editor=None):
            who, now = editor or self.editor, site_library.clock()
            return featuring.feature(who, paper.pk, day or self.today, note, now, self.today)

        def unfeature(self, paper, editor=None):
            return featuring.unfeature(editor or self.editor, paper.pk, site_library.clock())

    return Desk()


def test_a_featured_paper_moves_to_its_day_and_back(site_library, paper, desk):
    desk.feature(paper, note="Read this")
    moved = Paper.objects.get()
    assert (moved.day, moved.is_featured) == (desk.today, True)
    assert moved.trending == trending(desk.today, Signals()).score > paper.trending
    assert [version.paper_id for version in site_library.day_page(desk.today).versions] == [paper.pk]
    desk.unfeature(paper)
    back = Paper.objects.get()
    assert (back.day, back.is_featured, back.trending) == (OWN_DAY, False, paper.trending)
    assert not Feature.objects.exists()


def test_a_feature_that_is_moved_remembers_where_the_paper_came_from(paper, desk):
    tomorrow = desk.today + timedelta(days=1)
    desk.feature(paper)
    desk.feature(paper, tomorrow, "Rather tomorrow")
    assert Feature.objects.values_list("day", "former_day", "note").get() == (tomorrow, OWN_DAY, "Rather tomorrow")
    desk.unfeature(paper)
    assert Paper.objects.get().day == OWN_DAY


def test_a_scheduled_paper_weighs_as_of_its_own_day_and_is_on_the_editors_list(paper, desk):
    day = desk.today + timedelta(days=9)
    row = desk.feature(paper, day)
    moved = Paper.objects.get()
    assert (moved.day, moved.trending) == (day, trending(day, Signals()).score)
    assert featuring.scheduled(desk.today) == [row]
    assert featuring.scheduled(day + timedelta(days=1)) == []
    assert featuring.features([paper.pk]) == {paper.pk: row}


def test_a_featured_paper_stands_before_others_with_as_many_votes(site_library, record, paper, desk, reader):
    site_library.put([record(f"Voted {n}", f"2611.0001{n}", announced=desk.today) for n in range(2)])
    first, second = Paper.objects.filter(day=desk.today).order_by("pk")
    voting.vote(reader("ann"), second.pk, site_library.clock())
    desk.feature(paper)
    listed = [version.paper_id for version in site_library.day_page(desk.today).versions]
    assert listed == [second.pk, paper.pk, first.pk]


def test_only_editors_and_admins_feature(paper, desk, reader):
    for role in ("reader", "moderator"):
        with pytest.raises(NotAllowed):
            desk.feature(paper, editor=reader(role, role=role))
        with pytest.raises(NotAllowed):
            desk.unfeature(paper, editor=reader(f"{role}-2", role=role))
    assert not Act.objects.exists()
    desk.feature(paper, editor=reader("root", role="admin"))
    assert Paper.objects.get().is_featured


def test_days_that_were_and_days_too_far_ahead_are_refused_and_so_is_a_long_note(paper, desk):
    for day in (desk.today - timedelta(days=1), desk.today + timedelta(days=367), date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(CommunityError, match="today or on a day to come"):
            desk.feature(paper, day)
    with pytest.raises(CommunityError, match="this one has 301"):
        desk.feature(paper, note="x" * 301)
    assert Paper.objects.get().day == OWN_DAY


@pytest.mark.parametrize("take_out", ["withdraw", "erase"])
def test_what_was_taken_out_is_not_featured(site_library, paper, desk, take_out):
    getattr(site_library, take_out)(paper.key)
    with pytest.raises(Missing):
        desk.feature(paper)


def test_the_log_tells_who_featured_what(paper, desk):
    desk.feature(paper, note="Read this")
    desk.unfeature(paper)
    desk.unfeature(paper)
    lines = [(act.handle, act.verb, act.about, act.detail) for act in Act.objects.order_by("pk")]
    assert lines == [
        ("eve", "featured", paper.key, f"on {desk.today.isoformat()}: Read this"),
        ("eve", "unfeatured", paper.key, f"of {desk.today.isoformat()}"),
    ]


def test_two_editors_at_once_leave_one_feature_that_knows_the_papers_own_day(site_library, paper, desk, in_parallel):
    days = [desk.today + timedelta(days=n) for n in range(6)]
    in_parallel([lambda day=day: desk.feature(paper, day) for day in days])
    row = Feature.objects.get()
    assert (row.former_day, row.day) == (OWN_DAY, Paper.objects.get().day)
    in_parallel([lambda: desk.unfeature(paper)] * 4)
    assert Paper.objects.get().day == OWN_DAY
    assert Act.objects.filter(verb="unfeatured").count() == 1


def test_a_scheduled_paper_is_hidden_from_trending_until_its_day_and_heads_it_then(
    site_library, record, paper, desk, reader, clock
):
    site_library.put([record("Of today", "2611.00002", announced=desk.today)])
    desk.feature(paper, desk.today + timedelta(days=3))
    voting.vote(reader("ann"), paper.pk, clock())
    weighed = Paper.objects.get(pk=paper.pk).trending
    assert [version.title for version in site_library.trending()] == ["Of today"]
    clock.forward(days=2)
    assert [version.title for version in site_library.trending()] == ["Of today"]
    clock.forward(days=1)
    assert [version.title for version in site_library.trending()] == ["Paging with predictions", "Of today"]
    assert Paper.objects.get(pk=paper.pk).trending == weighed
