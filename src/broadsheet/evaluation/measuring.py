"""Measuring: the figures of each query, their means, and how sure these are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from broadsheet.evaluation.collection import Question
from broadsheet.evaluation.metrics import METRICS
from broadsheet.evaluation.ranking import Asked, Prepared, Ranker
from broadsheet.evaluation.telling import Tell, silently

SHOWN = 10
BASE = "words"
"""The mode that the others are compared with."""

_ROUNDS = 10_000
_ROUNDS_AT_ONCE = 500
_SEED = 1
_OUTSIDE = (2.5, 97.5)
_DIGITS = 6

Figures = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Answer:
    """What one query was answered: its figures by name, and the ids of the first ten."""

    query: str
    text: str
    figures: Mapping[str, float]
    first: tuple[str, ...]


Answers = Mapping[str, Sequence[Answer]]
"""The answers to the same queries, by mode."""


def measure(prepared: Prepared, rankers: Mapping[str, Ranker], tell: Tell = silently) -> dict[str, list[Answer]]:
    """Ask every question of every ranker, and judge the answers."""
    answers: dict[str, list[Answer]] = {}
    for mode, ranker in rankers.items():
        answers[mode] = []
        for done, asked in enumerate(prepared.asked):
            tell(f"searching: {mode}", done, len(prepared.asked))
            answers[mode].append(_judge(prepared, asked, ranker))
    return answers


def _judge(prepared: Prepared, asked: Asked, ranker: Ranker) -> Answer:
    papers = prepared.collection.papers
    return judge(asked.question, list(dict.fromkeys(papers[number].id for number in ranker(asked))))


def judge(question: Question, ranked: Sequence[str]) -> Answer:
    """The figures of one ranking, given as ids of papers."""
    figures = {name: metric(ranked, question.judged) for name, metric in METRICS.items()}
    return Answer(question.id, question.text, figures, tuple(ranked[:SHOWN]))


def summarise(answers: Answers) -> dict[str, dict[str, float]]:
    """The mean of each figure by mode, as `ndcg@10`, with the ends of its 95 % interval, as `ndcg@10_low` and `_high`.

    Beside the base, each other mode has its paired difference from it too: `ndcg@10_gain`, `ndcg@10_gain_low`, ….
    """
    figures = {(mode, ""): figures_of(given) for mode, given in answers.items()}
    if BASE in answers:
        figures |= {(mode, "_gain"): figures[mode, ""] - figures[BASE, ""] for mode in answers if mode != BASE}
    summary: dict[str, dict[str, float]] = {mode: {"queries": len(given)} for mode, given in answers.items()}
    bounds = _bounds(np.hstack(list(figures.values())))
    for number, (mode, suffix) in enumerate(figures):
        summary[mode] |= _told(bounds[:, number * len(METRICS) :], suffix)
    return summary


def figures_of(answers: Sequence[Answer]) -> Figures:
    """The figures of answers, of shape (queries, metrics)."""
    return np.array([[answer.figures[name] for name in METRICS] for answer in answers])


def intervals(figures: Figures) -> dict[str, float]:
    """The mean of each metric over the queries, by name, and the ends of its 95 % interval, as `_low` and `_high`.

    The interval is that of 10,000 means of as many queries, drawn from these with repetition, from a fixed seed.
    Source: Sakai, "Evaluating evaluation metrics based on the bootstrap", SIGIR 2006.
    """
    return _told(_bounds(figures), "")


def _bounds(figures: Figures) -> Figures:
    """Mean, low end and high end of each column, of shape (3, columns); all are drawn together, so pairs stay pairs."""
    chance = np.random.default_rng(_SEED)
    means = np.concatenate([_drawn(figures, chance) for _ in range(_ROUNDS // _ROUNDS_AT_ONCE)])
    return np.vstack([figures.mean(axis=0), np.percentile(means, _OUTSIDE, axis=0)])


def _drawn(figures: Figures, chance: np.random.Generator) -> Figures:
    """Means of queries drawn with repetition, of shape (rounds at once, columns)."""
    count = len(figures)
    drawn = chance.integers(count, size=(_ROUNDS_AT_ONCE, count)) + count * np.arange(_ROUNDS_AT_ONCE)[:, None]
    times = np.bincount(drawn.ravel(), minlength=drawn.size).reshape(drawn.shape)
    means: Figures = times @ figures / count
    return means


def _told(bounds: Figures, suffix: str) -> dict[str, float]:
    ends = ("", "_low", "_high")
    return {
        f"{name}{suffix}{end}": round(float(bounds[row, column]), _DIGITS)
        for column, name in enumerate(METRICS)
        for row, end in enumerate(ends)
    }
