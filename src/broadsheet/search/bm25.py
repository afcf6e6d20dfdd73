"""BM25F over title and abstract: what a term in a paper is worth, given the statistics of the papers searched.

Source: Robertson, Zaragoza, Taylor, "Simple BM25 extension to multiple weighted fields", CIKM 2004, with the inverse
document frequency of Lucene, which is never negative.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Weights:
    """The constants of the score, those over fields in the order (title, abstract).

    `k1` is how soon repetition stops counting, `b` how much longer fields are discounted, `field` what an occurrence
    in each field counts.
    """

    k1: float = 1.5
    b: tuple[float, float] = (0.5, 0.75)
    field: tuple[float, float] = (2.0, 1.0)


@dataclass(frozen=True, slots=True)
class Statistics:
    """The papers open at one sequence number: how many, and the average length of each field."""

    papers: int
    average: tuple[float, float]

    @classmethod
    def of(cls, lengths: NDArray[np.int64]) -> "Statistics":
        """Count the lengths of the papers searched, shape (papers, 2).

        >>> Statistics.of(np.array([[4, 100], [6, 200]]))
        Statistics(papers=2, average=(5.0, 150.0))
        """
        papers = len(lengths)
        title, abstract = (int(total) / papers for total in lengths.sum(axis=0)) if papers else (0.0, 0.0)
        return cls(papers, (title, abstract))


def idf(papers: int, frequency: int) -> float:
    """What a term is worth that `frequency` of `papers` papers hold, in nats; above zero.

    >>> round(idf(1000, 10), 2), round(idf(1000, 1000), 4)
    (4.56, 0.0005)
    """
    return math.log(1 + (papers - frequency + 0.5) / (frequency + 0.5))


def discount(length: NDArray[np.int64], average: float, b: float) -> NDArray[np.float64]:
    """By how much occurrences in fields of these lengths are divided; 1 at the average length, shape as `length`."""
    return (1 - b) + b * (length / average if average else np.ones(len(length)))


def shares(
    counts: NDArray[np.int64], lengths: NDArray[np.int64], worth: float, statistics: Statistics, weights: Weights
) -> NDArray[np.float64]:
    """The share of one term in the score of each paper: worth · tf' / (k1 + tf'), shape (papers,).

    `counts` and `lengths` have the shape (papers, 2), over fields; tf' is the sum over fields of the occurrences,
    weighted and discounted by length; `worth` is the term's idf.
    """
    frequency = np.zeros(len(counts))
    for field, average in enumerate(statistics.average):
        occurrences = weights.field[field] * counts[:, field]
        frequency += occurrences / discount(lengths[:, field], average, weights.b[field])
    return worth * (frequency / (weights.k1 + frequency))
