r"""Texts of papers as a mail shows them: plain characters, one line, cut where a reader would cut. Pure."""

import html
import re
from datetime import date

from broadsheet.papers.tex import tex_to_unicode

_STEERING = re.compile("[\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_FORMULA = re.compile(r"(?<!\\)(\$\$?)(?!\$)([^$]{1,2000}?)(?<!\\)\1(?!\d)|\\\((.{1,2000}?)\\\)|\\\[(.{1,2000}?)\\\]")
_TEX_SIGN = re.compile(r"[\\^_{}=<>]")
_LONG_WORD = re.compile(r"[A-Za-z]{4,}")
_DOLLAR = re.compile(r"(?<!\\)\$")
_SCRIPT = re.compile(r"([\^_])(?:\{([^{}]{1,40})\}|(\\[A-Za-z]+|[^\s{}\\]))")
_RAISED = dict(zip("0123456789+-=()ni", "⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻⁼⁽⁾ⁿⁱ", strict=True))
_LOWERED = dict(zip("0123456789+-=()aeoxhklmnpstij", "₀₁₂₃₄₅₆₇₈₉₊₋₌₍₎ₐₑₒₓₕₖₗₘₙₚₛₜᵢⱼ", strict=True))
_SENTENCE_END = re.compile(r"(?<=[.!?])[)”\"']?\s+(?=[\"“(\[]?[A-Z0-9À-Þ])")
_SHORT_FORM = re.compile(
    r"(?:\b(?:e\.g|i\.e|cf|vs|et al|resp|approx|Figs?|Eqs?|Refs?|Sec|No|Dr|St|Phys|Rev|Lett)|\b[A-ZÀ-Ž])\.$"
)


def plain(text: str) -> str:
    r"""A text of a paper in plain characters on one line: TeX resolved, nothing that steers the direction of others.

    >>> plain(r"Erd\H{o}s graphs in $O(n^2 \log k)$ with CO$_2$ for $5 and $10")
    'Erdős graphs in O(n² log k) with CO₂ for $5 and $10'
    >>> plain("$x_{i,j} \\le 2^{k+1}$")
    'xi,j ≤2^(k+1)'
    """
    if any(sign in text for sign in "\\${^_~") or "--" in text:
        text = tex_to_unicode(_with_formulas(text)).replace("\ue0ff", "^")
    return " ".join(_STEERING.sub("", text).split())


def opening(text: str, sentences: int = 2) -> str:
    """The first sentences of a plain text.

    >>> opening("Smith et al. found it. We do so too, e.g. here. And more.")
    'Smith et al. found it. We do so too, e.g. here.'
    """
    ends = 0
    for found in _SENTENCE_END.finditer(text):
        if _SHORT_FORM.search(text, 0, found.start()):
            continue
        ends += 1
        if ends == sentences:
            return text[: found.start()] + found[0].rstrip()
    return text


def cut(text: str, characters: int, octets: int = 0) -> str:
    """The beginning of a text, by whole words where it can be; `octets` bounds what it weighs in a mail (`weight`).

    >>> cut("Paging with succinct predictions", 20), cut("éééééé", 9, 24)
    ('Paging with …', 'é…')
    """
    shown = text if len(text) <= characters else _by_words(text, characters)
    while octets and weight(shown) > octets:
        shown = _by_words(shown.rstrip("… "), len(shown.rstrip("… ")) * 3 // 4)
    return shown


def weight(text: str) -> int:
    """The bytes of a text written as HTML and sent as quoted-printable.

    >>> weight("a&"), weight("é=")
    (6, 9)
    """
    written = html.escape(text).encode()
    return len(written) + 2 * (sum(map((127).__lt__, written)) + written.count(b"="))


def long_day(day: date) -> str:
    """A day as a newspaper writes it.

    >>> long_day(date(2026, 11, 21))
    'Saturday 21 November 2026'
    """
    return f"{day:%A} {day.day} {day:%B} {day.year}"


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "paper"), counted(1204, "vote")
    ('1 paper', '1,204 votes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def listed(words: list[str]) -> str:
    """Words as a list in a sentence.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return f"{', '.join(words[:-1])} and {words[-1]}" if len(words) > 1 else "".join(words)


def _with_formulas(text: str) -> str:
    """Formulas with their raised and lowered signs written out; every other dollar is one of money."""
    written, done = [], 0
    for found in _FORMULA.finditer(text):
        inside = found[2] or found[3] or found[4]
        if found[1] and not _is_formula(inside):
            continue
        written += [_DOLLAR.sub(r"\\$", text[done : found.start()]), _SCRIPT.sub(_script, inside)]
        done = found.end()
    return "".join([*written, _DOLLAR.sub(r"\\$", text[done:])])


def _is_formula(inside: str) -> bool:
    """Tell ``$n$`` from "$5 and $10"."""
    if inside != inside.strip():
        return False
    return bool(_TEX_SIGN.search(inside)) or not (_LONG_WORD.search(inside) or (" " in inside and inside[0].isdigit()))


def _script(found: re.Match[str]) -> str:
    inside = (found[2] or found[3] or "").strip()
    signs = _RAISED if found[1] == "^" else _LOWERED
    if inside and all(sign in signs for sign in inside):
        return "".join(signs[sign] for sign in inside)
    if found[1] == "_":
        return f"{{{inside}}}"
    return f"\ue0ff({inside})" if len(inside) > 1 and not inside.startswith("\\") else f"\ue0ff{inside}"


def _by_words(text: str, characters: int) -> str:
    begun = text[: max(characters - 1, 0)]
    words = begun.rsplit(" ", 1)[0] if " " in begun[len(begun) // 2 :] else begun
    return f"{words.rstrip(' ,;:')}{' …' if ' ' in words else '…'}"
