"""``broadsheet search``: by words and by meaning, in the terminal."""

from typing import TYPE_CHECKING, BinaryIO

import click
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import counted, err, out, print_json
from broadsheet.cli.progress import catch_up_with_bar

if TYPE_CHECKING:
    from broadsheet.library import Hit, Library
    from broadsheet.library.facets import Facets
    from broadsheet.library.since import Since
    from broadsheet.library.sorting import Sort

SORTS = ("relevance", "date", "trending")
LIKE_LIMIT = 5_000_000


@click.command()
@click.argument("query", nargs=-1)
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, show_default=True, help="How many hits.")
@click.option("--offset", type=click.IntRange(0, 100_000), default=0, help="How many hits to leave out first.")
@click.option("--at", type=str, help="Search as of a change number or a date (2026-11-01).")
@click.option("--deep", is_flag=True, help="Read the first 20 more closely, which takes a second or more.")
@click.option(
    "--like",
    type=click.File("rb"),
    help="Papers like a text, or like the references of a .bib, .ris or .json file; - reads a text.",
)
@click.option("--sort", type=click.Choice(SORTS), default="relevance", show_default=True, help="Which come first.")
@click.option(
    "--facets", is_flag=True, help="Tell the years, topics, authors and sources it can be narrowed to instead."
)
@common
def search(
    query: tuple[str, ...],
    limit: int,
    offset: int,
    at: str | None,
    deep: bool,
    like: BinaryIO | None,
    sort: "Sort",
    facets: bool,
    as_json: bool,
) -> None:
    """Find papers by words and by meaning.

    Words, "exact phrases", -excluded, title: author: topic: source: id: after: before: are understood. Quote the query
    for your shell: broadsheet search '"low rank" author:smith after:2025'
    """
    if bool(query) == bool(like):
        raise click.UsageError("give a query, or --like and a file")
    if like and (offset or at or deep or facets or sort != "relevance"):
        raise click.UsageError("--like gives the nearest papers of now; of the other options it knows --limit")
    library = open_library()
    catch_up_with_bar(library)
    if like:
        _print_like(library, like, limit, as_json)
        return
    text, place_in_time = " ".join(query), library.as_of(at) if at else None
    if facets:
        _print_facets(library.facets(text, place_in_time), as_json)
        return
    answer = library.search(text, limit=limit, offset=offset, at=place_in_time, deep=deep, sort=sort)
    since = library.since(answer) if at else None
    if as_json:
        print_json(answer.to_json() | {"since": since.to_json() if since else None})
        return
    ways = "by words and meaning" if answer.by_meaning else "by words"
    out.print(f"[dim]{counted(answer.total, 'paper')} · {ways} · as of change #{answer.at:,}[/dim]\n")
    if answer.rereading:
        err.print(f"[dim]{answer.rereading.says}[/dim]")
    if since:
        err.print(f"[dim]{_changes(since)}[/dim]")
    for place, hit in enumerate(answer.hits, start=offset + 1):
        out.print(_hit(place, hit))
    if not answer.hits:
        out.print("Nothing found. Try fewer words, or drop a filter.")
    if answer.pending:
        err.print(f"[dim]{counted(answer.pending, 'paper')} not yet found by meaning; next: broadsheet embed[/dim]")


def _print_like(library: "Library", file: BinaryIO, limit: int, as_json: bool) -> None:
    from broadsheet.library.examples import find_like, read_examples
    from broadsheet.sources.payload import decode

    content = file.read(LIKE_LIMIT + 1)
    if len(content) > LIKE_LIMIT:
        raise click.UsageError(f"{file.name} holds more than {LIKE_LIMIT // 1_000_000} MB")
    is_list = file.name.lower().endswith((".bib", ".bibtex", ".ris", ".json"))
    examples = read_examples(content, file.name) if is_list else [("", decode(content, file.name))]
    hits = find_like(library, examples, limit)
    if as_json:
        print_json({"hits": [hit.to_json() for hit in hits]})
        return
    for place, hit in enumerate(hits, start=1):
        out.print(_hit(place, hit))
    if not hits:
        out.print("Nothing found. There may be no words in it that tell it from other texts.")


def _print_facets(found: "Facets", as_json: bool) -> None:
    if as_json:
        print_json(found.to_json())
        return
    out.print(f"[dim]{counted(found.total, 'paper')} · as of change #{found.at:,}[/dim]")
    for label, values in (
        ("Year", found.years),
        ("Topic", found.topics),
        ("Author", found.authors),
        ("Source", found.sources),
    ):
        if values:
            out.print(Text(f"\n{label}", "bold"))
        for facet in values:
            out.print(
                Text(f"{facet.papers:>9,}  ", "dim").append(facet.value, "default").append(f"   {facet.query}", "dim")
            )


def _changes(since: "Since") -> str:
    least = "" if since.is_counted else "at least "
    return (
        f"since then {since.revised:,} of these have newer versions, {since.withdrawn:,} were withdrawn, "
        f"{least}{counted(since.later, 'paper')} came later"
    )


def _hit(place: int, hit: "Hit") -> Padding | Text:
    version = hit.version
    authors = ", ".join(version.author_names[:3]) + (" and others" if len(version.author_names) > 3 else "")
    meta = " · ".join(part for part in (authors, str(version.date or ""), hit.id) if part)
    lines = [_marked(hit.title_segments, "bold").append(f"  {hit.score:.3f}", "dim"), Text(meta, "dim")]
    lines += [_marked(hit.snippet, "")] if hit.snippet else []
    if not out.is_terminal:  # nothing wraps, so no grid is needed, whose cells would end in spaces
        return Text(f"{place:3}  ").append_text(Text("\n     ").join(lines)).append("\n")
    row = Table.grid(padding=(0, 2))
    row.add_column(justify="right", width=3, style="dim")
    row.add_column(overflow="fold")
    row.add_row(str(place), Text("\n").join(lines))
    return Padding(row, (0, 0, 1, 0), expand=False)


def _marked(segments: tuple[tuple[str, bool], ...], style: str) -> Text:
    return Text.assemble(*((text, f"{style} yellow".strip() if is_match else style) for text, is_match in segments))
