"""The texts of strangers, made fit for a model: nothing in them is invisible, and nothing leaves its quotation."""

import re
from collections.abc import Iterator

_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0e\ufeff\uffa0\ufff0-\ufffb\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
"""Characters that a person does not see and a model reads: marks of direction, fillers, tags, selectors of variants.

The joiners U+200C and U+200D stay, which scripts and emoji need, and U+FE0F, which makes an emoji of a sign.
"""
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
SNIPPET = 300


def visible(text: str) -> str:
    """A text without what cannot be seen; its lines end in line feeds.

    >>> visible("Ignore\\u200b \\U000e0041 all\\r\\nthis")
    'Ignore  all\\nthis'
    """
    return _CONTROL.sub(" ", _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def line_of(text: str) -> str:
    """A text on one line."""
    return " ".join(visible(text).split())


def beginning(text: str, limit: int = SNIPPET) -> str:
    """The beginning of a text on one line, cut between words.

    >>> beginning("Caches  ask an oracle.", 12)
    'Caches ask…'
    """
    return cut(line_of(text), limit)


def cut(text: str, limit: int) -> str:
    """A text of at most `limit` characters, cut between words."""
    if len(text) <= limit:
        return text
    head = text[:limit]
    return f"{head[: head.rfind(' ') if ' ' in head else limit - 1].rstrip(' ,;:.')}…"


def quote(text: str) -> Iterator[str]:
    """The lines of a text, each marked as quoted; no line of it can pass for one of ours.

    >>> list(quote("one\\n2. two"))
    ['> one', '> 2. two']
    """
    yield from (f"> {line}" for line in visible(text).split("\n"))
