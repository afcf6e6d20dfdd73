"""Known papers: queries by somebody who looks for one paper and remembers its title, or a few words of it.

They need nobody's judgement, so any library has them. They say little about how good a search is, and much about what a
change of it does to the papers of one library.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from heapq import nsmallest

import numpy as np

from broadsheet.evaluation.asking import words_alone
from broadsheet.evaluation.collection import Question
from broadsheet.evaluation.measuring import Answer, judge
from broadsheet.evaluation.ranking import Asked, Ranker, by_both, by_meaning
from broadsheet.evaluation.telling import Tell, silently
from broadsheet.papers.text import searchable
from broadsheet.search import Embedder, Index
from broadsheet.search.analysis import STOP_WORDS, WORD

FEWEST, MOST = 2, 5
"""Words that are remembered of a title."""
_SEED = 1
_BEYOND = 11


@dataclass(frozen=True, slots=True)
class Known:
    """A paper of a library: its number in the index, and its title."""

    number: int
    title: str


def draw(papers: Iterable[Known], most: int) -> list[Question]:
    """At most so many queries for papers: a whole title, and a few of its words in order.

    Chance comes from a fixed seed and each paper's number, so a library that grows is asked mostly the same again.

    >>> [question.text for question in draw([Known(7, "On the size of the web")], 2)]
    ['On the size of the web', 'size web']
    """
    titled = (paper for paper in papers if _words(paper.title))
    drawn = nsmallest((most + 1) // 2, titled, key=lambda paper: (_place(paper.number), paper.number))
    questions = []
    for paper in sorted(drawn, key=lambda paper: paper.number):
        chance = np.random.default_rng((_SEED, paper.number))
        words = _words(paper.title)
        count = min(int(chance.integers(FEWEST, MOST + 1)), len(words))
        places = np.sort(chance.permutation(len(words))[:count])
        judged = {str(paper.number): 1.0}
        questions.append(Question(f"{paper.number} by title", paper.title, judged))
        questions.append(Question(f"{paper.number} by words", " ".join(words[place] for place in places), judged))
    return questions[:most]


def ask(
    questions: Sequence[Question],
    index: Index,
    embedder: Embedder | None,
    tell: Tell = silently,
    at: int | None = None,
) -> dict[str, list[Answer]]:
    """Ask an index for known papers as a reader would, in the modes `hybrid` and, with an encoder, `meaning`."""
    ways: dict[str, Ranker] = {"hybrid": by_both(index, at)}
    if embedder:
        ways["meaning"] = by_meaning(index, at)
    answers: dict[str, list[Answer]] = {mode: [] for mode in ways}
    for done, question in enumerate(questions):
        tell("asking for known papers", done, len(questions))
        query = words_alone(question.text)
        asked = Asked(question, query, embedder.embed_query(query.plain) if embedder else None)
        for mode, rank in ways.items():
            answers[mode].append(judge(question, [str(number) for number in rank(asked)]))
    return answers


def places_of(answers: Mapping[str, Sequence[Answer]]) -> dict[str, dict[str, int]]:
    """Where the paper of each query stood, by mode: 1 to 10, 11 for later ones of the hundred, 0 for none."""
    return {mode: {answer.query: _place_in(answer) for answer in given} for mode, given in answers.items()}


def recall_answers(questions: Sequence[Question], places: Mapping[str, Mapping[str, int]]) -> dict[str, list[Answer]]:
    """The answers of before, of the places that were kept of them; queries of which none was kept are left out."""
    return {
        mode: [_recalled(question, kept[question.id]) for question in questions if question.id in kept]
        for mode, kept in places.items()
    }


def _place_in(answer: Answer) -> int:
    if rank := answer.figures["mrr@10"]:
        return round(1 / rank)
    return _BEYOND if answer.figures["recall@100"] else 0


def _recalled(question: Question, place: int) -> Answer:
    others = [f"other {number}" for number in range(1, place)]
    return judge(question, [*others, *question.judged] if place else [])


def _place(number: int) -> bytes:
    """Where a paper stands among all, by chance."""
    return blake2b(f"{_SEED} {number}".encode(), digest_size=8).digest()


def _words(title: str) -> list[str]:
    words = [found[0] for found in WORD.finditer(searchable(title))]
    return [word for word in words if word.lower() not in STOP_WORDS]
