"""What this room holds about a reader, as parts of the file with everything that is held about them."""

from collections.abc import Iterable
from typing import Any

from broadsheet.community.export import add_part
from broadsheet.community.models import Reader
from broadsheet.digests.models import (
    AlarmMail,
    Alert,
    AlertMatch,
    Bounce,
    Delivery,
    Feedback,
    Interest,
    OutageMail,
    SentPaper,
    Subscriber,
)
from broadsheet.digests.subscribing import subscribers_of


def register() -> None:
    """Add the parts; called once, when Django starts."""
    add_part("subscription", _subscription, Subscriber)
    add_part("interests", _interests, Interest)
    add_part("paper_feedback", _feedback, Feedback)
    add_part("issues", _issues, Delivery)
    add_part("papers_sent", _papers_sent, SentPaper)
    add_part("bounces", _bounces, Bounce)
    add_part("alerts", _alerts, Alert)
    add_part("alert_matches", _matches, AlertMatch)
    add_part("alarm_mails", _alarm_mails, AlarmMail)
    add_part("outage_mails", _outage_mails, OutageMail)


def _subscription(reader: Reader) -> Iterable[Any]:
    return subscribers_of(reader).order_by("pk").values(
        "address", "rhythm", "weekday", "hour", "time_zone", "size", "asked_at", "mailed_at", "confirmed_at",
        "paused_until", "next_at",
    )  # fmt: skip


def _interests(reader: Reader) -> Iterable[Any]:
    return Interest.objects.filter(subscriber__in=subscribers_of(reader)).order_by("pk").values("kind", "value")


def _feedback(reader: Reader) -> Iterable[Any]:
    rows = Feedback.objects.filter(subscriber__in=subscribers_of(reader)).order_by("at", "pk")
    return rows.values("paper__key", "wants_more", "at")


def _issues(reader: Reader) -> Iterable[Any]:
    rows = Delivery.objects.filter(subscriber__in=subscribers_of(reader)).order_by("due_at", "pk")
    return rows.values("issue__day", "subject", "papers", "state", "due_at", "ended_at")


def _papers_sent(reader: Reader) -> Iterable[Any]:
    rows = SentPaper.objects.filter(subscriber__in=subscribers_of(reader)).order_by("at", "pk")
    return rows.values("paper__key", "number", "at")


def _bounces(reader: Reader) -> Iterable[Any]:
    return (
        Bounce.objects.filter(subscriber__in=subscribers_of(reader)).order_by("at", "pk").values("kind", "detail", "at")
    )


def _alerts(reader: Reader) -> Iterable[Any]:
    rows = Alert.objects.filter(reader=reader).order_by("pk")
    return rows.values("query", "means", "url", "created_at", "stopped_at", "error")


def _matches(reader: Reader) -> Iterable[Any]:
    rows = AlertMatch.objects.filter(alert__reader=reader).order_by("at", "pk")
    return rows.values("alert__query", "paper__key", "at", "state")


def _alarm_mails(reader: Reader) -> Iterable[Any]:
    return AlarmMail.objects.filter(reader=reader).order_by("at", "pk").values("issue__day", "at")


def _outage_mails(reader: Reader) -> Iterable[Any]:
    return OutageMail.objects.filter(reader=reader).order_by("at", "pk").values("schedule__command", "since", "at")
