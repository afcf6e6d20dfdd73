"""Watched folders: which of their files were read, and how they looked then."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from django.db import transaction

from broadsheet.library.models import ReadFile

_AT_ONCE = 500


def folder_key(folder: Path, source: str) -> str:
    """What a folder is known by, as one source: a digest, so that nobody reads here where it lies."""
    return hashlib.sha256(os.fsencode(folder.resolve()) + b"\0" + source.encode()).hexdigest()[:32]


def seen(alias: str, folder: str) -> dict[str, str]:
    """The marks of the files that were read of a folder."""
    return dict(ReadFile.objects.using(alias).filter(folder=folder).values_list("file", "mark"))


def note(alias: str, folder: str, marks: Mapping[str, str]) -> None:
    """Keep the marks of files that were read."""
    rows = [ReadFile(folder=folder, file=file, mark=mark) for file, mark in marks.items()]
    ReadFile.objects.using(alias).bulk_create(
        rows, update_conflicts=True, unique_fields=["folder", "file"], update_fields=["mark"]
    )


def forget(alias: str, folder: str, files: Iterable[str]) -> None:
    """Forget files that are no more, so that one which comes back is read again."""
    gone = list(files)
    with transaction.atomic(using=alias):
        for start in range(0, len(gone), _AT_ONCE):
            batch = gone[start : start + _AT_ONCE]
            ReadFile.objects.using(alias).filter(folder=folder, file__in=batch).delete()
