r"""A text as its authors wrote it, in TeX or not, as every citation format can hold it: Unicode, and maths in `$…$`."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from unicodedata import normalize

from broadsheet.papers.tex import tex_to_unicode

_MATHS_LIMIT = 1_000
_OPEN = re.compile(r"\\[\\$(\[]|\$\$?")
_CLOSE = {"\\(": "\\)", "\\[": "\\]", "$$": "$$", "$": "$"}
_TEX_SIGNS = re.compile(r"[\\^_{}=<>+]")
_PLAIN_WORD = re.compile(r"(?<![A-Za-z\\{])[A-Za-z]{3,}(?![A-Za-z}])")
_TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[%&#{}]")
_NOT_MATHS = re.compile(
    r"\^\^"  # TeX's other way to write any character, the backslash too
    r"|\\(?:input|include\w*|verbatiminput|lstinputlisting|usepackage|documentclass|(?:re)?newcommand|providecommand"
    r"|Declare\w+|newenvironment|def|edef|gdef|xdef|let|futurelet|catcode|lccode|uccode|csname|endcsname|expandafter"
    r"|open(?:in|out)|read|write\w*|immediate|shellescape|special|everypar|everymath|pdf\w+|lua\w+|directlua|loop"
    r"|afterassignment|aftergroup|output|url|href|html\w*|class|style|cssId|data|require|unicode|bbox|footnote"
    r"|par|end(?:input|group)|begingroup|[eb]group|bye|stop|jobname|scantokens|detokenize|the|meaning)(?![A-Za-z])"
    r"|\\(?:begin|end)\s*(?!\{(?:[bBpvV]?matrix|smallmatrix|cases|array|aligned|split|gathered)\*?\})"
)
"""What makes a LaTeX run, or a page that shows maths, do more than show maths."""

_SIGNS = {
    "\\textbackslash": "\\", "\\textasciitilde": "~", "\\textasciicircum": "^", "\\textbraceleft": "{",
    "\\textbraceright": "}", "\\LaTeX": "LaTeX", "\\TeX": "TeX", "\\BibTeX": "BibTeX",
}  # fmt: skip
_ISLAND = re.compile(
    r"""(?P<sign>\\(?:text(?:backslash|ascii(?:tilde|circum)|brace(?:left|right))|(?:La|Bib)?TeX)(?![A-Za-z]))
          (?:\{\}|[ ])?
      | \{(?P<logo>\\(?:La|Bib)?TeX)\}
      | \\(?P<escaped>[%&#_${}\ ])
      | \\(?:emph|text(?:it|sl|bf|rm|sc|sf|tt|up|normal)|underline|mbox|url)
          \{(?P<inside>(?:[^{}\\$]|\\[^\\{}$]|\{[^{}$]{0,99}\})*)\}
      | \{\\(?:em|it|bf|sl|tt|sc)[ ](?P<old_inside>[^{}\\$]*)\}
      | \\href\{(?P<target>[^{}\\$]*)\}\{(?P<words>[^{}\\$]*)\}
      | \{(?P<protected>[A-Z][\w-]*)\}
      | (?P<dropped>~?\\(?:cite[a-z]{0,9}|ref|eqref|label|footnote)\*?(?:\[[^\[\]]*\])?\{[^{}\\$]*\})
      | (?P<tie>(?<=[A-Za-z.,])~(?=[A-Z0-9]))
      | (?P<accent>\{\\[`'^~"=.][ ]?\\?[A-Za-z]\}
          | \\[`'^~"=.][ ]?(?:\{[ ]?\\?[A-Za-z][ ]?\}|\\[ij](?![A-Za-z])|[A-Za-z])
          | \{\\[uvHckrbd][ ][A-Za-z]\}
          | \\[uvHckrbd][ ]?\{[ ]?\\?[A-Za-z][ ]?\}
          | \{\\(?:ss|o|O|l|L|ae|AE|oe|OE|aa|AA|i|j|dh|DH|th|TH|dj|DJ)\}
          | \\(?:ss|o|O|l|L|ae|AE|oe|OE|aa|AA)(?:\{\}|[ ](?=[a-z])|(?![A-Za-z])))""",
    re.X,
)
_STEERING = re.compile("[\u202a-\u202e\u2066-\u2069]")
"""Signs that turn the direction of the text after them, beyond the end of a title."""


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text: plain Unicode, or maths in TeX without its dollars, whose braces are in balance."""

    text: str
    is_maths: bool = False

    def __str__(self) -> str:
        return f"${self.text}$" if self.is_maths else self.text


def legible(text: str) -> str:
    r"""A text with TeX's accents, escapes and emphasis resolved, maths kept; the rest stands as it was written.

    Accents that combine join their letters where Unicode has both as one, which LaTeX reads and the pair it does not.

    >>> legible(r"Erd\H{o}s \& {BERT}: \emph{100\%} of \(n^2\), not $5 and $6")
    'Erdős & BERT: 100% of $n^2$, not $5 and $6'
    """
    return "".join(map(str, read_pieces(text)))


def read_pieces(text: str) -> list[Piece]:
    r"""The same in pieces, so that each format can escape what is prose and leave what is maths. Never empty.

    Maths that is not in balance, or holds a command that does more than show maths, is prose.

    >>> read_pieces(r"$\alpha$-nets, $\input{x}$")
    [Piece(text='\\alpha', is_maths=True), Piece(text='-nets, $\\input{x}$', is_maths=False)]
    """
    pieces: list[Piece] = []
    for piece in _split(normalize("NFC", _STEERING.sub("", text))):
        resolved = piece if piece.is_maths else Piece(_resolve(piece.text))
        if pieces and not (resolved.is_maths or pieces[-1].is_maths):
            resolved = Piece(pieces.pop().text + resolved.text)
        pieces.append(resolved)
    folded = [piece if piece.is_maths else Piece(re.sub(r"\s+", " ", piece.text)) for piece in pieces]
    if folded and not folded[0].is_maths:
        folded[0] = Piece(folded[0].text.lstrip())
    if folded and not folded[-1].is_maths:
        folded[-1] = Piece(folded[-1].text.rstrip())
    return [piece for piece in folded if piece.text] or [Piece(text)]


def _split(text: str) -> Iterator[Piece]:
    done = position = 0
    while opening := _OPEN.search(text, position):
        position = opening.end()
        close = _CLOSE.get(opening[0])
        end = text.find(close, position, position + _MATHS_LIMIT) if close else -1
        if not close or end < 0:
            continue
        inside, after = text[position:end].strip(), text[end + len(close) : end + len(close) + 1]
        maths = _read_maths(inside)
        if not maths or (close == "$" and not _is_maths(text[position:end], after)):
            continue
        yield Piece(text[done : opening.start()])
        yield Piece(maths, is_maths=True)
        done = position = end + len(close)
    yield Piece(text[done:])


def _is_maths(inside: str, after: str) -> bool:
    """Tell ``$n$`` from "$5 and $10": signs of TeX speak for maths, plain words and spaces at the edges against."""
    if _TEX_SIGNS.search(inside):
        return "\\" in inside or not (after.isdigit() and inside[0].isdigit())
    return inside == inside.strip() and not after.isdigit() and not (" " in inside and _PLAIN_WORD.search(inside))


def _read_maths(inside: str) -> str:
    r"""Maths fit to stand in any format, or "" if it is not fit.

    BibTeX counts the brace of ``\{`` and other programs do not, so both counts have to be in balance.
    """
    if not inside or "$" in inside or _NOT_MATHS.search(inside):
        return ""
    tokens = [token[0] for token in _TOKEN.finditer(inside)]
    if "\\(" in tokens or "\\)" in tokens or "\\[" in tokens or "\\]" in tokens or not _is_balanced(tokens, "{", "}"):
        return ""
    if sum(map(len, re.findall(r"\\+$", inside))) % 2:
        return ""
    if not _is_balanced([token[-1] for token in tokens if token[-1] in "{}"], "{", "}"):
        inside = re.sub(r"(\\\\)|\\([{}])(?=([A-Za-z])?)", _name_brace, inside)
    has_columns = "\\begin" in tokens
    inside = _TOKEN.sub(lambda found: _escaped_in_maths(found[0], has_columns), inside)
    return re.sub(r"((?:\\\\)+)(?=[{}])", r"\1 ", inside)


def _is_balanced(tokens: list[str], opening: str, closing: str) -> bool:
    depth = 0
    for token in tokens:
        depth += (token == opening) - (token == closing)
        if depth < 0:
            return False
    return depth == 0


def _name_brace(found: re.Match[str]) -> str:
    if found[1]:
        return found[1]
    name = "\\lbrace" if found[2] == "{" else "\\rbrace"
    return f"{name} " if found[3] else name


def _escaped_in_maths(sign: str, has_columns: bool) -> str:
    return f"\\{sign}" if sign in ("%", "#") or (sign == "&" and not has_columns) else sign


def _resolve(text: str) -> str:
    return _ISLAND.sub(_island, text) if "\\" in text or "{" in text or "~" in text else text


def _island(found: re.Match[str]) -> str:
    match found.lastgroup:
        case "sign" | "logo":
            return _SIGNS[found["sign"] or found["logo"]]
        case "words":
            return f"{found['words']} ({found['target']})"
        case "dropped":
            return ""
        case "tie":
            return " "
        case "accent":
            return tex_to_unicode(found[0])
        case "inside":
            return _resolve(found["inside"])
        case group:
            return found[group or 0]
