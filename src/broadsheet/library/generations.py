"""Generations: by which encoder's vectors a library is searched, as of which change, and which are being made.

A generation is searched from one change of the journal on until the next one is, so every search as of a number has one
encoder, that of its papers' vectors. What is made aside waits without a number and hides nothing.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.models import Q, QuerySet, Subquery

from broadsheet.library.errors import LibraryError
from broadsheet.library.journal import Pen
from broadsheet.library.models import Change, Embedding, Generation
from broadsheet.search import Embedder


class OtherGeneration(LibraryError):
    """The library is searched by another encoder than the one at hand."""


def searched(alias: str) -> Generation | None:
    """The generation that is searched now; None while nothing was ever embedded."""
    return _rows(alias).filter(since__isnull=False).order_by("-since").first()


def searched_at(alias: str, seq: int) -> Generation | None:
    """The generation that was searched at a sequence number."""
    return _rows(alias).filter(since__lte=seq).order_by("-since").first()


def made(alias: str) -> Generation | None:
    """The generation that is being made aside, if any."""
    return Generation.objects.using(alias).filter(since__isnull=True).order_by("-began_at").first()


def both(alias: str) -> tuple[Generation | None, Generation | None]:
    """The generation that is searched now, and the one that is being made. One query."""
    rows = list(_rows(alias).order_by("began_at"))
    given = [row for row in rows if row.since is not None]
    current = max(given, key=lambda row: row.since or 0, default=None)
    return current, next((row for row in reversed(rows) if row.since is None), None)


def model_of(alias: str) -> str:
    """The name of the encoder that is searched by; "" while nothing was ever embedded."""
    found = searched(alias)
    return found.model if found else ""


def vectors_in_use(alias: str, versions: Iterable[int]) -> "QuerySet[Embedding]":
    """The vectors of some versions, of the encoder that is searched by and of the one whose are being made."""
    rows = Generation.objects.using(alias)
    current = rows.filter(since__isnull=False).order_by("-since").values("model")[:1]
    is_used = Q(model=Subquery(current)) | Q(model__in=rows.filter(since__isnull=True).values("model"))
    return Embedding.objects.using(alias).filter(is_used, version__in=list(versions)).order_by("version", "pk")


def settle(pen: Pen, embedder: Embedder, chosen: str) -> None:
    """Have the library searched by an encoder if it is by none yet. Raises OtherGeneration if it is by another one."""
    found = searched(pen.alias)
    if found is None:
        now = pen.at
        Generation.objects.using(pen.alias).create(
            model=embedder.name, chosen=lasting(chosen), since=0, began_at=now, seen_at=now
        )
    elif found.model != embedder.name:
        raise OtherGeneration(f"the library is searched by {found.model}, not by {embedder.name}")


def begin(pen: Pen, embedder: Embedder, chosen: str) -> Generation:
    """Note that the vectors of an encoder are made aside, or go on with them; one of another encoder is given up.

    What was made of it stays until it is forgotten. Raises LibraryError if the library is searched by this one.
    """
    found = searched(pen.alias)
    if found is not None and found.model == embedder.name:
        raise LibraryError(f"the library is searched by {embedder.name} already")
    rows = Generation.objects.using(pen.alias).filter(since__isnull=True)
    rows.exclude(model=embedder.name).delete()
    row = rows.first() or Generation(model=embedder.name, began_at=pen.at)
    row.chosen, row.seen_at = lasting(chosen), pen.at
    row.save(using=pen.alias)
    return row


def take_over(pen: Pen, row: Generation) -> int:
    """Have the library searched by a generation from a new change on, which is returned."""
    row.since = pen.write(Change.Kind.REINDEXED)
    row.save(using=pen.alias, update_fields=["since"])
    return row.since


def keep_answers(alias: str, answers: dict[str, Any] | None) -> None:
    """Keep what the generation that is searched answers, for an upgrade to be compared with."""
    if row := searched(alias):
        row.answers = answers
        row.save(using=alias, update_fields=["answers"])


def forget_others(alias: str) -> int:
    """Drop the vectors of every generation but the one that is searched; return how many were dropped.

    Searches as of the generations before go by words alone from then on.
    """
    current = searched(alias)
    Generation.objects.using(alias).filter(since__isnull=True).delete()
    others = Embedding.objects.using(alias)
    if current is not None:
        past = Generation.objects.using(alias).exclude(model=current.model)
        past.update(is_kept=False)
        others = others.exclude(model=current.model)
    dropped = 0
    while some := list(others.values_list("pk", flat=True)[:_AT_ONCE]):
        dropped += Embedding.objects.using(alias).filter(pk__in=some).delete()[0]
    return dropped


def _rows(alias: str) -> "QuerySet[Generation]":
    """The generations without their answers, which are read for an upgrade alone."""
    return Generation.objects.using(alias).defer("answers")


def lasting(chosen: str) -> str:
    """Where an encoder was found, so that a process in another folder finds it too."""
    chosen = chosen.strip()
    folder = Path(chosen).expanduser()
    return str(folder.absolute()) if chosen and folder.is_dir() else chosen


_AT_ONCE = 500
