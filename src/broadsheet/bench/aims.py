"""What Broadsheet set itself: figures, their bounds, and which bounds were missed."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Figures = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound on one figure: at most or at least so much."""

    figure: str
    bound: float
    side: Literal["at most", "at least"] = "at most"
    reason: str = ""

    def is_missed(self, figures: Figures) -> bool:
        """Whether the figure was measured and lies beyond the bound."""
        value = figures.get(self.figure)
        return value is not None and (value > self.bound if self.side == "at most" else value < self.bound)

    def told(self, figures: Figures) -> str:
        """The miss in a line."""
        reason = f" ({self.reason})" if self.reason else ""
        return f"{self.figure} is {figures[self.figure]:,}, wanted {self.side} {self.bound:,.4g}{reason}"


INDEX = (
    Aim("build_per_s", 25_000, "at least"),
    Aim("bytes_per_paper", 1_500),
    Aim("insert_p50_ms", 0.1),
    Aim("visible_p50_ms", 1),
)
CHURN = (
    Aim("inserts_per_s", 5_000, "at least"),
    Aim("deletes_per_s", 5_000, "at least"),
    Aim("searches_per_s", 500, "at least"),
    Aim("recall10_before", 0.98, "at least"),
    Aim("recall10_during", 0.98, "at least"),
    Aim("recall10_after", 0.98, "at least"),
)
START = (Aim("first_answer_s", 3),)
PUT = (Aim("found_p99_ms", 10),)
WEB = (
    Aim("requests_per_s", 150, "at least"),
    Aim("p99_ms", 100),
    Aim("writes_missed", 0),
    Aim("errors", 0),
)
HOSTILE = (Aim("p99_ms", 250), Aim("errors", 0))
EMBED = (Aim("times_the_better", 1.3, "at least"), Aim("cosine_least", 0.99, "at least"))
_TIMES_A_PEER = (
    ("keyword_p50_ms", "bm25s", 0.75, 0),
    ("keyword_p50_ms", "tantivy", 0.25, 0),
    ("hybrid_p50_ms", "zvec", 1.0, 0),
    ("hybrid_p50_ms", "qdrant-edge", 1.0, 0),
    ("hybrid_p50_ms", "qdrant-edge", 0.6, 1_000_000),
    ("hybrid_writers_p50_ms", "qdrant-edge", 0.6, 1_000_000),
    ("meaning_p50_ms", "faiss", 1.2, 0),
)
"""A figure, the peer it is compared with, how many times the peer's it may be, and from how many papers on."""
_SLOWER_UNDER_WRITERS = 5


def missed(aims: Iterable[Aim], figures: Figures) -> list[str]:
    """The bounds that these figures miss, a line each."""
    return [aim.told(figures) for aim in aims if aim.is_missed(figures)]


def missed_by_index(papers: int, engines: Mapping[str, Figures]) -> list[str]:
    """The bounds that Broadsheet's index misses, those set by peers in the same run among them."""
    own = engines.get("broadsheet")
    if own is None:
        return []
    failed = [f"broadsheet: {own['error']}"] if "error" in own else []
    return failed + missed([*INDEX, *_against_peers(papers, own, engines)], own)


def _against_peers(papers: int, own: Figures, engines: Mapping[str, Figures]) -> Iterable[Aim]:
    for figure, peer, times, least in _TIMES_A_PEER:
        value = engines.get(peer, {}).get(figure)
        if value is not None and papers >= least:
            yield Aim(figure, round(times * value, 4), reason=f"{times:g} × {peer}")
    if (recall := engines.get("faiss", {}).get("meaning_recall10")) is not None:
        yield Aim("meaning_recall10", recall, "at least", "as faiss")
    if (quiet := own.get("hybrid_writers_p50_ms")) is not None:
        yield Aim("hybrid_writers_p99_ms", _SLOWER_UNDER_WRITERS * quiet, reason="5 × its p50")
