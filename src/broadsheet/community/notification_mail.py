"""Notifications by mail: each is sent once at most, whatever breaks.

Each mail has a connection of its own that is opened first, so that a mail server that is away costs nothing and is
asked again later. A notification is marked as mailed before its mail goes out: a crash between the two loses one mail
and repeats none. What the server says against a mail stays on its row.
"""

import logging
import re
from contextlib import suppress
from datetime import datetime, timedelta
from smtplib import SMTPException
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.core.validators import validate_email
from django.db.models import Exists, OuterRef, QuerySet
from django.template.loader import render_to_string

from broadsheet.community.models import Notification
from broadsheet.library.models import Version
from broadsheet.papers.tex import tex_to_unicode

log = logging.getLogger(__name__)

FRESH_FOR = timedelta(days=1)
"""How old a notification may get and still be mailed: what waited longer is no news."""
AT_ONCE = 50
EXCERPT = 600

_STEERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def send_pending(now: datetime) -> int:
    """Mail what waits to be mailed, oldest first, `AT_ONCE` at most, and return how many mails went out.

    Raises OSError or SMTPException if the mail server does not answer; then everything goes on waiting.
    """
    waiting = list(_due(now).order_by("at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    sent = 0
    for pk in waiting:
        connection = get_connection()
        connection.open()
        try:
            if Notification.objects.filter(pk=pk, mailed_at__isnull=True).update(mailed_at=now):
                sent += _send(pk, connection)
        finally:
            with suppress(OSError, SMTPException):  # the mail is gone or noted by now
                connection.close()
    return sent


def _due(now: datetime) -> "QuerySet[Notification]":
    """What is not mailed yet, and may be."""
    return _wanted().filter(mailed_at__isnull=True, at__gt=now - FRESH_FOR)


def _wanted() -> "QuerySet[Notification]":
    """What readers want by mail at an address that is shown to be theirs, of comments that others see."""
    verified = EmailAddress.objects.filter(
        user=OuterRef("reader"), email__iexact=OuterRef("reader__email"), verified=True
    )
    return Notification.objects.filter(
        Exists(verified),
        seen_at__isnull=True,
        reader__is_active=True,
        reader__wants_mail=True,
        comment__is_shown=True,
        comment__deleted_at__isnull=True,
        comment__paper__withdrawn_at__isnull=True,
        comment__paper__erased_at__isnull=True,
    )


def _send(pk: int, connection: BaseEmailBackend) -> int:
    """Send the mail of a notification that is marked as mailed; what goes wrong is noted on it."""
    told = _wanted().select_related("reader", "comment__reader", "comment__paper").filter(pk=pk).first()
    if told is None:
        return 0
    try:
        validate_email(told.reader.email)
        return int(compose(told, connection).send() or 0)
    except ValidationError:
        problem = "the reader's address cannot be used"
    except (OSError, SMTPException, ValueError) as error:
        problem = f"{type(error).__name__}: {error}"
    log.warning("notification %s was not mailed: %s", pk, problem)
    Notification.objects.filter(pk=pk).update(mail_error=problem[:300])
    return 0


def compose(told: Notification, connection: BaseEmailBackend | None = None) -> EmailMultiAlternatives:
    """The mail of a notification. No words of readers stand in its headers."""
    by = told.comment.reader
    who = f"@{by.username}" if by else "A reader"
    did = "replied to you" if told.kind == Notification.Kind.REPLY else "mentioned you"
    version = Version.objects.filter(paper=told.comment.paper_id, died__isnull=True).first()
    context = {
        "did": f"{who} {did}",
        "title": _plain(tex_to_unicode(version.title)) if version else told.comment.paper.key,
        "excerpt": _excerpt(told.comment.text),
        "address": f"{settings.SITE}/comments/{told.comment_id}",
        "settings_address": f"{settings.SITE}/settings",
        "host": urlsplit(settings.SITE).hostname,
    }
    mail = EmailMultiAlternatives(
        subject=f"{who} {did}",
        body=_TEXT.format(**context),
        to=[told.reader.email],
        connection=connection,
        headers={
            "Message-ID": f"<notification-{told.pk}@{context['host']}>",
            "Auto-Submitted": "auto-generated",
        },
    )
    mail.attach_alternative(render_to_string("community/notification.html", context), "text/html")
    return mail


_TEXT = """\
{did} in the discussion of

  {title}

{excerpt}

Read it and reply: {address}

You get this because your account at {host} asks for mail about replies and
mentions. Turn it off here: {settings_address}
"""


def _excerpt(text: str) -> str:
    """The beginning of a comment, quoted."""
    cut = text if len(text) <= EXCERPT else f"{text[:EXCERPT].rsplit(' ', 1)[0]} …"
    return "\n".join(f"> {line}".rstrip() for line in _STEERING.sub("", cut).splitlines())


def _plain(text: str) -> str:
    return " ".join(_STEERING.sub("", text).split())
