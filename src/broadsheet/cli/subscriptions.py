"""What the worker does about subscriptions: mails to confirm, sign-ups never confirmed, bounces."""

from datetime import UTC, datetime
from threading import Event
from typing import TYPE_CHECKING

from broadsheet.cli.printing import counted

if TYPE_CHECKING:
    from broadsheet.library import Library


def confirm() -> str:
    """Send what is due about subscriptions, and forget who never confirmed."""
    from broadsheet.digests.confirming import send_due
    from broadsheet.digests.subscribing import purge

    now = datetime.now(UTC)
    purged = purge(now)
    sent = send_due(now)
    told = [f"{counted(sent, 'mail')} about subscriptions sent"] if sent else []
    return ", ".join(told + ([f"{counted(purged, 'sign-up')} never confirmed"] if purged else []))


def post_digests(library: "Library", stopping: Event) -> str:
    """Queue and send the digests that are due."""
    from broadsheet.digests.posting import post

    queued, fates = post(library, lambda: datetime.now(UTC), lambda: not stopping.is_set())
    told = [f"{counted(queued, 'digest')} queued"] if queued else []
    return ", ".join(told + [f"{number:,} {state}" for state, number in fates.items()])


def match_alerts(library: "Library") -> str:
    """Compare papers that came with the saved searches of readers."""
    from broadsheet.digests.matching import follow

    found = follow(library, datetime.now(UTC))
    return f"{counted(found, 'new paper')} for alerts" if found else ""


def post_alerts() -> str:
    """Post what matched to the webhooks of readers."""
    from broadsheet.digests.telling import post_pending

    told = post_pending(datetime.now(UTC))
    return f"{counted(told, 'webhook')} told" if told else ""


def mail_alerts() -> str:
    """Mail what matched."""
    from broadsheet.digests.telling import mail_pending

    told = mail_pending(datetime.now(UTC))
    return f"{counted(told, 'alert')} mailed" if told else ""


def raise_alarm(library: "Library") -> str:
    """Tell the site's admins, once a day, of a day whose papers did not come, and once of a harvest that fails."""
    from broadsheet.digests import alarms, outages

    now = datetime.now(UTC)
    missing, failing = alarms.watch(library, now), outages.watch(library, now)
    told = [f"{counted(missing, 'admin')} told that papers are missing"] if missing else []
    return ", ".join(told + ([f"{counted(failing, 'admin')} told that harvests fail"] if failing else []))


def read_bounces() -> str:
    """Read what came back by mail, where a folder for it is named."""
    from django.conf import settings

    from broadsheet.digests.bounces import collect

    found = collect(settings.BOUNCES, datetime.now(UTC)) if settings.BOUNCES else 0
    return f"{counted(found, 'report')} of mails that came back" if found else ""
