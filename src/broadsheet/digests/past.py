"""What was sent: the papers of somebody's last issues, in the order and with the reasons of the mails."""

from dataclasses import dataclass
from datetime import datetime

from broadsheet.digests.models import Delivery, Subscriber
from broadsheet.library import unions
from broadsheet.library.models import Version
from broadsheet.library.reading import open_versions

ISSUES = 10


@dataclass(frozen=True, slots=True)
class Sent:
    """A paper of an issue as it stands now, why it was there, and when the issue was due."""

    version: Version
    reason: str
    at: datetime


def last_issues(subscriber: Subscriber, most: int = ISSUES) -> list[Sent]:
    """The papers of the last issues, the latest issue first; one that came twice stands in the later one.

    What was withdrawn or erased since is left out, and what became part of another paper is that, as they are in a mail
    that goes out now. Three queries.
    """
    deliveries = subscriber.deliveries.exclude(state=Delivery.State.LEFT).order_by("-due_at", "-pk")[:most]
    sent = [(row["paper"], row["reason"], delivery.due_at) for delivery in deliveries for row in delivery.papers]
    leads = unions.leads("default", {paper for paper, *_ in sent})
    rows: dict[int, tuple[str, datetime]] = {}
    for paper, reason, due_at in sent:
        rows.setdefault(leads.get(paper, paper), (reason, due_at))
    standing = open_versions("default").filter(paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True)
    versions = {version.paper_id: version for version in standing.filter(paper__in=rows)}
    return [Sent(versions[paper], *row) for paper, row in rows.items() if paper in versions]
