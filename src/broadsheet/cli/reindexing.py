"""``broadsheet reindex``: another sentence encoder, its vectors made aside, judged, and then searched by at once."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.evaluation_printing import print_changes, print_figures
from broadsheet.cli.main import common, open_library
from broadsheet.cli.printing import counted, err, out, print_json, shown
from broadsheet.cli.progress import catch_up_with_bar, embedding_bar, progress_bar

if TYPE_CHECKING:
    from broadsheet.evaluation import Answer, Collection, Comparison, Tell
    from broadsheet.library import Library
    from broadsheet.library.live import Live
    from broadsheet.library.reindexing import Reindexing
    from broadsheet.search import Embedder

_NOW, _NEW = "now", "new"


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
    """
    library = open_library()
    library.generations.is_strict = False  # the encoder of now may be what is broken
    if forget:
        _forget(library, as_json)
        return
    embedder, chosen = _found(library, model)
    if library.searched_by == embedder.name:
        catch_up_with_bar(library)
        _say_same(library, embedder, as_json)
        return
    try:
        work, report = _prepare(library, embedder, chosen, _collections(folders, queries), queries, quiet=as_json)
        report.judge(gate)
        is_refused = bool(report.objections) and not anyway
        if not is_refused:
            report.since = work.take_over()
    except KeyboardInterrupt:
        err.print("\nStopped: everybody searches as before. Next: broadsheet reindex goes on from here")
        raise
    if as_json:
        print_json(report.to_json())
    else:
        _print_end(library, report, chosen)
    ctx.exit(1 if is_refused else 0)


@dataclass
class _Report:
    """What was made, how both models answered, and what came of it."""

    before: str | None
    model: str
    made: int
    papers: int
    figures: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    changes: "dict[str, dict[str, Comparison]]" = field(default_factory=dict)
    objections: list[str] = field(default_factory=list)
    since: int | None = None

    def judge(self, most_lost: float) -> None:
        from broadsheet.evaluation import objections

        for name, changes in self.changes.items():
            if hybrid := changes.get("hybrid"):
                self.objections += [f"{name}: {said}" for said in objections(hybrid, most_lost)]

    def to_json(self) -> dict[str, Any]:
        compared = {
            name: {**told, "against": {mode: change.to_json() for mode, change in self.changes[name].items()}}
            for name, told in self.figures.items()
        }
        return {
            "before": self.before,
            "model": self.model,
            "made": self.made,
            "papers": self.papers,
            "compared": compared,
            "objections": self.objections,
            "since": self.since,
        }


def _found(library: "Library", model: str | None) -> "tuple[Embedder, str]":
    """The encoder to change to, and where it was found."""
    from django.conf import settings

    from broadsheet.library import LibraryError, generations
    from broadsheet.search import find_embedder

    begun = generations.made(library.alias)
    chosen = model if model is not None else begun.chosen if begun else settings.MODEL
    embedder = find_embedder(chosen)
    if embedder is None:
        raise LibraryError("there is no sentence encoder to change to; name one with --model, or install the models")
    return embedder, chosen


def _collections(folders: Sequence[Path], queries: int) -> "list[Collection]":
    from broadsheet.evaluation import Collection

    return [Collection.read(folder).limited(queries) for folder in folders]


def _prepare(
    library: "Library",
    embedder: "Embedder",
    chosen: str,
    collections: "Sequence[Collection]",
    queries: int,
    *,
    quiet: bool,
) -> "tuple[Reindexing, _Report]":
    """Make the vectors that are missing, and have both models answer."""
    work = library.reindex(embedder, chosen)
    if not quiet:
        out.print(f"Searched by {shown(library.searched_by or 'words only')}; making the vectors of {embedder.name}.")
    with embedding_bar("papers") as show:
        made = work.make(show)
    catch_up_with_bar(library)
    now = library.generations.current
    with progress_bar("changes") as bar:
        task = bar.add_task("reading the journal", total=None, rate="")
        work.index(lambda done, all_: bar.update(task, completed=done, total=all_), until=now.index.position)
    work.keep_snapshot()  # before others take it up, who would read the whole journal
    report = _Report(library.searched_by, embedder.name, made, library.count())
    for collection in collections:
        answers = {name: _measured(collection, live.embedder, name) for name, live in ((_NOW, now), (_NEW, work.live))}
        _compare(report, collection.name, len(collection.papers), answers, quiet=quiet)
    if not collections and report.papers:
        _compare(report, "known papers", report.papers, _asked(library, queries, now, work.live), quiet=quiet)
    return work, report


def _asked(library: "Library", queries: int, now: "Live", new: "Live") -> "dict[str, dict[str, list[Answer]]]":
    """What both models answer to queries for papers of the library."""
    from broadsheet.evaluation import Known, ask, draw

    questions = draw((Known(row.paper_id, row.paper.key, row.title) for row in library.versions()), queries)
    answers = {}
    for name, live in ((_NOW, now), (_NEW, new)):
        with _telling(f"{name}: {live.model or 'words only'}") as tell:
            answers[name] = ask(questions, live.index, live.embedder, tell)
    return answers


def _measured(collection: "Collection", embedder: "Embedder | None", name: str) -> "dict[str, list[Answer]]":
    """What a model answers to the queries of a collection."""
    from broadsheet.evaluation import CACHE, KeptVectors, Prepared, measure

    with _telling(f"{name}: {collection.name}") as tell:
        prepared = Prepared(collection, KeptVectors(CACHE, embedder) if embedder else None, tell)
        ways = prepared.rankers()
        if not embedder:
            ways["hybrid"] = ways["words"]
        return measure(prepared, {mode: way for mode, way in ways.items() if mode != "words"}, tell)


@contextmanager
def _telling(name: str) -> "Iterator[Tell]":
    with progress_bar("") as bar:
        task = bar.add_task(shown(name), total=None, rate="")
        yield lambda step, done, total: bar.update(
            task, description=f"{shown(name)}: {step}", completed=done, total=total
        )


def _compare(
    report: _Report, name: str, papers: int, answers: "Mapping[str, Mapping[str, list[Answer]]]", *, quiet: bool
) -> None:
    """Note the averages of both models and what changed query by query, and show them."""
    from broadsheet.evaluation import compare, summarise

    both = {f"{mode}, {which}": given for which, modes in answers.items() for mode, given in modes.items()}
    both = dict(sorted(both.items(), key=lambda pair: pair[0].split(",")[0]))
    if not all(both.values()):
        return
    report.figures[name] = summarise(both)
    found = {mode: compare(given, answers[_NEW].get(mode, [])) for mode, given in answers[_NOW].items()}
    report.changes[name] = {mode: change for mode, change in found.items() if change}
    if not quiet:
        print_figures(name, papers, report.figures[name])
        print_changes(report.changes[name], "the new model beside that of now")


def _print_end(library: "Library", report: _Report, chosen: str) -> None:
    if report.objections:
        out.print("[red]What speaks against it[/red]")
        for said in report.objections:
            out.print(f"  {shown(said)}", soft_wrap=True)
    if report.since is None:
        out.print(f"Nothing has changed: everybody searches by {shown(report.before or 'words only')}, as before.")
        out.print("Next: broadsheet reindex --anyway, or broadsheet reindex --forget to drop what was made")
        return
    out.print(f"Searched by {shown(report.model)} from change #{report.since:,} on; servers and workers take it up.")
    _say_option(chosen)
    if report.before:
        out.print("[dim]Searches as of before are answered as they were. Drop what that takes: broadsheet reindex --forget[/dim]")


def _say_option(chosen: str) -> None:
    """Say where an option names another encoder than the one that was changed to."""
    from django.conf import settings

    from broadsheet.library.generations import lasting

    if settings.MODEL and lasting(settings.MODEL) != lasting(chosen):
        out.print(f"[dim]BROADSHEET_MODEL is still {shown(settings.MODEL)}: set it to {shown(chosen)}[/dim]")


def _say_same(library: "Library", embedder: "Embedder", as_json: bool) -> None:
    if as_json:
        print_json({"before": embedder.name, "model": embedder.name, "made": 0, "papers": library.count()})
    else:
        out.print(f"The library is searched by {shown(embedder.name)} already, and the index is up to date.")
        out.print("Next: broadsheet reindex --model FOLDER, or broadsheet embed for what waits")


def _forget(library: "Library", as_json: bool) -> None:
    from broadsheet.library import generations, snapshots

    dropped = generations.forget_others(library.alias)
    snapshots.tidy(library.alias)
    if as_json:
        print_json({"forgotten": dropped})
    else:
        out.print(f"{counted(dropped, 'vector')} of other models dropped; searches as of then go by words alone.")
