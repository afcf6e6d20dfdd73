"""Embedding what has no vector yet: each batch one transaction, safe to kill."""

from collections.abc import Callable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet

from broadsheet.library.journal import appending
from broadsheet.library.models import Change, Embedding, Version
from broadsheet.search import Embedder, passage

BATCH = 32
"""How many versions are embedded and committed together."""


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


def forget_other_models(alias: str, model: str) -> int:
    """Drop the vectors of every model but this one, so that its own are made; return how many were dropped.

    Vectors of two models cannot be compared, and a library is searched by one.
    """
    others = Embedding.objects.using(alias).exclude(model=model)
    if not others.exists():
        return 0
    with transaction.atomic(using=alias):
        Version.objects.using(alias).filter(embedding__in=others).update(is_embedded=False)
        return others.delete()[0]


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
    done, total = 0, count_pending(alias) if progress else 0
    while not stop() and (batch := list(pending(alias)[:BATCH])):
        _embed(alias, embedder, batch, clock)
        done += len(batch)
        if progress:
            progress(done, max(total, done))
    return done


def _embed(alias: str, embedder: Embedder, versions: Sequence[Version], clock: Callable[[], datetime]) -> None:
    vectors = embedder.embed_passages([passage(version.title, version.abstract) for version in versions])
    by_version = dict(zip((version.pk for version in versions), vectors, strict=True))
    with appending(alias, clock()) as pen:
        still_pending = pending(alias).filter(pk__in=by_version).select_related("paper")
        rows = []
        for version in still_pending:
            vector = by_version[version.pk]
            born = pen.write(Change.Kind.EMBEDDED, version.paper, version)
            codes = vector.codes.tobytes()
            rows.append(Embedding(version=version, born=born, model=embedder.name, codes=codes, scale=vector.scale))
        Embedding.objects.using(alias).bulk_create(rows)
        Version.objects.using(alias).filter(pk__in=[row.version_id for row in rows]).update(is_embedded=True)
