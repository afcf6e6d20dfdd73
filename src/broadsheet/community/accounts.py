"""Accounts: handles and profiles, readers made from a terminal, roles, and the end of an account."""

import re
import secrets
import string
import unicodedata
from datetime import datetime, timedelta

from allauth.account.models import EmailAddress
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.db.models import Q

from broadsheet.community import counting
from broadsheet.community.audit import note
from broadsheet.community.errors import CommunityError
from broadsheet.community.models import Clipping, Comment, CommentText, Notification, Read, Reader, Role, Vote
from broadsheet.community.models.readers import HANDLE, ORCID
from broadsheet.community.voting import reweigh
from broadsheet.library import attention

_SITE = "default"
RESERVED = frozenset(
    "about account accounts admin administrator api atom broadsheet collections comments contact digest editor "
    "editors everyone feed feeds help here inbox login logout mail me moderation moderator moderators news nobody "
    "notifications null official papers postmaster reader readers reports root rss search security settings sign- "
    "in sign-up staff status submit submissions support system team terminal undefined webmaster you".split()
)
"""Handles that would pass for the site itself."""
KEEP_UNVERIFIED = timedelta(days=1)
_LETTERS = string.ascii_lowercase + string.digits


def new_handle() -> str:
    """A free handle that says nothing about its reader."""
    while True:
        handle = "reader-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
        if not Reader.objects.filter(username=handle).exists():
            return handle


def check_handle(text: str, reader: Reader | None = None) -> str:
    """The handle that a reader may take, in small letters. Raises CommunityError saying why not."""
    handle = text.strip().removeprefix("@").casefold()
    if not re.fullmatch(HANDLE, handle):
        raise CommunityError("A handle has up to 30 small letters, digits and hyphens, with no hyphen at an end")
    if handle in RESERVED:
        raise CommunityError("This handle is kept for the site")
    holder = Reader.objects.filter(username=handle).first()
    if holder is not None and holder != reader:
        raise CommunityError("Another reader has this handle")
    return handle


def check_name(text: str) -> str:
    """A name without control characters, or with none at all. Raises CommunityError."""
    name = " ".join(text.split())
    if any(unicodedata.category(char) in ("Cc", "Cf", "Co", "Cs") for char in name if char not in "\u200c\u200d"):
        raise CommunityError("A name is made of letters that can be seen")
    return name


def read_orcid(text: str) -> str:
    """An ORCID from its digits or its address, with its last character checked; "" for none. Raises CommunityError.

    Source: ISO 7064 MOD 11-2, as ORCID uses it.

    >>> read_orcid("https://orcid.org/0000-0002-1825-0097")
    '0000-0002-1825-0097'
    """
    orcid = re.sub(r"^https?://(?:www\.)?orcid\.org/", "", text.strip()).rstrip("/").upper()
    if not orcid:
        return ""
    if not re.fullmatch(ORCID, orcid, re.ASCII):
        raise CommunityError("An ORCID is written as 0000-0002-1825-0097")
    total = 0
    for digit in orcid[:-1].replace("-", ""):
        total = (total + int(digit)) * 2
    if "0123456789X"[(12 - total % 11) % 11] != orcid[-1]:
        raise CommunityError("This ORCID has a wrong digit; its last one is a check of the others")
    return orcid


@transaction.atomic
def ensure(email: str, handle: str | None, role: str | None, now: datetime) -> tuple[Reader, bool]:
    """The reader with this address, made with it as verified if there is none, with this handle and role.

    Returns whether the reader is new. Raises CommunityError for a bad address or a handle that cannot be had.
    """
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise CommunityError(f"{email!r} is not an e-mail address") from error
    reader = Reader.objects.filter(Q(email__iexact=address) | Q(emailaddress__email=address)).first()
    is_new = reader is None
    if reader is None:
        reader = Reader.objects.create_user(check_handle(handle) if handle else new_handle(), address)
        EmailAddress.objects.create(user=reader, email=address, primary=True, verified=True)
    elif handle and handle != reader.username:
        reader.username = check_handle(handle, reader)
        reader.save(update_fields=["username"])
    if role and role != reader.role:
        note(None, "role", reader.username, now, f"{reader.role} to {role}")
        reader.role = Role(role)
        reader.save(update_fields=["role"])
    return reader, is_new


@transaction.atomic
def change_standing(actor: Reader, reader: Reader, changes: dict[str, object], now: datetime) -> None:
    """Set role, is_limited or is_active of a reader, note each in the audit log and make acts count accordingly.

    Raises CommunityError where an admin would lock themselves out.
    """
    if actor.pk == reader.pk and ("role" in changes or "is_active" in changes):
        raise CommunityError("Another admin has to change your own role")
    for field, value in changes.items():
        note(actor, f"set {field}", reader.username, now, f"{getattr(reader, field)} to {value}")
        setattr(reader, field, value)
    reader.save(update_fields=list(changes))
    reweigh(reader)


def forget_unverified(now: datetime) -> int:
    """Remove accounts begun more than a day ago that never got as far as signing in; return how many."""
    stale = Reader.objects.filter(last_login__isnull=True, joined_at__lt=now - KEEP_UNVERIFIED)
    stale = stale.filter(emailaddress__verified=False).exclude(emailaddress__verified=True)
    stale = stale.filter(votes=None, comments=None)
    return stale.delete()[1].get("community.Reader", 0)


def leave(reader: Reader, keeps_comments: bool, now: datetime) -> None:
    """End an account for good: votes, reads, collections and claims go, submissions stay without a name.

    Comments lose their text, or stay without a name where the reader `keeps_comments`; either way what they said
    before an edit is removed. The counters of every paper touched follow, under its lock.
    """
    while not _leave(reader, keeps_comments, now):
        pass  # the reader did something in between: look again


@transaction.atomic
def _leave(reader: Reader, keeps_comments: bool, now: datetime) -> bool:
    papers = [attention.lock(_SITE, paper_id) for paper_id in sorted(_touched(reader))]
    Reader.objects.select_for_update().get(pk=reader.pk)  # from here on no row can name this reader
    if _touched(reader) - {paper.pk for paper in papers}:
        return False
    CommentText.objects.filter(comment__reader=reader).delete()
    comments = Comment.objects.filter(reader=reader)
    removed = comments.filter(is_shown=False) if keeps_comments else comments
    Notification.objects.filter(comment__in=removed.values("pk")).delete()
    removed.filter(deleted_at__isnull=True).update(
        text="", edited_at=None, deleted_at=now, deleted_by=Comment.DeletedBy.READER
    )
    end_sessions(reader)
    reader.delete()
    for paper in papers:
        counting.recount(paper)
    return True


def _touched(reader: Reader) -> set[int]:
    """The papers whose counters count something of a reader."""
    return {
        *Vote.objects.filter(reader=reader).values_list("paper", flat=True),
        *Read.objects.filter(reader=reader).values_list("paper", flat=True),
        *Clipping.objects.filter(collection__reader=reader).values_list("paper", flat=True),
        *Comment.objects.filter(reader=reader).values_list("paper", flat=True),
    }


def sessions(reader: Reader) -> list[str]:
    """The keys of the sessions in which a reader is signed in. Reads every session there is."""
    pk = str(reader.pk)
    return [one.session_key for one in Session.objects.iterator() if one.get_decoded().get(SESSION_KEY) == pk]


def end_sessions(reader: Reader) -> None:
    """Sign a reader out everywhere."""
    Session.objects.filter(session_key__in=sessions(reader)).delete()
