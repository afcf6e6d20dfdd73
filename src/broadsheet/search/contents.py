"""Contents: what each slot holds, and which slots hold what a clause asks for."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from broadsheet.search.analysis import STOP_WORDS
from broadsheet.search.clauses import After, Before, ByAuthor, ByIdentifier, ByTopic, Clause, Phrase
from broadsheet.search.index import FIELDS, Put
from broadsheet.search.names import is_author, name_words, topic_keys
from broadsheet.search.postings import SLOT_BITS, Places, Postings, within
from broadsheet.search.slots import Slots

_FIELD_BITS = 31
_TITLE = FIELDS.index("title")

Texts = Sequence[Sequence[str]]
"""The terms of each field, in the order of FIELDS."""


class Contents:
    """The slots with the postings of their texts, author names, topics and identifiers."""

    def __init__(self) -> None:
        self.slots = Slots()
        self._texts = Postings()
        self._names: list[list[list[str]]] = []
        self._topics = Postings()
        self._identifiers = Postings()

    def start(self, put: Put, texts: Texts) -> None:
        """Open a slot for a new version of a paper."""
        slot = self.slots.start(put.seq, put.paper, put.day, _lengths(texts))
        base = slot << SLOT_BITS
        for field, terms in enumerate(texts):
            self._texts.add_run(terms, base | field << _FIELD_BITS)
        self._names.append([name_words(author) for author in put.authors])
        for key in dict.fromkeys(key for topic in put.topics for key in topic_keys(topic)):
            self._topics.add(key, base)
        for identifier in dict.fromkeys(put.identifiers):
            self._identifiers.add(identifier, base)

    def purge(self, slots: Sequence[int]) -> None:
        """Remove every trace of emptied slots; reads every posting, so do many at once."""
        for postings in (self._texts, self._topics, self._identifiers):
            postings.purge(slots)
        for slot in slots:
            self._names[slot] = []

    def counts(self, term: str) -> tuple[Places, NDArray[np.int64]]:
        """The slots where a term stands, rising, and how often in each field, shape (slots, fields)."""
        runs = self._texts.places(term) >> _FIELD_BITS  # slot and field: equal for the places of one field
        if not len(runs):
            return runs, np.zeros((0, len(FIELDS)), np.int64)
        starts = np.flatnonzero(np.concatenate(([True], runs[1:] != runs[:-1])))
        fields, occurrences = runs[starts], np.diff(starts, append=len(runs))
        is_first = np.concatenate(([True], fields[1:] >> 1 != fields[:-1] >> 1))
        slots = fields[is_first] >> 1
        counts = np.zeros((len(slots), len(FIELDS)), np.int64)
        counts[np.cumsum(is_first) - 1, fields & 1] = occurrences
        return slots, counts

    def holding(self, clause: Clause) -> NDArray[np.bool_]:
        """Which slots hold what a clause asks for, shape (slots,)."""
        match clause:
            case After(day):
                return self.slots.days >= day.toordinal()
            case Before(day):
                return (self.slots.days > 0) & (self.slots.days < day.toordinal())
            case Phrase():
                found = self._phrase(clause)
            case ByAuthor(words):
                named = (any(is_author(words, name) for name in names) for names in self._names)
                return np.fromiter(named, np.bool_, len(self._names))
            case ByTopic(key):
                found = self._topics.slots(key)
            case ByIdentifier(identifier):
                found = self._identifiers.slots(identifier)
        mask = np.zeros(len(self.slots), np.bool_)
        mask[found] = True
        return mask

    def _phrase(self, phrase: Phrase) -> Places:
        """The slots with the terms side by side: begin at the rarest term and look for the others around it."""
        places = {term: self._texts.places(term) for term in set(phrase.terms)}
        rarest = min(range(len(phrase.terms)), key=lambda number: len(places[phrase.terms[number]]))
        starts = places[phrase.terms[rarest]] - rarest
        for number, term in enumerate(phrase.terms):
            starts = starts[within(starts + number, places[term])]
        if phrase.in_title:
            starts = starts[(starts >> _FIELD_BITS) & 1 == _TITLE]
        return starts >> SLOT_BITS


def _lengths(texts: Texts) -> tuple[int, int]:
    title, abstract = (len([term for term in terms if term not in STOP_WORDS]) for terms in texts)
    return title, abstract
