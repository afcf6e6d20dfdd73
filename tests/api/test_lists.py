"""Lists of papers for programs, on both databases: what is to come is in none of them until its day."""

from datetime import UTC, date, datetime

import pytest

SPANS = ("", "week=2026-W47&", "month=2026-11&")
SORTS = ("", "sort=votes", "sort=newest", "sort=trending")


@pytest.fixture
def library(site_library, clock):
    """Noon of Saturday 21 November 2026."""
    clock.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return site_library


@pytest.fixture
def titles(anybody):
    """The titles of a list, in order."""

    def ask(asked: str) -> list[str]:
        return [each["title"] for each in anybody.get(f"/papers?{asked}").json()["papers"]]

    return ask


@pytest.fixture
def sunday(library, record, reader, clock):
    """A paper of today, and one of tomorrow that would head every list: it is voted for and of the latest day."""
    from broadsheet.community import voting

    saturday, sunday = date(2026, 11, 21), date(2026, 11, 22)
    library.put([record("Saturday", "2611.00001", announced=saturday)])
    library.put([record("Sunday", "2611.00002", announced=sunday)])
    voting.vote(reader("ann"), library.find("2611.00002").paper_id, clock())
    return sunday


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("span", SPANS)
def test_what_is_to_come_is_in_no_list_and_heads_it_from_its_day_on(titles, sunday, clock, span, sort):
    assert titles(span + sort) == ["Saturday"]
    clock.forward(days=1)
    assert titles(span + sort) == ["Sunday", "Saturday"]


@pytest.mark.parametrize("sort", SORTS)
def test_the_list_of_a_day_to_come_is_empty_until_then(titles, sunday, clock, sort):
    assert titles(f"day=2026-11-22&{sort}") == []
    clock.forward(days=1)
    assert titles(f"day=2026-11-22&{sort}") == ["Sunday"]


def test_a_cursor_leads_to_nothing_that_is_to_come(anybody, titles, sunday, library, record):
    library.put([record(f"Saturday {n}", announced=library.today()) for n in range(2)])
    first = anybody.get("/papers?week=2026-W47&sort=trending&limit=2").json()
    rest = anybody.get(first["next"].removeprefix("http://localhost/api/v1")).json()
    assert [each["title"] for each in first["papers"] + rest["papers"]] == ["Saturday", "Saturday 0", "Saturday 1"]
    assert rest["next"] is None
