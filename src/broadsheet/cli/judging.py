"""What ``broadsheet reindex`` judges by: the same queries asked before and after, figures and losses side by side."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from broadsheet.cli.evaluation_printing import print_changes, print_figures
from broadsheet.cli.progress import telling_bar

if TYPE_CHECKING:
    from broadsheet.evaluation import Answer, Collection, Comparison, Known
    from broadsheet.library import Library
    from broadsheet.library.live import Live
    from broadsheet.search import Embedder

    Answers = Mapping[str, Sequence[Answer]]

NOW, NEW = "now", "new"
KNOWN = "known papers"


@dataclass
class Report:
    """What was made, what was answered before and after, and what came of it."""

    before: str | None
    model: str
    papers: int
    made: int = 0
    figures: dict[str, dict[str, dict[str, Any]]] = field(default_factory=dict)
    changes: "dict[str, dict[str, Comparison]]" = field(default_factory=dict)
    objections: list[str] = field(default_factory=list)
    since: int | None = None

    def compare(self, name: str, papers: int, before: "Answers", after: "Answers", title: str, *, quiet: bool) -> None:
        """Note the averages of both, and what changed query by query, and show them."""
        from broadsheet.evaluation import compare, summarise

        told = {
            f"{mode}, {which}": given[mode]
            for mode in after
            for which, given in ((NOW, before), (NEW, after))
            if given.get(mode)
        }
        if not told:
            return
        self.figures[name] = summarise(told)
        found = {mode: compare(before.get(mode, ()), given) for mode, given in after.items()}
        self.changes[name] = {mode: change for mode, change in found.items() if change}
        if not quiet:
            print_figures(name, papers, self.figures[name])
            print_changes(self.changes[name], title)

    def judge(self, most_lost: float) -> bool:
        """Note what speaks against the change; say whether anything does."""
        from broadsheet.evaluation import objections

        for name, changes in self.changes.items():
            if hybrid := changes.get("hybrid"):
                self.objections += [f"{name}: {said}" for said in objections(hybrid, most_lost)]
        return bool(self.objections)

    def to_json(self) -> dict[str, Any]:
        """The report for programs."""
        compared = {
            name: {**told, "against": {mode: change.to_json() for mode, change in self.changes[name].items()}}
            for name, told in self.figures.items()
        }
        names = ("before", "model", "made", "papers", "objections", "since")
        return {**{name: getattr(self, name) for name in names}, "compared": compared}


def known_papers(library: "Library", at: int) -> "Iterator[Known]":
    """The papers of a library as of a change, with their titles of then."""
    from broadsheet.evaluation import Known
    from broadsheet.library.reading import titles_at

    return (Known(number, title) for number, title in titles_at(library.alias, at))


def ask_known(library: "Library", live: "Live", name: str, queries: int, at: int) -> "dict[str, list[Answer]]":
    """What a generation answers to queries for papers of the library, as of a change."""
    from broadsheet.evaluation import ask, draw

    questions = draw(known_papers(library, at), queries)
    with telling_bar(f"{name}: {live.model or 'words only'}") as tell:
        return ask(questions, live.index, live.embedder, tell, at)


def measure(collection: "Collection", embedder: "Embedder | None", name: str) -> "dict[str, list[Answer]]":
    """What a model answers to the queries of a collection."""
    from broadsheet.evaluation import CACHE, KeptVectors, Prepared
    from broadsheet.evaluation import measure as ask

    with telling_bar(f"{name}: {collection.name}") as tell:
        prepared = Prepared(collection, KeptVectors(CACHE, embedder) if embedder else None, tell)
        ways = prepared.rankers()
        if not embedder:
            ways["hybrid"] = ways["words"]
        return ask(prepared, {mode: way for mode, way in ways.items() if mode != "words"}, tell)
