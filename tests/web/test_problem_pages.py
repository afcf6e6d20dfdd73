"""Pages for what went wrong look like the rest and never make it worse."""

import pytest


def test_an_unknown_address_is_a_404_in_the_look_of_the_rest(client, parsed):
    response = client.get("/no/such/page")
    assert response.status_code == 404
    assert "There is no such page" in parsed(response).text
    assert any(tag == "header" for tag, _ in parsed(response).tags)


def test_a_fault_of_ours_is_a_500_that_touches_no_database(client, library, monkeypatch, parsed):
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    from broadsheet.web import lists

    def broken():
        raise RuntimeError("the disk is on fire")

    monkeypatch.setattr(lists, "shared", broken)
    with (
        CaptureQueriesContext(connections[library.alias]) as ours,
        CaptureQueriesContext(connections["default"]) as theirs,
    ):
        response = client.get("/")
    assert response.status_code == 500
    assert "This page could not be made" in parsed(response).text
    assert "fire" not in response.content.decode()
    assert len(ours) + len(theirs) == 0


def test_a_database_that_is_away_is_a_500_page(client, library, monkeypatch, parsed):
    from django.db import OperationalError

    def away(*arguments, **options):
        raise OperationalError("unable to open database file")

    monkeypatch.setattr(library, "day_page", away)
    response = client.get("/")
    assert response.status_code == 500
    assert "database" not in parsed(response).text


@pytest.mark.parametrize("name", ["bad_request", "forbidden"])
def test_other_problems_have_pages_too(client, name, parsed):
    from django.test import RequestFactory

    from broadsheet.web import errors

    response = getattr(errors, name)(RequestFactory().get("/"), Exception("secret"))
    assert response.status_code in (400, 403)
    assert "secret" not in response.content.decode()


def test_a_form_from_elsewhere_is_refused_in_the_look_of_the_rest(library, parsed):
    from django.test import Client

    response = Client(enforce_csrf_checks=True, SERVER_NAME="localhost").post("/search", {"q": "x"})
    assert response.status_code == 403
    assert "This is not allowed" in parsed(response).text
    assert not any(tag == "style" for tag, _ in parsed(response).tags)


def test_a_foreign_host_name_is_refused(library):
    from django.test import Client

    assert Client(SERVER_NAME="e.example").get("/").status_code == 400


@pytest.mark.parametrize("address", ["/", "/search?q=a", "/status", "/papers/x", "/nothing"])
def test_every_page_forbids_what_it_does_not_need(client, address):
    policy = client.get(address)["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


@pytest.mark.parametrize("address", ["/", "/search?q=a", "/search", "/status", "/papers/x", "/date/2026-01-01"])
def test_every_page_has_landmarks_a_language_a_heading_and_a_way_past_the_masthead(client, parsed, address):
    tags = parsed(client.get(address)).tags
    names = [tag for tag, _ in tags]
    assert ("html", {"lang": "en"}) in tags
    assert names.count("h1") == 1
    assert names.count("main") == names.count("footer") == 1
    assert next(attributes["href"] for tag, attributes in tags if tag == "a") == "#main"
    labels = {attributes["for"] for tag, attributes in tags if tag == "label" and "for" in attributes}
    for tag, attributes in tags:
        if tag == "input" and attributes.get("type") not in ("hidden", "checkbox"):
            assert attributes["id"] in labels
