"""``broadsheet eval``: how good the answers are, on collections that others made."""

from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import click

from broadsheet.cli.evaluation_printing import print_changes, print_figures, print_means, print_pairs
from broadsheet.cli.main import common
from broadsheet.cli.printing import err, print_json, shown
from broadsheet.cli.progress import telling_bar

if TYPE_CHECKING:
    from broadsheet.evaluation import Answer, Collection, Comparison, KeptReadings, KeptVectors, Run


def _read_modes(context: click.Context, parameter: click.Parameter, value: str | None) -> tuple[str, ...]:
    from broadsheet.evaluation import MODES

    names = value.replace(",", " ").split() if value else MODES
    if unknown := [name for name in names if name not in MODES]:
        raise click.BadParameter(f"no mode is called {', '.join(unknown)}; there are {', '.join(MODES)}")
    return tuple(mode for mode in MODES if mode in names)


_file = click.Path(path_type=Path, dir_okay=False)
_folder = click.Path(path_type=Path, file_okay=False)


@click.command("eval")
@click.argument("folders", nargs=-1, required=True, metavar="DIR...", type=click.Path(path_type=Path))
@click.option("--modes", callback=_read_modes, help="Some of words, meaning, hybrid and deep, with commas in between.")
@click.option("--check", is_flag=True, help="Measure BM25 as others publish it, too: the figures must be theirs.")
@click.option("--save", type=_file, help="Keep in this file what each query gave.")
@click.option("--against", type=_file, help="Compare query by query with the run that was kept in this file.")
@click.option("--judgements", metavar="NAME", help="The file of judgements; else qrels_test.tsv, else qrels.tsv.")
@click.option("--limit-queries", type=click.IntRange(1), help="Ask no more queries than these, the same each time.")
@click.option("--cache", type=_folder, help="Where vectors and scores are kept; else ~/.cache/broadsheet.")
@common
def eval_(
    folders: tuple[Path, ...],
    modes: tuple[str, ...],
    check: bool,
    save: Path | None,
    against: Path | None,
    judgements: str | None,
    limit_queries: int | None,
    cache: Path | None,
    as_json: bool,
) -> None:
    """Measure the quality of search on collections of papers, queries and judgements.

    Each DIR holds docs.jsonl, queries.jsonl and qrels_test.tsv or qrels.tsv, gzipped or not. What the models say is
    kept, so a second run is quick.

    `eval dedup DIR` measures how many papers of two collections are known to be the same: matches.tsv, NAME.jsonl.
    """
    from broadsheet import evaluation

    if folders[0] == Path("dedup"):
        _dedup(folders[1:], as_json)
        return
    before = evaluation.load(against) if against else None
    collections = [_read(folder, judgements, limit_queries) for folder in folders]
    if twice := [name for name, count in Counter(c.name for c in collections).items() if count > 1]:
        raise click.UsageError(f"two folders are called {shown(twice[0])}, and figures are told by that name")
    models = _Models.found(modes, cache or evaluation.CACHE)
    run: dict[str, dict[str, list[Answer]]] = {}
    figures: dict[str, dict[str, dict[str, Any]]] = {}
    for collection in collections:
        name = collection.name
        run[name] = models.measure(collection, modes, check)
        figures[name] = evaluation.summarise(run[name])
        changes = _compare(name, before, run) if before else {}
        if as_json:
            for mode, comparison in changes.items():
                figures[name][mode]["against"] = comparison.to_json()
        else:
            print_figures(name, len(collection.papers), figures[name])
            print_changes(changes)
    if save:
        evaluation.save(run, save, models.names)
    if as_json:
        print_json(figures)
    else:
        print_means(figures)


def _dedup(folders: tuple[Path, ...], as_json: bool) -> None:
    """Measure the matching of records, each folder in a library of its own that is gone afterwards."""
    from broadsheet.evaluation import Twins, find_pairs
    from broadsheet.library import Library

    if not folders:
        raise click.UsageError("dedup needs a folder with matches.tsv")

    def measure(folder: Path) -> dict[str, Any]:
        twins = Twins.read(folder)
        with TemporaryDirectory(prefix="broadsheet-eval-") as scratch:
            library = Library.open(scratch, model="none")
            with closing(library):
                return find_pairs(twins, lambda records: [one.key for one in library.put(records)]).to_json()

    figures = {folder.resolve().name: measure(folder) for folder in folders}
    if as_json:
        print_json(figures)
    else:
        print_pairs(figures)


def _read(folder: Path, judgements: str | None, limit: int | None) -> "Collection":
    from broadsheet.evaluation import Collection

    collection = Collection.read(folder, judgements)
    for oddity in collection.oddities:
        err.print(f"[dim]{shown(collection.name)}: {oddity}[/dim]", soft_wrap=True)
    return collection.limited(limit) if limit else collection


@dataclass(frozen=True)
class _Models:
    """What there is to search by besides words."""

    vectors: "KeptVectors | None"
    readings: "KeptReadings | None"

    @classmethod
    def found(cls, modes: tuple[str, ...], cache: Path) -> "_Models":
        """Load the models that the options name and these modes need, and say which there are not."""
        from django.conf import settings

        from broadsheet.evaluation import EvaluationError, KeptReadings, KeptVectors
        from broadsheet.library import Library  # noqa: F401 (sets Django up, which reads the options)
        from broadsheet.search import find_embedder
        from broadsheet.search.reranker import find_reranker

        embedder = find_embedder(settings.MODEL) if modes != ("words",) else None
        reranker = find_reranker(settings.RERANKER) if "deep" in modes else None
        lacking = [mode for mode in modes if mode in ("meaning", "hybrid") and not embedder]
        lacking += [mode for mode in modes if mode == "deep" and not reranker]
        if len(lacking) == len(modes):
            raise EvaluationError(f"there is no model here to measure {' and '.join(lacking)} with")
        if lacking:
            err.print(f"[dim]Left out, for want of a model: {', '.join(lacking)}[/dim]", soft_wrap=True)
        return cls(
            KeptVectors(cache, embedder) if embedder else None, KeptReadings(cache, reranker) if reranker else None
        )

    @property
    def names(self) -> dict[str, str | None]:
        """The models by what they do."""
        return {
            "encoder": self.vectors.embedder.name if self.vectors else None,
            "reranker": self.readings.name if self.readings else None,
        }

    def measure(self, collection: "Collection", modes: tuple[str, ...], check: bool) -> "dict[str, list[Answer]]":
        """Ask a collection's questions in these modes, as far as there are models."""
        from broadsheet.evaluation import PUBLISHED, Prepared, by_published_bm25, measure

        with telling_bar(collection.name) as tell:
            prepared = Prepared(collection, self.vectors, tell)
            ways = prepared.rankers(self.readings)
            rankers = {mode: ways[mode] for mode in modes if mode in ways}
            if check:
                rankers[PUBLISHED] = by_published_bm25(collection.papers)
            return measure(prepared, rankers, tell)


def _compare(name: str, before: "Run", now: "Run") -> "dict[str, Comparison]":
    """What changed in each mode of a collection; what the kept run has not is said."""
    from broadsheet.evaluation import compare

    found = {mode: compare(before.get(name, {}).get(mode, []), answers) for mode, answers in now[name].items()}
    for mode, comparison in found.items():
        if comparison is None:
            err.print(f"[dim]{shown(name)}: the kept run has no {mode} to compare with[/dim]", soft_wrap=True)
        elif comparison.queries < len(now[name][mode]):
            lacking = len(now[name][mode]) - comparison.queries
            err.print(f"[dim]{shown(name)}, {mode}: {lacking:,} queries are not in the kept run[/dim]", soft_wrap=True)
    return {mode: comparison for mode, comparison in found.items() if comparison}
