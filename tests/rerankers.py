"""A reranker whose scores a test can foretell."""

import re
from collections.abc import Sequence

from broadsheet.search.reranker import Stop, never


class ByLargestNumber:
    """Scores a passage by the largest number in it, in hundredths: "part 7" is better than "part 3".

    It knows what it has read.
    """

    name = "largest-number"

    def __init__(self) -> None:
        self.read: list[tuple[str, str]] = []

    def score(self, query: str, passages: Sequence[str], stop: Stop = never) -> list[float]:
        scores: list[float] = []
        for passage in passages:
            if stop():
                break
            self.read.append((query, passage))
            scores.append(min(max(map(int, re.findall(r"\d+", passage)), default=0), 100) / 100)
        return scores
