"""The conditions of a query as text: what is added to a query, or taken out of it, without touching the rest."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from broadsheet.search.tokens import tokenize

_VALUE_LIMIT = 200
_QUOTES = re.compile('["\u201c\u201d\u201e\u201f\uff02]')
_DAYS = ("after", "before")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition as it stands in a query, and what the query is without it."""

    text: str
    without: str


def condition(field: str, value: str) -> str:
    """A condition on one field, quoted where the value is more than a word.

    >>> condition("topic", "cs.IR"), condition("author", 'Ada "A." Byron')
    ('topic:cs.IR', 'author:"Ada A. Byron"')
    """
    value = " ".join(_QUOTES.sub(" ", value).split())[:_VALUE_LIMIT].rstrip()
    return f"{field}:{value}" if re.fullmatch(r"[\w.-]+", value) else f'{field}:"{value}"'


def conditions(text: str) -> Iterator[Condition]:
    """The conditions and exclusions of a query, in order. Raises QueryError for a query that cannot be read.

    >>> [each.text for each in conditions('paging topic:cs.DS -"a survey"')]
    ['topic:cs.DS', '-"a survey"']
    """
    for token in tokenize(text):
        if token.field or token.is_excluded:
            rest = f"{text[: token.start]} {text[token.end :]}"
            yield Condition(text[token.start : token.end], " ".join(rest.split()))


def with_year(text: str, year: int) -> str:
    """A query that keeps to one year, in place of the days that it kept to.

    >>> with_year("paging after:2020-06 topic:cs.DS", 2024)
    'paging topic:cs.DS after:2024 before:2025'
    """
    for token in reversed([token for token in tokenize(text) if token.field in _DAYS and not token.is_excluded]):
        text = f"{text[: token.start]} {text[token.end :]}"
    return " ".join(f"{text} after:{year:04} before:{year + 1:04}".split())
