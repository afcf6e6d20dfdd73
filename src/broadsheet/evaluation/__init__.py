"""How good are the answers? Search quality on collections that others made, with how sure each figure is. Pure."""

from broadsheet.evaluation.asking import words_alone
from broadsheet.evaluation.collection import Collection, Paper, Question
from broadsheet.evaluation.dedup import Found, Twins, find_pairs
from broadsheet.evaluation.errors import EvaluationError
from broadsheet.evaluation.gate import objections
from broadsheet.evaluation.keeping import CACHE
from broadsheet.evaluation.known import Known, ask, draw, places_of, recall_answers
from broadsheet.evaluation.measuring import Answer, Answers, intervals, measure, summarise
from broadsheet.evaluation.metrics import METRICS, ndcg, recall, reciprocal_rank
from broadsheet.evaluation.ranking import (
    MODES,
    PUBLISHED,
    Asked,
    Prepared,
    Ranker,
    build,
    by_both,
    by_meaning,
    by_published_bm25,
    by_rereading,
    by_words,
)
from broadsheet.evaluation.readings import KeptReadings
from broadsheet.evaluation.runs import Comparison, Flip, Run, compare, load, save
from broadsheet.evaluation.telling import Tell, silently
from broadsheet.evaluation.vectors import KeptVectors

__all__ = [
    "CACHE",
    "METRICS",
    "MODES",
    "PUBLISHED",
    "Answer",
    "Answers",
    "Asked",
    "Collection",
    "Comparison",
    "EvaluationError",
    "Flip",
    "Found",
    "KeptReadings",
    "KeptVectors",
    "Known",
    "Paper",
    "Prepared",
    "Question",
    "Ranker",
    "Run",
    "Tell",
    "Twins",
    "ask",
    "build",
    "by_both",
    "by_meaning",
    "by_published_bm25",
    "by_rereading",
    "by_words",
    "compare",
    "draw",
    "find_pairs",
    "intervals",
    "load",
    "measure",
    "ndcg",
    "objections",
    "places_of",
    "recall",
    "recall_answers",
    "reciprocal_rank",
    "save",
    "silently",
    "summarise",
    "words_alone",
]
