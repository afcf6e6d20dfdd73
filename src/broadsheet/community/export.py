"""Everything that is held about one reader, as plain values for one JSON file.

Left out are secrets (digests of tokens, keys of passkeys) and what moderators noted about how acts count.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.contrib.admin.models import LogEntry
from django.db.models import Model

from broadsheet.community.accounts import sessions
from broadsheet.community.models import (
    Act,
    Bibliography,
    Claim,
    Collection,
    Comment,
    Feature,
    Lock,
    Notification,
    Read,
    Reader,
    Report,
    Submission,
    Token,
    Vote,
)

Part = Callable[[Reader], Iterable[Any]]


def export(reader: Reader, now: datetime) -> dict[str, Any]:
    """What is held about a reader, part by part. Each part costs a fixed number of queries."""
    parts = {name: [_named(row) for row in part(reader)] for name, part, _ in _PARTS}
    return {"exported_at": now, "profile": _profile(reader), **parts, "sessions": len(sessions(reader))}


def exported_models() -> set[type[Model]]:
    """The tables that an export reads."""
    return {model for _, _, models in _PARTS for model in models}


def add_part(name: str, part: Part, *models: type[Model]) -> None:
    """Let another room add what it holds about a reader, in these tables, under a name of its own."""
    _PARTS.append((name, part, models))


def _named(row: dict[str, Any]) -> dict[str, Any]:
    """A row whose paper is called `paper`, however it was reached."""
    return {name.split("__")[-2] if name.endswith("__key") else name: value for name, value in row.items()}


def _profile(reader: Reader) -> dict[str, Any]:
    fields = ("username", "email", "name", "orcid", "about", "role", "wants_mail", "joined_at", "last_login")
    return {name: getattr(reader, name) for name in fields}


def _addresses(reader: Reader) -> Iterable[Any]:
    yield from EmailAddress.objects.filter(user=reader).order_by("pk").values("email", "verified", "primary")


def _passkeys(reader: Reader) -> Iterable[Any]:
    for key in Authenticator.objects.filter(user=reader).order_by("pk"):
        yield {"name": key.data.get("name", ""), "created_at": key.created_at, "last_used_at": key.last_used_at}


def _sign_ins_elsewhere(reader: Reader) -> Iterable[Any]:
    rows = SocialAccount.objects.filter(user=reader).order_by("pk")
    yield from rows.values("provider", "uid", "date_joined", "last_login", "extra_data")


def _tokens(reader: Reader) -> Iterable[Any]:
    return Token.objects.filter(reader=reader).order_by("pk").values("name", "scopes", "created_at", "used_at")


def _votes(reader: Reader) -> Iterable[Any]:
    return Vote.objects.filter(reader=reader).order_by("at", "pk").values("paper__key", "at")


def _reads(reader: Reader) -> Iterable[Any]:
    return Read.objects.filter(reader=reader).order_by("at", "pk").values("paper__key", "at")


def _comments(reader: Reader) -> Iterable[Any]:
    rows = Comment.objects.filter(reader=reader).select_related("paper").prefetch_related("earlier").order_by("pk")
    for row in rows:
        earlier = [{"text": text.text, "at": text.at} for text in row.earlier.all()]
        yield {
            "paper__key": row.paper.key,
            "number": row.pk,
            "answers": row.parent_id,
            "text": row.text,
            "at": row.at,
            "edited_at": row.edited_at,
            "deleted_at": row.deleted_at,
            "earlier": earlier,
        }


def _notifications(reader: Reader) -> Iterable[Any]:
    rows = Notification.objects.filter(reader=reader).order_by("at", "pk")
    return rows.values("kind", "comment", "comment__paper__key", "at", "seen_at", "mailed_at")


def _submissions(reader: Reader) -> Iterable[Any]:
    rows = Submission.objects.filter(reader=reader).order_by("at", "pk")
    return rows.values("paper__key", "note", "media_url", "day", "at")


def _features(reader: Reader) -> Iterable[Any]:
    return Feature.objects.filter(editor=reader).order_by("at", "pk").values("paper__key", "note", "day", "at")


def _claims(reader: Reader) -> Iterable[Any]:
    rows = Claim.objects.filter(reader=reader).order_by("at", "pk")
    return rows.values("paper__key", "author", "evidence", "state", "at", "settled_at")


def _settled_claims(reader: Reader) -> Iterable[Any]:
    rows = Claim.objects.filter(settled_by=reader).order_by("settled_at", "pk")
    return rows.values("paper__key", "author", "state", "settled_at")


def _collections(reader: Reader) -> Iterable[Any]:
    rows = Collection.objects.filter(reader=reader).prefetch_related("clippings__paper").order_by("pk")
    for row in rows:
        clippings = sorted(row.clippings.all(), key=lambda one: (one.place, one.pk))
        yield {
            "title": row.title,
            "about": row.about,
            "visibility": row.visibility,
            "created_at": row.created_at,
            "changed_at": row.changed_at,
            "papers": [{"paper": one.paper.key, "note": one.note, "at": one.at} for one in clippings],
        }


def _bibliographies(reader: Reader) -> Iterable[Any]:
    rows = Bibliography.objects.filter(reader=reader).prefetch_related("references__paper", "themes").order_by("pk")
    for row in rows:
        yield {
            "name": row.name,
            "at": row.at,
            "total": row.total,
            "refused": row.refused,
            "topics": row.topics,
            "papers": [one.paper.key for one in row.references.all() if one.paper],
            "others": [one.title for one in row.references.all() if not one.paper],
            "themes": [theme.title for theme in row.themes.all()],
        }


def _reports(reader: Reader) -> Iterable[Any]:
    rows = Report.objects.filter(reader=reader).order_by("at", "pk")
    return rows.values("paper__key", "comment", "reason", "at", "settled_at", "outcome")


def _settled_reports(reader: Reader) -> Iterable[Any]:
    return Report.objects.filter(settled_by=reader).order_by("settled_at", "pk").values("pk", "settled_at", "outcome")


def _locks(reader: Reader) -> Iterable[Any]:
    return Lock.objects.filter(moderator=reader).order_by("at", "pk").values("paper__key", "reason", "at")


def _acts(reader: Reader) -> Iterable[Any]:
    return Act.objects.filter(reader=reader).order_by("at", "pk").values("verb", "about", "detail", "at")


def _administration(reader: Reader) -> Iterable[Any]:
    rows = LogEntry.objects.filter(user=reader).order_by("pk")
    return rows.values("action_time", "object_repr", "change_message")


_PARTS: list[tuple[str, Part, tuple[type[Model], ...]]] = [
    ("addresses", _addresses, (EmailAddress,)),
    ("passkeys", _passkeys, (Authenticator,)),
    ("sign_ins_elsewhere", _sign_ins_elsewhere, (SocialAccount,)),
    ("tokens", _tokens, (Token,)),
    ("votes", _votes, (Vote,)),
    ("reads", _reads, (Read,)),
    ("comments", _comments, (Comment,)),
    ("notifications", _notifications, (Notification,)),
    ("submissions", _submissions, (Submission,)),
    ("features", _features, (Feature,)),
    ("claims", _claims, (Claim,)),
    ("settled_claims", _settled_claims, (Claim,)),
    ("collections", _collections, (Collection,)),
    ("bibliographies", _bibliographies, (Bibliography,)),
    ("reports", _reports, (Report,)),
    ("settled_reports", _settled_reports, (Report,)),
    ("closed_discussions", _locks, (Lock,)),
    ("acts", _acts, (Act,)),
    ("administration", _administration, (LogEntry,)),
]
