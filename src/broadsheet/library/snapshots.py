"""Snapshots of the index: where the next process starts, in place of reading the whole journal.

A snapshot belongs to one journal, one model and one analysis; what it lacks is read from the journal. It holds words of
papers, so it goes as soon as one of them is erased.
"""

import hashlib
import logging
from glob import escape
from pathlib import Path

from broadsheet.library.database import path_beside
from broadsheet.library.models import Change, Generation
from broadsheet.search import ANALYSIS_VERSION, NativeIndex, SnapshotError

log = logging.getLogger(__name__)

LEAST_CHANGES = 2_000
"""So many changes are read faster than a snapshot is written and mapped."""
_PART = 200


def path_of(alias: str, model: str | None) -> Path:
    """Where the snapshot of an index with a model's vectors lies; each analysis of texts has its own."""
    told = hashlib.sha256(f"{ANALYSIS_VERSION} {model}".encode()).hexdigest()
    return path_beside(alias, f".{told[:8]}.index")


def load(alias: str, model: str | None) -> NativeIndex:
    """The index as the snapshot has it, or an empty one; a snapshot that cannot be used is told of and left aside."""
    path = path_of(alias, model)
    if not path.exists():
        return NativeIndex()
    try:
        position = NativeIndex.position_of(path)
        return NativeIndex.load(path, _identity(alias, model, position))
    except SnapshotError as error:
        log.warning("%s; the index is made anew from the journal", error)
        return NativeIndex()


def is_due(alias: str, model: str | None, index: NativeIndex) -> bool:
    """Whether enough happened since the last snapshot: at least 2,000 changes, and one in 200 of all.

    Then writing costs a bounded multiple of what the changes cost, and reading on from a snapshot stays quick.
    """
    path = path_of(alias, model)
    try:
        saved = NativeIndex.position_of(path) if path.exists() else 0
    except SnapshotError:
        saved = 0
    return index.position - saved >= max(LEAST_CHANGES, index.position // _PART)


def save(alias: str, model: str | None, index: NativeIndex) -> None:
    """Write the snapshot in place of the last, and remove those that nobody will open any more.

    Raises OSError, with the last one in place.
    """
    path = path_of(alias, model)
    path.parent.mkdir(parents=True, exist_ok=True)
    position = index.position
    index.save(path, _identity(alias, model, position))
    discard_erased(alias, position)
    tidy(alias, model)


def tidy(alias: str, model: str | None = None) -> None:
    """Remove the snapshots that are of none of the models in use, nor of this one, or of another analysis."""
    kept = Generation.objects.using(alias).filter(is_kept=True).values_list("model", flat=True)
    opened = {path_of(alias, each) for each in (model, *kept)}
    for path in all_of(alias):
        if path not in opened:
            path.unlink(missing_ok=True)


def discard_erased(alias: str, position: int) -> None:
    """Remove the snapshots if a paper was erased after `position`, which its words may still be in."""
    if Change.objects.using(alias).filter(kind=Change.Kind.ERASED, seq__gt=position).exists():
        for path in all_of(alias):
            path.unlink(missing_ok=True)


def all_of(alias: str) -> list[Path]:
    """Every snapshot of a library, whatever model and analysis it is of."""
    name = path_beside(alias, "")
    return sorted(name.parent.glob(f"{escape(name.name)}*.index"))


def _identity(alias: str, model: str | None, position: int) -> str:
    """What tells one journal, as of a position, from every other; so a restored backup has another snapshot."""
    rows = Change.objects.using(alias).filter(seq__in=(1, position)).order_by("seq")
    told = [f"{row.seq} {row.at.isoformat()} {row.kind} {row.paper_id} {row.version_id}" for row in rows]
    text = "\n".join((f"analysis {ANALYSIS_VERSION}", f"model {model}", f"position {position}", *told))
    return hashlib.sha256(text.encode()).hexdigest()
