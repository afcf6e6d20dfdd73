"""``broadsheet paper``: one paper in the terminal, and which source each of its fields is from."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import out, print_json, shown

if TYPE_CHECKING:
    from broadsheet.library.models import Version
    from broadsheet.library.provenance import Origin, Value

_CUT = 160
_ADDED_UP = ("identifiers", "links")


@click.command()
@click.argument("paper", metavar="PAPER")
@common
def paper(paper: str, as_json: bool) -> None:
    """Show a paper, which source each field is from, and what other sources say.

    PAPER is an address here, an identifier or a link: broadsheet paper 2104.12255
    """
    library = open_library()
    version = library.find(paper)
    origins = library.provenance(version)
    merged = [row.absorbed.key for row in library.merges(version)]
    if as_json:
        print_json(_told(version) | {"sources": [origin.to_json() for origin in origins], "merged": merged})
        return
    out.print(f"[bold]{shown(version.title)}[/bold]", soft_wrap=True)
    if version.authors:
        out.print(shown(", ".join(version.author_names)), soft_wrap=True)
    about = " · ".join(
        str(part) for part in (version.paper.key, f"v{version.number}", version.date, version.venue) if part
    )
    out.print(f"[dim]{shown(about)}[/dim]", soft_wrap=True)
    if version.abstract:
        out.print(f"\n{shown(version.abstract)}", soft_wrap=True)
    out.print("\n[dim]Where this comes from[/dim]")
    for line in _lines(origins):
        out.print(line, soft_wrap=True)
    for key in merged:
        undo = f"broadsheet split {version.paper.key} {key}"
        out.print(f"\n[dim]Merged into it: {shown(key)}. Undo: {shown(undo)}[/dim]", soft_wrap=True)


def _lines(origins: "tuple[Origin, ...]") -> "Iterator[str]":
    """A line for each field with whose word is shown, then one for each other word."""
    width = max(len(origin.field) for origin in origins)
    for origin in origins:
        for place, value in enumerate(origin.values):
            label = f"[dim]{origin.field if place == 0 else '':<{width}}[/dim]"
            yield f"{label}  {_said(value, origin.field in _ADDED_UP)}"


def _said(value: "Value", is_added_up: bool) -> str:
    text = value.value if isinstance(value.value, str) else ", ".join(value.value)
    text = text if len(text) <= _CUT else f"{text[:_CUT].rstrip()}…"
    who = shown(", ".join(value.sources))
    if is_added_up:
        return f"{shown(text)} [dim]({who})[/dim]"
    return who if value.is_shown else f"[dim]{who} says:[/dim] {shown(text)}"


def _told(version: "Version") -> dict[str, Any]:
    days = {name: getattr(version, name) for name in ("published", "updated", "announced")}
    return {
        "id": version.paper.key,
        "title": version.title,
        "abstract": version.abstract,
        "authors": version.author_names,
        "identifiers": version.identifiers,
        "topics": version.topics,
        "links": version.links,
        **{name: day.isoformat() if day else None for name, day in days.items()},
        "venue": version.venue,
        "comment": version.comment,
        "language": version.language,
        "source": version.source,
        "version": version.number,
        "day": version.paper.day.isoformat(),
    }
