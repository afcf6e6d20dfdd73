"""Embedding what has no vector yet: each batch one transaction, safe to kill."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

from django.db.models import QuerySet

from broadsheet.library import generations
from broadsheet.library.journal import Pen, appending
from broadsheet.library.models import Change, Embedding, Version
from broadsheet.search import Embedder, Vector, passage

BATCH = 32
"""How many versions are embedded and committed together."""

_AT_ONCE = 2
"""How many batches are embedded at once, so that no core waits for the last text of one, or while one is stored."""


def pending(alias: str) -> "QuerySet[Version]":
    """The open versions that have no vector yet, newest first: today's papers before the backlog."""
    return Version.objects.using(alias).filter(died__isnull=True, is_embedded=False).order_by("-born")


def count_pending(alias: str) -> int:
    """How many open versions have no vector yet. One query, of a row of an index for each of them."""
    return pending(alias).filter(born__gte=0).count()  # the bound has SQLite choose the index of them alone


def waiting_since(alias: str) -> datetime | None:
    """When the version came that has waited longest for its vector; None if none waits."""
    oldest = pending(alias).filter(born__gte=0).order_by("born").values("born")[:1]
    return Change.objects.using(alias).filter(seq=oldest).values_list("at", flat=True).first()


def embed_pending(
    alias: str,
    embedder: Embedder,
    chosen: str,
    clock: Callable[[], datetime],
    progress: Callable[[int, int], None] | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Embed every open version that lacks a vector and return how many were; `progress` hears (done, total).

    `chosen` says where the encoder was found, for a library that has no vector yet. Two processes may do this at once:
    a version embedded by the other meanwhile is left as it is. Raises OtherGeneration if the library is, or comes to
    be, searched by another encoder.
    """
    done, total = 0, count_pending(alias) if progress else 0
    for vectors in _batches(alias, embedder, stop):
        with appending(alias, clock()) as pen:
            generations.settle(pen, embedder, chosen)
            store(pen, embedder, pending(alias), vectors)
        done += len(vectors)
        if progress:
            progress(done, max(total, done))
    return done


def _batches(alias: str, embedder: Embedder, stop: Callable[[], bool]) -> Iterator[dict[int, Vector]]:
    """The vectors of what waits, batch by batch; while one is stored, the next ones are being made."""
    made: deque[tuple[list[int], Future[dict[int, Vector]]]] = deque()
    with ThreadPoolExecutor(_AT_ONCE, thread_name_prefix="batch") as pool:
        while True:
            while len(made) < _AT_ONCE and not stop():
                taken = [key for keys, _ in made for key in keys]
                batch = list(pending(alias).exclude(pk__in=taken)[:BATCH])
                if not batch:
                    break
                made.append(([version.pk for version in batch], pool.submit(vectors_of, embedder, batch)))
            if not made:
                return
            yield made.popleft()[1].result()


def vectors_of(embedder: Embedder, versions: Sequence[Version]) -> dict[int, Vector]:
    """The vectors of versions by their keys."""
    vectors = embedder.embed_passages([passage(version.title, version.abstract) for version in versions])
    return dict(zip((version.pk for version in versions), vectors, strict=True))


def store(
    pen: Pen, embedder: Embedder, waiting: "QuerySet[Version]", vectors: dict[int, Vector], *, is_searched: bool = True
) -> int:
    """Note the vectors of those versions that still wait for one; return how many. They are marked if searched by."""
    rows = []
    for version in waiting.filter(pk__in=vectors).select_related("paper"):
        vector = vectors[version.pk]
        born = pen.write(Change.Kind.EMBEDDED, version.paper, version)
        codes = vector.codes.tobytes()
        rows.append(Embedding(version=version, born=born, model=embedder.name, codes=codes, scale=vector.scale))
    Embedding.objects.using(pen.alias).bulk_create(rows)
    if is_searched:
        Version.objects.using(pen.alias).filter(pk__in=[row.version_id for row in rows]).update(is_embedded=True)
    return len(rows)
