"""An index that keeps nothing but the list of changes and works everything out anew at each search, with loops.

It is slow on purpose and shares no code with a real index but the analysis of text and names.
"""

import math
from dataclasses import dataclass, replace

from broadsheet.search.analysis import STOP_WORDS, analyse
from broadsheet.search.bm25 import Weights
from broadsheet.search.clauses import After, Before, ByAuthor, ByIdentifier, ByTopic, Phrase
from broadsheet.search.index import Embed, Erase, Match, Put, Vector, Withdraw
from broadsheet.search.names import name_words, topic_key


@dataclass
class Paper:
    put: Put
    title: list[str]
    abstract: list[str]
    vector: Vector | None = None

    @property
    def fields(self):
        return (self.title, self.abstract)


@dataclass
class Found:
    total: int
    matches: tuple[Match, ...]


class NaiveIndex:
    def __init__(self, changes=()):
        self.changes = list(changes)

    def at(self, at) -> dict[int, Paper]:
        papers: dict[int, Paper] = {}
        for number, change in enumerate(self.changes):
            if change.seq > at:
                break
            if any(isinstance(later, Erase) and later.paper == change.paper for later in self.changes[number + 1 :]):
                continue
            if isinstance(change, Put):
                papers[change.paper] = Paper(change, analyse(change.title), analyse(change.abstract))
            elif isinstance(change, Embed):
                if change.paper in papers:
                    papers[change.paper].vector = change.vector
            elif isinstance(change, Withdraw | Erase):
                papers.pop(change.paper, None)
        return papers

    def search(self, query, vector, depth, at, near=None) -> Found:
        papers = self.at(at)
        matches = []
        for number, paper in papers.items():
            if not all(holds(paper, clause) for clause in query.required):
                continue
            if any(holds(paper, clause) for clause in query.excluded):
                continue
            terms = {term: share(paper, term, papers.values()) for term in query.terms}
            terms = {term: value for term, value in terms.items() if value}
            cosine = similarity(vector, paper.vector)
            day = paper.put.day.toordinal() if paper.put.day else 0
            matches.append(Match(number, sum(terms.values()), cosine, terms, day))
        needs_word = query.terms and not any(isinstance(clause, Phrase) for clause in query.required)
        sharing = [match for match in matches if match.terms or not needs_word]
        similar = [match for match in matches if match.meaning is not None]
        sharing.sort(key=lambda match: (-match.words if query.terms else -match.day, match.paper))
        similar.sort(key=lambda match: (-match.meaning, match.paper))
        blind = [match for match in sharing if match.meaning is None]
        nearest = [replace(match, is_near=True) for match in similar[: near or depth]]
        best = {match.paper: match for match in sharing[:depth] + blind[:depth] + nearest}
        return Found(len(sharing), tuple(best.values()))

    def nearest(self, number, depth, at):
        papers = self.at(at)
        own = papers.pop(number, None)
        if own is None or own.vector is None:
            return []
        others = [(other, similarity(own.vector, paper.vector)) for other, paper in papers.items()]
        others = [(other, cosine) for other, cosine in others if cosine is not None]
        return sorted(others, key=lambda pair: (-pair[1], pair[0]))[:depth]


def share(paper, term, papers):
    if not any(term in terms for terms in paper.fields):
        return 0.0
    weights = Weights()
    count = len(papers)
    frequency = sum(any(term in terms for terms in other.fields) for other in papers)
    strength = 0.0
    for field in (0, 1):
        average = sum(length(other.fields[field]) for other in papers) / count
        relative = length(paper.fields[field]) / average if average else 1.0
        discount = 1 - weights.b[field] + weights.b[field] * relative
        strength += weights.field[field] * paper.fields[field].count(term) / discount
    idf = math.log(1 + (count - frequency + 0.5) / (frequency + 0.5))
    return idf * strength / (weights.k1 + strength)


def length(terms):
    return sum(term not in STOP_WORDS for term in terms)


def similarity(one, other):
    if one is None or other is None or len(one.codes) != len(other.codes):
        return None
    return sum(int(a) * int(b) for a, b in zip(one.codes, other.codes, strict=True)) * (one.scale * other.scale)


def holds(paper, clause):
    put = paper.put
    match clause:
        case Phrase(terms, in_title):
            fields = [paper.title] if in_title else paper.fields
            size = len(terms)
            return any(tuple(field[n : n + size]) == terms for field in fields for n in range(len(field)))
        case ByAuthor(words):
            return any(is_author(words, name_words(name)) for name in put.authors)
        case ByTopic(key):
            keys = [topic_key(topic) for topic in put.topics]
            return any(k == key or (k.startswith(f"{key}.") and k[len(key) + 1 :].strip()) for k in keys)
        case ByIdentifier(identifier):
            return identifier in put.identifiers
        case After(day):
            return put.day is not None and put.day >= day
        case Before(day):
            return put.day is not None and put.day < day
    raise AssertionError(clause)


def is_author(words, name):
    spelled = next((n for n, part in enumerate(name) if len(part) > 1), len(name))
    if len(words[-1]) == 1 or not name or words[-1] != name[-1]:
        spelled = 0
    matched = set()
    for word in words:
        found = {n for n, part in enumerate(name) if part == word or (len(word) == 1 and part.startswith(word))}
        found |= {n for n in range(spelled) if word.startswith(name[n])}
        if not found:
            return False
        matched |= found
    return len(matched) >= len(words)
