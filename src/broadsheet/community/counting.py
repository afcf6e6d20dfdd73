"""Counting again: do the library's counters equal the rows they count? A check, and a repair."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from broadsheet.community.models import Clipping, Comment, Read, Vote
from broadsheet.library import attention
from broadsheet.library.models import Paper

_SITE = "default"


@dataclass(frozen=True, slots=True)
class Miscount:
    """A counter of a paper that does not equal its rows."""

    paper: int
    key: str
    counter: str
    counted: int
    rows: int

    def __str__(self) -> str:
        return f"{self.key} says {self.counted:,} {self.counter.replace('_', ' ')}, there are {self.rows:,}"


def miscounts() -> Iterator[Miscount]:
    """Every counter that does not equal its rows, one query a counter."""
    for counter, rows in _counted().items():
        wrong = Paper.objects.annotate(rows=rows).exclude(**{counter: rows})
        for pk, key, counted, found in wrong.values_list("pk", "key", counter, "rows").iterator():
            yield Miscount(pk, key, counter, counted, found)


def repair() -> int:
    """Set every counter that is wrong to its rows and return how many were."""
    wrong = list(miscounts())
    for paper_id in sorted({each.paper for each in wrong}):
        with transaction.atomic():
            recount(attention.lock(_SITE, paper_id))
    return len(wrong)


def recount(paper: Paper) -> None:
    """Set the counters of a locked paper to what its rows say."""
    rows = Paper.objects.filter(pk=paper.pk).values_list(*_counted().values()).get()
    attention.count(paper, {name: true - getattr(paper, name) for name, true in zip(_counted(), rows, strict=True)})


def _counted() -> dict[str, Coalesce]:
    """How each counter is counted from its rows."""
    return {
        "votes": _rows(Vote.objects.filter(is_shown=True)),
        "trusted_votes": _rows(Vote.objects.filter(is_trusted=True)),
        "comments": _rows(Comment.objects.filter(is_shown=True, deleted_at__isnull=True)),
        "saves": _rows(
            Clipping.objects.filter(collection__reader__is_limited=False), Count("collection__reader", distinct=True)
        ),
        "reads": _rows(Read.objects.filter(is_counted=True)),
    }


def _rows(rows: "QuerySet", count: Count | None = None) -> Coalesce:  # type: ignore[type-arg]
    of_paper = rows.filter(Q(paper=OuterRef("pk"))).order_by().values("paper")
    counted = of_paper.annotate(n=count or Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)
