"""Stars of linked code move trending, and are asked for again only when they are due."""

import pytest

from broadsheet.library import stars
from broadsheet.library.models import Paper
from broadsheet.sources import FetchError, SourceError


@pytest.fixture
def linked(site_library, record) -> Paper:
    links = ["https://github.com/ann/paging", "https://example.org/", "https://github.com/ann/data"]
    site_library.put([record("Linked", "2611.00001", links=links), record("Bare", "2611.00002")])
    return Paper.objects.get(key="2611.00001")


def test_a_paper_counts_the_stars_of_its_most_starred_code_and_is_due_again_a_day_later(site_library, linked, clock):
    asked = []

    def ask(name: str) -> int:
        asked.append(name)
        return {"ann/paging": 40, "ann/data": 7}[name]

    assert site_library.refresh_stars(ask) == 1
    assert asked == ["ann/paging", "ann/data"]
    starred = Paper.objects.get(pk=linked.pk)
    assert starred.stars == 40
    assert starred.trending > linked.trending
    clock.forward(hours=23)
    assert site_library.refresh_stars(ask) == 0
    clock.forward(hours=1)
    assert site_library.refresh_stars(lambda name: 3) == 1
    assert Paper.objects.get(pk=linked.pk).stars == 3


def test_a_repository_that_is_gone_leaves_the_count_and_waits_its_turn(site_library, linked):
    def gone(name: str) -> int:
        raise FetchError(f"{name} is not found", status=404)

    assert site_library.refresh_stars(gone) == 1
    assert site_library.refresh_stars(gone) == 0
    assert Paper.objects.get(pk=linked.pk).stars == 0


def test_a_server_that_wants_no_more_questions_leaves_all_due(site_library, linked):
    def busy(name: str) -> int:
        raise FetchError("too many questions", status=403)

    with pytest.raises(SourceError):
        site_library.refresh_stars(busy)
    assert site_library.refresh_stars(lambda name: 1) == 1


def test_code_that_a_later_version_links_to_is_asked_about_too(site_library, record):
    site_library.put([record("Bare", "2611.00002")])
    assert site_library.refresh_stars(lambda name: 5) == 0
    site_library.put([record("Bare", "2611.00002", links=["https://github.com/bo/late"])])
    assert site_library.refresh_stars(lambda name: 5) == 1


def test_links_name_each_repository_once():
    links = [{"url": "https://github.com/Ann/Paging"}, {"url": "https://github.com/ann/paging.git"}, {"url": "x"}]
    assert stars.repositories(links) == ["ann/paging"]
