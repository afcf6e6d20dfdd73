"""The discussion on a paper's page: read by all, written by readers, with plain forms."""

import re
from datetime import timedelta
from urllib.parse import quote

import pytest

from broadsheet.community import comments
from broadsheet.community.models import Comment, Lock, Notification, Reader, Report

PAPER = "/papers/2611.00001"
WRITE = f"{PAPER}/comments"


@pytest.fixture
def paper(library, record):
    library.put([record("Paging with predictions", "2611.00001")])
    return library.find("2611.00001").paper


@pytest.fixture
def write(library, paper):
    """Write a comment on the paper, each some time after the one before."""

    def write(reader, text, parent=None) -> Comment:
        library.clock.forward(seconds=1)
        parent_id = parent.pk if parent else None
        return comments.write(reader, paper.pk, text, library.clock(), parent_id)

    return write


def token(page) -> str:
    return re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page.content.decode())[1]


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", response.content.decode()).split())


def test_everybody_reads_a_discussion_and_is_led_to_sign_in(client, paper, write, reader, parsed):
    write(reader("ann", name="Ann Lee"), "See *this*")
    page = client.get(PAPER)
    assert "<p>See <em>this</em></p>" in page.content.decode()
    assert "Ann Lee" in text_of(page)
    assert f"/accounts/login/?next={quote(PAPER, safe='')}%23discussion" in parsed(page).links()
    assert 'name="text"' not in page.content.decode()


def test_a_reader_writes_a_comment_with_a_form_that_has_a_token(signed_in, paper):
    client = signed_in("ann", checks=True)
    sent = client.post(WRITE, {"text": "First", "csrfmiddlewaretoken": token(client.get(PAPER))})
    comment = Comment.objects.get()
    assert (sent.status_code, sent["Location"]) == (302, f"{PAPER}#c{comment.pk}")
    assert "First" in text_of(client.get(PAPER))
    assert client.post(WRITE, {"text": "Second"}).status_code == 403
    assert Comment.objects.count() == 1


def test_a_script_is_answered_in_json(signed_in, paper):
    answer = signed_in("ann").post(WRITE, {"text": "First"}, headers={"accept": "application/json"})
    assert answer.json() == {"id": Comment.objects.get().pk, "address": f"{PAPER}#c{Comment.objects.get().pk}"}
    refused = signed_in("bo").post(WRITE, {"text": ""}, headers={"accept": "application/json"})
    assert (refused.status_code, refused.json()) == (400, {"error": "A comment needs some words."})


def test_who_is_not_signed_in_is_led_to_sign_in_and_writes_nothing(client, paper, write, reader):
    comment = write(reader("ann"), "First")
    for address in (WRITE, *(f"/comments/{comment.pk}/{act}" for act in ("edit", "delete", "report"))):
        answer = client.post(address, {"text": "x", "reason": "x"})
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    for act in ("reply", "edit", "delete", "report"):
        assert "next=/comments/" in client.get(f"/comments/{comment.pk}/{act}")["Location"]
    assert (Comment.objects.get().text, Report.objects.count()) == ("First", 0)


def test_a_reply_stands_under_what_it_answers_and_deep_ones_say_whom_they_answer(client, paper, write, reader):
    ann, above = reader("ann"), None
    for n in range(7):
        above = write(ann, f"comment {n}", above)
    page = client.get(PAPER).content.decode()
    assert [int(depth) for depth in re.findall(r"remark in(\d)", page)] == [0, 1, 2, 3, 4, 4, 4]
    assert page.count("in reply to") == 2


def test_a_reply_is_written_on_the_paper_page_or_on_a_page_of_its_own(signed_in, paper, write, reader):
    comment = write(reader("ann"), "Question")
    client = signed_in("bo", checks=True)
    page = client.get(f"/comments/{comment.pk}/reply")
    assert "Question" in text_of(page)
    sent = client.post(WRITE, {"text": "Answer", "parent": comment.pk, "csrfmiddlewaretoken": token(page)})
    assert sent["Location"] == f"{PAPER}#c{Comment.objects.get(text='Answer').pk}"
    assert Comment.objects.get(text="Answer").parent == comment


@pytest.mark.parametrize("parent", ["x", "-1", "9" * 30, "12345", "²", "1.0"])
def test_a_reply_to_nothing_is_refused_and_its_text_stays(signed_in, paper, parent):
    answer = signed_in("ann").post(WRITE, {"text": "My words", "parent": parent})
    assert answer.status_code in (400, 404)
    assert Comment.objects.count() == 0


def test_what_is_refused_comes_back_with_its_text(signed_in, paper):
    client = signed_in("ann")
    answer = client.post(WRITE, {"text": "x" * 20_001})
    assert (answer.status_code, "x" * 20_001 in answer.content.decode()) == (400, True)
    assert "at most 20,000 characters" in text_of(answer)
    for n in range(6):
        client.post(WRITE, {"text": f"comment {n}"})
    answer = client.post(WRITE, {"text": "one too many <b>"})
    assert (answer.status_code, "one too many &lt;b&gt;" in answer.content.decode()) == (429, True)
    assert Comment.objects.count() < 7


def test_a_preview_shows_the_comment_and_writes_nothing(signed_in, paper):
    answer = signed_in("ann").post(WRITE, {"text": "# Big $x^2$", "preview": "1"})
    assert answer.status_code == 200
    assert "<p><strong>Big <math" in answer.content.decode()
    assert "\n# Big $x^2$</textarea>" in answer.content.decode()
    assert Comment.objects.count() == 0


def test_a_text_that_begins_with_a_line_break_or_ends_a_field_survives_the_form(signed_in, paper, reader, write):
    ann = reader("ann")
    comment = write(ann, "</textarea><script>alert(1)</script>")
    page = signed_in(ann).get(f"/comments/{comment.pk}/edit").content.decode()
    assert "\n&lt;/textarea&gt;&lt;script&gt;alert(1)&lt;/script&gt;</textarea>" in page


def test_an_edit_shows_the_new_text_and_keeps_the_old_behind_a_link(signed_in, client, paper, write, reader, parsed):
    ann = reader("ann")
    comment = write(ann, "Old words")
    mine = signed_in(ann)
    assert mine.post(f"/comments/{comment.pk}/edit", {"text": "New words"}).status_code == 302
    page = client.get(PAPER)
    assert "New words" in text_of(page)
    assert "Old words" not in text_of(page)
    assert f"/comments/{comment.pk}/history" in parsed(page).links()
    history = text_of(client.get(f"/comments/{comment.pk}/history"))
    assert history.index("New words") < history.index("Old words")
    assert mine.post(f"/comments/{comment.pk}/edit", {"text": " "}).status_code == 400


def test_others_can_neither_edit_nor_delete(signed_in, paper, write, reader):
    comment = write(reader("ann"), "Mine")
    for client in (signed_in("bo"), signed_in("mo", role="moderator"), signed_in("ad", role="admin")):
        for act in ("edit", "delete"):
            assert client.get(f"/comments/{comment.pk}/{act}").status_code == 403
            assert client.post(f"/comments/{comment.pk}/{act}", {"text": "Yours"}).status_code == 403
    comment.refresh_from_db()
    assert comment.text == "Mine"


def test_a_deleted_comment_leaves_a_line(signed_in, client, paper, write, reader):
    ann = reader("ann")
    comment = write(ann, "Regretted words")
    write(reader("bo"), "A reply", comment)
    mine = signed_in(ann)
    assert "erased for good" in text_of(mine.get(f"/comments/{comment.pk}/delete"))
    assert mine.post(f"/comments/{comment.pk}/delete").status_code == 302
    page = text_of(client.get(PAPER))
    assert "Deleted by its writer" in page
    assert "A reply" in page
    assert "Regretted" not in page + text_of(client.get(f"/comments/{comment.pk}/history"))
    assert "1 comment" in page


def test_a_comment_has_an_address_for_ever(client, paper, write, reader):
    comment = write(reader("ann"), "First")
    assert client.get(f"/comments/{comment.pk}")["Location"] == f"{PAPER}#c{comment.pk}"
    for number in ("0", "12345", "9" * 18, "9" * 30):
        assert client.get(f"/comments/{number}").status_code == 404


def test_a_long_discussion_has_pages_and_links_find_the_right_one(client, paper, reader, library):
    ann = reader("ann")
    rows = [
        Comment(paper=paper, reader=ann, text=f"number {n}.", at=library.clock() + timedelta(n)) for n in range(250)
    ]
    Comment.objects.bulk_create(rows)
    first = client.get(PAPER)
    assert "number 99." in text_of(first)
    assert "number 100." not in text_of(first)
    assert 'href="?page=2#discussion"' in first.content.decode()
    last = Comment.objects.get(text="number 249.")
    assert client.get(f"/comments/{last.pk}")["Location"] == f"{PAPER}?page=3#c{last.pk}"
    assert "number 249." in text_of(client.get(f"{PAPER}?page=3"))
    assert "number 249." in text_of(client.get(f"{PAPER}?page=99"))


def test_what_a_limited_reader_writes_looks_as_always_to_them_and_to_nobody_else(signed_in, client, paper, reader):
    bo = reader("bo", is_limited=True)
    mine, mo = signed_in(bo), signed_in("mo", role="moderator")
    sent = mine.post(WRITE, {"text": "Cheap words"})
    comment = Comment.objects.get()
    assert sent["Location"] == f"{PAPER}#c{comment.pk}"
    page = mine.get(PAPER)
    assert "Cheap words" in text_of(page)
    assert "1 comment" in text_of(page)
    assert "hushed" not in page.content.decode()
    assert "seen by its writer" not in text_of(page)
    assert "Cheap words" not in text_of(client.get(PAPER))
    assert client.get(f"/comments/{comment.pk}").status_code == 404
    assert client.get(f"/comments/{comment.pk}/history").status_code == 404
    assert "seen by its writer and moderators only" in text_of(mo.get(PAPER))


def test_a_closed_discussion_says_why_and_has_no_form(signed_in, client, paper, write, reader, library):
    ann = reader("ann")
    comment = write(ann, "Before")
    Lock.objects.create(paper=paper, reason="It got <loud>", at=library.clock())
    for page in (client.get(PAPER), signed_in(ann).get(PAPER)):
        assert "A moderator closed this discussion" in text_of(page)
        assert "It got &lt;loud&gt;" in page.content.decode()
        assert 'name="text"' not in page.content.decode()
    refused = signed_in(ann).post(WRITE, {"text": "After"})
    assert refused.status_code == 403
    assert "After" in refused.content.decode()
    assert signed_in(ann).post(f"/comments/{comment.pk}/edit", {"text": "After"}).status_code == 403
    mo = signed_in("mo", role="moderator")
    assert 'name="text"' in mo.get(PAPER).content.decode()
    assert mo.post(WRITE, {"text": "Closing words"}).status_code == 302


@pytest.mark.parametrize("remove", ["withdraw", "erase"])
def test_the_discussion_goes_with_its_paper(signed_in, paper, write, reader, library, remove):
    comment = write(reader("ann"), "About it")
    getattr(library, remove)("2611.00001")
    client = signed_in("bo")
    assert client.get(PAPER).status_code == 410
    assert client.post(WRITE, {"text": "More"}).status_code == 410
    assert client.get(f"/comments/{comment.pk}").status_code == 404
    assert Comment.objects.count() == 1


def test_a_report_is_made_once_and_only_moderators_hear_of_it(signed_in, paper, write, reader):
    ann = reader("ann")
    comment = write(ann, "Buy now")
    client = signed_in("bo")
    assert "Buy now" in text_of(client.get(f"/comments/{comment.pk}/report"))
    assert client.post(f"/comments/{comment.pk}/report", {"reason": " "}).status_code == 400
    for reason in ("Spam", "Spam again"):
        assert client.post(f"/comments/{comment.pk}/report", {"reason": reason}).status_code == 302
    assert Report.objects.get().reason == "Spam"
    assert "The moderators see your report" in text_of(client.get(PAPER))
    assert signed_in(ann).post(f"/comments/{comment.pk}/report", {"reason": "me"}).status_code == 403


def test_reports_are_limited(signed_in, paper, write, reader):
    ann = reader("ann")
    Reader.objects.update(joined_at="2020-01-01T00:00Z")
    client = signed_in("bo")
    answers = [client.post(f"/comments/{write(ann, f'c{n}').pk}/report", {"reason": "x"}) for n in range(11)]
    assert [answer.status_code for answer in answers] == [302] * 10 + [429]


def test_notifications_are_read_and_marked(signed_in, client, paper, write, reader):
    ann = reader("ann")
    mine = signed_in(ann)
    question = write(ann, "Question")
    write(reader("bo"), "Answer", question)
    write(reader("cy"), "As @ann says")
    assert "new: 2" in text_of(mine.get("/"))
    page = mine.get("/notifications")
    assert "2 new notifications" in text_of(page)
    assert text_of(page).index("As @ann says") < text_of(page).index("Answer")
    assert mine.get("/notifications/seen").status_code == 405
    assert mine.post("/notifications/seen").status_code == 302
    assert "new" not in text_of(mine.get("/notifications")).split("Notifications", 1)[1].replace("newspaper", "")
    assert Notification.objects.filter(seen_at__isnull=True).count() == 0
    assert client.get("/notifications")["Location"].startswith("/accounts/login/")


def test_pages_cost_as_many_queries_however_much_they_show(client, signed_in, paper, write, reader, library):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    ann, bo = reader("ann"), reader("bo")
    mine, mo = signed_in(ann), signed_in("mo", role="moderator")
    Reader.objects.update(joined_at="2020-01-01T00:00Z")

    def talk(n: int) -> None:
        asked = write(ann, f"question {n} for @bo and @nobody")
        Report.objects.create(comment=asked, paper=paper, reader=bo, reason="x", at=library.clock())
        write(ann, f"further {n}", write(bo, f"answer {n} for @ann", asked))

    def costs() -> list[int]:
        found = []
        for visitor, address in (
            (client, PAPER), (mine, PAPER), (mo, PAPER), (mine, "/notifications"), (mo, "/moderation"),
            (mo, "/moderation/readers/ann"), (mo, "/moderation/log"),
        ):  # fmt: skip
            visitor.get(address)
            with CaptureQueriesContext(connection) as queries:
                assert visitor.get(address).status_code == 200
            found.append(len(queries))
        return found

    talk(0)
    few = costs()
    for n in range(1, 20):
        talk(n)
    assert costs() == few
    assert few[0] <= 13
