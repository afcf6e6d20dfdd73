"""Searches by example: papers near to some texts, by their mean in meaning and by their most telling words."""

from collections import Counter
from collections.abc import Sequence
from math import log

import numpy as np

from broadsheet.library.answers import Hit, hits_of
from broadsheet.library.library import Library
from broadsheet.papers import Record
from broadsheet.search import Query, Vector, quantise, search
from broadsheet.search.analysis import STOP_WORDS, WORD, analyse
from broadsheet.search.embedder import Embedder, passage
from broadsheet.search.engine import count_matching
from broadsheet.search.index import Index
from broadsheet.sources import SourceError
from broadsheet.sources.references_apart import read_apart

EXAMPLES = 50
"""How many texts are taken as examples."""
LETTERS = 8_000
"""Letters of each that are read."""
FEWEST = 20
"""Letters of a text that tell what it is about."""
FILE_LIMIT = 256 * 1024
"""Bytes of references that strangers may send."""
WORDS = 12
_WEIGHED = 300
"""Of how many words of the examples it is asked how many papers have them."""

Example = tuple[str, str]
"""A title and an abstract, either of them perhaps empty."""


def read_examples(payload: bytes, place: str = "the file") -> list[Example]:
    """The first EXAMPLES with a title of a BibTeX, RIS or CSL-JSON file. Raises SourceError where there is none."""
    found = [each.version for each in read_apart(payload, place) if isinstance(each, Record) and each.version]
    if not found:
        raise SourceError(f"there is no reference with a title in {place}")
    return [(version.title, version.abstract) for version in found[:EXAMPLES]]


def find_like(library: Library, examples: Sequence[Example], limit: int = 20, budget: float | None = None) -> list[Hit]:
    """The papers nearest to some examples at the head of the journal, best first, without those of the same titles.

    By words alone where there is no encoder. One query of the database; the index is asked once for each of the
    examples' commonest words.
    """
    live, at = library.searched_now(budget)
    index = live.index
    texts = [passage(title[:LETTERS], abstract[:LETTERS]) for title, abstract in examples[:EXAMPLES]]
    query = _telling(index, texts, at)
    if not query.terms:
        return []
    vector = _mean(live.embedder, texts) if live.embedder else None
    ranked = search(index, query, vector, limit=limit + len(examples), at=at, is_counted=False)
    own = {passage(title, "") for title, _ in examples if title}
    others = [hit for hit in hits_of(library.alias, ranked, query) if passage(hit.title, "") not in own]
    return others[:limit]


def _telling(index: Index, texts: Sequence[str], at: int) -> Query:
    """A query of the words that tell the texts from other papers: frequent in them, rare in the library."""
    counts: Counter[str] = Counter()
    words: dict[str, str] = {}
    for text in texts:
        for found in WORD.finditer(text):
            for term in analyse(found[0]):
                if term not in STOP_WORDS and len(term) > 1:
                    counts[term] += 1
                    words.setdefault(term, found[0].lower())
    weights, size = {}, index.size
    for term, count in counts.most_common(_WEIGHED):
        papers = count_matching(index, Query(term, terms=(term,), words=(term,)), at)
        if papers:
            weights[term] = (1 + log(count)) * log(1 + size / papers)
    telling = sorted(weights, key=lambda term: (-weights[term], term)) or [term for term, _ in counts.most_common()]
    terms = tuple(telling[:WORDS])  # where no paper has any, what is near in meaning may still be found
    return Query(" ".join(words[term] for term in terms), terms=terms, words=tuple(words[term] for term in terms))


def _mean(embedder: Embedder, texts: Sequence[str]) -> Vector:
    """The vector of a text, or the mean of several."""
    vectors = [vector.codes.astype(np.float64) * vector.scale for vector in embedder.embed_passages(list(texts))]
    return quantise(np.mean(vectors, axis=0))
