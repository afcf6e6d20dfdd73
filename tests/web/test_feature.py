"""Editors feature papers from a paper's page, and see on one page what is scheduled."""

from datetime import timedelta

import pytest

from broadsheet.community.models import Act, Feature
from broadsheet.library.models import Paper


@pytest.fixture
def paper(library, record) -> Paper:
    library.put([record("Paging with predictions", "2611.00001", announced=library.today() - timedelta(days=9))])
    return Paper.objects.get()


@pytest.fixture
def editor(signed_in):
    return signed_in("eve", role="editor")


def feature(client, **fields):
    return client.post("/papers/2611.00001/feature", fields)


def test_a_featured_paper_is_on_todays_page_with_the_editors_words(editor, client, library, paper, parsed):
    answer = feature(editor, day=library.today().isoformat(), note="Read <b>this</b>")
    assert (answer.status_code, answer["Location"]) == (302, "/papers/2611.00001")
    for address in ("/", "/papers/2611.00001"):
        text = parsed(client.get(address)).text
        assert "featured by the editors" in text
        assert "Read <b>this</b>" in text
    feature(editor, feature="0")
    assert "featured" not in parsed(client.get("/papers/2611.00001")).text
    assert Paper.objects.get().day == paper.day


def test_a_scheduled_paper_waits_for_its_day(editor, client, library, paper, parsed):
    day = library.today() + timedelta(days=2)
    feature(editor, day=day.isoformat(), note="For later")
    assert "Paging with predictions" not in parsed(client.get("/")).text
    desk = parsed(editor.get("/editing"))
    assert "For later" in desk.text
    assert "/papers/2611.00001" in desk.links()
    feature(editor, feature="0", next="/editing")
    assert "For later" not in parsed(editor.get("/editing")).text


def test_the_form_and_the_page_are_for_editors(editor, signed_in, client, library, paper, parsed):
    assert ("form", "/papers/2611.00001/feature") in [
        (tag, each.get("action")) for tag, each in parsed(editor.get("/papers/2611.00001")).tags
    ]
    assert "/editing" in parsed(editor.get("/papers/2611.00001")).links()
    for reader in (signed_in("ann"), signed_in("mo", role="moderator")):
        assert b"/feature" not in reader.get("/papers/2611.00001").content
        assert feature(reader, day=library.today().isoformat()).status_code == 403
        assert feature(reader, feature="0").status_code == 403
        assert reader.get("/editing").status_code == 403
    assert feature(client, day=library.today().isoformat())["Location"].startswith("/accounts/login/")
    assert client.get("/editing")["Location"].startswith("/accounts/login/")
    assert not Feature.objects.exists()
    assert not Act.objects.exists()


@pytest.mark.parametrize(
    ("day", "status"), [("", 400), ("tomorrow", 400), ("2026-02-30", 400), ("2001-01-01", 400), ("9999-12-31", 400)]
)
def test_a_day_that_cannot_be_is_refused(editor, paper, day, status):
    assert feature(editor, day=day).status_code == status
    assert not Feature.objects.exists()


def test_a_paper_that_is_not_here_is_not_featured(editor, library, paper):
    assert editor.post("/papers/2611.40400/feature", {"day": library.today().isoformat()}).status_code == 404
    library.withdraw("2611.00001")
    assert feature(editor, day=library.today().isoformat()).status_code == 404
    assert feature(editor, feature="0").status_code == 302


def test_forms_from_elsewhere_feature_nothing(signed_in, library, paper):
    eve = signed_in("eve", role="editor", checks=True)
    assert feature(eve, day=library.today().isoformat()).status_code == 403
    assert not Feature.objects.exists()


def test_the_editors_page_costs_as_many_queries_for_many_as_for_few(editor, library, record, paper):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    def cost():
        with CaptureQueriesContext(connection) as queries:
            assert editor.get("/editing").status_code == 200
        return len(queries)

    feature(editor, day=library.today().isoformat())
    few = cost()
    library.put([record(f"Paper {n}", f"2611.1{n:04}") for n in range(9)])
    for n in range(9):
        editor.post(f"/papers/2611.1{n:04}/feature", {"day": library.today().isoformat()})
    assert Feature.objects.count() == 10
    assert cost() == few <= 6
