"""Composing: the mails of deliveries, as their subscribers and papers are moments before they go out."""

import html
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import prefetch_related_objects
from django.template.loader import render_to_string

from broadsheet.digests import links
from broadsheet.digests.blocks import ACTS, REASON, REASON_WEIGHT, SANS, SERIF, Block, Blocks, fill_in, pieces
from broadsheet.digests.letter import Letter, host
from broadsheet.digests.models import Delivery, Interest, Subscriber
from broadsheet.digests.wanting import INTERESTS
from broadsheet.digests.wording import counted, cut, listed, long_day
from broadsheet.library import unions
from broadsheet.library.models import Version

HEAVIEST = 97_000
"""What a mail's bodies may weigh as they are sent: a mail of 102 kB is cut off by programs that many use."""
SUBJECT = 80
PREHEADER = 140
WHY = 400
_SPACER = "\u00a0\u200c" * 60
"""Keeps mail programs from showing what comes after the preheader beside the subject."""
PLACES = tuple("site host subject preheader spacer dateline why change leave feed papers".split())
OPTIONAL = ("note", "alarm", "rest", "contact")
"""What stands in the frame of every mail, and of some."""
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_blocks = Blocks()
Link = Callable[[str, int], str]
"""Makes a link of a purpose and a paper, 0 for none."""


def compose(deliveries: Sequence[Delivery]) -> Callable[[Delivery], Letter | None]:
    """Read what the mails of some deliveries are made of, and return what writes each of them.

    Two queries for all, one more for papers that this process has not written before, and three for papers that are
    gone: what they became part of stands in their place.
    """
    return Writer(deliveries).write


class Writer:
    """What the mails of some deliveries are made of: the papers that stand, and what their subscribers want."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        prefetch_related_objects([delivery.subscriber for delivery in deliveries], INTERESTS)
        papers = {row["paper"] for delivery in deliveries for row in delivery.papers}
        standing = Version.objects.filter(died__isnull=True, paper__withdrawn_at=None, paper__erased_at=None)
        self._blocks = _blocks.of(standing.filter(paper__in=papers)) if papers else {}
        gone = papers - self._blocks.keys()
        self._leads = unions.leads("default", gone) if gone else {}
        if others := set(self._leads.values()) - self._blocks.keys():
            self._blocks |= _blocks.of(standing.filter(paper__in=others))

    def write(self, delivery: Delivery, note: str = "") -> Letter | None:
        """The mail of a delivery, with a note above it if there is one; None where nothing is left to say.

        A paper that was withdrawn or erased since it was queued is left out. Raises DigestError for an address that is
        none.
        """
        link = _linker(delivery.subscriber)
        rows: dict[int, Mapping[str, Any]] = {}
        for row in delivery.papers:
            paper = self._leads.get(row["paper"], row["paper"])
            rows.setdefault(paper, {**row, "paper": paper})
        papers = [Shown(self._blocks[paper], _told(row, link)) for paper, row in rows.items() if paper in self._blocks]
        if delivery.papers and not papers:
            return None
        return Page(delivery, papers, link, note).letter()


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


def _told(row: Mapping[str, Any], link: Link) -> dict[str, str]:
    """What stands at the places of a paper: why it is there, and what this subscriber can do with it."""
    paper: int = row["paper"]
    acts = {purpose: f"{link(purpose, paper)}/{paper}" for purpose in ACTS}
    return {"reason": cut(row["reason"], REASON, REASON_WEIGHT), **acts}


def _linker(subscriber: Subscriber) -> Link:
    """What makes the links of one subscriber, by their purpose and paper."""
    site, seal = settings.SITE, links.sealer(subscriber)
    return lambda purpose, paper: f"{site}/d/{purpose}/{seal(purpose, paper)}"


@dataclass
class Page:
    """A mail being written."""

    delivery: Delivery
    papers: Sequence[Shown]
    link: Link
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
            self.delivery.subscriber.address,
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
        found = {purpose: self.link(purpose, 0) for purpose in ("change", "leave", "feed")}
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
        subscriber = self.delivery.subscriber
        days = {"weekdays": "on weekdays", "weekly": f"every {_WEEKDAYS[subscriber.weekday]}"}.get(
            subscriber.rhythm, "every day"
        )
        interests = listed(_interests(subscriber)) or "what trends"
        return cut(
            f"You get this because you subscribed at {host()}: {days} at {subscriber.hour:02}:00 "
            f"({subscriber.time_zone}), up to {subscriber.size} papers chosen by {interests}.",
            WHY,
        )


@lru_cache(32)
def _frame(told: tuple[str, ...]) -> tuple[str, ...]:
    """What stands around the papers, in pieces; of what is optional, that which is told."""
    places = {name: f"\0{name}\0" for name in (*PLACES, *told)}
    return pieces(render_to_string("digests/issue.html", {**places, "serif": SERIF, "sans": SANS}))


def _interests(subscriber: Subscriber) -> list[str]:
    told = []
    for interest in subscriber.interests.all():  # as they were read for all
        if interest.kind == Interest.Kind.TRENDING:
            told.append("what trends")
        elif interest.kind == Interest.Kind.SEARCH:
            told.append(f"the search “{interest.value}”")
        elif interest.kind == Interest.Kind.COLLECTION:
            told.append("a collection")
        else:
            told.append(f"the {interest.kind} {interest.value}")
    return told
