"""Embedding what has no vector yet: longest texts together, each batch one transaction, safe to kill."""

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet

from broadsheet.library.journal import appending
from broadsheet.library.models import Change, Embedding, Version
from broadsheet.search import Embedder, passage

WINDOW, BATCH = 512, 32
"""How many pending versions are sorted by length together, and how many are embedded and committed together."""


def pending(alias: str) -> "QuerySet[Version]":
    """The open versions that no model has read yet, newest first: today's papers before the backlog."""
    return Version.objects.using(alias).filter(died__isnull=True, is_embedded=False).order_by("-born")


def embed_pending(
    alias: str,
    embedder: Embedder,
    clock: Callable[[], datetime],
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Embed every open version that lacks a vector and return how many were; `progress` hears (done, total).

    Two processes may do this at once: a version embedded by the other meanwhile is left as it is.
    """
    done, total = 0, pending(alias).count() if progress else 0
    while window := list(pending(alias)[:WINDOW]):
        window.sort(key=lambda version: len(version.abstract), reverse=True)
        for batch in batched(window, BATCH):
            if stop():
                return done
            done += len(batch)
            _embed(alias, embedder, batch, clock)
            if progress:
                progress(done, max(total, done))
    return done


def _embed(alias: str, embedder: Embedder, versions: Sequence[Version], clock: Callable[[], datetime]) -> None:
    vectors = embedder.embed_passages([passage(version.title, version.abstract) for version in versions])
    with appending(alias, clock()) as pen:
        ids = [version.pk for version in versions]
        open_now = pending(alias).filter(pk__in=ids).select_related("paper").in_bulk()
        rows = []
        for version, vector in zip(versions, vectors, strict=True):
            if still_open := open_now.get(version.pk):
                pen.write(Change.Kind.EMBEDDED, still_open.paper, still_open)
                rows.append(
                    Embedding(version=still_open, model=embedder.name, codes=vector.codes.tobytes(), scale=vector.scale)
                )
        Embedding.objects.using(alias).bulk_create(rows)
        Version.objects.using(alias).filter(pk__in=open_now).update(is_embedded=True)


def batched(versions: Sequence[Version], size: int) -> Iterator[Sequence[Version]]:
    """Cut a list into runs of at most `size`."""
    for start in range(0, len(versions), size):
        yield versions[start : start + size]
