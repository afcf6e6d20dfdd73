"""``broadsheet reindex``: another sentence encoder or version, judged before everybody searches by it."""

from collections.abc import Sequence
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet import __version__
from broadsheet.cli.judging import KNOWN, NEW, NOW, Report, ask_known, known_papers, measure
from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import counted, err, out, print_json, shown
from broadsheet.cli.progress import catch_up_with_bar, embedding_bar, progress_bar, telling_bar

if TYPE_CHECKING:
    from broadsheet.evaluation import Answer, Collection
    from broadsheet.library import Library
    from broadsheet.library.live import Live
    from broadsheet.library.reindexing import Reindexing
    from broadsheet.search import Embedder

_MODELS = "the new model beside that of now"
_VERSIONS = "this version beside the one of before"


@click.command()
@click.option("--model", help="A folder or ID@COMMIT of a hub; else the one begun before, else $BROADSHEET_MODEL.")
@click.option("--eval", "folders", multiple=True, type=click.Path(path_type=Path), help="Judge by this collection.")
@click.option("--queries", type=click.IntRange(1, 100_000), default=400, show_default=True, help="How many at most.")
@click.option("--gate", type=click.FloatRange(0, 100), default=2.0, show_default=True, help="How many of 100 may lose.")
@click.option("--anyway", is_flag=True, help="Change even if queries lose.")
@click.option("--forget", is_flag=True, help="Drop the vectors of all models but the one that is searched by.")
@common
@click.pass_context
def reindex(
    ctx: click.Context,
    model: str | None,
    folders: tuple[Path, ...],
    queries: int,
    gate: float,
    anyway: bool,
    forget: bool,
    as_json: bool,
) -> None:
    """Change the sentence encoder: broadsheet reindex --model ~/models/mine

    Its vectors are made aside while everybody searches by those of now; stop it at any time, it goes on from there.
    Then both are asked for known papers of the library, or the queries of --eval, and unless too many queries lose what
    they found, one commit has the library searched by the new ones. Servers and workers take them up by themselves.

    With the model that is searched by already, it compares this version of Broadsheet with what was answered before.
    """
    if isnan(gate):
        raise click.BadParameter("nan is no number of queries", param_hint="--gate")
    library = open_library()
    library.generations.is_strict = False  # the encoder of now may be what is broken
    if forget:
        _forget(library, as_json)
        return
    embedder, chosen = _found(library, model)
    is_upgrade = library.searched_by == embedder.name
    if is_upgrade and folders:
        raise click.UsageError("--eval judges another model; two versions are compared by broadsheet eval --against")
    collections = _collections(folders, queries)
    try:
        if is_upgrade:
            report = _upgrade(library, queries, gate, anyway=anyway, quiet=as_json)
        else:
            report = _change(library, embedder, chosen, collections, queries, gate, anyway=anyway, quiet=as_json)
    except KeyboardInterrupt:
        err.print("\nStopped: everybody searches as before. Next: broadsheet reindex goes on from here")
        raise
    if as_json:
        print_json(report.to_json())
    else:
        _print_end(report, chosen, is_upgrade=is_upgrade, anyway=anyway)
    ctx.exit(1 if report.objections and not anyway else 0)


def _found(library: "Library", model: str | None) -> "tuple[Embedder, str]":
    """The encoder to change to, and where it was found."""
    from django.conf import settings

    from broadsheet.library import LibraryError, generations
    from broadsheet.search import find_embedder

    begun = generations.made(library.alias)
    chosen = model if model is not None else begun.chosen if begun else _asked(settings.MODEL, library)
    embedder = find_embedder(chosen)
    if embedder is None:
        raise LibraryError("there is no sentence encoder to change to; name one with --model, or install the models")
    return embedder, chosen


def _asked(option: str, library: "Library") -> str:
    """What the option names; where it names nothing, the encoder of now, be it the offline pack's or another one."""
    from broadsheet.library import generations

    row = generations.searched(library.alias)
    return row.chosen if row and not option else option


def _collections(folders: Sequence[Path], queries: int) -> "list[Collection]":
    from broadsheet.evaluation import Collection

    return [Collection.read(folder).limited(queries) for folder in folders]


def _change(
    library: "Library",
    embedder: "Embedder",
    chosen: str,
    collections: "Sequence[Collection]",
    queries: int,
    gate: float,
    *,
    anyway: bool,
    quiet: bool,
) -> Report:
    """Make the vectors that are missing, have both models answer, and change over unless something speaks against."""
    work = library.reindex(embedder, chosen)
    report = Report(library.searched_by, embedder.name, library.count())
    if not quiet:
        out.print(f"Searched by {shown(report.before or 'words only')}; making the vectors of {embedder.name}.")
    with embedding_bar("papers") as show:
        report.made = work.make(show)
    catch_up_with_bar(library)
    now = library.generations.current
    at = now.index.position
    _read_journal(work, at)
    kept: dict[str, list[Answer]] = {}
    for collection in collections:
        before, after = measure(collection, now.embedder, NOW), measure(collection, embedder, NEW)
        report.compare(collection.name, len(collection.papers), before, after, _MODELS, quiet=quiet)
    if not collections:
        before, kept = (ask_known(library, live, name, queries, at) for live, name in ((now, NOW), (work.live, NEW)))
        report.compare(KNOWN, report.papers, before, kept, _MODELS, quiet=quiet)
    if not report.judge(gate) or anyway:
        report.since = work.take_over()
        _keep(library, kept, at)
    return report


def _read_journal(work: "Reindexing", until: int) -> None:
    """Have the new index follow, and written down before others take it up, who would read the whole journal."""
    with progress_bar("changes") as bar:
        task = bar.add_task("reading the journal", total=None, rate="")
        work.index(lambda done, all_: bar.update(task, completed=done, total=all_), until)
    work.keep_snapshot()


def _upgrade(library: "Library", queries: int, gate: float, *, anyway: bool, quiet: bool) -> Report:
    """Compare what is answered with what another version answered; keep what is answered now, unless queries lose."""
    from broadsheet.library import generations

    catch_up_with_bar(library)
    live = library.generations.current
    report = Report(live.model, live.model or "", library.count())
    row = generations.searched(library.alias)
    if row and (kept := row.answers):
        before, after = _both_versions(library, live, kept)
        report.compare(f"{KNOWN} as of change #{kept['at']:,}", report.papers, before, after, _VERSIONS, quiet=quiet)
    if not report.judge(gate) or anyway:
        at = live.index.position
        _keep(library, ask_known(library, live, NOW, queries, at), at)
    return report


def _both_versions(
    library: "Library", live: "Live", kept: "dict[str, Any]"
) -> "tuple[dict[str, list[Answer]], dict[str, list[Answer]]]":
    """What was answered as of a change, and what is answered as of it now."""
    from broadsheet.evaluation import ask, draw, recall_answers

    places = kept["places"]
    drawn = draw(known_papers(library, kept["at"]), max(map(len, places.values()), default=0))
    questions = [question for question in drawn if all(question.id in found for found in places.values())]
    with telling_bar(live.model or "words only") as tell:
        return recall_answers(questions, places), ask(questions, live.index, live.embedder, tell, kept["at"])


def _keep(library: "Library", answers: "dict[str, list[Answer]]", at: int) -> None:
    """Keep where the papers stood, for the next version to be compared with; no words of theirs."""
    from broadsheet.evaluation import places_of
    from broadsheet.library import generations

    kept = {"at": at, "version": __version__, "places": places_of(answers)} if answers.get("hybrid") else None
    generations.keep_answers(library.alias, kept)


def _print_end(report: Report, chosen: str, *, is_upgrade: bool, anyway: bool) -> None:
    if report.objections:
        out.print("[red]What speaks against it[/red]")
        for said in report.objections:
            out.print(f"  {shown(said)}", soft_wrap=True)
    if is_upgrade:
        _print_upgrade(report, anyway=anyway)
    elif report.since is None:
        out.print(f"Nothing has changed: everybody searches by {shown(report.before or 'words only')}, as before.")
        out.print("Next: broadsheet reindex --anyway, or broadsheet reindex --forget to drop what was made")
    else:
        out.print(
            f"Searched by {shown(report.model)} from change #{report.since:,} on; servers and workers take it up."
        )
        _say_option(chosen)
        if report.before:
            said = "Searches as of before are answered as they were. Drop what that takes: broadsheet reindex --forget"
            out.print(f"[dim]{said}[/dim]")


def _print_upgrade(report: Report, *, anyway: bool) -> None:
    if report.objections and not anyway:
        out.print("The index is written down, and the answers of before are kept. Servers that start now search so.")
        out.print(
            "Next: the version of before, or broadsheet reindex --anyway to compare with these answers from now on"
        )
        return
    out.print(f"The library is searched by {shown(report.model)} already, and the index is up to date.")
    out.print("What it answers is kept: after an upgrade of Broadsheet, broadsheet reindex compares")


def _say_option(chosen: str) -> None:
    """Say where an option names another encoder than the one that was changed to."""
    from django.conf import settings

    from broadsheet.library.generations import lasting

    if settings.MODEL and lasting(settings.MODEL) != lasting(chosen):
        out.print(f"[dim]BROADSHEET_MODEL is still {shown(settings.MODEL)}: set it to {shown(chosen)}[/dim]")


def _forget(library: "Library", as_json: bool) -> None:
    from broadsheet.library import generations, snapshots

    dropped = generations.forget_others(library.alias)
    snapshots.tidy(library.alias)
    if as_json:
        print_json({"forgotten": dropped})
    else:
        out.print(f"{counted(dropped, 'vector')} of other models dropped; searches as of then go by words alone.")
