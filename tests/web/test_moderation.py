"""The moderators' pages: they work for moderators, and for nobody else do they exist."""

import re

import pytest

from broadsheet.community import comments
from broadsheet.community.models import Act, Comment, Lock, Reader, Report

PAPER = "/papers/2611.00001"


@pytest.fixture
def comment(library, record, reader) -> Comment:
    library.put([record("Paging with predictions", "2611.00001")])
    paper = library.find("2611.00001").paper
    written = comments.write(reader("ann"), paper.pk, "Buy <b>now</b>", library.clock())
    Report.objects.create(reader=reader("bo"), comment=written, paper=paper, reason="<i>Spam</i>", at=library.clock())
    return written


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def pages(comment) -> list[str]:
    return ["/moderation", "/moderation/log", f"/moderation/comments/{comment.pk}", "/moderation/readers/ann",
            "/moderation/discussions/2611.00001"]  # fmt: skip


def acts(comment) -> list[str]:
    return [f"/moderation/comments/{comment.pk}/dismiss", f"/moderation/comments/{comment.pk}/remove",
            "/moderation/readers/ann/limit", "/moderation/readers/ann/close",
            "/moderation/discussions/2611.00001"]  # fmt: skip


@pytest.mark.parametrize("role", [None, "reader", "editor"])
def test_for_others_there_is_no_such_page(client, signed_in, comment, role):
    visitor = client if role is None else signed_in("cy", role=role)
    nowhere = visitor.get("/moderation-of-nothing")
    for address in pages(comment):
        found = visitor.get(address)
        assert (found.status_code, text_of(found)) == (404, text_of(nowhere))
    for address in acts(comment):
        assert visitor.post(address, {"reason": "x"}).status_code == 404
    assert "moderation" not in visitor.get(PAPER).content.decode()
    assert (Act.objects.count(), Reader.objects.filter(is_limited=True).count(), Lock.objects.count()) == (0, 0, 0)


def test_every_form_needs_its_token(signed_in, comment):
    client = signed_in("mo", role="moderator", checks=True)
    for address in acts(comment):
        assert client.post(address, {"reason": "x"}).status_code == 403
    assert Act.objects.count() == 0


def test_the_queue_shows_what_is_reported_and_why(signed_in, comment, reader):
    client = signed_in("mo", role="moderator")
    page = client.get("/moderation").content.decode()
    assert "Buy &lt;b&gt;now&lt;/b&gt;" in page
    assert "&lt;i&gt;Spam&lt;/i&gt;" in page
    assert "@bo" in page
    assert "Paging with predictions" in page


def test_a_comment_that_stays_leaves_the_queue(signed_in, client, comment):
    mo = signed_in("mo", role="moderator")
    address = f"/moderation/comments/{comment.pk}/dismiss"
    assert mo.post(address, {"reason": ""}).status_code == 400
    assert mo.post(address, {"reason": "A fair offer"})["Location"] == "/moderation"
    assert "No report is open." in text_of(mo.get("/moderation"))
    assert "Buy" in text_of(client.get(PAPER))
    assert "@mo dismissed reports of comment" in text_of(mo.get("/moderation/log"))
    assert "dismissed by @mo" in text_of(mo.get(f"/moderation/comments/{comment.pk}"))
    assert mo.post(address, {"reason": "again"}).status_code == 404


def test_a_removed_comment_leaves_a_line_and_an_entry_in_the_log(signed_in, client, comment):
    mo = signed_in("mo", role="moderator")
    assert mo.post(f"/moderation/comments/{comment.pk}/remove", {"reason": "Spam <b>"}).status_code == 302
    page = text_of(client.get(PAPER))
    assert "Removed by a moderator" in page
    assert "Buy" not in page
    assert "No report is open." in text_of(mo.get("/moderation"))
    log = mo.get("/moderation/log").content.decode()
    assert f"comment {comment.pk} by @ann on 2611.00001" in log
    assert "Spam &lt;b&gt;" in log
    assert mo.post(f"/moderation/comments/{comment.pk}/remove", {"reason": "again"}).status_code == 403


def test_a_reader_is_limited_and_the_limit_lifted(signed_in, comment):
    mo = signed_in("mo", role="moderator")
    for limited, is_limited in (("1", True), ("0", False)):
        sent = mo.post("/moderation/readers/ann/limit", {"limited": limited, "reason": "Floods"})
        assert sent["Location"] == "/moderation/readers/ann"
        assert Reader.objects.get(username="ann").is_limited is is_limited
    page = text_of(mo.get("/moderation/readers/ann"))
    assert page.index("lifted the limit of") < page.index("@mo limited @ann")


def test_a_closed_account_is_signed_out_and_opened_again(signed_in, comment):
    ann = signed_in(Reader.objects.get(username="ann"))
    mo = signed_in("mo", role="moderator")
    assert ann.get("/notifications").status_code == 200
    mo.post("/moderation/readers/ann/close", {"closed": "1", "reason": "Spam"})
    assert ann.get("/notifications")["Location"].startswith("/accounts/login/")
    assert ann.post(f"{PAPER}/comments", {"text": "Still here"}).status_code == 302
    assert Comment.objects.count() == 1
    mo.post("/moderation/readers/ann/close", {"closed": "0", "reason": "Explained"})
    assert Reader.objects.get(username="ann").is_active
    assert ann.get("/notifications").status_code == 302  # an old session stays ended


def test_a_discussion_is_closed_with_a_reason_and_opened(signed_in, client, comment):
    mo = signed_in("mo", role="moderator")
    address = "/moderation/discussions/2611.00001"
    assert "Close the discussion" in text_of(mo.get(address))
    assert mo.post(address, {"closed": "1", "reason": "It got loud"})["Location"] == f"{PAPER}#discussion"
    assert "It got loud" in text_of(client.get(PAPER))
    assert mo.post(address, {"closed": "1", "reason": "again"}).status_code == 403
    mo.post(address, {"closed": "0", "reason": "Calm again"})
    assert "closed this discussion" not in text_of(client.get(PAPER))
    log = text_of(mo.get("/moderation/log"))
    assert "@mo reopened the discussion of 2611.00001 : Calm again" in log


def test_nobody_moderates_an_admin_or_themselves(signed_in, library, comment, reader):
    mo, admin = reader("mo", role="moderator"), reader("ad", role="admin")
    client = signed_in(mo)
    paper = library.find("2611.00001").paper
    theirs = comments.write(admin, paper.pk, "Words of an admin", library.clock())
    own = comments.write(mo, paper.pk, "Words of my own", library.clock())
    for who in ("ad", "mo"):
        assert "You cannot act on this reader." in text_of(client.get(f"/moderation/readers/{who}"))
        for act in ("limit", "close"):
            assert client.post(f"/moderation/readers/{who}/{act}", {"reason": "x"}).status_code == 403
    for written in (theirs, own):
        assert client.post(f"/moderation/comments/{written.pk}/remove", {"reason": "x"}).status_code == 403
    assert not Reader.objects.filter(username__in=("mo", "ad"), is_limited=True).exists()
    assert Act.objects.count() == 0
    assert signed_in(admin).post("/moderation/readers/mo/limit", {"reason": "Misuse"}).status_code == 302


def test_what_is_not_there_is_said_so(signed_in, comment):
    mo = signed_in("mo", role="moderator")
    for address in ("/moderation/comments/999", "/moderation/readers/nobody", "/moderation/discussions/2611.99999"):
        assert mo.get(address).status_code == 404
    for address in ("/moderation/comments/999/remove", "/moderation/readers/nobody/limit"):
        assert mo.post(address, {"reason": "x"}).status_code == 404


def test_the_log_has_pages(signed_in, comment, library):
    rows = [Act(handle="mo", verb="did", about=f"thing {n}.", at=library.clock()) for n in range(150)]
    Act.objects.bulk_create(rows)
    mo = signed_in("mo", role="moderator")
    assert "thing 50." in text_of(mo.get("/moderation/log"))
    assert "thing 49." not in text_of(mo.get("/moderation/log"))
    assert "thing 49." in text_of(mo.get("/moderation/log?page=2"))
