"""Which papers answer a query, in which order, and why? The live index, the query language, fusion, snippets. Pure."""

from broadsheet.search.analysis import ANALYSIS_VERSION
from broadsheet.search.embedder import Embedder, find_embedder, passage, quantise
from broadsheet.search.engine import Hit, Ranked, search
from broadsheet.search.errors import ChangeError, PositionError, QueryError, SearchError, SnapshotError
from broadsheet.search.fusion import Explanation
from broadsheet.search.index import Change, Embed, Erase, Found, Index, Match, Put, Vector, Withdraw
from broadsheet.search.models import ModelError
from broadsheet.search.native import NativeIndex
from broadsheet.search.query import Query, parse
from broadsheet.search.reference import ReferenceIndex
from broadsheet.search.snippet import Segments, forget_passages, highlight, snippet

__all__ = [
    "ANALYSIS_VERSION",
    "Change",
    "ChangeError",
    "Embed",
    "Embedder",
    "Erase",
    "Explanation",
    "Found",
    "Hit",
    "Index",
    "Match",
    "ModelError",
    "NativeIndex",
    "PositionError",
    "Put",
    "Query",
    "QueryError",
    "Ranked",
    "ReferenceIndex",
    "SearchError",
    "Segments",
    "SnapshotError",
    "Vector",
    "Withdraw",
    "find_embedder",
    "forget_passages",
    "highlight",
    "parse",
    "passage",
    "quantise",
    "search",
    "snippet",
]
