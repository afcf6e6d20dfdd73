"""Alerts: saved searches of readers, made, listed, stopped, resumed and deleted by them, or stopped from a mail."""

import secrets
import socket
from base64 import b32encode, b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from allauth.account.models import EmailAddress
from django.conf import settings
from django.db import transaction
from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils.crypto import constant_time_compare, salted_hmac

from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Reader
from broadsheet.digests import matching
from broadsheet.digests.errors import BadLink
from broadsheet.digests.models import Alert, AlertMatch
from broadsheet.library import reading, unions
from broadsheet.library.models import Version
from broadsheet.search import Query
from broadsheet.search.standing import keys_of
from broadsheet.sources import FetchError
from broadsheet.sources.addresses import is_public
from broadsheet.sources.transport import check_url

LIMIT = 200
"""How many alerts a reader may have."""
URL_LIMIT = 500
_SITE = "default"
_SALT = "broadsheet.digests.alerts"
_SECRET_PREFIX, _SECRET_BYTES = "whsec_", 24
_BYTES = 15
_STOPPED = "the alert was stopped"
_IS_SHOWN = Q(paper__withdrawn_at=None, paper__erased_at=None)
_NOTHING = Q()


class BadHook(CommunityError):
    """A web address that cannot be posted to."""


@dataclass(frozen=True, slots=True)
class Listed:
    """An alert with the paper that matched it last, if any has, and when."""

    alert: Alert
    version: Version | None
    at: datetime | None


def make(reader: Reader, query: str, means: str, url: str, now: datetime) -> Alert:
    """Save a search that tells of every paper that comes from now on. Raises QueryError and CommunityError."""
    query = check_query(query)
    if means not in Alert.Means.values:
        raise CommunityError("An alert tells by mail, by webhook, or in its feed alone")
    is_posted = means == Alert.Means.WEBHOOK
    url = check_hook(url) if is_posted else ""
    if means == Alert.Means.MAIL and not address_of(reader):
        raise CommunityError("Confirm your e-mail address first: mail goes to confirmed addresses alone")
    with transaction.atomic(using=_SITE):
        since = matching.hold(_SITE)  # also lets a reader's alerts be counted one at a time
        held = Alert.objects.filter(reader=reader)
        if held.filter(query=query, means=means, url=url).exists():
            raise CommunityError("You have this alert already")
        if held.count() >= LIMIT:
            raise CommunityError(f"You have {LIMIT} alerts, which is the most; delete one that you no longer need")
        return Alert.objects.create(
            reader=reader,
            key=secrets.token_urlsafe(16),
            query=query,
            means=means,
            url=url,
            secret=new_secret() if is_posted else "",
            since=since,
            created_at=now,
        )


def check_query(text: str) -> str:
    """A query as it is saved. Raises QueryError where it cannot be read, CommunityError where it names days alone."""
    text = " ".join(text.split())
    if not keys_of(Query.parse(text)):
        raise CommunityError("Days alone would tell of every paper: add a word, a topic, an author or an identifier")
    return text


def check_hook(url: str) -> str:
    """A web address that may be posted to, as far as its writing tells; it is checked again at every post.

    Raises BadHook.
    """
    url = url.strip()
    if not url:
        raise BadHook("Give the web address that is to be told")
    if len(url) > URL_LIMIT:
        raise BadHook(f"The web address has at most {URL_LIMIT} characters")
    try:
        is_exempt = check_url(url, settings.HOOK_ALLOW).is_exempt
    except FetchError as error:
        raise BadHook(str(error)) from error
    host = urlsplit(url).hostname or ""
    if not is_exempt and not all(map(is_public, _numbers(host))):
        raise BadHook("This address is not on the public web")
    return url


def listed(reader: Reader, today: date) -> list[Listed]:
    """A reader's alerts, the newest first, each with the last paper it matched that stands. Three queries."""
    last = _shown(today).filter(alert=OuterRef("pk")).order_by("-seq", "-pk")
    rows = Alert.objects.filter(reader=reader).order_by("-created_at", "-pk")
    found = list(rows.annotate(last_paper=Subquery(last.values("paper")[:1]), last_at=Subquery(last.values("at")[:1])))
    papers = {row.last_paper for row in found if row.last_paper}
    versions = {row.paper_id: row for row in reading.open_versions(_SITE).filter(paper__in=papers)} if papers else {}
    return [Listed(row, versions.get(row.last_paper), row.last_at) for row in found]


def matched(alert: Alert, today: date, limit: int) -> list[tuple[AlertMatch, Version]]:
    """The papers that an alert matched and that stand on a list by now, the newest match first. Three queries.

    For one that became part of another paper stands that.
    """
    is_part = Q(paper__merged__isnull=False)
    rows = _shown(today, or_else=is_part).filter(alert=alert).order_by("-seq", "-pk")[:limit]
    leads = unions.leads(_SITE, {row.paper_id for row in rows})
    matches: dict[int, AlertMatch] = {}
    for row in rows:
        matches.setdefault(leads.get(row.paper_id, row.paper_id), row)
    shown = reading.open_versions(_SITE).filter(_IS_SHOWN, paper__in=matches, paper__day__lte=today)
    versions = {version.paper_id: version for version in shown}
    return [(row, versions[paper]) for paper, row in matches.items() if paper in versions]


def find(reader: Reader, number: int) -> Alert:
    """A reader's own alert. Raises Missing."""
    alert = Alert.objects.filter(reader=reader, pk=number).first()
    if alert is None:
        raise Missing("You have no such alert")
    return alert


def by_key(key: str) -> Alert:
    """The alert whose feed has this key. Raises Missing."""
    alert = Alert.objects.filter(key=key, reader__is_active=True).first()
    if alert is None:
        raise Missing("There is no such feed")
    return alert


def stop(alert: Alert, now: datetime, error: str = "") -> bool:
    """Tell of nothing more, also of what waited; False if it was stopped before."""
    with transaction.atomic(using=_SITE):
        stopped = Alert.objects.filter(pk=alert.pk, stopped_at=None).update(stopped_at=now, error=error[:300])
        queued = AlertMatch.objects.filter(alert=alert, state=AlertMatch.State.QUEUED)
        queued.update(state=AlertMatch.State.FAILED, error=_STOPPED)
    return bool(stopped)


def resume(alert: Alert) -> None:
    """Tell of what comes from now on; what came in between is left out. Raises CommunityError."""
    if alert.means == Alert.Means.MAIL and not address_of(alert.reader):
        raise CommunityError("Confirm your e-mail address first: mail goes to confirmed addresses alone")
    with transaction.atomic(using=_SITE):
        since = matching.hold(_SITE)
        stopped = Alert.objects.filter(pk=alert.pk, stopped_at__isnull=False)
        stopped.update(stopped_at=None, failing_since=None, error="", since=since)


def delete(alert: Alert) -> None:
    """Forget an alert and what it matched."""
    Alert.objects.filter(pk=alert.pk).delete()


def address_of(reader: Reader) -> str:
    """The address of a reader's account, if it is shown to be theirs, else ""."""
    verified = EmailAddress.objects.filter(user=reader, email__iexact=reader.email, verified=True)
    return reader.email if reader.email and verified.exists() else ""


def new_secret() -> str:
    """What signs the posts of one alert, written as Standard Webhooks does: 192 bits."""
    return _SECRET_PREFIX + b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def seal(alert: Alert) -> str:
    """The token by which a mail's link stops its alert: the alert's key and a signature of it."""
    return f"{alert.key}-{_sign(alert.key, str(settings.SECRET_KEY))}"


def open_seal(token: str) -> Alert:
    """The alert whose link this is. Raises BadLink for any other token, and for an alert that is gone."""
    key, _, signature = token.rpartition("-")
    keys = [str(secret) for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS)]
    if not any(constant_time_compare(signature, _sign(key, secret)) for secret in keys):
        raise BadLink("This link is not complete, or was not made here")
    alert = Alert.objects.filter(key=key).first()
    if alert is None:
        raise BadLink("This alert is gone already")
    return alert


def _sign(key: str, secret: str) -> str:
    signed = salted_hmac(_SALT, key, secret=secret, algorithm="sha256").digest()
    return b32encode(signed[:_BYTES]).decode().lower()


def _shown(today: date, or_else: Q = _NOTHING) -> "QuerySet[AlertMatch]":
    """The matches whose papers stand on a list by now, or of which something else is true."""
    return AlertMatch.objects.filter(_IS_SHOWN & Q(paper__day__lte=today) | or_else)


def _numbers(host: str) -> Sequence[str]:
    """The address that a host written in digits is, in any of the ways that a resolver reads; none for a name."""
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_NUMERICHOST)
    except (OSError, ValueError):
        return ()
    return [str(address[4][0]) for address in found]
