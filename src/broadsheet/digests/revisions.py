"""Substantial revisions: papers whose authors changed so much lately that who knew them may want to look again."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from django.conf import settings

from broadsheet.library import unions
from broadsheet.library.models import Change, Version
from broadsheet.papers.text import title_key

SHARE = 0.3
"""Which share of an abstract's sentences a substantial revision changes."""
MOST = 5_000
"""How many changes are looked at, the latest first."""

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


@dataclass(frozen=True, slots=True)
class Revision:
    """A paper as it stands, substantially unlike an earlier text: since when, and `what` changed in words.

    `known` tells for each earlier text by its number what is different now, "" where it is nothing of weight.
    """

    day: date
    number: int
    what: str
    known: Mapping[int, str] = field(default_factory=dict)

    def is_news_to(self, number: int) -> bool:
        """Whether one who was sent the text of this number would find another one now."""
        return bool(self.known.get(number, self.what)) and number < self.number


def revisions(alias: str, since: datetime, today: date) -> dict[int, Revision]:
    """The substantial revisions stored since a moment, by paper. Three queries.

    That a paper took in another is none, whatever it is called since: who knew one of the two knows it. Nor is a
    text that it had before, as when that was a mistake.
    """
    changes = (
        Change.objects.using(alias)
        .filter(kind=Change.Kind.REVISED, at__gte=since, paper__day__lte=today)
        .filter(paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True)
        .order_by("-seq")
    )
    noted = list(changes.values_list("paper_id", "seq", "at")[:MOST])
    retold = unions.retellings(alias, {paper for paper, _, _ in noted})
    first: dict[int, int] = {}
    last: dict[int, datetime] = {}
    for paper, seq, at in noted:
        if seq not in retold:
            first[paper] = seq
            last.setdefault(paper, at)
    texts: defaultdict[int, list[Version]] = defaultdict(list)
    rows = Version.objects.using(alias).filter(paper__in=first).order_by("born")
    for row in rows.only("paper_id", "number", "title", "abstract", "text_digest", "born", "died"):
        texts[row.paper_id].append(row)
    found = {}
    for paper, versions in texts.items():
        day = min(settings.FEED_DAY.of(last[paper]), today)
        if revision := _revision(versions, first[paper], day, retold):
            found[paper] = revision
    return found


def difference(before: Version, after: Version) -> str:
    """What of weight is different between two texts, in words; "" if nothing is.

    A title counts if other words stand in it, an abstract if `SHARE` of its sentences do.

    >>> difference(Version(title="A b", abstract="One. Two. Three."), Version(title="a B.", abstract="One. Two. Four."))
    'the abstract changed'
    """
    title = title_key(before.title) != title_key(after.title)
    abstract = _is_rewritten(before.abstract, after.abstract)
    if title and abstract:
        return "title and abstract changed"
    return "the title changed" if title else "the abstract changed" if abstract else ""


def _revision(versions: list[Version], first: int, day: date, retold: Collection[int]) -> Revision | None:
    current = next((version for version in versions if version.died is None), None)
    before = [version for version in versions if version.born < first]
    if current is None or not before:
        return None
    seen = _seen(versions, retold)
    known = {number: difference(text, current) for number, text in seen.items() if number < current.number}
    is_back = any(version.text_digest == current.text_digest for version in versions if version.number in known)
    what = "" if is_back else known.get(before[-1].number, "")
    return Revision(day, current.number, what, known) if any(known.values()) else None


def _seen(versions: list[Version], retold: Collection[int]) -> dict[int, Version]:
    """What each text, by its number, is to be compared as: the last one before a merge as the first one after it."""
    seen: dict[int, Version] = {}
    for version, after in zip(versions, [*versions[1:], None], strict=True):
        seen[version.number] = version
        if after is not None and after.born in retold:
            seen = {number: after if text.number == version.number else text for number, text in seen.items()}
    return seen


def _is_rewritten(before: str, after: str) -> bool:
    """Whether enough of the sentences differ; an abstract that was missing before is no revision."""
    if not before or before == after:
        return False
    old, new = set(_SENTENCE_END.split(before)), set(_SENTENCE_END.split(after))
    size = max(len(old), len(new))
    common = old & new
    old, new = {title_key(each) for each in old - common}, {title_key(each) for each in new - common}
    return max(len(old - new), len(new - old)) >= SHARE * size
