"""Known papers: queries by somebody who looks for one paper and remembers its title, or a few words of it.

They need nobody's judgement, so any library has them. They say little about how good a search is, and much about what a
change of it does to the papers of one library.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

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


@dataclass(frozen=True, slots=True)
class Known:
    """A paper of a library: its number in the index, its key, and its title."""

    number: int
    key: str
    title: str


def draw(papers: Iterable[Known], most: int) -> list[Question]:
    """At most so many queries for papers, drawn from a fixed seed: a whole title, and a few of its words in order.

    >>> [question.text for question in draw([Known(7, "2104.1", "On the size of the web")], 2)]
    ['On the size of the web', 'size web']
    """
    chance = np.random.default_rng(_SEED)
    titled = sorted((paper for paper in papers if _words(paper.title)), key=lambda paper: paper.number)
    drawn = [titled[place] for place in chance.permutation(len(titled))[: (most + 1) // 2]]
    questions = []
    for paper in sorted(drawn, key=lambda paper: paper.number):
        words = _words(paper.title)
        count = min(int(chance.integers(FEWEST, MOST + 1)), len(words))
        places = np.sort(chance.permutation(len(words))[:count])
        few = " ".join(words[place] for place in places)
        judged = {str(paper.number): 1.0}
        questions.append(Question(f"{paper.key} by its title", paper.title, judged))
        questions.append(Question(f"{paper.key} by words", few, judged))
    return questions[:most]


def ask(
    questions: Sequence[Question], index: Index, embedder: Embedder | None, tell: Tell = silently
) -> dict[str, list[Answer]]:
    """Ask an index for known papers as a reader would, in the modes `hybrid` and, with an encoder, `meaning`."""
    ways: dict[str, Ranker] = {"hybrid": by_both(index)}
    if embedder:
        ways["meaning"] = by_meaning(index)
    answers: dict[str, list[Answer]] = {mode: [] for mode in ways}
    for done, question in enumerate(questions):
        tell("asking for known papers", done, len(questions))
        query = words_alone(question.text)
        asked = Asked(question, query, embedder.embed_query(query.plain) if embedder else None)
        for mode, rank in ways.items():
            answers[mode].append(judge(question, [str(number) for number in rank(asked)]))
    return answers


def _words(title: str) -> list[str]:
    words = [found[0] for found in WORD.finditer(searchable(title))]
    return [word for word in words if word.lower() not in STOP_WORDS]
