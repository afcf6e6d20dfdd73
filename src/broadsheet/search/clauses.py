"""Clauses: what a paper must hold, or must not, to be found at all, whatever its score."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Phrase:
    """Terms that stand one after another within one field, stop words among them; a single term is a phrase too."""

    terms: tuple[str, ...]
    in_title: bool = False


@dataclass(frozen=True, slots=True)
class ByAuthor:
    """One author's name has every one of these folded words; a single letter stands for a word that it begins.

    So do the initials that a name begins with, if its last word is the last of these: `john smith` is J. R. Smith, but
    not Sam J. Smith. Each word stands for a word of its own: `s smith` is not John Smith. So an author matches when
    each word has a match in the name, and the words of the name so matched are at least as many.
    """

    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ByTopic:
    """One topic has this key, or begins with it up to a dot: `cs` holds for cs.LG, not for csp."""

    key: str


@dataclass(frozen=True, slots=True)
class ByIdentifier:
    """The paper has this identifier, written scheme:value, or its text comes from a source, written source=key.

    Or its address here ends so, written page=key, where that is none of its identifiers.
    """

    identifier: str


@dataclass(frozen=True, slots=True)
class After:
    """The paper's day is `day` or later; a paper without a day is not."""

    day: date


@dataclass(frozen=True, slots=True)
class Before:
    """The paper's day is earlier than `day`; a paper without a day is not."""

    day: date


Clause = Phrase | ByAuthor | ByTopic | ByIdentifier | After | Before
