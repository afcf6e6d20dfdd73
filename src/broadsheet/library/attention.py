"""Attention: the counters of what readers made of a paper, and the trending number that follows from them.

The rows that the counters count belong to other rooms; they change both in one transaction, under the paper's lock,
so that counters never miscount however many write at once.
"""

from collections.abc import Iterable, Mapping

from broadsheet.library.models import Paper
from broadsheet.ranking import Signals, trending

_AT_ONCE = 200
COUNTERS = ("votes", "trusted_votes", "comments", "saves", "reads", "stars")


def lock(alias: str, paper_id: int) -> Paper:
    """Take a paper's row for the rest of the caller's transaction. Raises Paper.DoesNotExist."""
    return Paper.objects.using(alias).select_for_update().get(pk=paper_id)


def count(paper: Paper, changes: Mapping[str, int]) -> None:
    """Add to the counters of a locked paper and set its trending number. Raises ValueError for a count below zero."""
    for name, change in changes.items():
        setattr(paper, name, getattr(paper, name) + change)
    weigh(paper)
    paper.save(update_fields=[*changes, "trending"])


def count_each(alias: str, papers: Iterable[int], changes: Mapping[str, int]) -> None:
    """Lock many papers, in the order that everybody locks them, and add the same to the counters of each."""
    ordered = sorted(papers)
    for start in range(0, len(ordered), _AT_ONCE):
        batch = Paper.objects.using(alias).select_for_update().filter(pk__in=ordered[start : start + _AT_ONCE])
        rows = list(batch.order_by("pk"))
        for paper in rows:
            for name, change in changes.items():
                setattr(paper, name, getattr(paper, name) + change)
            weigh(paper)
        Paper.objects.using(alias).bulk_update(rows, [*changes, "trending"])


def weigh(paper: Paper) -> None:
    """Set the trending number from the paper's own day and counters.

    A day to come counts as itself, so nothing has to be weighed anew when it comes; lists hide the paper until then.
    """
    paper.trending = trending(paper.day, signals(paper)).score


def signals(paper: Paper) -> Signals:
    """The counters as the ranking room knows them."""
    return Signals(
        votes=paper.trusted_votes,
        stars=paper.stars,
        comments=paper.comments,
        saves=paper.saves,
        reads=paper.reads,
    )
