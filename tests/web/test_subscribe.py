"""The pages of subscriptions and the links of their mails, through the door: one answer, one mail, nothing by GET."""

import json
import re
from datetime import UTC, datetime, timedelta

import pytest

from broadsheet.community import collecting, limits
from broadsheet.community.models import Clipping, Vote
from broadsheet.digests import bounces, links, subscribing, suppressing
from broadsheet.digests.confirming import send_due
from broadsheet.digests.models import Bounce, Delivery, Feedback, Interest, Issue, Subscriber
from broadsheet.digests.subscribing import Wishes
from broadsheet.library.models import Paper

ANN = "ann@example.org"
SECRET = "hook-secret-of-24-letters"
ON_PAPERS = ("vote", "save", "more", "less")


def now() -> datetime:
    return datetime.now(UTC)


def work() -> int:
    """What the worker does about subscriptions."""
    return send_due(now())


def post(client, address: str = ANN, path: str = "/subscribe", **fields):
    return client.post(path, {"address": address, **fields})


@pytest.fixture
def subscriber(library):
    """Make a confirmed subscriber: subscriber("ann@example.org", hour=9)."""

    def make(address: str = ANN, **wishes) -> Subscriber:
        subscribing.ask(address, Wishes(**wishes), now())
        return subscribing.confirm(Subscriber.objects.get(address=address), now())

    return make


@pytest.fixture
def paper(library, record) -> Paper:
    library.put([record("Paging with $k$ pages", "2611.00001")])
    return Paper.objects.get()


def link(subscriber: Subscriber, purpose: str, paper: Paper | None = None) -> str:
    token = links.seal(subscriber, purpose, paper.pk if paper else 0)
    return f"/d/{purpose}/{token}" + (f"/{paper.pk}" if paper else "")


def every_link(subscriber: Subscriber, paper: Paper) -> list[str]:
    return [link(subscriber, purpose) for purpose in ("confirm", "leave", "change")] + [
        link(subscriber, purpose, paper) for purpose in ON_PAPERS
    ]


def tables() -> dict[str, list]:
    from django.apps import apps

    return {model._meta.label: sorted(map(repr, model._default_manager.values())) for model in apps.get_models()}


def button(response, parsed) -> dict[str, str]:
    """What the first form of a page with buttons sends by its first button."""
    form, found = {}, False
    for tag, attributes in parsed(response).tags:
        if tag == "form":
            found = attributes.get("method") == "post"
        elif found and tag == "input":
            form[attributes["name"]] = attributes.get("value") or ""
        elif found and tag == "button":
            return form | ({attributes["name"]: attributes["value"]} if "name" in attributes else {})
    raise AssertionError("no button")


# Asking


def test_an_address_alone_is_enough_and_leads_to_one_mail_with_one_link(client, mailbox):
    answer = post(client)
    assert (answer.status_code, answer["Location"], len(mailbox)) == (303, "/subscribe/asked", 0)
    assert b"a link is on its way" in client.get("/subscribe/asked").content
    assert work() == 1
    (mail,) = mailbox
    (path,) = re.findall(r"http://localhost:8000(\S+)", mail.body)
    page = client.get(path)
    assert (page.status_code, Subscriber.objects.get().confirmed_at) == (200, None)
    assert client.post(path, {"act": "confirm"})["Location"].startswith("/d/change/")
    assert Subscriber.objects.get().confirmed_at is not None


def test_the_answer_is_the_same_for_every_address(client, subscriber, mailbox):
    subscriber("known@example.org")
    subscribing.ask("waiting@example.org", Wishes(), now())
    subscribing.leave(subscriber("left@example.org"), now())
    suppressing.suppress("never@example.org", "asked", "", now())
    told = set()
    for who in ("new", "known", "waiting", "left", "never"):
        answer = post(client, f"{who}@example.org")
        headers = sorted(
            (name, value) for name, value in answer.headers.items() if name != "Expires"
        )  # the time of asking
        told.add((answer.status_code, answer["Location"], answer.content, str(headers)))
    assert len(told) == 1


@pytest.mark.slow
def test_many_asks_for_one_victim_make_one_mail_and_are_soon_refused(client, mailbox):
    statuses = [post(client).status_code for _ in range(100)]
    assert statuses == [303] * 10 + [429] * 90
    assert work() == 1
    assert (work(), len(mailbox), Subscriber.objects.count()) == (0, 1, 1)


@pytest.mark.slow
def test_hundreds_of_asks_from_as_many_networks_make_one_mail(client, mailbox):
    spellings = (ANN, "ANN@EXAMPLE.ORG", "Ann@example.org", "ann+x@example.org")
    for number in range(300):
        network = f"198.{18 + number // 250}.{number % 250}.7"
        answer = client.post("/subscribe", {"address": spellings[number % 4]}, REMOTE_ADDR=network)
        assert answer.status_code == 303
        if number % 100 == 0:
            work()
    work()
    assert len(mailbox) == 1


def test_a_refusal_for_haste_says_when_to_come_back(client, monkeypatch):
    monkeypatch.setitem(limits.RATES, "subscription", ("1 per hour", "1 per hour"))
    post(client)
    refused = post(client, "bo@example.org")
    assert (refused.status_code, int(refused["Retry-After"]) > 3_000) == (429, True)


def test_a_program_that_fills_in_everything_gets_the_same_answer_and_nothing_happens(client):
    answer = post(client, website="https://pills.example")
    assert (answer.status_code, answer["Location"]) == (303, "/subscribe/asked")
    assert not Subscriber.objects.exists()


def test_the_field_for_programs_is_kept_from_people(client, parsed):
    tags = parsed(client.get("/subscribe")).tags
    place = next(n for n, (_, attributes) in enumerate(tags) if attributes.get("class") == "not-seen")
    field = next(attributes for tag, attributes in tags[place:] if tag == "input")
    assert tags[place][1]["aria-hidden"] == "true"
    assert (field["name"], field["autocomplete"], field["tabindex"]) == ("website", "off", "-1")


@pytest.mark.parametrize(
    "address", ["", "ann", "a@b.c, d@e.f", "ann@example.org\r\nBcc: x@y.example", "änn@example.org", "x" * 300 + "@a.b",
                "ann\u202e@example.org", "ann@example.org\0"],
)  # fmt: skip
def test_what_is_no_address_is_refused_beside_its_field(client, parsed, address):
    refused = post(client, address)
    assert refused.status_code == 400
    assert any(attributes.get("id") == "id_address_error" for _, attributes in parsed(refused).tags)
    assert not Subscriber.objects.exists()


@pytest.mark.parametrize(
    ("field", "text"),
    [("searches", 'fine\n"open'), ("topics", "a\0b"), ("authors", "---"), ("collections", "/collections/" + "x" * 22),
     ("size", "21"), ("hour", "24"), ("rhythm", "hourly"), ("weekday", "9"), ("time_zone", "Mars/Base"),
     ("topics", "\n".join(f"t{n}" for n in range(60))), ("topics", "x" * 400)],
)  # fmt: skip
def test_a_wish_that_cannot_be_met_is_said_beside_its_field_and_the_rest_is_kept(client, parsed, field, text):
    refused = post(client, **{field: text})
    assert refused.status_code == 400
    tags = parsed(refused).tags
    assert any(attributes.get("id") == f"id_{field}_error" for _, attributes in tags)
    assert any(attributes.get("value") == ANN for _, attributes in tags)
    assert not Subscriber.objects.exists()


def test_wishes_are_read_from_lines(client, reader):
    shelf = collecting.create(reader("bo"), "Shelf", now(), visibility="public")
    post(
        client, topics="cs.IR\n\n cs.CL ", searches='"low rank" after:2024', authors="Lee, Ann", rhythm="weekly",
        collections=f"http://localhost:8000/collections/{shelf.slug}", weekday="4", hour="18", size="20",
        time_zone="Europe/Berlin",
    )  # fmt: skip
    row = Subscriber.objects.get()
    assert (row.rhythm, row.weekday, row.hour, row.size, row.time_zone) == ("weekly", 4, 18, 20, "Europe/Berlin")
    assert sorted(Interest.objects.values_list("kind", "value")) == sorted(
        [("topic", "cs.IR"), ("topic", "cs.CL"), ("search", '"low rank" after:2024'), ("author", "Lee, Ann"),
         ("collection", shelf.slug)]
    )  # fmt: skip


def test_another_page_may_fill_the_form_in(client, parsed):
    page = parsed(
        client.get("/subscribe", {"topic": ["cs.IR", "<b>"], "q": '"x" y', "author": "Lee", "collection": "z"})
    )
    assert "cs.IR\n<b>" in page.text
    assert '"x" y' in page.text
    ticked = [attributes for tag, attributes in page.tags if attributes.get("name") == "trending"]
    assert "checked" not in ticked[0]
    assert "checked" in next(a for _, a in parsed(client.get("/subscribe")).tags if a.get("name") == "trending")


def test_the_form_needs_its_token(signed_in, library):
    from django.test import Client

    stranger = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    assert post(stranger).status_code == 403
    assert post(signed_in("ann", checks=True), path="/subscription", act="leave").status_code == 403


# Readers with an account


def test_a_signed_in_readers_own_address_is_filled_in_and_confirmed_at_once(signed_in, parsed, mailbox):
    ann = signed_in("ann")
    assert ANN in [attributes.get("value") for _, attributes in parsed(ann.get("/subscribe?topic=cs.IR")).tags]
    assert post(ann, topics="cs.IR")["Location"] == "/subscription"
    assert (Subscriber.objects.get().confirmed_at is None, work(), mailbox) == (False, 0, [])
    assert ann.get("/subscribe?topic=cs.CL")["Location"] == "/subscription?topic=cs.CL"
    assert "cs.IR\ncs.CL" in parsed(ann.get("/subscription?topic=cs.CL")).text


def test_a_reader_changes_pauses_goes_on_and_leaves_on_their_own_page(signed_in, parsed):
    ann = signed_in("ann")
    assert ann.get("/subscription?topic=x")["Location"] == "/subscribe?topic=x"
    post(ann)
    page = "/subscription"
    assert ann.post(page, {"act": "change", "topics": "cs.IR", "hour": "9", "size": "5"}).status_code == 303
    row = Subscriber.objects.get()
    assert (row.hour, row.size, Interest.objects.get().value) == (9, 5, "cs.IR")
    until = (now() + timedelta(days=9)).date()
    assert ann.post(page, {"act": "pause", "until": until.isoformat()}).status_code == 303
    assert Subscriber.objects.get().paused_until == until
    assert "Nothing is sent before" in parsed(ann.get(page)).text
    ann.post(page, {"act": "resume"})
    assert Subscriber.objects.get().paused_until is None
    assert "You have left" in parsed(ann.post(page, {"act": "leave"})).text
    assert Subscriber.objects.get().left_at is not None


@pytest.mark.parametrize("until", ["", "tomorrow", "2001-01-01", "9999-12-31", "2026-02-30"])
def test_a_pause_that_cannot_be_is_said_beside_its_field(signed_in, parsed, until):
    ann = signed_in("ann")
    post(ann)
    refused = ann.post("/subscription", {"act": "pause", "until": until})
    assert refused.status_code == 400
    assert any(attributes.get("id") == "id_until_error" for _, attributes in parsed(refused).tags)


def test_nobody_sees_the_subscription_of_another(client, signed_in, subscriber):
    subscriber()
    assert client.get("/subscription")["Location"].startswith("/accounts/login/")
    assert signed_in("bo").get("/subscription")["Location"] == "/subscribe"


# Links of mails


@pytest.mark.parametrize("method", ["get", "head"])
def test_fetching_every_link_of_a_mail_twice_changes_nothing(client, subscriber, paper, reader, method):
    rows = [subscriber(), subscriber(reader("bo").email)]
    subscribing.ask("new@example.org", Wishes(), now())
    rows.append(Subscriber.objects.get(address="new@example.org"))
    before = tables()
    for row in rows:
        for path in every_link(row, paper) * 2:
            assert getattr(client, method)(path).status_code == 200, path
    assert tables() == before


def test_pages_of_links_are_kept_nowhere_and_told_to_nobody(client, subscriber, paper):
    row = subscriber()
    for path in [*every_link(row, paper), "/d/leave/forged", "/d/vote/forged/1"]:
        answer = client.get(path)
        assert "no-store" in answer["Cache-Control"], path
        assert (answer["Referrer-Policy"], answer["X-Robots-Tag"]) == ("same-origin", "noindex"), path
        assert b'<meta name="robots" content="noindex">' in answer.content, path


def test_the_page_of_a_link_shows_no_whole_address(client, subscriber, parsed):
    row = subscriber("ann.lee@example.org")
    page = parsed(client.get(link(row, "change")))
    assert "a…@example.org" in page.text
    assert "ann.lee" not in client.get(link(row, "change")).content.decode()


def test_one_click_leaves_without_signing_in_a_token_of_a_form_or_being_sent_on(subscriber, library):
    from django.test import Client

    row = subscriber()
    program = Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    for kind in ("application/x-www-form-urlencoded", "multipart/form-data; boundary=b"):
        body = (
            "List-Unsubscribe=One-Click"
            if "url" in kind
            else '--b\r\nContent-Disposition: form-data; name="List-Unsubscribe"\r\n\r\nOne-Click\r\n--b--\r\n'
        )
        answer = program.generic("POST", link(row, "leave"), body, content_type=kind)
        assert (answer.status_code, answer.content, "Location" in answer, dict(answer.cookies)) == (200, b"", False, {})
    row.refresh_from_db()
    assert row.left_at is not None
    assert "ann" not in row.address


def test_leaving_by_the_button_may_be_done_twice(client, subscriber, parsed):
    row = subscriber()
    page = client.get(link(row, "leave"))
    for _ in range(2):
        assert "You have left" in parsed(client.post(link(row, "leave"), button(page, parsed))).text
    left_at = Subscriber.objects.get().left_at
    client.post(link(row, "leave"))
    assert Subscriber.objects.get().left_at == left_at
    for purpose in ("confirm", "leave", "change"):
        assert "You have left" in parsed(client.get(link(row, purpose))).text


def test_an_old_link_to_confirm_does_not_undo_leaving(client, subscriber):
    row = subscriber()
    client.post(link(row, "leave"))
    client.post(link(row, "confirm"), {"act": "confirm"})
    assert client.post(link(row, "change"), {"act": "change"}).status_code == 410
    row.refresh_from_db()
    assert (row.left_at is None, row.next_at) == (False, None)


def test_who_never_asked_is_never_written_to_again(client, library, mailbox):
    post(client)
    row = Subscriber.objects.get()
    client.post(link(row, "confirm"), {"act": "never"})
    assert suppressing.is_suppressed(ANN)
    post(client)
    assert (work(), mailbox) == (0, [])


def test_a_link_changes_pauses_and_leaves_signed_out(client, subscriber):
    row = subscriber()
    page = link(row, "change")
    assert client.post(page, {"act": "change", "authors": "Lee", "hour": "5"})["Location"] == page
    until = (now() + timedelta(days=3)).date()
    client.post(page, {"act": "pause", "until": until.isoformat()})
    row.refresh_from_db()
    assert (row.hour, row.paused_until, Interest.objects.get().kind) == (5, until, "author")
    client.post(page, {"act": "leave"})
    row.refresh_from_db()
    assert row.left_at is not None


def test_the_other_forms_of_links_need_their_token(subscriber, paper):
    from django.test import Client

    row, strict = subscriber(), Client(SERVER_NAME="localhost", enforce_csrf_checks=True)
    before = tables()
    for path in every_link(row, paper):
        if "/leave/" not in path:
            assert strict.post(path, {"act": "leave"}).status_code == 403, path
    assert tables() == before


def test_more_and_less_are_one_word_a_paper(client, subscriber, paper, parsed):
    row = subscriber()
    assert "More like this, then" in parsed(client.post(link(row, "more", paper))).text
    assert Feedback.objects.get().wants_more is True
    client.post(link(row, "less", paper))
    assert Feedback.objects.get().wants_more is False


def test_voting_and_saving_by_link_are_the_accounts(client, subscriber, paper, reader, parsed):
    ann = reader("ann")
    row = subscriber()
    assert "Your vote is counted" in parsed(client.post(link(row, "vote", paper))).text
    client.post(link(row, "vote", paper))
    client.post(link(row, "save", paper))
    paper.refresh_from_db()
    assert (paper.votes, paper.saves, Vote.objects.get().reader) == (1, 1, ann)


def test_without_an_account_a_vote_asks_to_sign_in_and_offers_a_word(client, subscriber, paper, parsed):
    row = subscriber()
    for purpose in ("vote", "save"):
        for answer in (client.get(link(row, purpose, paper)), client.post(link(row, purpose, paper))):
            assert "Sign in to" in parsed(answer).text
            assert link(row, "more", paper) in answer.content.decode()
    assert (Vote.objects.count(), Clipping.objects.count()) == (0, 0)


def test_an_account_that_is_closed_or_not_verified_votes_by_no_link(client, subscriber, paper, reader):
    closed, unverified = reader("ann"), reader("bo", is_verified=False)
    rows = [subscriber(closed.email), subscriber(unverified.email)]
    closed.is_active = False
    closed.save()
    for row in rows:
        client.post(link(row, "vote", paper))
    assert not Vote.objects.exists()


def test_votes_by_link_are_limited_as_others_are(client, subscriber, paper, reader, monkeypatch):
    monkeypatch.setitem(limits.RATES, "vote", ("1 per hour", "9 per hour"))
    reader("ann")
    row = subscriber()
    assert [client.post(link(row, "vote", paper)).status_code for _ in range(2)] == [200, 429]


def test_a_paper_that_is_gone_is_said_to_be_gone(client, subscriber, paper, library):
    row = subscriber()
    links_before = [link(row, purpose, paper) for purpose in ON_PAPERS]
    library.erase("2611.00001")
    for path in links_before:
        assert (client.get(path).status_code, client.post(path).status_code) == (410, 410)


# The hook


@pytest.fixture
def hook(client, options):
    """Call the hook: hook(address="…", kind="hard")."""
    options(BOUNCE_SECRET=SECRET)

    def call(body: bytes | None = None, secret: str = SECRET, **told):
        content = json.dumps(told).encode() if body is None else body
        return client.generic("POST", f"/hooks/bounces/{secret}", content, content_type="application/json")

    return call


@pytest.fixture
def delivery(subscriber) -> Delivery:
    issue = Issue.objects.create(day=now().date(), opened_at=now())
    return Delivery.objects.create(
        issue=issue, subscriber=subscriber(), message_id="<a1b2@papers.example>", due_at=now(), next_at=now()
    )


@pytest.mark.parametrize("kind", ["hard", "complaint"])
@pytest.mark.parametrize("name", [{"address": "ANN@example.org"}, {"message_id": "<a1b2@papers.example>"},
                                  {"message_id": "a1b2@papers.example"}])  # fmt: skip
def test_the_hook_ends_what_bounced_or_was_complained_of(hook, delivery, kind, name):
    assert hook(kind=kind, detail=f"550 <{ANN}> unknown", **name).status_code == 204
    assert (suppressing.is_suppressed(ANN), Subscriber.objects.get().left_at is None) == (True, False)
    assert Bounce.objects.get().detail == "550 <…> unknown"


def test_the_hook_tells_nothing_of_who_is_known(hook, subscriber):
    subscriber()
    answers = {hook(kind="soft", address=who).content for who in (ANN, "nobody@example.net")}
    assert answers == {b""}
    assert hook(kind="hard", message_id="<unknown@x>").status_code == 204


def test_without_its_secret_the_hook_is_not_there(hook, subscriber, options, client):
    subscriber()
    for secret in ("x", SECRET[:-1], SECRET + "x", SECRET.upper(), "é" * 24):
        assert hook(secret=secret, kind="hard", address=ANN).status_code == 404
    options(BOUNCE_SECRET="")
    assert hook(kind="hard", address=ANN).status_code == 404
    assert client.post("/hooks/bounces/").status_code == 404
    assert not Bounce.objects.exists()


@pytest.mark.parametrize(
    "body",
    [b"", b"x", b"[]", b'"hard"', b"null", b"[" * 20_000, b"\xff", b'{"kind":"hard"}',
     b'{"kind":"odd","address":"a@b.c"}', b'{"kind":"hard","address":5}', b'{"kind":"hard","address":["a@b.c"]}',
     b'{"kind":"hard","address":"a@b.c, d@e.f"}',
     b'{"kind":null,"address":"a@b.c"}', json.dumps({"kind": "hard", "address": "x" * 300}).encode(),
     json.dumps({"kind": "hard", "address": ANN, "detail": "x" * bounces.HOOK_LIMIT}).encode()],
)  # fmt: skip
def test_a_call_that_cannot_be_read_is_refused_and_changes_nothing(hook, subscriber, body):
    subscriber()
    before = tables()
    refused = hook(body)
    assert (refused.status_code, refused.json()["error"] != "") == (400, True)
    assert tables() == before


def test_control_characters_in_a_call_become_spaces(hook, delivery):
    told = {"kind": "soft", "message_id": "<a1b2@papers.example>\0", "detail": "4.2.2\0\u202efull\n"}
    assert hook(**told).status_code == 204
    assert Bounce.objects.get().detail == "4.2.2  full"


def test_pages_cost_a_fixed_number_of_queries(client, subscriber, paper):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    few = subscriber()
    many = subscriber("bo@example.org", interests=tuple(("topic", f"t{n}") for n in range(50)))

    def cost(path: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(path).status_code == 200
        return len(queries)

    for one, other in zip(every_link(few, paper), every_link(many, paper), strict=True):
        assert cost(one) == cost(other) <= 4, one
    assert cost("/subscribe") == 0
