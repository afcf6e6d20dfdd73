"""``broadsheet search``: by words and by meaning, in the terminal."""

import click
from rich.markup import escape
from rich.text import Text

from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import counted, err, out, print_json


@click.command()
@click.argument("query", nargs=-1, required=True)
@click.option("--limit", type=click.IntRange(1, 1_000), default=10, show_default=True, help="How many hits.")
@click.option("--offset", type=click.IntRange(0, 100_000), default=0, help="How many hits to leave out first.")
@click.option("--at", type=str, help="Search as of a change number or a date (2026-11-01).")
@common
def search(query: tuple[str, ...], limit: int, offset: int, at: str | None, as_json: bool) -> None:
    """Find papers by words and by meaning.

    Words, "exact phrases", -excluded, title: author: topic: id: after: before: are understood. Quote the query for your
    shell: broadsheet search '"low rank" author:smith after:2025'
    """
    library = open_library()
    answer = library.search(" ".join(query), limit=limit, offset=offset, at=library.as_of(at) if at else None)
    if as_json:
        print_json(answer.to_json())
        return
    ways = "by words and meaning" if answer.by_meaning else "by words"
    out.print(f"[dim]{counted(answer.total, 'paper')} · {ways} · as of change #{answer.at:,}[/dim]\n")
    for place, hit in enumerate(answer.hits, start=offset + 1):
        out.print(Text.assemble((f"{place:3}  ", "dim"), _marked(hit.title_segments, "bold"), (f"  {hit.score:.3f}", "dim")))
        authors = ", ".join(hit.version.author_names[:3]) + (" and others" if len(hit.version.author_names) > 3 else "")
        meta = " · ".join(part for part in (authors, str(hit.version.date or ""), hit.id) if part)
        out.print(f"     [dim]{escape(meta)}[/dim]")
        if hit.snippet:
            out.print(Text("     ").append_text(_marked(hit.snippet, "")))
        out.print()
    if not answer.hits:
        out.print("Nothing found. Try fewer words, or drop a filter.")
    if answer.pending:
        err.print(f"[dim]{counted(answer.pending, 'paper')} not yet found by meaning; next: broadsheet embed[/dim]")


def _marked(segments: tuple[tuple[str, bool], ...], style: str) -> Text:
    return Text.assemble(*((text, f"{style} yellow".strip() if is_match else style) for text, is_match in segments))
