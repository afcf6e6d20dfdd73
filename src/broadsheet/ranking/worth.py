"""What a paper is worth to one reader on one day, before it is seen beside others. Pure."""

from math import exp2, isfinite

from broadsheet.ranking.errors import RankingError

HALF_LIFE_DAYS = 7
"""After how many days a paper is worth half. Set by hand: a paper of last week has to be twice as much in point."""


def worth(relevance: float, trend: float, age_days: float) -> float:
    """Relevance times trending times freshness: relevance · (1 + trend) · 2^(-age / HALF_LIFE_DAYS).

    `relevance`, from 0 to 1, is how well the paper meets the reader's topics, searches and votes. `trend` is what the
    signals of the paper add to its trending score, in powers of ten and without the day, so never below zero: nine
    votes double a paper. It grows with both and falls with age; of a day ahead is as of today. What is not relevant is
    worth nothing. RankingError if a number is none, or out of its range.

    >>> worth(0.8, 0, 0), worth(0.8, 1, 0), worth(0.8, 1, 7), worth(0, 3, 0)
    (0.8, 1.6, 0.8, 0.0)
    """
    if not 0 <= relevance <= 1:
        raise RankingError(f"a relevance of {relevance} is not between 0 and 1")
    if not (isfinite(trend) and trend >= 0):
        raise RankingError(f"signals cannot add {trend} to a trend")
    if not isfinite(age_days):
        raise RankingError(f"a paper cannot be {age_days} days old")
    return relevance * (1 + trend) * exp2(-max(age_days, 0) / HALF_LIFE_DAYS)
