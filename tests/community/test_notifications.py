"""Notifications: readers hear of replies and mentions once, on a page and by mail, and of nothing they may not see."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "journeys"))  # for mail_server
from mail_server import Mailbox

from broadsheet.community import notification_mail, notifications
from broadsheet.community.models import Notification, Reader
from broadsheet.library.models import Paper


@pytest.fixture
def paper(site_library, record) -> Paper:
    site_library.put([record(r"Paging with \emph{succinct} predictions", "2611.00001")])
    return Paper.objects.get()


@pytest.fixture
def server(site_library, settings_of_mail):
    """A mail server that the site sends to."""
    with Mailbox() as mailbox:
        settings_of_mail(mailbox.address)
        yield mailbox


@pytest.fixture
def settings_of_mail():
    """Let the site send its mail to this server."""
    from django.test import override_settings

    from broadsheet.config.mail import mail_settings

    overridden = []

    def use(address: str) -> None:
        overridden.append(override_settings(**mail_settings(address), SITE="https://papers.example.org"))
        overridden[-1].enable()

    yield use
    for one in reversed(overridden):
        one.disable()


@pytest.fixture
def send(site_library):
    return lambda: notifications.send_pending(site_library.clock())


def told() -> list[tuple[str, str]]:
    rows = Notification.objects.order_by("pk").select_related("reader")
    return [(row.reader.username, row.kind) for row in rows]


def test_a_reply_and_a_mention_are_told_once_each(write, reader):
    ann, bo, cy = reader("ann"), reader("bo"), reader("cy")
    question = write(ann, "What about @bo and @cy, @bo?")
    assert told() == [("bo", "mention"), ("cy", "mention")]
    write(bo, "As @ann and @cy know", question)
    assert told()[2:] == [("ann", "reply"), ("cy", "mention")]
    assert [notifications.unseen_count(who) for who in (ann, bo, cy)] == [1, 1, 2]


def test_nobody_is_told_of_their_own_words(write, reader):
    ann = reader("ann")
    write(ann, "Note to @ann", write(ann, "first"))
    assert told() == []


def test_nobody_hears_from_a_limited_reader_and_closed_accounts_hear_nothing(write, reader):
    ann, bo, cy = reader("ann"), reader("bo", is_limited=True), reader("cy")
    question = write(ann, "question")
    late = write(cy, "last words")
    Reader.objects.filter(pk=cy.pk).update(is_active=False)
    write(bo, "@ann buy this", question)
    write(ann, "@cy, are you there?", late)
    assert told() == []


def test_an_edit_tells_whom_it_adds_and_nobody_twice(write, edit, reader):
    ann = reader("ann")
    for n in range(30):
        reader(f"r{n}")
    comment = write(ann, "@r0")
    edit(ann, comment, "@r0 @r1")
    assert told() == [("r0", "mention"), ("r1", "mention")]
    for start in (2, 12, 22):
        edit(ann, comment, " ".join(f"@r{n}" for n in range(start, start + 8)))
    assert len(told()) == notifications.LIMIT


def test_what_is_gone_is_not_told(site_library, write, edit, delete, reader):
    ann, bo = reader("ann"), reader("bo")
    gone, edited = write(bo, "@ann gone"), write(bo, "@ann edited by a limited reader")
    write(bo, "@ann stays")
    delete(bo, gone)
    Reader.objects.filter(pk=bo.pk).update(is_limited=True)
    edit(bo, edited, "buy this")
    assert [row.comment.text for row in notifications.told(ann)] == ["@ann stays"]
    assert notifications.unseen_count(ann) == 1
    site_library.withdraw("2611.00001")
    assert (list(notifications.told(ann)), notifications.unseen_count(ann)) == ([], 0)


def test_what_is_seen_is_marked_for_its_reader_alone(site_library, write, reader):
    ann, bo = reader("ann"), reader("bo")
    write(reader("cy"), "@ann @bo")
    assert notifications.mark_seen(ann, site_library.clock()) == 1
    assert (notifications.unseen_count(ann), notifications.unseen_count(bo)) == (0, 1)
    assert notifications.mark_seen(ann, site_library.clock()) == 0


# Mail


def test_a_mail_says_who_replied_where_and_what(write, reader, server, send):
    reader("ann")
    write(reader("cy"), "Thanks, @ann")
    assert send() == 1
    mail = server.wait(1)
    assert mail["To"] == "ann@example.org"
    assert mail["Subject"] == "@cy mentioned you"
    assert mail["Auto-Submitted"] == "auto-generated"
    pk = Notification.objects.get().comment_id
    text = mail.get_body(("plain",)).get_content()
    assert "Paging with succinct predictions" in text
    assert "> Thanks, @ann" in text
    assert f"https://papers.example.org/comments/{pk}" in text
    html = mail.get_body(("html",)).get_content()
    assert f'href="https://papers.example.org/comments/{pk}"' in html


def test_words_of_readers_are_text_in_a_mail_and_never_in_its_headers(site_library, paper, write, reader, server, send):
    from broadsheet.library.models import Version

    Version.objects.update(title="Title\r\nBcc: eve@example.org <script>alert(1)</script> \u202ered")
    reader("ann")
    write(reader("bo", name="Eve\r\nBcc: eve@example.org"), "@ann <script>alert(1)</script> \u202ered\r\n.\r\nBcc: x")
    assert send() == 1
    mail = server.wait(1)
    assert sorted(mail.keys()) == sorted(
        ["Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted"]
    )
    assert mail["Subject"] == "@bo mentioned you"
    html = mail.get_body(("html",)).get_content()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    text = mail.get_body(("plain",)).get_content()
    assert "\u202e" not in text + html
    assert "> Bcc: x" in text


def test_a_notification_is_mailed_once_and_what_is_old_seen_or_unwanted_never(
    site_library, write, edit, delete, reader, server, send
):
    who = [reader(name) for name in ("seen", "nomail", "closed", "left", "happy")]
    reader("unproven", is_verified=False)
    bo = reader("bo")
    write(bo, "@seen @nomail @closed @unproven @happy")
    delete(bo, write(bo, "@left"))
    notifications.mark_seen(who[0], site_library.clock())
    Reader.objects.filter(username="nomail").update(wants_mail=False)
    Reader.objects.filter(username="closed").update(is_active=False)
    assert send() == 1
    assert server.wait(1)["To"] == "happy@example.org"
    assert send() == 0
    Reader.objects.filter(username="nomail").update(wants_mail=True)
    site_library.clock.forward(days=1)
    assert send() == 0
    write(bo, "@happy again")
    site_library.withdraw("2611.00001")
    assert send() == 0
    assert len(server.mails) == 1


def test_another_address_than_the_verified_one_gets_no_mail(write, reader, server, send):
    reader("ann")
    write(reader("bo"), "@ann")
    Reader.objects.filter(username="ann").update(email="victim@example.org")
    assert send() == 0


@pytest.mark.parametrize(
    "address", ["a@b.example, c@d.example", "a@b.example\r\nBcc: c@d.example", "<>", "a@" + "b" * 250]
)
def test_an_address_that_is_none_is_told_apart_and_stops_no_other(write, reader, server, send, address):
    from allauth.account.models import EmailAddress

    reader("ann")
    reader("zoe")
    write(reader("bo"), "@ann @zoe")
    EmailAddress.objects.filter(user__username="ann").update(email=address)
    Reader.objects.filter(username="ann").update(email=address)
    assert send() == 1
    assert [mail["To"] for mail in server.mails] == ["zoe@example.org"]
    assert Notification.objects.get(reader__username="ann").mail_error == "the reader's address cannot be used"


def test_what_the_server_refuses_is_noted_and_stops_no_other(write, reader, server, send):
    server.on_mail = lambda mail: "554 no such reader" if mail["To"].startswith("ann") else None
    reader("ann")
    reader("zoe")
    write(reader("bo"), "@ann @zoe")
    assert send() == 1
    refused = Notification.objects.get(reader__username="ann")
    assert "554" in refused.mail_error
    assert "no such reader" in refused.mail_error
    server.on_mail = None
    assert send() == 0


def test_while_the_server_is_away_everything_waits(site_library, write, reader, settings_of_mail, send):
    with Mailbox() as gone:
        pass
    settings_of_mail(gone.address)
    reader("ann")
    write(reader("bo"), "@ann")
    with pytest.raises(OSError):
        send()
    assert Notification.objects.get().mailed_at is None
    with Mailbox() as back:
        settings_of_mail(back.address)
        assert send() == 1
        assert back.wait(1)["To"] == "ann@example.org"


SEND = """
from datetime import UTC, datetime
import django
django.setup()
from broadsheet.community.notifications import send_pending
send_pending(datetime.fromisoformat("{}"))
"""


def test_a_worker_killed_while_it_sends_does_not_send_again(site_library, database_url, write, reader, server, send):
    reader("ann")
    write(reader("bo"), "@ann")
    came = []

    def kill(mail) -> str:
        came.append(mail["To"])
        worker.kill()
        worker.wait()
        return "451 too late"

    server.on_mail = kill
    settings = {"BROADSHEET_DATABASE": database_url, "BROADSHEET_MAIL": server.address}
    command = [sys.executable, "-c", SEND.format(site_library.clock().isoformat())]
    worker = subprocess.Popen(command, env={**os.environ, **settings})
    assert worker.wait(30) == -signal.SIGKILL
    server.on_mail = None
    assert (came, send(), server.mails) == (["ann@example.org"], 0, [])


def test_a_connection_that_breaks_in_the_middle_of_a_mail_is_noted_and_the_mail_not_repeated(
    write, reader, server, send
):
    reader("ann")
    reader("zoe")
    write(reader("bo"), "@ann @zoe")
    server.on_mail = lambda mail: "no answer that SMTP knows" if mail["To"].startswith("ann") else None
    assert send() == 1
    assert Notification.objects.get(reader__username="ann").mail_error.startswith("SMTP")
    server.on_mail = None
    assert (send(), [mail["To"] for mail in server.mails]) == (0, ["zoe@example.org"])


def test_a_comment_deleted_while_its_mails_go_out_is_mailed_no_further(write, delete, reader, server, send):
    reader("ann")
    reader("zoe")
    bo = reader("bo")
    comment = write(bo, "@ann @zoe")
    server.on_mail = lambda mail: in_thread(lambda: delete(bo, comment))
    assert send() == 1
    assert len(server.mails) == 1


def in_thread(act) -> None:
    """Do something on a connection of this thread, and close it."""
    from django.db import connection

    try:
        act()
    finally:
        connection.close()


def test_four_workers_at_once_send_each_mail_once(write, reader, server, in_parallel, site_library):
    bo = reader("bo")
    for n in range(20):
        reader(f"r{n}")
    for start in (0, 10):
        write(bo, " ".join(f"@r{n}" for n in range(start, start + 10)))
    now = site_library.clock()
    in_parallel([lambda: notifications.send_pending(now)] * 4)
    assert sorted(mail["To"] for mail in server.mails) == sorted(f"r{n}@example.org" for n in range(20))


def test_looking_for_mail_costs_one_query_while_there_is_none(site_library, send):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as queries:
        assert send() == 0
    assert len(queries) == 1


def test_a_long_comment_is_cut_in_its_mail(write, reader, server, send):
    reader("ann")
    write(reader("bo"), "@ann " + "many words " * 1_000)
    send()
    text = server.wait(1).get_body(("plain",)).get_content()
    assert len(text) < 1_500
    assert "many …" in text or "words …" in text
    assert timedelta(hours=12) < notification_mail.FRESH_FOR
