"""Composing: the mail of a delivery, as its subscriber and its papers are at the moment it goes out."""

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

from django.conf import settings
from django.template.loader import render_to_string

from broadsheet.digests import links
from broadsheet.digests.blocks import ACTS, REASON, REASON_WEIGHT, SANS, SERIF, Block, Blocks, fill_in, pieces
from broadsheet.digests.issuing import is_paused
from broadsheet.digests.letter import Letter, host
from broadsheet.digests.models import Delivery, Interest, Subscriber
from broadsheet.digests.suppressing import is_suppressed
from broadsheet.digests.wording import counted, cut, listed, long_day
from broadsheet.library.models import Version

HEAVIEST = 97_000
"""What a mail's bodies may weigh as they are sent: a mail of 102 kB is cut off by programs that many use."""
SUBJECT = 80
PREHEADER = 140
INTERESTS = 400
_SPACER = "\u00a0\u200c" * 60
"""Keeps mail programs from showing what comes after the preheader beside the subject."""
PLACES = tuple("site host subject preheader spacer dateline why change leave feed papers".split())
OPTIONAL = ("note", "alarm", "rest", "contact")
"""What stands in the frame of every mail, and of some."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_blocks = Blocks()


def compose(delivery: Delivery) -> Letter | None:
    """The mail of a delivery; None where its subscriber left, paused or gets no mail by now, or nothing is left to say.

    Four queries, and one more for papers that this process has not written before. A paper that was withdrawn or
    erased since it was queued is left out. Raises DigestError for an address that is none.
    """
    rows = Subscriber.objects.filter(confirmed_at__isnull=False, left_at__isnull=True)
    subscriber = rows.filter(pk=delivery.subscriber_id).first()
    if subscriber is None or is_paused(subscriber, delivery.due_at) or is_suppressed(subscriber.address):
        return None
    return write(delivery, subscriber)


def write(delivery: Delivery, subscriber: Subscriber, note: str = "") -> Letter | None:
    """The mail of a delivery to a subscriber, whatever they want by now, with a note above it if there is one."""
    papers = _papers(delivery, subscriber)
    if delivery.papers and not papers:
        return None
    return Page(delivery, subscriber, papers, note).letter()


@dataclass(frozen=True, slots=True)
class Shown:
    """A paper of one mail: its block, the reason, and the links of this subscriber."""

    block: Block
    values: Mapping[str, str]

    def html(self, is_short: bool) -> str:
        """The paper in HTML."""
        form = self.block.short if is_short else self.block.whole
        return fill_in(form.html, {name: html.escape(text) for name, text in self.values.items()})

    def text(self, number: int, is_short: bool) -> str:
        """The paper in plain text."""
        form = self.block.short if is_short else self.block.whole
        return f"{number}. {fill_in(form.text, self.values)}"


def _papers(delivery: Delivery, subscriber: Subscriber) -> list[Shown]:
    """The papers of a delivery that still stand, in order."""
    wanted = [row["paper"] for row in delivery.papers]
    rows = Version.objects.filter(
        paper__in=wanted, died__isnull=True, paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True
    )
    blocks = _blocks.of(rows) if wanted else {}
    return [
        Shown(
            blocks[row["paper"]],
            {"reason": cut(row["reason"], REASON, REASON_WEIGHT), **_acts(subscriber, row["paper"])},
        )
        for row in delivery.papers
        if row["paper"] in blocks
    ]


def _acts(subscriber: Subscriber, paper: int) -> dict[str, str]:
    return {purpose: f"{_link(subscriber, purpose, paper)}/{paper}" for purpose in ACTS}


def _link(subscriber: Subscriber, purpose: str, paper: int = 0) -> str:
    return f"{settings.SITE}/d/{purpose}/{links.seal(subscriber, purpose, paper)}"


@dataclass
class Page:
    """A mail being written."""

    delivery: Delivery
    subscriber: Subscriber
    papers: Sequence[Shown]
    note: str

    def letter(self) -> Letter:
        """The mail, without its last abstracts and then its last papers if it were too heavy."""
        count = len(self.papers)
        shapes = [(count, count), (count, count // 2), (count, 0), (count // 2, 0), (count // 4, 0)]
        for shown, whole in shapes:
            letter = self._letter(shown, whole)
            if letter.weight <= HEAVIEST:
                break
        return letter

    def _letter(self, shown: int, whole: int) -> Letter:
        values = self.values | {"rest": self._rest(len(self.papers) - shown)}
        escaped = {name: html.escape(value) for name, value in values.items()}
        papers = "".join(paper.html(nth >= whole) for nth, paper in enumerate(self.papers[:shown]))
        frame = _frame(tuple(name for name in OPTIONAL if values[name]))
        return Letter(
            self.subject,
            self._text(values, shown, whole),
            self.subscriber.address,
            fill_in(frame, escaped | {"papers": papers}),
            {
                "Message-ID": self.delivery.message_id,
                "List-Id": f"Broadsheet <digest.{host()}>",
                "List-Unsubscribe": f"<{self.links['leave']}>",
                "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
            },
        )

    def _rest(self, count: int) -> str:
        return f"{counted(count, 'more paper')} of this issue: {self.links['feed']}" if count else ""

    def _text(self, values: Mapping[str, str], shown: int, whole: int) -> str:
        papers = [paper.text(nth + 1, nth >= whole) for nth, paper in enumerate(self.papers[:shown])]
        head = [f"BROADSHEET\n{values['dateline']}", values["note"], values["alarm"]]
        foot = [
            f"-- \n{values['why']}",
            f"Change what comes and when, or pause: {self.links['change']}",
            f"Stop these mails: {self.links['leave']}",
            f"The same as a feed: {self.links['feed']}",
            f"Who runs {host()}: {values['contact']}" if values["contact"] else "",
        ]
        parts = [*head, *papers, values["rest"], "\n".join(line for line in foot if line)]
        return "\n\n".join(part for part in parts if part) + "\n"

    @cached_property
    def subject(self) -> str:
        """What is in the mail: the first title, and how many more."""
        if not self.papers:
            return "Few new papers came" if self.delivery.issue.alarm else "No new papers came"
        more = len(self.papers) - 1
        return f"{cut(self.papers[0].block.title, SUBJECT)}{f' and {more} more' if more else ''}"

    @cached_property
    def links(self) -> dict[str, str]:
        """The links that concern the subscription."""
        found = {purpose: _link(self.subscriber, purpose) for purpose in ("change", "leave", "feed")}
        return found | {"feed": f"{found['feed']}.atom"}

    @cached_property
    def values(self) -> dict[str, str]:
        """What stands at the places of the frame, in plain text."""
        return {
            **self.links,
            "site": settings.SITE,
            "host": host(),
            "contact": settings.CONTACT,
            "subject": self.subject,
            "preheader": cut("; ".join(paper.block.title for paper in self.papers[1:4]), PREHEADER),
            "spacer": _SPACER,
            "dateline": self._dateline(),
            "note": self.note or self._empty(),
            "alarm": self.delivery.issue.alarm,
            "why": self._why(),
        }

    def _dateline(self) -> str:
        told = f"{counted(len(self.papers), 'paper')} for you" if self.papers else "no papers for you"
        return f"{long_day(self.delivery.issue.day)} · {told}"

    def _empty(self) -> str:
        if self.papers:
            return ""
        if self.delivery.issue.alarm:
            return "There is nothing for you in what came."
        return f"No new paper has come to this site for a week. How its sources are: {settings.SITE}/status"

    def _why(self) -> str:
        """Why this person gets this mail, and when."""
        subscriber = self.subscriber
        days = {"weekdays": "on weekdays", "weekly": f"every {_WEEKDAYS[subscriber.weekday]}"}.get(
            subscriber.rhythm, "every day"
        )
        interests = listed(_interests(subscriber)) or "what trends"
        return cut(
            f"You get this because you subscribed at {host()}: {days} at {subscriber.hour:02}:00 "
            f"({subscriber.time_zone}), up to {subscriber.size} papers chosen by {interests}.",
            INTERESTS,
        )


@lru_cache(32)
def _frame(told: tuple[str, ...]) -> tuple[str, ...]:
    """What stands around the papers, in pieces; of what is optional, that which is told."""
    places = {name: f"\0{name}\0" for name in (*PLACES, *told)}
    return pieces(render_to_string("digests/issue.html", {**places, "serif": SERIF, "sans": SANS}))


def _interests(subscriber: Subscriber) -> list[str]:
    rows = subscriber.interests.order_by("pk").values_list("kind", "value")
    told = []
    for kind, value in rows:
        if kind == Interest.Kind.TRENDING:
            told.append("what trends")
        elif kind == Interest.Kind.SEARCH:
            told.append(f"the search “{value}”")
        elif kind == Interest.Kind.COLLECTION:
            told.append("a collection")
        else:
            told.append(f"the {kind} {value}")
    return told
