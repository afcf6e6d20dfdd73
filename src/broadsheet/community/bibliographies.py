"""Bibliographies: a file of references is read, its papers are found here, and what it is about is learned.

References that are no papers here are not stored as such: their texts wait for the encoder, become a few directions in
meaning, and are forgotten.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

import numpy as np
from django.db import transaction
from django.db.models import QuerySet
from numpy.typing import NDArray

from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Bibliography, Reader, Reference, Theme
from broadsheet.library import Library
from broadsheet.library.models import Embedding, Version
from broadsheet.library.recognising import recognise
from broadsheet.papers import Record
from broadsheet.ranking.themes import find_themes
from broadsheet.search import Embedder, passage
from broadsheet.sources import SourceError
from broadsheet.sources.references_apart import read_apart

MOST = 5
"""How many bibliographies a reader has at most."""
TOPICS = 8
FAULTS = 20
_AT_ONCE = 32
_SHARE = 0.05
_CHUNK = 500
_NAME, _REASON, _ABSTRACT, _TITLE = 120, 300, 8_000, 300

Vectors = NDArray[np.float32]


def bibliographies(reader: Reader) -> "QuerySet[Bibliography]":
    """A reader's bibliographies, the newest first."""
    return Bibliography.objects.filter(reader=reader).order_by("-at", "-pk")


def find(reader: Reader, number: int) -> Bibliography:
    """One of a reader's own. Raises Missing."""
    found = bibliographies(reader).filter(pk=number).first()
    if found is None:
        raise Missing("You have no such list of references")
    return found


def add(reader: Reader, library: Library, name: str, payload: bytes, now: datetime) -> Bibliography:
    """Read a file and find its papers. Raises CommunityError for one that cannot be read, and for one too many."""
    try:
        found = read_apart(payload)
    except SourceError as error:
        raise CommunityError(_sentence(str(error))) from error
    records = [one for one in found if isinstance(one, Record)]
    faults = [f"{fault.place}: {fault.reason}"[:_REASON] for fault in found if not isinstance(fault, Record)]
    if not records:
        raise CommunityError(_sentence(f"the file holds no reference that can be used{_first(faults)}"))
    papers = recognise(library.alias, records)
    known = dict.fromkeys(paper for paper in papers if paper is not None)
    unknown = {
        record.version.title: record.version.abstract
        for record, paper in zip(records, papers, strict=True)
        if paper is None and record.version
    }
    with transaction.atomic():
        Reader.objects.select_for_update().get(pk=reader.pk)  # so that two files at once are not one too many
        if bibliographies(reader).count() >= MOST:
            raise CommunityError(f"You have {MOST} lists of references; forget one before you send another")
        row = Bibliography.objects.create(
            reader=reader,
            name=_clean(name),
            at=now,
            total=len(known) + len(unknown) + len(faults),
            found=len(known),
            refused=len(faults),
            faults=faults[:FAULTS],
            topics=_topics(library.alias, list(known)),
        )
        Reference.objects.bulk_create([Reference(bibliography=row, paper_id=paper) for paper in known])
        Reference.objects.bulk_create(
            [
                Reference(bibliography=row, title=title, abstract=abstract[:_ABSTRACT])
                for title, abstract in unknown.items()
            ]
        )
    return row


def forget(row: Bibliography) -> None:
    """Forget a bibliography and everything that was learned of it."""
    row.delete()


def papers_of(library: Library, row: Bibliography, limit: int) -> list[Version]:
    """The papers here that a bibliography names, in its order."""
    numbers = list(_known(row).order_by("pk").values_list("paper", flat=True)[:limit])
    versions = Version.objects.using(library.alias).filter(paper__in=numbers, died__isnull=True)
    by_paper = {version.paper_id: version for version in versions.select_related("paper")}
    return [by_paper[number] for number in numbers if number in by_paper]


def waiting(row: Bibliography) -> int:
    """How many references wait for the encoder."""
    return 0 if row.learned_at else _unknown(row).filter(codes__isnull=True).count()


def learn(
    library: Library,
    now: datetime,
    stop: Callable[[], bool] = lambda: False,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> int:
    """Learn what bibliographies are about, the oldest first, and return how many are done. Safe to kill, or to stop.

    `progress` hears of each how many references of how many were read.
    """
    done = 0
    embedder = library.embedder
    for row in Bibliography.objects.filter(learned_at__isnull=True).order_by("at", "pk"):
        if embedder and not _embed(row, embedder, stop, progress):
            break
        done += _settle(row, library, embedder, now)
    return done


def _embed(
    row: Bibliography, embedder: Embedder, stop: Callable[[], bool], progress: Callable[[int, int], None]
) -> bool:
    """Give the references that are no papers here their vectors, and forget their abstracts; False if stopped.

    What another encoder read of them before is read anew, by their titles.
    """
    if row.model != embedder.name:
        _unknown(row).update(codes=None)
        row.model = embedder.name
        row.save(update_fields=["model"])
    total, done = waiting(row), 0
    while batch := list(_unknown(row).filter(codes__isnull=True).order_by("pk")[:_AT_ONCE]):
        if stop():
            return False
        vectors = embedder.embed_passages([passage(one.title, one.abstract) for one in batch])
        for one, vector in zip(batch, vectors, strict=True):
            one.codes, one.abstract, one.title = vector.codes.tobytes(), "", one.title[:_TITLE]
        Reference.objects.bulk_update(batch, ["codes", "abstract", "title"])
        done += len(batch)
        progress(done, max(total, done))
    return True


@transaction.atomic
def _settle(row: Bibliography, library: Library, embedder: Embedder | None, now: datetime) -> int:
    """Find the themes, once, and forget the references that are no papers here."""
    row = Bibliography.objects.select_for_update().filter(pk=row.pk, learned_at__isnull=True).first() or row
    if row.learned_at:
        return 0
    if embedder:
        row.model = embedder.name
        titles, vectors = _gather(row, library)
        Theme.objects.bulk_create(
            Theme(
                bibliography=row,
                title=titles[theme.rows[0]][:_TITLE],
                references=len(theme.rows),
                codes=np.rint(theme.centre / np.abs(theme.centre).max() * 127).astype(np.int8).tobytes(),
            )
            for theme in find_themes(vectors)
        )
    _unknown(row).delete()
    row.learned_at = now
    row.save(update_fields=["model", "learned_at"])
    return 1


def _gather(row: Bibliography, library: Library) -> tuple[list[str], Vectors]:
    """The titles and the vectors of everything that a bibliography names, of the papers here their own."""
    found = list(_unknown(row).exclude(codes=None).order_by("pk").values_list("title", "codes"))
    papers = list(_known(row).order_by("pk").values_list("paper", flat=True))
    for start in range(0, len(papers), _CHUNK):
        rows = Embedding.objects.using(library.alias).filter(
            version__paper__in=papers[start : start + _CHUNK], version__died__isnull=True, model=row.model
        )
        found += rows.order_by("version__paper").values_list("version__title", "codes")
    if not found:
        return [], np.zeros((0, 0), np.float32)
    vectors = np.stack([np.frombuffer(codes or b"", np.int8) for _, codes in found]).astype(np.float32)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return [title for title, _ in found], vectors / np.maximum(lengths, np.float32(1e-9))


def _known(row: Bibliography) -> "QuerySet[Reference]":
    return Reference.objects.filter(bibliography=row, paper__isnull=False)


def _unknown(row: Bibliography) -> "QuerySet[Reference]":
    return Reference.objects.filter(bibliography=row, paper__isnull=True)


def _topics(alias: str, papers: Sequence[int]) -> list[tuple[str, float]]:
    """The topics that several of these papers have, with the share of the papers that have each."""
    counts: Counter[str] = Counter()
    for start in range(0, len(papers), _CHUNK):
        open_ = Version.objects.using(alias).filter(paper__in=papers[start : start + _CHUNK], died__isnull=True)
        for topics in open_.values_list("topics", flat=True):
            counts.update(set(topics[:3]))
    return [
        (topic, count / len(papers)) for topic, count in _ranked(counts) if count > 1 and count >= _SHARE * len(papers)
    ][:TOPICS]


def _ranked(counts: Counter[str]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _clean(name: str) -> str:
    """A file's name as it can be shown."""
    shown = "".join(char for char in name.replace("\\", "/").rpartition("/")[2] if char.isprintable())
    return " ".join(shown.split())[:_NAME] or "references"


def _first(faults: Iterable[str]) -> str:
    first = next(iter(faults), "")
    return f"; the first fault: {first}" if first else ""


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:_REASON]
