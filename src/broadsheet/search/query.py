"""The query language: what a reader types, read once into what every index searches.

Words are ranked by, any of them may match. "A phrase", title:word and title:"a phrase" must match, and are ranked by
too. author: topic: source: id: after: before: must hold. A minus before any of these means that it must not.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from broadsheet.papers import Identifier, IdentifierError
from broadsheet.papers.text import searchable
from broadsheet.search.analysis import STOP_WORDS, analyse_spans, parts_of
from broadsheet.search.clauses import After, Before, ByAuthor, ByIdentifier, ByTopic, Clause, Phrase
from broadsheet.search.errors import QueryError
from broadsheet.search.names import name_words, page_key, source_key, topic_key
from broadsheet.search.tokens import MAX_LENGTH, Token, tokenize

MAX_TERMS = 128
"""Terms to rank by that one query may have."""
MAX_CLAUSES = 32
"""Phrases, conditions and exclusions that one query may have: each looks at all papers that could pass."""

_UNIVERSAL = frozenset({"arxiv", "doi", "acl", "pubmed", "openreview", "s2", "s2corpus", "openalex"})
_ADDRESS = re.compile(r"(?=[^-]+-)[A-Za-z0-9][A-Za-z0-9./:_-]*")
"""What may be the end of a paper's own address here, where it is no identifier: words of its title and a digest."""
_PAGE = re.compile(r"https?://[^/?#\s]+/papers/\S+", re.I)
_DATE = re.compile(r"([0-9]{4})(?:-([0-9]{1,2})(?:-([0-9]{1,2}))?)?")


@dataclass(frozen=True, slots=True)
class Query:
    """A query, read. `terms` are ranked by, each once; `required` clauses must all hold, `excluded` ones must not.

    `text` is what was typed. `plain` is what it says in words, to be embedded for meaning: empty when it has filters
    only. `words` are the terms as typed, in the order of `terms`; of a compound, its parts. Stop words are among the
    terms only when the query has no others.
    """

    text: str
    plain: str = ""
    terms: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    required: tuple[Clause, ...] = ()
    excluded: tuple[Clause, ...] = ()

    @classmethod
    def parse(cls, text: str) -> "Query":
        """Read a query as typed. Raises QueryError, which says what is wrong and where.

        A text that is nothing but an identifier that means the same everywhere (arXiv, DOI, ACL, …, or their web
        addresses) asks for the paper of that identifier, and so is the address of a paper's page.

        >>> query = Query.parse('the "low-rank" adapters title:lora -vision after:2024-03')
        >>> query.terms, query.plain
        (('low', 'rank', 'adapt', 'lora'), 'the low-rank adapters lora')
        >>> query.required[-1], query.excluded
        (After(day=datetime.date(2024, 3, 1)), (Phrase(terms=('vision',), in_title=False),))
        """
        if name := _whole_identifier(text):
            return cls(text, required=(ByIdentifier(name),))
        reading = _Reading()
        for token in tokenize(text):
            reading.take(token, len(text))
        return reading.query(text)

    @classmethod
    def of_topic(cls, topic: str) -> "Query":
        """All papers under a topic, the newest first. Raises QueryError for what is no topic.

        >>> Query.of_topic('cs.IR "core"').required
        (ByTopic(key='cs.ir "core"'),)
        """
        return cls(topic, required=(_by_topic(topic, 0, len(topic)),))

    @classmethod
    def of_author(cls, name: str) -> "Query":
        """All papers by such an author, the newest first. Raises QueryError for what is no name.

        >>> Query.of_author("Lee, A.").required
        (ByAuthor(words=('a', 'lee')),)
        """
        return cls(name, required=(_by_author(name, 0, len(name)),))

    @property
    def needs_word(self) -> bool:
        """Whether a paper must share one of the terms to match; else whatever passes the clauses does."""
        return bool(self.terms) and not self.phrases

    @property
    def phrases(self) -> tuple[Phrase, ...]:
        """The required words and phrases, for who marks them in a text."""
        return tuple(clause for clause in self.required if isinstance(clause, Phrase))


class _Reading:
    """A query being read, token by token."""

    def __init__(self) -> None:
        self.plain: list[str] = []
        self.words: dict[str, str] = {}
        self.required: dict[Clause, None] = {}
        self.excluded: dict[Clause, None] = {}

    def take(self, token: Token, length: int) -> None:
        is_text = token.field in ("", "title")
        is_plain = not (token.field or token.is_quoted or token.is_excluded)
        if token.is_excluded and not (token.field or token.is_quoted or any(_words(token.value))):
            return  # an arrow or a rule, not an exclusion
        if not is_plain:
            clauses = self.excluded if token.is_excluded else self.required
            clauses[_clause(token)] = None
        if is_text and not token.is_excluded:
            self.plain.append(token.value)
            for term, word in _words(token.value):
                self.words.setdefault(term, word)
        if len(self.terms()) > MAX_TERMS:
            raise QueryError(f"a query has at most {MAX_TERMS} words", token.start, length)
        if len(self.required) + len(self.excluded) > MAX_CLAUSES:
            raise QueryError(f"a query has at most {MAX_CLAUSES} phrases and conditions", token.start, length)

    def terms(self) -> tuple[str, ...]:
        ranked = tuple(term for term in self.words if term not in STOP_WORDS)
        return ranked or tuple(self.words)

    def query(self, text: str) -> Query:
        if not text.strip():
            raise QueryError("the query is empty", 0, len(text))
        if not self.words and not self.required:
            if self.excluded:
                raise QueryError(
                    "the query only excludes; add a word to search for, or a condition such as after:2020", 0, len(text)
                )
            raise QueryError("the query has no letters or digits to search for", 0, len(text))
        terms = self.terms()
        return Query(
            text,
            " ".join(" ".join(self.plain).split()) if self.words else "",
            terms,
            tuple(self.words[term] for term in terms),
            tuple(self.required),
            tuple(self.excluded),
        )


def parse(text: str) -> Query:
    """Read a query as typed; `Query.parse`, in short."""
    return Query.parse(text)


def _whole_identifier(text: str) -> str | None:
    if len(text.split()) != 1 or len(text) > MAX_LENGTH:
        return None
    try:
        identifier = Identifier.parse(text)
    except IdentifierError:
        return None
    return str(identifier) if identifier.scheme in _UNIVERSAL or _PAGE.fullmatch(text.strip()) else None


def _words(text: str) -> Iterator[tuple[str, str]]:
    text = searchable(text)
    for start, end, terms in analyse_spans(text):
        word = text[start:end]
        yield from zip(terms, [word] if len(terms) == 1 else parts_of(word), strict=True)


def _clause(token: Token) -> Clause:
    match token.field:
        case "author":
            return _by_author(token.value, token.start, token.end)
        case "topic":
            return _by_topic(token.value, token.start, token.end)
        case "id":
            return _by_identifier(token)
        case "source":
            return _by_source(token)
        case "after":
            return After(_first_day(token))
        case "before":
            return Before(_first_day(token))
        case field:
            if terms := tuple(term for term, _ in _words(token.value)):
                return Phrase(terms, in_title=field == "title")
            raise QueryError(f"{token.value!r} has no letters or digits to search for", token.start, token.end)


def _by_identifier(token: Token) -> ByIdentifier:
    try:
        return ByIdentifier(str(Identifier.parse(token.value)))
    except IdentifierError as error:
        if _ADDRESS.fullmatch(token.value):
            return ByIdentifier(page_key(token.value))
        raise QueryError(str(error), token.start, token.end) from error


def _by_author(name: str, start: int, end: int) -> ByAuthor:
    if words := name_words(name):
        return ByAuthor(tuple(words[:MAX_CLAUSES]))
    raise QueryError(f"{name!r} is not a name: it has no letters", start, end)


def _by_topic(topic: str, start: int, end: int) -> ByTopic:
    if key := topic_key(topic):
        return ByTopic(key)
    raise QueryError(f"{topic!r} is not a topic", start, end)


def _by_source(token: Token) -> ByIdentifier:
    if topic_key(token.value):
        return ByIdentifier(source_key(token.value))
    raise QueryError(f"{token.value!r} is not a source", token.start, token.end)


def _first_day(token: Token) -> date:
    if found := _DATE.fullmatch(token.value.strip()):
        try:
            return date(int(found[1]), int(found[2] or 1), int(found[3] or 1))
        except ValueError:
            pass
    message = f"{token.value!r} is not a date: write a year, a month or a day, such as 2026, 2026-03 or 2026-03-31"
    raise QueryError(message, token.start, token.end)
