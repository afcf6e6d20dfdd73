"""The digests at a glance, for operators: subscribers, the last issues, what became of their mails."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Min

from broadsheet.digests import alarms
from broadsheet.digests.models import Delivery, Issue, Subscriber
from broadsheet.library import Library


@dataclass(frozen=True, slots=True)
class IssueRow:
    """An issue: how many mails it has in each state, and what was wrong with its day."""

    day: date
    alarm: str
    mails: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Overview:
    """Subscribers who get mail, when the next is due, what is wrong now, and the last issues, the latest first."""

    subscribers: int
    next_at: datetime | None
    alarm: str
    issues: list[IssueRow] = field(default_factory=list)
    states: tuple[str, ...] = tuple(Delivery.State.values)

    @property
    def rows(self) -> list[tuple[IssueRow, list[int]]]:
        """Each issue with the number of its mails in each of `states`."""
        return [(issue, [issue.mails[state] for state in self.states]) for issue in self.issues]

    def to_json(self) -> dict[str, Any]:
        """The overview for programs."""
        return {
            "subscribers": self.subscribers,
            "next_at": self.next_at.isoformat() if self.next_at else None,
            "alarm": self.alarm,
            "issues": [
                {
                    "day": issue.day.isoformat(),
                    "alarm": issue.alarm,
                    "mails": {state: issue.mails[state] for state in self.states},
                }
                for issue in self.issues
            ],
        }


def overview(library: Library, now: datetime, most: int) -> Overview:
    """Take the state of the digests: a fixed number of queries."""
    active = Subscriber.objects.filter(confirmed_at__isnull=False, left_at__isnull=True)
    issues = list(Issue.objects.order_by("-day")[:most])
    mails: dict[int, Counter[str]] = {issue.pk: Counter() for issue in issues}
    rows = Delivery.objects.filter(issue__in=issues).order_by().values("issue", "state").annotate(n=Count("pk"))
    for issue, state, count in rows.values_list("issue", "state", "n"):
        mails[issue][state] = count
    return Overview(
        active.count(),
        active.aggregate(at=Min("next_at"))["at"],
        alarms.assess(library, now),
        [IssueRow(issue.day, issue.alarm, mails[issue.pk]) for issue in issues],
    )
