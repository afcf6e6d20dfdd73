"""``broadsheet interests``: what a reader's digest knows of what they read, from a file of references."""

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import counted, err, out, print_json, shown
from broadsheet.cli.progress import embedding_bar

if TYPE_CHECKING:
    from broadsheet.community.models import Bibliography, Reader
    from broadsheet.library import Library

_READER = click.option("--reader", "name", required=True, help="Handle or mail address of the reader.")


@click.group()
def interests() -> None:
    """What a reader reads, from a file of references: import, list, forget."""


@interests.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@_READER
@common
def import_(file: Path, name: str, as_json: bool) -> None:
    """Let a reader's digest know a BibTeX, RIS or CSL-JSON file: broadsheet interests import my.bib --reader ann

    Papers that are here are found; of the others only what they are about is kept.
    """
    library = open_library()
    from broadsheet.community import bibliographies
    from broadsheet.sources.references import FILE_LIMIT

    reader = _find(name)
    with file.open("rb") as stream:
        payload = stream.read(FILE_LIMIT + 1)
    row = bibliographies.add(reader, library, file.name, payload, library.clock())
    with embedding_bar("references") as show:
        bibliographies.learn(library, library.clock(), progress=show)
    row.refresh_from_db()
    if as_json:
        print_json(_told(row))
        return
    out.print(f"{row.found:,} of {counted(row.total, 'reference')} found here{_rest(row, library)}.")
    for fault in row.faults[:5]:
        err.print(f"  [red]![/red] {shown(fault)}", soft_wrap=True)
    for theme in row.themes.order_by("pk"):
        out.print(f"  {theme.references:>5,}  like {shown(theme.title)}", soft_wrap=True)
    out.print(f"Undo: broadsheet interests forget {row.pk} --reader {shown(reader.username)}")


@interests.command("list")
@_READER
@common
def list_(name: str, as_json: bool) -> None:
    """Show the files of references that a reader's digest knows."""
    open_library()
    from broadsheet.community import bibliographies

    rows = list(bibliographies.bibliographies(_find(name)))
    if as_json:
        print_json([_told(row) for row in rows])
        return
    if not rows:
        out.print(f"None yet. Next: broadsheet interests import FILE --reader {shown(name)}")
    for row in rows:
        out.print(f"{row.pk}  {shown(row.name)}: {row.found:,} of {counted(row.total, 'reference')} found here")


@interests.command("forget")
@click.argument("number", type=click.IntRange(1))
@_READER
@common
def forget(number: int, name: str, as_json: bool) -> None:
    """Forget a file of references and everything that was learned of it."""
    open_library()
    from broadsheet.community import bibliographies

    row = bibliographies.find(_find(name), number)
    bibliographies.forget(row)
    if as_json:
        print_json({"forgotten": number})
    else:
        out.print(f"{shown(row.name)} is forgotten, with everything that was learned of it.")


def _find(name: str) -> "Reader":
    from django.db.models import Q

    from broadsheet.community.errors import Missing
    from broadsheet.community.models import Reader

    found = Reader.objects.filter(Q(username__iexact=name.removeprefix("@")) | Q(email__iexact=name)).first()
    if found is None:
        raise Missing(f"There is no reader {name[:80]!r}")
    return found


def _rest(row: "Bibliography", library: "Library") -> str:
    others = row.total - row.found - row.refused
    how = "known by title and abstract" if library.embedder else "left out, since there is no encoder here"
    told = f"; {counted(others, 'other')} {how}" if others else ""
    refused = f"; {row.refused:,} could not be used" if row.refused else ""
    return f"{told}{refused}"


def _told(row: "Bibliography") -> dict[str, Any]:
    at: datetime = row.at
    return {
        "number": row.pk,
        "name": row.name,
        "at": at.isoformat(),
        "total": row.total,
        "found": row.found,
        "refused": row.refused,
        "faults": row.faults,
        "topics": [topic for topic, _ in row.topics],
        "themes": [{"title": one.title, "references": one.references} for one in row.themes.order_by("pk")],
    }
