"""Names of people and topics as they are compared: folded, in words, the same for the index and the query."""

import re
from itertools import islice

from broadsheet.papers.text import fold, searchable

MOST_PARTS = 8
"""Dots of a topic that end a part of it; topics of classifications have three at most."""

_APOSTROPHES = re.compile("['\u2018\u2019`]")
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s_-]+")


def name_words(name: str) -> list[str]:
    r"""Reduce a person's name to its folded words; initials are words of one letter.

    >>> name_words("O'Brien, J.-P."), name_words(r"Bj\"orn {\L}ukasz")
    (['obrien', 'j', 'p'], ['bjorn', 'lukasz'])
    """
    return _WORD.findall(fold(_APOSTROPHES.sub("", searchable(name))))


def topic_key(topic: str) -> str:
    """Reduce a topic to what is compared: folded, hyphens and runs of space as one space.

    >>> topic_key("cs.LG"), topic_key("Online-Algorithms ")
    ('cs.lg', 'online algorithms')
    """
    return _GAP.sub(" ", fold(searchable(topic))).strip()


def topic_keys(topic: str) -> list[str]:
    """The keys under which a topic is found: its own, and each part of it that ends before one of its first dots.

    >>> topic_keys("astro-ph.CO")
    ['astro ph.co', 'astro ph']
    """
    key = topic_key(topic)
    prefixes = [key[: found.start()] for found in islice(re.finditer(r"\.(?=\S)", key), MOST_PARTS)]
    return [key, *(prefix for prefix in prefixes if prefix)] if key else []
