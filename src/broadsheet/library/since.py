"""What changed since an earlier answer: papers on its page that have newer versions, and papers that came later."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from broadsheet.library.answers import Answer
from broadsheet.library.models import Version
from broadsheet.search import Query
from broadsheet.search.engine import WINDOW
from broadsheet.search.index import Index


@dataclass(frozen=True, slots=True)
class Since:
    """What became of an answer until the change `head`.

    Of its page's papers `revised` have newer versions and `withdrawn` are gone. `later` papers match by now that were
    not here then; there are more of them if not `is_counted`.
    """

    head: int
    revised: int
    withdrawn: int
    later: int
    is_counted: bool = True

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {"head": self.head, "revised": self.revised, "withdrawn": self.withdrawn, "later": self.later}


def changed_since(alias: str, index: Index, query: Query, answer: Answer) -> Since:
    """Compare an answer as of an earlier change with now. One query of the database at most.

    Papers that came later are looked for among the WINDOW best of today's, those that share a word.
    """
    head = index.position
    closed = {hit.version.paper_id: hit.version.number for hit in answer.hits if hit.version.died is not None}
    standing: dict[int, int] = {}
    if closed:
        versions = Version.objects.using(alias).filter(paper__in=closed, died__isnull=True)
        standing = dict(versions.values_list("paper_id", "number"))
    found = index.search(query, None, WINDOW, head, near=1)
    matching = found.papers[found.words > 0] if query.needs_word else found.papers
    later = int(np.count_nonzero(~np.isin(matching, np.array(index.papers(answer.at), np.int64))))
    return Since(
        head,
        revised=sum(standing.get(paper, 0) > number for paper, number in closed.items()),
        withdrawn=len(closed) - len(standing),
        later=later,
        is_counted=found.total <= WINDOW,
    )
