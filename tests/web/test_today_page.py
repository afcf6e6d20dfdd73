"""The front page and the pages of days."""

from datetime import UTC, date, datetime, timedelta

import pytest


@pytest.fixture
def papers(library, record, clock):
    """Three papers on 1 November, one on 3 November."""
    library.put([record(f"Paper {n}", f"2611.0000{n}", announced=date(2026, 11, 1)) for n in (1, 2, 3)])
    library.put([record("Later paper", "2611.00009", announced=date(2026, 11, 3))])
    return library


def test_an_empty_library_says_how_to_fill_it(client, parsed):
    response = client.get("/")
    assert response.status_code == 200
    assert "broadsheet harvest arxiv --set cs:cs:IR --since" in parsed(response).text


def test_the_front_page_is_the_latest_day_with_its_number_and_count(client, papers, parsed):
    page = parsed(client.get("/"))
    assert "Tuesday 3 November 2026 · No. 2 · 1 new paper" in page.text
    assert "Later paper" in page.text
    assert "Paper 1" not in page.text
    assert "/date/2026-11-01" in page.links()


def test_a_day_leads_to_the_days_beside_it_that_have_papers(client, papers, parsed):
    page = parsed(client.get("/date/2026-11-02"))
    assert "No papers were listed on this day" in page.text
    assert {"/date/2026-11-01", "/date/2026-11-03"} <= set(page.links())
    assert "Sunday 1 November 2026 · No. 1 · 3 new papers" in parsed(client.get("/date/2026-11-01")).text


def test_the_calendar_form_leads_to_the_day_chosen(client, papers):
    response = client.get("/date", {"day": "2026-11-01"})
    assert (response.status_code, response["Location"]) == (302, "/date/2026-11-01")


@pytest.mark.parametrize("day", ["2026-13-01", "2026-02-30", "yesterday", "//e.example", "x" * 5000, "0000-00-00", "٢"])
def test_what_is_not_a_day_is_a_404_that_says_how_to_write_one(client, parsed, day):
    for response in (client.get(f"/date/{day}"), client.get("/date", {"day": day})):
        assert response.status_code == 404
    assert "such as 2026-11-21" in parsed(client.get("/date", {"day": day})).text


def test_days_at_the_ends_of_time_are_empty_or_have_not_come(client, papers, signed_in):
    assert client.get("/date/0001-01-01").status_code == 200
    assert client.get("/date/9999-12-31").status_code == 404
    assert signed_in("ed", role="editor").get("/date/9999-12-31").status_code == 200


def test_a_days_papers_stand_by_votes_then_as_an_editor_placed_them_then_in_order_of_arrival(
    client, library, record, parsed, reader, clock
):
    from broadsheet.community import voting
    from broadsheet.library.models import Paper

    library.put([record(f"Paper {name}", f"notes:{name}", announced=date(2026, 11, 1)) for name in "abcd"])
    voting.vote(reader("ann"), library.find("notes:d").paper_id, clock.now)
    Paper.objects.using(library.alias).filter(key="notes:c").update(is_featured=True)
    links = parsed(client.get("/date/2026-11-01")).links()
    places = [link for link in links if link.startswith("/papers/notes:")]
    assert [link[-1] for link in places] == ["d", "c", "a", "b"]


@pytest.fixture
def scheduled(papers, clock, record):
    """A paper on the list of tomorrow."""
    day = papers.today() + timedelta(days=1)
    papers.put([record("Paper to come", "2611.00088", announced=day)])
    return day


def test_a_day_to_come_is_for_editors_alone(client, signed_in, scheduled, parsed):
    address = f"/date/{scheduled.isoformat()}"
    for visitor in (client, signed_in("ann"), signed_in("mo", role="moderator")):
        response = visitor.get(address)
        assert response.status_code == 404
        assert "This day has not come yet" in parsed(response).text
        assert "Paper to come" not in parsed(visitor.get("/")).text
        assert address not in parsed(visitor.get("/")).links()
    editor = signed_in("ed", role="editor")
    page = parsed(editor.get(address))
    assert "Paper to come" in page.text
    assert "editors alone see its list" in page.text
    assert address in parsed(editor.get("/")).links()
    assert "Paper to come" not in parsed(editor.get("/")).text


def test_a_day_opens_at_the_hour_of_its_feed(client, papers, record, clock, options, parsed):
    from broadsheet.library.feed_day import FeedDay

    options(FEED_DAY=FeedDay.parse("America/New_York 21:30"))
    clock.now = datetime(2026, 11, 21, 2, 29, tzinfo=UTC)
    papers.put([record("Paper of the 21st", announced=date(2026, 11, 21))])
    assert client.get("/date/2026-11-21").status_code == 404
    assert "Paper of the 21st" not in parsed(client.get("/")).text
    clock.forward(minutes=1)
    assert "Paper of the 21st" in parsed(client.get("/date/2026-11-21")).text
    assert "Paper of the 21st" in parsed(client.get("/")).text


def test_the_tabs_of_a_past_day_lead_to_its_week_and_month(client, papers, parsed):
    assert {"/", "/week", "/month", "/trending", "/newest"} <= set(parsed(client.get("/newest")).links())
    assert {"/week/2020-W53", "/month/2021-01"} <= set(parsed(client.get("/date/2021-01-03")).links())


def test_a_long_day_is_paged_by_fifty(client, library, record, parsed):
    library.put([record(f"Paper number {n}", announced=date(2026, 11, 1)) for n in range(120)])
    first, last = parsed(client.get("/date/2026-11-01")), parsed(client.get("/date/2026-11-01?page=3"))
    assert sum(tag == "article" for tag, _ in first.tags) == 50
    assert sum(tag == "article" for tag, _ in last.tags) == 20
    assert "?page=2" in first.links()
    assert "?page=2" in last.links()


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("1", 200),
        ("0", 200),
        ("-1", 200),
        ("two", 200),
        ("", 200),
        ("1e9", 200),
        ("٣", 200),
        ("2", 404),
        ("9" * 4500, 404),
    ],
)
def test_a_page_number_that_is_no_page_never_breaks(client, papers, page, status):
    assert client.get("/", {"page": page}).status_code == status
    assert client.get("/search", {"q": "paper", "page": page}).status_code in (200, 404)


def test_a_block_shows_six_authors_and_counts_the_rest(client, library, record, parsed):
    library.put([record("Many hands", authors=[f"Author N{n}" for n in range(10)])])
    page = parsed(client.get("/"))
    assert "Author N5" in page.text
    assert "Author N6" not in page.text
    assert "and 4 more" in page.text
    assert "/authors/Author%20N0" in page.links()


def test_a_starter_library_says_so_until_another_paper_comes(client, library, record, parsed):
    library.put([record("A starter paper", source="starter")])
    assert "This is the starter collection, 1 paper" in parsed(client.get("/")).text
    library.put([record("A paper of one's own", source="arxiv")])
    assert "starter collection" not in parsed(client.get("/")).text


def test_a_front_page_that_is_days_old_says_so(client, library, record, parsed, clock):
    library.put([record("Old news", announced=clock.now.date() - timedelta(days=9))])
    assert "Nothing newer has been harvested" in parsed(client.get("/")).text


def test_a_withdrawn_paper_leaves_the_list_at_once(client, papers, parsed):
    papers.withdraw("2611.00001")
    page = parsed(client.get("/date/2026-11-01"))
    assert "Paper 1" not in page.text
    assert "2 new papers" in page.text


def test_a_foreign_title_carries_its_language(client, library, record, parsed):
    library.put([record("Über Graphen", language="de"), record("Hacked", language='de" onload="x')])
    assert [attributes.get("lang") for tag, attributes in parsed(client.get("/")).tags if tag == "h2"].count("de") == 1


def test_pages_may_be_kept_but_are_asked_for_again(client, papers):
    response = client.get("/")
    assert response["Cache-Control"] == "private, no-cache"
    again = client.get("/", headers={"If-None-Match": response["ETag"]})
    assert again.status_code == 304


def test_pages_are_read_only(client):
    assert client.post("/").status_code in (403, 405)
