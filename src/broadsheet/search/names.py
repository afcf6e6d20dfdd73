"""Names of people and topics as they are compared: folded, in words, the same for the index and the query."""

import re
from collections.abc import Sequence
from itertools import islice, takewhile

from broadsheet.papers.text import fold, searchable

MOST_PARTS = 8
"""Dots of a topic that end a part of it; topics of classifications have three at most."""

_APOSTROPHES = re.compile("['\u2018\u2019`]")
_WORD = re.compile(r"[^\W_]+")
_GAP = re.compile(r"[\s_-]+")


def name_words(name: str) -> list[str]:
    r"""Reduce a person's name to its folded words, given names first; initials are words of one letter.

    >>> name_words("O'Brien, J.-P."), name_words(r"Bj\"orn {\L}ukasz")
    (['j', 'p', 'obrien'], ['bjorn', 'lukasz'])
    """
    family, comma, given = fold(_APOSTROPHES.sub("", searchable(name))).partition(",")
    return _WORD.findall(f"{given} {family}" if comma and "," not in given else family + comma + given)


def is_author(asked: Sequence[str], name: Sequence[str]) -> bool:
    """Whether a name, in words, is one that an author: filter asks for; see ByAuthor.

    >>> is_author(["j", "smith"], ["john", "smith"]), is_author(["john", "smith"], ["j", "r", "smith"])
    (True, True)
    >>> is_author(["s", "smith"], ["john", "smith"]), is_author(["steve", "smith"], ["sam", "s", "smith"])
    (False, False)
    """
    is_shared = bool(asked and name) and len(asked[-1]) > 1 and asked[-1] == name[-1]
    initials = len(list(takewhile(lambda word: len(word) == 1, name))) if is_shared else 0
    matched = [
        {
            place
            for place, word in enumerate(name)
            if word == one or one == word[0] or (place < initials and word == one[0])
        }
        for one in asked
    ]
    return all(matched) and len(set().union(*matched)) >= len(asked)


def topic_key(topic: str) -> str:
    """Reduce a topic to what is compared: folded, hyphens and runs of space as one space.

    >>> topic_key("cs.LG"), topic_key("Online-Algorithms ")
    ('cs.lg', 'online algorithms')
    """
    return _GAP.sub(" ", fold(searchable(topic))).strip()


def page_key(address: str) -> str:
    """What an index calls the paper whose address here ends so, if that is none of its identifiers.

    >>> page_key("on-offices-1f2e3d4c")
    'page=on-offices-1f2e3d4c'
    """
    return f"page={address}"


def source_key(source: str) -> str:
    """The identifier under which an index knows the papers of a source; no scheme is written so.

    >>> source_key("ACL Anthology")
    'source=acl anthology'
    """
    return f"source={topic_key(source)}"


def topic_keys(topic: str) -> list[str]:
    """The keys under which a topic is found: its own, and each part of it that ends before one of its first dots.

    >>> topic_keys("astro-ph.CO")
    ['astro ph.co', 'astro ph']
    """
    key = topic_key(topic)
    prefixes = [key[: found.start()] for found in islice(re.finditer(r"\.(?=\S)", key), MOST_PARTS)]
    return [key, *(prefix for prefix in prefixes if prefix)] if key else []
