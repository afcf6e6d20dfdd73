"""Runs that are kept, and two of them compared query by query."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from broadsheet.evaluation.errors import EvaluationError
from broadsheet.evaluation.measuring import Answer, figures_of, intervals
from broadsheet.evaluation.metrics import METRICS
from broadsheet.search import ANALYSIS_VERSION

_VERSION = 1
_SHOULD_BE = "it is no run that broadsheet eval --save wrote"

Run = Mapping[str, Mapping[str, Sequence[Answer]]]
"""Answers by collection and mode."""


@dataclass(frozen=True, slots=True)
class Flip:
    """A query that was answered well and is not any more: the place of its first relevant paper then and now.

    A place is None beyond the first ten.
    """

    query: str
    text: str
    was: int | None
    now: int | None


@dataclass(frozen=True, slots=True)
class Comparison:
    """What changed in one mode of one collection over the queries of both runs.

    `differences` are the mean changes with their intervals. A query is better or worse by its nDCG@10. `lost` are
    queries whose first relevant paper left the first ten, `fallen` those where it was first and still is among the ten.
    """

    queries: int
    differences: Mapping[str, float]
    better: int
    worse: int
    lost: tuple[Flip, ...]
    fallen: tuple[Flip, ...]

    def to_json(self) -> dict[str, Any]:
        """The comparison for programs."""
        counts = {"queries": self.queries, "better": self.better, "worse": self.worse}
        flips = {name: [asdict(flip) for flip in getattr(self, name)] for name in ("lost", "fallen")}
        return {**self.differences, **counts, **flips}


def save(run: Run, path: Path, models: Mapping[str, str | None] | None = None) -> None:
    """Write a run, with the names of the models that it was made with. Raises OSError."""
    told = {
        "broadsheet_run": _VERSION,
        "models": dict(models or {}),
        "analysis": ANALYSIS_VERSION,
        "collections": {
            name: {mode: [asdict(answer) for answer in answers] for mode, answers in modes.items()}
            for name, modes in run.items()
        },
    }
    path.write_text(json.dumps(told, ensure_ascii=False, indent=1), encoding="utf-8")


def load(path: Path) -> dict[str, dict[str, list[Answer]]]:
    """Read a run that `save` wrote. Raises EvaluationError for any other file, OSError for none."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told["broadsheet_run"] != _VERSION:
            raise EvaluationError(f"{path} cannot be compared with: it is of version {told['broadsheet_run']!r}")
        return {
            name: {mode: [_answer(row) for row in rows] for mode, rows in modes.items()}
            for name, modes in told["collections"].items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise EvaluationError(f"{path} cannot be compared with: {_SHOULD_BE}") from error


def _answer(row: Mapping[str, Any]) -> Answer:
    figures = {name: float(row["figures"][name]) for name in METRICS}
    return Answer(str(row["query"]), str(row["text"]), figures, tuple(map(str, row["first"])))


def compare(before: Sequence[Answer], after: Sequence[Answer]) -> Comparison | None:
    """What changed between two runs of one mode, over the queries that both have; None if there are none."""
    known = {answer.query: answer for answer in before}
    pairs = [(known[answer.query], answer) for answer in after if answer.query in known]
    if not pairs:
        return None
    changes = figures_of([now for _, now in pairs]) - figures_of([was for was, _ in pairs])
    gains = changes[:, list(METRICS).index("ndcg@10")]
    flips = [Flip(now.query, now.text, _place(was), _place(now)) for was, now in pairs]
    return Comparison(
        len(pairs),
        intervals(changes),
        int((gains > 0).sum()),
        int((gains < 0).sum()),
        tuple(flip for flip in flips if flip.was and not flip.now),
        tuple(flip for flip in flips if flip.was == 1 and (flip.now or 1) > 1),
    )


def _place(answer: Answer) -> int | None:
    """Where the first relevant paper stands among the first ten."""
    rank = answer.figures["mrr@10"]
    return round(1 / rank) if rank else None
