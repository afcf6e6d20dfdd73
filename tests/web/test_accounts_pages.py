"""A reader's own pages: profile, sessions that end, everything as one file, the way out."""

import json
import re

import pytest
from django.core import mail
from django.test import Client

from broadsheet.community import counting, voting
from broadsheet.community.models import Collection, Comment, Reader, Submission
from broadsheet.library.models import Paper
from broadsheet.web.doors import now


@pytest.fixture(autouse=True)
def use_mailbox(mailbox):
    """Every test here may read the mail."""


def code() -> str:
    return re.search(r"Your code: ([A-Z-]+)", mail.outbox[-1].body)[1]


def sign_in(reader: Reader) -> Client:
    """A browser in which a reader just signed in by a code."""
    browser = Client(SERVER_NAME="localhost", raise_request_exception=False)
    browser.post("/accounts/login/", {"login": reader.email})
    browser.post("/accounts/login/code/confirm/", {"code": code()})
    return browser


def is_signed_in(browser: Client) -> bool:
    return browser.get("/settings").status_code == 200


def grow_old(browser: Client) -> None:
    """Let the moment at which a reader showed who they are be long ago."""
    session = browser.session
    for record in session["account_authentication_methods"]:
        record["at"] -= 100_000
    session.save()


def profile(**changes: str) -> dict[str, str]:
    return {"username": "ann", "name": "", "orcid": "", "about": "", **changes}


def test_a_profile_is_saved_and_shown(library, reader):
    browser = sign_in(reader("ann"))
    changes = profile(username="Ada", name="Ada  Byron", orcid="https://orcid.org/0000-0002-1825-0097", about="Looms")
    assert browser.post("/settings", changes).status_code == 302
    page = Client(SERVER_NAME="localhost").get("/@ada").content.decode()
    assert "Ada Byron" in page
    assert 'href="https://orcid.org/0000-0002-1825-0097"' in page
    assert "Looms" in page
    assert 'content="noindex"' in page
    assert not Reader.objects.get().wants_mail


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"username": "admin"}, "kept for the site"),
        ({"username": "bo"}, "Another reader"),
        ({"username": "no spaces"}, "small letters"),
        ({"username": ""}, "required"),
        ({"orcid": "0000-0002-1825-0098"}, "wrong digit"),
        ({"name": "x\u202ey"}, "can be seen"),
        ({"name": "x" * 101}, "100"),
        ({"about": "x" * 1001}, "1000"),
    ],
)
def test_what_cannot_be_saved_is_said_at_its_field_and_nothing_changes(library, reader, changes, said):
    reader("bo")
    ann = reader("ann")
    response = sign_in(ann).post("/settings", profile(**changes))
    assert response.status_code == 400
    assert said in response.content.decode()
    ann.refresh_from_db()
    assert (ann.username, ann.name, ann.orcid) == ("ann", "", "")


def test_a_form_cannot_raise_a_role_or_change_an_address(library, reader):
    ann = reader("ann")
    sign_in(ann).post("/settings", profile(role="admin", email="x@evil.example", is_limited="1", credentials="7"))
    ann.refresh_from_db()
    assert (ann.role, ann.email, ann.credentials) == ("reader", "ann@example.org", 0)


def test_too_many_changes_of_a_profile_are_refused_for_a_while(library, reader):
    browser = sign_in(reader("ann"))
    answers = [browser.post("/settings", profile(name=f"Name {n}")).status_code for n in range(21)]
    assert answers == [302] * 20 + [429]


@pytest.mark.parametrize("state", [{"is_limited": True}, {"is_active": False}])
def test_nobody_else_sees_the_page_of_a_limited_or_closed_account(client, reader, signed_in, state):
    ann = reader("ann", name="Ann Lee", **state)
    missing = client.get("/@nobody")
    response = client.get("/@ann")
    assert response.status_code == 404
    assert response.content == missing.content
    if ann.is_active:
        assert signed_in(ann).get("/@ann").status_code == 200


def test_a_profile_lists_what_is_public_and_nothing_else(client, library, reader, record):
    library.put([record("Shown title", "2104.00001"), record("Withdrawn title", "2104.00002")])
    first, second = Paper.objects.order_by("pk")
    ann = reader("ann")
    for paper in (first, second):
        Submission.objects.create(paper=paper, reader=ann, day=now().date(), at=now())
    library.withdraw("2104.00002")
    for n, visibility in enumerate(Collection.Visibility.values):
        Collection.objects.create(
            reader=ann,
            slug=f"{n:022}",
            title=f"The {visibility} one",
            visibility=visibility,
            created_at=now(),
            changed_at=now(),
        )
    Comment.objects.create(paper=first, reader=ann, text="a", at=now())
    Comment.objects.create(paper=first, reader=ann, text="b", at=now(), is_shown=False)
    Comment.objects.create(paper=first, reader=ann, text="", at=now(), deleted_at=now())
    page = client.get("/@ann").content.decode()
    assert "Shown title" in page
    assert "Withdrawn title" not in page
    assert "The public one" in page
    assert "The private one" not in page
    assert "The link one" not in page
    assert "1 comment" in page
    assert "ann@example.org" not in page


def test_hostile_words_on_a_profile_stay_words(client, reader, parsed):
    hostile = "</p><script>alert(1)</script><img src=x onerror=alert(1)> {{ user }} \u202e"
    reader("ann", name=hostile[:100], about=hostile, orcid='"><script>x')
    tags = parsed(client.get("/@ann"))
    assert not [
        name for name, attributes in tags.tags if name == "img" or (name == "script" and "src" not in attributes)
    ]
    assert "<script>alert(1)</script>" in tags.text


def test_a_profile_costs_as_many_queries_for_many_rows(client, library, reader, record):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ann = reader("ann")
    library.put([record(f"Paper {n}", f"2104.{n:05}") for n in range(1, 60)])

    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/@ann").status_code == 200
        return len(seen)

    Submission.objects.create(paper=Paper.objects.first(), reader=ann, day=now().date(), at=now())
    few = queries()
    for paper in Paper.objects.all()[1:]:
        Submission.objects.create(paper=paper, reader=ann, day=now().date(), at=now())
    assert queries() == few <= 8
    assert client.get("/@ann").content.decode().count("/papers/") == 50


def test_a_change_of_address_in_one_browser_signs_the_other_out(library, reader):
    ann = reader("ann")
    here, there = sign_in(ann), sign_in(ann)
    here.post("/accounts/email/", {"email": "new@example.org", "action_add": "1"})
    assert mail.outbox[-1].to == ["new@example.org"]
    assert is_signed_in(there)  # nothing has changed yet
    here.post("/accounts/confirm-email/", {"code": code()})
    ann.refresh_from_db()
    assert ann.email == "new@example.org"
    assert [one.email for one in ann.emailaddress_set.all()] == ["new@example.org"]
    assert is_signed_in(here)
    assert not is_signed_in(there)
    assert mail.outbox[-1].to == ["ann@example.org"]


def test_a_change_of_address_is_asked_of_the_reader_not_of_whoever_finds_the_browser_open(library, reader):
    browser = sign_in(reader("ann"))
    grow_old(browser)
    response = browser.post("/accounts/email/", {"email": "thief@example.org", "action_add": "1"})
    assert response["Location"].startswith("/accounts/reauthenticate/")
    assert [sent.to for sent in mail.outbox if sent.to == ["thief@example.org"]] == []
    assert browser.get("/accounts/2fa/webauthn/add/")["Location"].startswith("/accounts/reauthenticate/")
    assert browser.get("/settings/leave")["Location"].startswith("/accounts/reauthenticate/")


def test_a_reader_who_is_asked_again_shows_a_code_and_goes_on(library, reader):
    browser = sign_in(reader("ann"))
    grow_old(browser)
    asked = browser.get("/settings/leave")["Location"]
    page = browser.get(asked)
    assert "Send a code" in page.content.decode()
    there = browser.post("/accounts/reauthenticate/", {"send": "1", "next": "/settings/leave"})["Location"]
    assert "ann@example.org" in browser.get(there).content.decode()
    wrong = browser.post("/accounts/reauthenticate/", {"code": "BBBB-BBBB", "next": "/settings/leave"})
    assert "not the code" in wrong.content.decode()
    right = {"code": code(), "next": "/settings/leave"}
    assert browser.post("/accounts/reauthenticate/", right)["Location"] == "/settings/leave"
    assert browser.get("/settings/leave").status_code == 200
    grow_old(browser)
    assert browser.post("/accounts/reauthenticate/", right)["Location"] != "/settings/leave"  # used up: sends another


def test_a_code_for_asking_again_can_be_tried_three_times(library, reader):
    browser = sign_in(reader("ann"))
    grow_old(browser)
    browser.post("/accounts/reauthenticate/", {"send": "1"})
    told = code()
    for _ in range(3):
        browser.post("/accounts/reauthenticate/", {"code": "BBBB-BBBB"})
    browser.post("/accounts/reauthenticate/", {"code": told, "next": "/settings/leave"})
    assert browser.get("/settings/leave").status_code == 302


@pytest.mark.parametrize("place", ["//evil.example", "/\\evil.example", "https:evil.example"])
def test_showing_a_code_never_leads_to_another_site(library, reader, place):
    browser = sign_in(reader("ann"))
    browser.post("/accounts/reauthenticate/", {"send": "1", "next": place})
    assert browser.post("/accounts/reauthenticate/", {"code": code(), "next": place})["Location"] == "/"


def test_votes_begin_to_count_for_trending_when_the_address_is_verified(library, reader, record):
    library.put([record("One", "2104.00001")])
    paper = Paper.objects.get()
    ann = reader("ann", is_verified=False)
    voting.vote(ann, paper.pk, now())
    paper.refresh_from_db()
    assert (paper.votes, paper.trusted_votes) == (1, 0)
    sign_in(ann)
    paper.refresh_from_db()
    assert (paper.votes, paper.trusted_votes) == (1, 1)
    assert list(counting.miscounts()) == []


def test_the_export_is_one_file_for_its_reader_alone(library, reader):
    browser = sign_in(reader("ann"))
    reader("bo")
    response = browser.post("/settings/export")
    assert response["Content-Disposition"] == 'attachment; filename="broadsheet-ann.json"'
    held = json.loads(response.content)
    assert held["profile"]["email"] == "ann@example.org"
    assert held["sessions"] == 1
    assert "bo@example.org" not in response.content.decode()
    assert "no-store" in response["Cache-Control"]
    assert browser.get("/settings/export").status_code == 405
    assert Client(SERVER_NAME="localhost").post("/settings/export").status_code == 302


def test_an_account_ends_in_every_browser_and_its_address_is_free_again(library, reader):
    ann = reader("ann")
    here, there = sign_in(ann), sign_in(ann)
    assert here.post("/settings/leave", {"comments": "nonsense"}).status_code == 400
    assert here.post("/settings/leave", {"comments": "remove"}).status_code == 302
    assert not Reader.objects.exists()
    assert not is_signed_in(here)
    assert not is_signed_in(there)
    fresh = Client(SERVER_NAME="localhost")
    fresh.post("/accounts/signup/", {"email": "ann@example.org"})
    fresh.post("/accounts/confirm-email/", {"code": code()})
    assert is_signed_in(fresh)


def test_the_bar_shows_each_role_its_doors(signed_in):
    for role, doors in {"reader": 0, "moderator": 0, "admin": 1}.items():
        page = signed_in(f"a-{role}", role=role).get("/settings").content.decode()
        assert page.count('href="/admin/"') == doors, role
