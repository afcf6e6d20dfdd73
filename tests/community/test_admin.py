"""The administration pages: who gets in, what can be changed, what is written down, what it costs."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadsheet.community import audit, counting, voting
from broadsheet.community.admin import site
from broadsheet.community.models import Act, Claim, Comment, Reader, Report, Submission
from broadsheet.library.models import Paper

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


@pytest.fixture
def library(library_on_sqlite):
    return library_on_sqlite


@pytest.fixture
def browse(library, reader):
    """The browser of a reader with a role."""

    def sign_in(role: str, handle: str = "root1") -> Client:
        browser = Client(SERVER_NAME="localhost")
        browser.force_login(reader(handle, role=role))
        return browser

    return sign_in


def addresses() -> list[str]:
    return [f"/admin/{model._meta.app_label}/{model._meta.model_name}/" for model in site._registry]


@pytest.mark.parametrize("role", ["reader", "editor", "moderator"])
def test_only_admins_get_in(browse, role):
    browser = browse(role)
    for path in ["/admin/", *addresses()]:
        assert browser.get(path).status_code in (302, 403), path
        assert browser.get(path, follow=True).status_code == 403, path


def test_a_stranger_is_led_to_the_sign_in_page_of_every_reader(library):
    response = Client(SERVER_NAME="localhost").get("/admin/", follow=True)
    assert response.redirect_chain[-1][0].startswith("/accounts/login/?next=")
    assert 'type="password"' not in response.content.decode()


@pytest.mark.parametrize("path", ["/admin/password_change/", "/admin/password_change/done/"])
def test_no_page_here_is_about_passwords(browse, path):
    assert browse("admin").get(path).status_code == 404


def test_every_table_can_be_looked_at_and_searched(browse, library, record):
    library.put([record("One", "2104.00001")])
    browser = browse("admin")
    for path in addresses():
        assert browser.get(path).status_code == 200, path
        assert browser.get(path + "?q=x").status_code == 200, path


def test_a_change_of_standing_is_written_down_and_counts_again(browse, library, reader, record):
    library.put([record("One", "2104.00001")])
    bo, paper = reader("bo"), Paper.objects.get()
    voting.vote(bo, paper.pk, NOW)
    browser = browse("admin")
    page = f"/admin/community/reader/{bo.pk}/change/"
    assert browser.get(page).status_code == 200
    asked = {"name": "Bo", "about": "", "role": "editor", "is_active": "on", "is_limited": "on"}
    assert browser.post(page, asked).status_code == 302
    bo.refresh_from_db()
    paper.refresh_from_db()
    assert (bo.name, bo.role, bo.is_limited) == ("Bo", "editor", True)
    assert paper.votes == 0
    assert list(counting.miscounts()) == []
    lines = Act.objects.order_by("pk").values_list("handle", "verb", "about", "detail")
    assert list(lines) == [
        ("root1", "set role", "bo", "reader to editor"),
        ("root1", "set is_limited", "bo", "False to True"),
    ]
    browser.post(page, asked)
    assert Act.objects.count() == 2  # nothing changed, nothing written


def test_closing_an_account_signs_it_out(browse, reader):
    bo = reader("bo")
    other = Client(SERVER_NAME="localhost")
    other.force_login(bo)
    assert other.get("/settings").status_code == 200
    browse("admin").post(f"/admin/community/reader/{bo.pk}/change/", {"name": "", "about": "", "role": "reader"})
    assert other.get("/settings").status_code == 302
    assert Act.objects.get().detail == "True to False"


def test_an_admin_cannot_demote_or_close_themselves_nor_change_addresses(browse, reader):
    browser = browse("admin")
    root = Reader.objects.get(username="root1")
    asked = {"name": "", "about": "", "role": "reader", "email": "x@evil.example", "username": "x", "credentials": "9"}
    browser.post(f"/admin/community/reader/{root.pk}/change/", asked)
    root.refresh_from_db()
    assert (root.role, root.is_active, root.email, root.username) == ("admin", True, "root1@example.org", "root1")


def test_nothing_can_be_added_deleted_or_rewritten(browse, library, reader, record):
    library.put([record("One", "2104.00001")])
    browser = browse("admin")
    audit.note(None, "role", "bo", NOW)
    for model in site._registry:
        path = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
        assert browser.get(path + "add/").status_code == 403, path
        row = model._default_manager.first()
        if row is not None:
            assert browser.post(f"{path}{row.pk}/delete/", {"post": "yes"}).status_code == 403, path
        assert browser.post(path, {"action": "delete_selected", "_selected_action": "1"}).status_code != 500
    act = Act.objects.get()
    assert browser.post(f"/admin/community/act/{act.pk}/change/", {"verb": "nothing"}).status_code == 403
    assert Act.objects.get().verb == "role"


def test_a_list_costs_as_many_queries_for_many_rows(browse, library, reader, record):
    library.put([record(f"Paper {n}", f"2104.{n:05}") for n in range(1, 41)])
    papers = list(Paper.objects.all())
    browser = browse("admin")

    def fill(papers) -> None:
        for paper in papers:
            one = reader(f"r{paper.pk}")
            comment = Comment.objects.create(paper=paper, reader=one, text="a", at=NOW)
            voting.vote(one, paper.pk, NOW)
            Submission.objects.create(paper=paper, reader=one, day=NOW.date(), at=NOW)
            Claim.objects.create(paper=paper, reader=one, author="x", at=NOW, settled_by=one)
            Report.objects.create(paper=paper, reader=one, comment=comment, reason="x", at=NOW, settled_by=one)

    def costs() -> dict[str, int]:
        found = {}
        for path in addresses():
            with CaptureQueriesContext(connection) as seen:
                browser.get(path)
            found[path] = len(seen)
        return found

    fill(papers[:2])
    few = costs()
    fill(papers[2:])
    assert costs() == few
