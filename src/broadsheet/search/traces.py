"""Traces: letters that tell which stretches of a text may hold a term, so that few of its words need be analysed.

A word that has a term shows most of it: a stemmer changes the end of a word, and how a word is spelled changes few
letters. What this does not tell of, TeX and letters outside ASCII, is a trace of any term.
"""

import re
from functools import lru_cache

from broadsheet.search.analysis import terms_of
from broadsheet.search.spelling import BY_WORD

_KNOWN = 1_024
_SPELLED = str.maketrans({"e": "[ao]?e", "s": "[sz]", "z": "[sz]"} | {digit: f",?{digit}" for digit in "0123456789"})
"""How else a letter after the first may be written, and a number in thousands."""
_ALSO = {term: word for word in sorted(BY_WORD, key=len, reverse=True) for term in terms_of(word)} | {"to": "2"}
"""What words that have these terms may show in place of the trace."""
_UNSURE = frozenset("eilsyz")
"""Letters at the end of a term that its words need not have, such as stability and stabl; of er and ie, neither."""
_UNCLEAR = r"[\\{}$^_~\x80-\U0010ffff]|--"


@lru_cache(_KNOWN)
def traces(terms: tuple[str, ...], *, is_plain: bool) -> re.Pattern[str]:
    """What each stretch of a text, in lower case, shows that holds one of these terms; others may show it too.

    A plain text has neither TeX nor letters outside ASCII.

    >>> [traces((term,), is_plain=True).pattern for term in ("rank", "color", "anemia", "1000")]
    ['rank', 'colou?r', 'an[ao]?emia', '1,?0,?0,?0']
    """
    shown = [*map(_trace, terms), *(re.escape(_ALSO[term]) for term in terms if term in _ALSO)]
    return re.compile("|".join(dict.fromkeys(shown if is_plain else [*shown, _UNCLEAR])))


def _trace(term: str) -> str:
    """What of a term stands in every plain word that has it, with the other spellings of its letters."""
    start = term[:-2] if term.endswith(("er", "ie")) else term[:-1] if term[-1] in _UNSURE else term
    first, rest = re.escape(term[0]), re.escape(start[1:]).replace("or", "ou?r").translate(_SPELLED)
    return first + rest
