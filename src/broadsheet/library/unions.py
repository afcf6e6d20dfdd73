"""Where papers that were made one with another lead, and what they took in, through any number of merges."""

from collections.abc import Collection
from dataclasses import dataclass

from django.db import connections

from broadsheet.library.models import Merge, Version

_AT_ONCE = 5_000
_TABLE = Merge._meta.db_table
_UP = f"""
WITH RECURSIVE path (first, paper) AS (
    SELECT absorbed_id, kept_id FROM {_TABLE} WHERE absorbed_id IN ({{}})
    UNION
    SELECT path.first, further.kept_id FROM {_TABLE} AS further JOIN path ON further.absorbed_id = path.paper
)
SELECT first, paper FROM path WHERE NOT EXISTS (SELECT 1 FROM {_TABLE} AS more WHERE more.absorbed_id = path.paper)
"""  # noqa: S608 (a table's name)
_DOWN = f"""
WITH RECURSIVE part (paper, kept, seq) AS (
    SELECT absorbed_id, kept_id, seq FROM {_TABLE} WHERE kept_id IN ({{}})
    UNION
    SELECT further.absorbed_id, part.kept, part.seq FROM {_TABLE} AS further JOIN part ON further.kept_id = part.paper
)
SELECT paper, kept, seq FROM part ORDER BY paper
"""  # noqa: S608


@dataclass(frozen=True, slots=True)
class Part:
    """A paper that is part of another: `number` is that of the text which the kept one had when it took it in."""

    paper: int
    kept: int
    number: int


def leads(alias: str, papers: Collection[int]) -> dict[int, int]:
    """Which papers those of these lead to that were made one with another. One query."""
    return {first: paper for first, paper in _rows(alias, _UP, papers)}  # noqa: C416 (rows have any length)


def parts(alias: str, papers: Collection[int]) -> list[Part]:
    """What these papers took in, and what that had taken in before. Two queries for each 5,000 papers."""
    rows = _rows(alias, _DOWN, papers)
    retold = {seq + 1 for _, _, seq in rows}  # `merge` tells the kept paper anew right after it takes the other out
    versions = Version.objects.using(alias).filter(paper__in={kept for _, kept, _ in rows}, born__in=retold)
    numbers = {(kept, born): number for kept, born, number in versions.values_list("paper", "born", "number")}
    return [Part(paper, kept, numbers[kept, seq + 1]) for paper, kept, seq in rows]


def retellings(alias: str, papers: Collection[int]) -> set[int]:
    """The changes by which these papers were told anew because they took in others, not by their authors."""
    merges = Merge.objects.using(alias).filter(kept__in=papers)
    return {seq + 1 for seq in merges.values_list("seq", flat=True)} if papers else set()


def _rows(alias: str, query: str, papers: Collection[int]) -> list[tuple[int, ...]]:
    numbers, found = list(papers), []
    with connections[alias].cursor() as cursor:
        for start in range(0, len(numbers), _AT_ONCE):
            some = numbers[start : start + _AT_ONCE]
            cursor.execute(query.format(", ".join(["%s"] * len(some))), some)
            found += cursor.fetchall()
    return found
