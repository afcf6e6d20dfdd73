"""Bounces: reports are read, believed only of mails that went out, and end what should end."""

import os
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.digests import bounces, suppressing
from broadsheet.digests.errors import DigestError
from broadsheet.digests.models import Bounce, Delivery, Issue, Subscriber
from broadsheet.digests.reports import LIMIT, kind_of, read_report

FAILED = """\
Return-Path: <>
From: MAILER-DAEMON@mx.example.net (Mail Delivery System)
Subject: Undelivered Mail Returned to Sender
To: papers@example.org
Auto-Submitted: auto-replied
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="B1"

--B1
Content-Type: text/plain; charset=us-ascii

I'm sorry to have to inform you that your message could not be delivered.

--B1
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net
Arrival-Date: Sat, 21 Nov 2026 07:00:03 +0000 (UTC)

Final-Recipient: rfc822; {address}
Original-Recipient: rfc822;{address}
Action: {action}
Status: {status}
Diagnostic-Code: smtp; {said}

--B1
Content-Type: {part}

From: Broadsheet <papers@example.org>
To: {address}
Subject: Papers of Saturday
Message-ID: {message_id}

--B1--
"""
COMPLAINT = """\
From: <abuse@mail.example.net>
Subject: FW: Papers of Saturday
MIME-Version: 1.0
Content-Type: multipart/report; report-type=feedback-report; boundary="B2"

--B2
Content-Type: text/plain

This is an email abuse report.

--B2
Content-Type: message/feedback-report

Feedback-Type: abuse
User-Agent: SomeGenerator/1.0
Version: 1

--B2
Content-Type: message/rfc822

From: papers@example.org
Message-ID: {message_id}

Papers
--B2--
"""
OURS = "<a1b2c3@papers.example>"


def report(text: str = FAILED, **fields: str) -> bytes:
    given = {
        "address": "ann@example.org", "action": "failed", "status": "5.1.1", "said": "550 5.1.1 no such user",
        "message_id": OURS, "part": "text/rfc822-headers",
    }  # fmt: skip
    return text.format(**(given | fields)).encode()


# Reading


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [("5.1.1", "550 no such user", "hard"), ("5.1.10", "550 5.1.10 recipient not found", "hard"),
     ("5.2.1", "550 mailbox disabled", "hard"), ("5.0.0", "550 unknown user", "hard"), ("5.0.0", "550 no", "soft"),
     ("5.2.2", "552 over quota", "soft"), ("5.7.1", "550 your network is listed", "soft"),
     ("5.0.0", "550 5.7.1 listed; user unknown", "soft"), ("4.4.7", "expired", "soft"),
     ("", "550 no such user", "hard"),
     ("", "550 The address ann@example.org does not exist", "hard"), ("", "550 relay not permitted", "soft"),
     ("", "x", "soft"), ("odd", "554 odd", "soft"), ("5.3.4", "552 too big", "soft")],
)  # fmt: skip
@pytest.mark.parametrize("part", ["text/rfc822-headers", "message/rfc822", "text/rfc822-headers; charset=us-ascii"])
def test_a_failure_is_hard_only_where_the_address_is_no_good(status, said, kind, part):
    read = read_report(report(status=status, said=said, part=part))
    assert (read.kind, read.message_ids) == (kind, (OURS,))


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_lines_end_as_they_like(newline):
    assert read_report(report().decode().replace("\n", newline).encode()).message_ids == (OURS,)


def test_the_mail_that_came_back_may_be_named_by_what_the_report_answers():
    text = report(message_id="").replace(b"Return-Path: <>", f"Return-Path: <>\nIn-Reply-To: {OURS}".encode())
    assert read_report(text).message_ids == (OURS,)


def test_a_complaint_is_a_complaint():
    read = read_report(report(COMPLAINT))
    assert (read.kind, read.message_ids) == ("complaint", (OURS,))


def test_the_first_recipient_that_failed_is_told_of():
    block = b"\nFinal-Recipient: rfc822; x@example.org\nAction: delivered\nStatus: 2.0.0\n"
    text = report().replace(b"\nFinal-Recipient", block + b"\nFinal-Recipient", 1)
    assert read_report(text).kind == "hard"


@pytest.mark.parametrize("action", ["delayed", "delivered", "relayed", "expanded", ""])
def test_what_tells_of_no_failure_is_no_bounce(action):
    with pytest.raises(DigestError, match="no failure"):
        read_report(report(action=action))


def nested(levels: int) -> bytes:
    heads = [b'Content-Type: multipart/mixed; boundary="%d"\n\n--%d\n' % (level, level) for level in range(levels)]
    return b"".join(heads)


HOSTILE = {
    "nothing": b"",
    "zeros": b"\0" * 5_000,
    "one line": b"x" * LIMIT,
    "deep, and many lines": nested(19) + b"x\n" * LIMIT,
    "a newsletter": b"From: x@example.org\nSubject: Hello\n\nBuy.\n",
    "nested": nested(19),
    "nested deeper": nested(10_000),
    "nested behind carriage returns": nested(10_000).replace(b"\n", b"\r"),
    "mails in mails": b"Content-Type: message/rfc822\n\n" * 19 + b"x",
    "digests in digests": b'Content-Type: multipart/digest; boundary="b"\n\n--b\n\n' * 19,
    "many parts": report().replace(b"--B1\n", b"--B1\n\nx\n" * 30_000),
    "no end": report()[:700],
    "odd letters": report().replace(b"us-ascii", b"x-\xff\0-odd"),
    "odd encoding": report().replace(b"/delivery-status\n", b"/delivery-status\nContent-Transfer-Encoding: base64\n"),
    "odd boundary": report().replace(b'boundary="B1"', b'boundary="\xff\xfe\0"'),
    "no boundary": report().replace(b'; boundary="B1"', b""),
    "status with words": report().replace(b"Status: 5.1.1", b"Status: =?utf-8?q?=FF=FE?="),
    "header without end": b"Subject: " + b"=?utf-8?q?" * 50_000,
    "long name": b"X" * 100_000 + b": y\n\n",
    "many names": b"".join(b"H%d: x\n" % number for number in range(50_000)) + b"\n",
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_report_is_refused_in_a_sentence(name):
    try:
        read = read_report(HOSTILE[name])
    except DigestError as error:
        assert str(error)
    else:
        assert read.message_ids


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.data())
def test_a_broken_report_is_read_or_refused_and_nothing_else(chosen):
    text = chosen.draw(st.sampled_from([report(), report(part="message/rfc822"), report(COMPLAINT)]))
    for _ in range(chosen.draw(st.integers(1, 6))):
        start = chosen.draw(st.integers(0, len(text)))
        end = min(len(text), start + chosen.draw(st.integers(0, 40)))
        text = text[:start] + chosen.draw(st.binary(max_size=20)) + text[end:]
    with suppress(DigestError):
        assert read_report(text).kind in Bounce.Kind.values


def test_a_refusal_by_the_server_we_speak_to_is_told_apart_too():
    assert kind_of("550 5.1.1 <ann@example.org>: unknown") == "hard"
    assert kind_of("550 5.7.26 not authenticated") == "soft"
    assert kind_of("554 rejected as spam") == "soft"
    assert kind_of("530 authentication required") == "soft"
    assert kind_of("") == "soft"
    assert kind_of("5.1.1 " * 200_000) == "hard"


# What follows


@pytest.fixture
def delivery(subscriber, clock):
    """Make a mail that went out: delivery(), delivery("<2@papers.example>")."""

    def make(message_id: str = OURS, address: str = "ann@example.org") -> Delivery:
        day = clock().date() + timedelta(days=Issue.objects.count())
        row = Subscriber.objects.filter(address=address).first() or subscriber(address)
        issue = Issue.objects.create(day=day, opened_at=clock())
        return Delivery.objects.create(
            issue=issue, subscriber=row, message_id=message_id, due_at=clock(), next_at=clock(), state="sent"
        )

    return make


@pytest.mark.parametrize(("kind", "reason"), [("hard", "bounce"), ("complaint", "complaint")])
def test_a_hard_bounce_and_a_complaint_end_a_subscription_and_keep_its_address_from_mail(delivery, clock, kind, reason):
    mail = delivery()
    bounces.note(mail.subscriber, mail, kind, "550 <Ann@Example.org> unknown", clock())
    row = Subscriber.objects.get()
    assert (row.left_at, row.left_because) == (clock(), reason)
    assert suppressing.is_suppressed("ANN@example.org")
    assert Bounce.objects.get().detail == "550 <…> unknown"


def test_three_soft_bounces_of_different_mails_in_a_month_end_it(delivery, clock):
    for number in range(3):
        assert not suppressing.is_suppressed("ann@example.org")
        mail = delivery(f"<{number}@papers.example>")
        for _ in range(4):
            bounces.note(mail.subscriber, mail, "soft", "4.2.2 full", clock())
        clock.forward(days=10)
    assert suppressing.is_suppressed("ann@example.org")
    assert Bounce.objects.count() == 3


def test_soft_bounces_far_apart_end_nothing(delivery, clock):
    for number in range(6):
        mail = delivery(f"<{number}@papers.example>")
        bounces.note(mail.subscriber, mail, "soft", "4.2.2 full", clock())
        clock.forward(days=16)
    assert Subscriber.objects.get().left_at is None


def test_a_server_that_refuses_us_day_after_day_ends_nothing(delivery, clock):
    for number, said in enumerate(["550 5.7.1 listed", "554 no", "550 relay not permitted", "421 busy"] * 2):
        mail = delivery(f"<{number}@papers.example>")
        bounces.note(mail.subscriber, mail, kind_of(said), said, clock())
    assert (Bounce.objects.count(), Subscriber.objects.get().left_at) == (8, None)


def test_bounces_told_at_once_are_counted_once(delivery, clock, in_parallel):
    mail = delivery()
    in_parallel([lambda: bounces.note(mail.subscriber, mail, "soft", "full", clock())] * 8)
    assert (Bounce.objects.count(), Subscriber.objects.get().left_at) == (1, None)


def test_a_bounce_after_leaving_changes_nothing(delivery, clock):
    mail = delivery()
    bounces.note(mail.subscriber, mail, "hard", "no", clock())
    left = Subscriber.objects.values().get()
    clock.forward(days=1)
    bounces.note(mail.subscriber, mail, "complaint", "no", clock())
    assert Subscriber.objects.values().get() == left


# The folder


@pytest.fixture
def folder(tmp_path) -> Path:
    place = tmp_path / "maildir"
    for name in ("new", "cur", "tmp"):
        (place / name).mkdir(parents=True)
    return place


def test_reports_are_taken_from_the_folder_and_moved(folder, delivery, clock):
    mail = delivery()
    (folder / "new" / "1.host").write_bytes(report())
    (folder / "new" / "2.host").write_bytes(b"Subject: Buy\n\nBuy.\n")
    assert bounces.collect(folder, clock()) == 1
    assert sorted(place.name for place in folder.rglob("*host*")) == ["1.host:2,S", "2.host:2,F"]
    assert not list((folder / "new").iterdir())
    mail.subscriber.refresh_from_db()
    assert mail.subscriber.left_because == "bounce"
    assert bounces.collect(folder, clock()) == 0


def test_a_report_of_no_mail_of_ours_ends_nothing_whatever_address_it_names(folder, delivery, clock):
    delivery()
    (folder / "new" / "1").write_bytes(report(message_id="<guessed@papers.example>"))
    assert bounces.collect(folder, clock()) == 0
    assert (Bounce.objects.count(), suppressing.is_suppressed("ann@example.org")) == (0, False)
    assert Subscriber.objects.get().left_at is None


def test_what_is_no_plain_file_is_not_followed_or_waited_for(folder, tmp_path, delivery, clock):
    delivery()
    (tmp_path / "secret").write_bytes(report())
    (folder / "new" / "1").symlink_to(tmp_path / "secret")
    os.mkfifo(folder / "new" / "2")
    (folder / "new" / "3").mkdir()
    assert bounces.collect(folder, clock()) == 0
    assert len(list((folder / "cur").iterdir())) == 3
    assert Subscriber.objects.get().left_at is None


def test_of_a_long_report_the_beginning_is_read(folder, delivery, clock):
    delivery()
    long = report().replace(b"\n--B1--", b"x" * 2 * LIMIT + b"\n--B1--")
    (folder / "new" / "1").write_bytes(long)
    assert bounces.collect(folder, clock()) == 1


def test_workers_at_once_write_each_bounce_down_once(folder, delivery, clock, in_parallel):
    for number in range(20):
        delivery(f"<{number}@papers.example>", f"reader-{number}@example.org")
        (folder / "new" / str(number)).write_bytes(report(message_id=f"<{number}@papers.example>"))
    in_parallel([lambda: bounces.collect(folder, clock())] * 4)
    assert (Bounce.objects.count(), len(list((folder / "cur").iterdir()))) == (20, 20)


def test_a_folder_that_is_no_maildir_is_named(tmp_path, clock):
    with pytest.raises(DigestError, match="no Maildir"):
        bounces.collect(tmp_path, clock())
