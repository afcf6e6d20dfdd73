"""The pages of a week, a month, trending, newest, a topic and an author."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest

CORPUS = json.loads(Path(__file__).with_name("hostile.json").read_text())


@pytest.fixture
def clock(clock):
    """Noon of Saturday 21 November 2026, in the 47th week."""
    clock.now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    return clock


@pytest.fixture
def put(library, record):
    """Put papers, by title, on days: put(Monday="2026-11-16")."""

    def put_papers(**days: str) -> None:
        library.put(
            [
                record(title, f"notes:{title}", announced=date.fromisoformat(day), authors=["Ann Lee"])
                for title, day in days.items()
            ]
        )

    return put_papers


def titles(page) -> list[str]:
    """The papers of a list in order, by the keys of their links; each title stands once."""
    return [link.removeprefix("/papers/notes:") for link in page.links() if link.startswith("/papers/notes:")]


def test_a_week_goes_from_monday_to_sunday(client, put, parsed):
    put(Sunday="2026-11-15", Monday="2026-11-16", Saturday="2026-11-21")
    page = parsed(client.get("/week/2026-W47"))
    assert titles(page) == ["Monday", "Saturday"]
    assert "Week 47 · 16 to 22 November 2026 · 2 papers" in page.text
    assert "/week/2026-W46" in page.links()
    assert titles(parsed(client.get("/week"))) == ["Monday", "Saturday"]
    earlier = parsed(client.get("/week/2026-W46"))
    assert titles(earlier) == ["Sunday"]
    assert "/week/2026-W47" in earlier.links()


def test_a_week_may_lie_in_two_years_and_earlier_and_later_skip_what_is_empty(client, put, parsed):
    put(Old="2019-12-30", New="2020-01-05", Later="2021-01-03")
    page = parsed(client.get("/week/2020-W01"))
    assert titles(page) == ["Old", "New"]
    assert "Week 1 · 30 December 2019 to 5 January 2020" in page.text
    assert "/week/2020-W53" in page.links()
    assert "Week 53 →" in page.text
    assert titles(parsed(client.get("/week/2020-W53"))) == ["Later"]


def test_a_month_holds_its_days(client, put, parsed):
    put(October="2026-10-31", First="2026-11-01", Last="2026-11-21", February="2024-02-29")
    page = parsed(client.get("/month/2026-11"))
    assert titles(page) == ["First", "Last"]
    assert "November 2026 · 2 papers" in page.text
    assert "/month/2026-10" in page.links()
    assert titles(parsed(client.get("/month"))) == ["First", "Last"]
    assert titles(parsed(client.get("/month/2024-02"))) == ["February"]
    assert "← February 2024" in parsed(client.get("/month/2026-10")).text


def test_the_most_voted_of_a_week_come_first(client, put, parsed, reader, library, clock):
    from broadsheet.community import voting

    put(Monday="2026-11-16", Tuesday="2026-11-17")
    voting.vote(reader("ann"), library.find("notes:Tuesday").paper_id, clock.now)
    assert titles(parsed(client.get("/week"))) == titles(parsed(client.get("/month"))) == ["Tuesday", "Monday"]


def test_a_week_or_month_without_papers_says_so_and_leads_back(client, put, parsed):
    put(Old="2026-08-03")
    for address, back in (("/week", "/week/2026-W32"), ("/month", "/month/2026-08")):
        response = client.get(address)
        assert response.status_code == 200
        assert "No papers were listed in this" in parsed(response).text
        assert back in parsed(response).links()


@pytest.mark.parametrize(
    "address",
    ["/week/2026-W54", "/week/2021-W53", "/week/2026-W00", "/week/2026-47", "/week/last", "/week/٢٠٢٦-W47",
     "/week/0000-W01", "/month/2026-13", "/month/2026-00", "/month/2026", "/month/2026-11-21", "/month/november",
     "/month/0000-01", "/week/" + "9" * 5000],
)  # fmt: skip
def test_what_is_no_week_or_month_is_a_404_that_says_how_to_write_one(client, parsed, address):
    response = client.get(address)
    assert response.status_code == 404
    assert ("such as 2026-W47" if address.startswith("/week") else "such as 2026-11.") in parsed(response).text


@pytest.mark.parametrize("address", ["/week/2026-W48", "/month/2026-12", "/week/9999-W52", "/month/9999-12"])
def test_a_week_or_month_to_come_is_a_404_that_says_so(client, parsed, signed_in, address):
    for visitor in (client, signed_in("ed", role="editor")):
        response = visitor.get(address)
        assert response.status_code == 404
        assert "has not come yet" in parsed(response).text


def test_the_first_weeks_of_time_are_empty(client):
    assert client.get("/week/0001-W01").status_code == 200
    assert client.get("/month/0001-01").status_code == 200


def test_what_is_to_come_stands_on_none_of_these_lists(client, put, parsed, library, record, signed_in):
    put(Here="2026-11-21")
    library.put([record("To come", "notes:To-come", announced=date(2026, 11, 22), topics=("cs.IR",), authors=["Al Q"])])
    visitors = (client, signed_in("ed", role="editor"))
    for address in ("/week", "/month", "/trending", "/newest", "/topics/cs.IR", "/authors/Al%20Q", "/"):
        for visitor in visitors:
            assert "To come" not in parsed(visitor.get(address)).text, address
    library.clock.forward(days=1)
    for address in ("/week", "/month", "/trending", "/newest", "/topics/cs.IR", "/authors/Al%20Q", "/"):
        assert "To come" in parsed(client.get(address)).text, address


def test_the_calendar_of_a_week_or_month_leads_to_those_of_the_day_chosen(client):
    for kind, address in (("week", "/week/2026-W01"), ("month", "/month/2025-12"), ("", "/date/2025-12-29")):
        response = client.get("/date", {"day": "2025-12-29", "list": kind})
        assert (response.status_code, response["Location"]) == (302, address)


def test_trending_tells_the_parts_of_every_sum_and_they_add_up(client, put, parsed, reader, library, clock):
    from broadsheet.community import clipping, voting

    put(Quiet="2026-11-21", Loud="2026-11-18")
    loud = library.find("notes:Loud").paper_id
    for name in ("ann", "bo", "cy", "di"):
        voting.vote(reader(name), loud, clock.now)
    from broadsheet.community.models import Reader

    clipping.save(Reader.objects.get(username="ann"), loud, clock.now)
    page = parsed(client.get("/trending"))
    assert titles(page) == ["Loud", "Quiet"]
    assert "Trending follows votes" in page.text
    assert "so the newest stand first" not in page.text
    told = [attributes["title"] for tag, attributes in page.tags if tag == "summary" and "title" in attributes]
    assert told == ["0.25 = votes +0.70, saves +0.15, 3 days old −0.60", "0.00 = nothing yet"]
    for words in ("4 votes", "+0.70", "1 save", "+0.15", "3 days old", "−0.60", "0.25"):
        assert words in page.text


def test_trending_of_a_fresh_library_says_what_it_will_follow(client, put, parsed):
    put(Older="2026-11-20", Newer="2026-11-21")
    page = parsed(client.get("/trending"))
    assert titles(page) == ["Newer", "Older"]
    assert "No paper on this page has any yet, so the newest stand first." in page.text


def test_lists_are_paged_by_fifty(client, library, record, parsed):
    library.put(
        [record(f"Paper {n}", announced=date(2026, 11, 20), topics=("x/y",), authors=["Ann Lee"]) for n in range(120)]
    )
    for address in ("/week", "/month", "/trending", "/newest", "/topics/x/y", "/authors/Ann%20Lee", "/topics?t=x/y"):
        pages = [
            parsed(client.get(address + ("&" if "?" in address else "?") + f"page={number}")) for number in (1, 2, 3)
        ]
        assert [sum(tag == "article" for tag, _ in page.tags) for page in pages] == [50, 50, 20], address
        shown = [link for page in pages for link in page.links() if link.startswith("/papers/")]
        assert len(set(shown)) == 120
        later = next(attributes["href"] for tag, attributes in pages[0].tags if attributes.get("rel") == "next")
        assert client.get(urlsplit(address).path + later).status_code == 200
        assert client.get(address + ("&" if "?" in address else "?") + "page=4").status_code == 404, address


NAMES = [
    "cs.IR", "online algorithms", 'a "quoted" topic', "slash/ed", "/lead", "trail/", "a//b", "..", ".", "a/../b",
    "it's", "question? & hash #", "100%", "%2e%2e", "back\\slash", "Ünïcode 主题", "مقال", "a+b;c=d", " spaced ",
    "x" * 190,
]  # fmt: skip


@pytest.mark.parametrize("topic", NAMES)
def test_a_topic_leads_to_its_papers_whatever_it_is_called(client, library, record, parsed, topic):
    library.put(
        [
            record("Found", "notes:Found", topics=(topic,), announced=date(2026, 11, 20)),
            record("Other", "notes:Other", topics=("else",), announced=date(2026, 11, 20)),
        ]
    )
    address = next(link for link in parsed(client.get("/papers/notes:Found")).links() if link.startswith("/topics"))
    response = client.get(address)
    assert response.status_code == 200, address
    assert titles(parsed(response)) == ["Found"]
    path = urlsplit(address).path
    assert not {"..", ".", ""} & set(path.split("/")[1:])
    feed = next(attributes["href"] for tag, attributes in parsed(response).tags if attributes.get("rel") == "alternate")
    assert b"notes:Found" in client.get(feed).content


@pytest.mark.parametrize(
    ("written", "asked"),
    [
        ("Émilie du Châtelet", "Émilie du Châtelet"),
        ("Émilie du Châtelet", "Du Chatelet, E."),
        ("John Smith", "J. Smith"),
        ("Smith, John", "John Smith"),
        ("O'Brien, Ada", "Ada O'Brien"),
        ("Jean-Paul Müller", "J.-P. Muller"),
        ("张伟", "张伟"),
        ("Lee/Chen Group", "Lee/Chen Group"),
        ('Ada "A." Byron', 'Ada "A." Byron'),
    ],
)
def test_an_authors_papers_are_found_however_the_name_is_written(client, library, record, parsed, written, asked):
    from broadsheet.web.addresses import author_address

    library.put(
        [
            record("Found", "notes:Found", authors=[written], announced=date(2026, 11, 20)),
            record("Other", "notes:Other", authors=["Someone Else"], announced=date(2026, 11, 20)),
        ]
    )
    page = parsed(client.get(author_address(asked)))
    assert titles(page) == ["Found"]
    assert f"Papers by {asked} · 1 paper" in page.text


def test_the_newest_papers_of_a_topic_come_first(client, library, record, parsed):
    library.put(
        [
            record(f"Paper-{day}", f"notes:Paper-{day}", topics=("cs.IR",), announced=date(2026, 11, day))
            for day in (3, 1, 2)
        ]
    )
    page = parsed(client.get("/topics/cs.IR"))
    assert titles(page) == ["Paper-3", "Paper-2", "Paper-1"]
    assert "Topic cs.IR · 3 papers" in page.text
    assert "/search?q=topic%3Acs.IR+" in page.links()
    assert titles(parsed(client.get("/topics/CS"))) == ["Paper-3", "Paper-2", "Paper-1"]


@pytest.mark.parametrize("address", ["/topics/nothing", "/authors/nobody", "/topics?t=nothing"])
def test_a_topic_or_author_without_papers_is_a_404_that_leads_on(client, library, parsed, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "No papers here" in parsed(response).text
    assert "/" in parsed(response).links()


@pytest.mark.parametrize("address", ["/topics", "/authors", "/authors/%3F%3F%3F", "/topics?t=%20", "/authors?name=..."])
def test_what_is_no_topic_or_name_is_a_404_that_says_so(client, library, parsed, address):
    response = client.get(address)
    assert response.status_code == 404
    assert "is not a" in parsed(response).text


def test_hostile_topics_names_days_weeks_and_months_never_break_a_page(client, library):
    for text in CORPUS:
        for address in ("/topics/", "/authors/", "/week/", "/month/"):
            assert client.get(address + text).status_code == 404
        assert client.get("/topics", {"t": text, "page": text}).status_code == 404
        assert client.get("/authors", {"name": text, "page": text}).status_code == 404
        assert client.get("/date", {"day": text, "list": text}).status_code == 404


def test_a_withdrawn_paper_leaves_every_list_at_once(client, put, library, parsed):
    put(Gone="2026-11-20", Stays="2026-11-20")
    assert client.get("/authors/Ann%20Lee").status_code == 200
    library.withdraw("notes:Gone")
    for address in ("/week", "/month", "/trending", "/newest", "/authors/Ann%20Lee"):
        assert titles(parsed(client.get(address))) == ["Stays"], address


@pytest.mark.parametrize("address", ["/week", "/month", "/trending", "/newest", "/week/2026-W40"])
def test_lists_are_read_only_and_asked_for_again(client, put, address):
    put(Paper="2026-11-20")
    response = client.get(address)
    assert response["Cache-Control"] == "private, no-cache"
    assert client.get(address, headers={"If-None-Match": response["ETag"]}).status_code == 304
    assert client.post(address).status_code in (403, 405)


def test_the_tab_of_the_list_that_is_shown_is_marked(client, put, parsed):
    put(Paper="2026-11-20")
    for address, words in (("/", "Day"), ("/week", "Week"), ("/month", "Month"), ("/newest", "Newest")):
        response = client.get(address)
        assert f'aria-current="page">{words}</a>' in response.content.decode()
