"""The status page, and the check of load balancers."""

from datetime import UTC, datetime, timedelta


def test_an_empty_library_is_told_how_to_begin(client, parsed):
    response = client.get("/status")
    assert response.status_code == 200
    text = parsed(response).text
    assert "No source has run yet" in text
    assert "no model: searches go by words only" in text


def test_sources_are_shown_with_counts_and_what_went_wrong(client, library, record, clock, parsed):
    from broadsheet.library.models import HarvestFault, HarvestRun

    library.put([record(f"Paper {n}", source="arxiv") for n in range(3)])
    at = clock.now - timedelta(hours=3)
    counts = {"seen": 1_511, "added": 1_500, "refused": 11}
    run = HarvestRun(source="arxiv", request="oai cs:cs:IR", started_at=at, ended_at=at, state="done", **counts)
    run.save(using=library.alias)
    HarvestFault(run=run, place="line 7", reason="the title holds a NUL byte").save(using=library.alias)
    old = clock.now - timedelta(days=3)
    failed = HarvestRun(source="crossref", request="works", started_at=old, ended_at=old, state="failed")
    failed.error = "api.example answered 503 four times"
    failed.save(using=library.alias)
    page = parsed(client.get("/status"))
    text = " ".join(page.text.split())
    for part in ("3 hours ago", "1,511", "line 7", "the title holds a NUL byte", "failed", "answered 503 four times"):
        assert part in text
    labels = [attributes["aria-label"] for tag, attributes in page.tags if tag == "svg"]
    days = ["0"] * 14
    days[13 - (clock.now.date() - at.date()).days] = "1500"  # yesterday, soon after midnight
    assert labels[0] == f"Papers a day, the last 14 days: {', '.join(days)}"


def test_the_index_says_how_far_it_is_behind(client, library, record, parsed):
    library.put([record("A paper"), record("Another paper")])
    assert "2 changes behind" in parsed(client.get("/status")).text
    client.get("/search?q=paper")
    assert "up to date, at change #2" in parsed(client.get("/status")).text


def test_which_model_is_searched_by_and_how_far_the_next_one_is(client, library, record, parsed):
    from broadsheet.library.live import Generations
    from encoders import Letters

    encoders = {name: Letters(name) for name in ("one@1", "two@2")}
    library.generations = Generations("default", lambda: encoders["one@1"], encoders.get, "one@1")
    library.put([record(f"Paper {n}") for n in range(70)])
    library.embed()
    assert "Next model" not in parsed(client.get("/status")).text
    work = library.reindex(encoders["two@2"], "two@2")
    batches = iter([False, True])
    work.make(stop=lambda: next(batches))
    told = " ".join(parsed(client.get("/status")).text.split())
    assert "Modelone@1 Next modeltwo@2: 32 of 70 papers read; less than a minute left" in told
    work.make()
    assert "70 of 70 papers read; it takes over as soon as it is judged well" in parsed(client.get("/status")).text
    since = work.take_over()
    client.get("/search?q=paper")
    told = " ".join(parsed(client.get("/status")).text.split())
    assert f"Modeltwo@2, since change #{since}" in told
    assert "Next model" not in told


def test_how_long_the_next_model_takes_is_told_by_its_own_pace():
    from broadsheet.library.state import Making
    from broadsheet.web.overview import _making

    now = datetime(2026, 11, 21, 12, tzinfo=UTC)
    began = now - timedelta(minutes=4)
    assert _making(Making("m", 40, 100, began, now, 40), now) == "40 of 100 papers read; about 6 minutes left"
    began = now - timedelta(days=1)
    assert _making(Making("m", 40, 100, began, now, 10), now) == "40 of 100 papers read; about 1 hour left"
    seen = now - timedelta(hours=2)
    assert _making(Making("m", 1, 1_000, began, seen, 0), now) == (
        "1 of 1,000 papers read; nobody has gone on for 2 hours"
    )


def test_time_left_is_told_from_the_pace_of_the_last_minutes():
    from broadsheet.web.overview import _meaning

    assert _meaning("m", 0, 9, timedelta(0)) == "every paper is found by meaning"
    waited = timedelta(hours=2)
    many = "600 papers wait for a vector, newest first, the oldest for 2 hours; about 30 minutes left"
    assert _meaning("m", 600, 200, waited) == many
    one = "1 paper waits for a vector, for 2 hours; none was made in the last ten minutes"
    assert _meaning("m", 1, 0, waited) == one


def test_health_is_not_ok_without_a_database(client, library, monkeypatch):
    from django.db import OperationalError, connections

    def away():
        raise OperationalError("no")

    monkeypatch.setattr(connections[library.alias], "cursor", away)
    response = client.get("/healthz")
    assert response.status_code == 503
    assert response["Content-Type"].startswith("text/plain")


def test_health_is_ok_in_plain_text_and_not_kept(client):
    response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"].startswith("text/plain")
    assert "no-store" in response["Cache-Control"]


def test_digests_are_told_by_what_became_of_their_mails(client, library, clock, parsed):
    from broadsheet.digests.models import Delivery, Issue, Subscriber

    assert "nobody subscribes yet" in parsed(client.get("/status")).text
    issue = Issue.objects.create(day=clock.now.date(), opened_at=clock.now, alarm="On Friday no papers came.")
    for n, state in enumerate(("sent", "sent", "unknown")):
        subscriber = Subscriber.objects.create(
            address=f"reader-{n}@example.org",
            key=f"{n:022}",
            asked_at=clock.now,
            confirmed_at=clock.now,
            next_at=clock.now + timedelta(hours=5),
        )
        times = {"due_at": clock.now, "next_at": clock.now}
        Delivery.objects.create(issue=issue, subscriber=subscriber, state=state, message_id=f"<{n}@x>", **times)
    page = parsed(client.get("/status"))
    text = " ".join(page.text.split())
    cells = "".join(text.split())
    assert "3 subscribers, the next issue is due in 4 hours" in text
    assert "On Friday no papers came." in text
    assert "QueuedSendingSentFailedUnknownExpiredLeft" in cells
    assert "0020100" in cells


def test_the_next_run_of_a_harvest_and_what_is_wrong_are_shown_but_no_folder(client, library, clock, parsed):
    from broadsheet.library import scheduling

    scheduling.order(library.alias, "pdf /srv/secret/papers", timedelta(days=1), clock())
    row = scheduling.claim(library.alias, "me", clock())
    scheduling.settle(library.alias, row, "it broke", clock(), float)
    scheduling.order(library.alias, "arxiv --set cs:cs:IR", timedelta(hours=6), clock())
    scheduling.order(library.alias, "feed 'https://j.example/feed?key=secret'", timedelta(hours=6), clock())
    clock.forward(days=3)
    text = " ".join(parsed(client.get("/status")).text.split())
    assert "secret" not in text
    for part in (
        "a folder of PDFs",
        "feed j.example",
        "arxiv --set cs:cs:IR",
        "every 6 hours",
        "is due now",
        "failed 1 time",
    ):
        assert part in text
