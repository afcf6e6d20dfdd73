"""Text: what is kept for display, what is folded for search and comparison, and what is refused."""

import re
import unicodedata

from broadsheet.papers.errors import RecordError
from broadsheet.papers.tex import tex_to_unicode

_CONTROLS = re.compile(r"[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u2060\ufeff]")
_SURROGATES = re.compile(r"[\ud800-\udfff]")


def clean(text: str, field: str, limit: int) -> str:
    """Return a source's text fit to store: runs of white space folded, stray control characters dropped.

    The wording and its TeX stay as the source wrote them. Raises RecordError for a NUL byte, a lone surrogate or
    more than `limit` characters, since those mean that the bytes were damaged or are not this field at all.
    """
    if "\0" in text:
        raise RecordError(f"the {field} holds a NUL byte")
    if found := _SURROGATES.search(text):
        raise RecordError(f"the {field} holds half a character (lone surrogate U+{ord(found[0]):04X})")
    if len(text) > limit:
        raise RecordError(f"the {field} has {len(text):,} characters, more than {limit:,}")
    return " ".join(_CONTROLS.sub(" ", text).split())


def searchable(text: str) -> str:
    r"""Turn text as written into text as searched: TeX resolved, NFKC applied, so ﬁ, fi and ² match fi and 2.

    >>> searchable(r"G\"odel's $\sigma$-ideals in O($n^2$)")
    "Gödel's σ-ideals in O(n2)"
    """
    return unicodedata.normalize("NFKC", tex_to_unicode(text))


def fold(text: str) -> str:
    """Lower-case without accents, for comparison only.

    >>> fold("Özel Łukasz Straße")
    'ozel lukasz strasse'
    """
    if text.isascii():
        return text.casefold()
    decomposed = unicodedata.normalize("NFKD", text.casefold().translate(_STROKES))
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def title_key(title: str) -> str:
    r"""Reduce a title to what two sources agree on: its letters and digits in order, folded.

    >>> title_key("The {L}ov\\'asz  Number: of random graphs.") == title_key("the Lovász number of Random Graphs")
    True
    """
    return re.sub(r"[\W_]+", " ", fold(searchable(title))).strip()


_STROKES = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d"})
