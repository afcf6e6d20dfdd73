"""Copies of other sites: what stands here of a source, how far it was followed, and how its copy compares."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

from broadsheet.library.models import HarvestRun, Name, Statement
from broadsheet.papers import Record
from broadsheet.sources import Page

_SHOWN = 1_000
_TOLD = re.compile(r" (?:since|reached)=(\S*)")


@dataclass
class Comparison:
    """How a copy compares with its source, in numbers of papers, and what differs, in sentences."""

    same: int = 0
    missing: int = 0
    different: int = 0
    surplus: int = 0
    refused: int = 0
    differences: list[str] = field(default_factory=list)

    @property
    def is_equal(self) -> bool:
        """Whether nothing differs, and nothing could not be compared."""
        return not (self.missing or self.different or self.surplus or self.refused)

    def note(self, kind: str, place: str, words: str) -> None:
        """Count a paper, and say where it is unless too many were said."""
        setattr(self, kind, getattr(self, kind) + 1)
        if len(self.differences) < _SHOWN:
            self.differences.append(f"{place}: {words}")


def held(alias: str, source: str, site: str) -> Iterator[tuple[str, ...]]:
    """The addresses on a site by which papers are known that stand and came from a source, a paper's together."""
    names = Name.objects.using(alias).filter(
        scheme="url",
        value__startswith=f"{site}/",
        paper__withdrawn_at__isnull=True,
        paper__erased_at__isnull=True,
        paper__statements__source=source,
    )
    rows = names.order_by("paper_id", "pk").values_list("paper_id", "value")
    for _, group in groupby(list(rows), key=lambda row: row[0]):
        yield tuple(dict.fromkeys(value for _, value in group))


def note_reach(alias: str, run: HarvestRun, reached: str) -> None:
    """Write on a finished run how far in its source it got, for the next to go on from."""
    run.request = f"{run.request} reached={reached}"
    run.save(using=alias, update_fields=["request"])


def last_reach(alias: str, source: str, request: str) -> str:
    """How far the last finished run of a request got: to where it was noted, else at least to where it began."""
    runs = HarvestRun.objects.using(alias).filter(source=source, request__startswith=f"{request} ")
    last = runs.filter(state=HarvestRun.State.DONE).order_by("-started_at", "-pk").first()
    told = _TOLD.findall(last.request) if last else []
    return told[-1] if told else ""


def compare(alias: str, source: str, pages: Iterable[Page]) -> Comparison:
    """Compare everything that a source gives with what stands here of it. Nothing is changed."""
    found = Comparison()
    for page in pages:
        for fault in page.faults:
            found.note("refused", fault.place, fault.reason)
        digests = _digests(alias, source, page.records)
        for record in page.records:
            said, text = digests.get(record.identifiers[-1].value, set()), record.version
            if text is None:
                if said:
                    found.note("surplus", record.place, "it is here, and no more at the source")
            elif not said:
                found.note("missing", record.place, "it is not here")
            elif text.digest() not in said:
                found.note("different", record.place, "it is another text or description than the one here")
            else:
                found.same += 1
    return found


def _digests(alias: str, source: str, records: Iterable[Record]) -> dict[str, set[str]]:
    """What the source last said of the papers of some addresses, where they stand. Two queries.

    Of a paper that an editor made of several it says as many things.
    """
    addresses = [record.identifiers[-1].value for record in records]
    names = Name.objects.using(alias).filter(scheme="url", value__in=addresses)
    standing = names.filter(paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True)
    papers = dict(standing.values_list("value", "paper_id"))
    statements = Statement.objects.using(alias).filter(source=source, paper__in=papers.values())
    digests: defaultdict[int, set[str]] = defaultdict(set)
    for paper, digest in statements.values_list("paper_id", "digest"):
        digests[paper].add(digest)
    return {address: digests[paper] for address, paper in papers.items() if paper in digests}
