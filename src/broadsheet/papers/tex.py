r"""TeX as it stands in titles and abstracts, turned into plain Unicode for search. Display keeps the original."""

import re
import unicodedata

_MAX_PASSES = 8

_ACCENTS = {
    "`": "\u0300", "'": "\u0301", "^": "\u0302", "~": "\u0303", '"': "\u0308", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a",
    "b": "\u0331", "d": "\u0323",
}  # fmt: skip
_LETTERS = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "ı", "j": "ȷ", "dh": "ð", "DH": "Ð", "th": "þ", "TH": "Þ", "dj": "đ", "DJ": "Đ",
}  # fmt: skip
_GREEK = dict(
    zip(
        [
            "alpha",
            "beta",
            "gamma",
            "delta",
            "epsilon",
            "zeta",
            "eta",
            "theta",
            "iota",
            "kappa",
            "lambda",
            "mu",
            "nu",
            "xi",
            "omicron",
            "pi",
            "rho",
            "sigma",
            "tau",
            "upsilon",
            "phi",
            "chi",
            "psi",
            "omega",
        ],
        "αβγδεζηθικλμνξοπρστυφχψω",
        strict=True,
    )
)
_SYMBOLS = {
    **_GREEK,
    **{name.capitalize(): letter.upper() for name, letter in _GREEK.items()},
    "varepsilon": "ε", "vartheta": "θ", "varphi": "φ", "varrho": "ρ", "varsigma": "σ", "varpi": "π",
    "times": "×", "cdot": "·", "pm": "±", "le": "≤", "leq": "≤", "ge": "≥", "geq": "≥", "ne": "≠", "neq": "≠",
    "approx": "≈", "sim": "~", "to": "→", "rightarrow": "→", "leftarrow": "←", "infty": "∞", "in": "∈", "subset": "⊂",
    "subseteq": "⊆", "cup": "∪", "cap": "∩", "sum": "∑", "prod": "∏", "int": "∫", "partial": "∂", "nabla": "∇",
    "forall": "∀", "exists": "∃", "ell": "ℓ", "hbar": "ħ", "dagger": "†", "circ": "∘", "oplus": "⊕", "otimes": "⊗",
    "ldots": "…", "dots": "…", "cdots": "…", "log": "log", "ln": "ln", "exp": "exp", "max": "max", "min": "min",
    "textendash": "–", "textemdash": "—", "textquoteright": "’", "S": "§", "copyright": "©", "quad": " ", "qquad": " ",
    # Signs that mean something to TeX itself, hidden from the rules that follow as _hide does.
    "textbackslash": "\ue05c", "textasciitilde": "\ue07e", "textasciicircum": "\ue05e", "textbraceleft": "\ue07b",
    "textbraceright": "\ue07d",
}  # fmt: skip
_DROPPED = r"(?:cite[a-z]*|citep|citet|ref|eqref|label|footnote|thanks|bibitem)"

_CITATIONS = re.compile(rf"\\{_DROPPED}\*?(?:\[[^\[\]]*\])*\{{[^{{}}]*\}}")
_ACCENT_SIGN = re.compile(r"\\([`'^~\"=.])\s*(?:\{\s*(\\?[A-Za-z])\s*\}|(\\[ij](?![A-Za-z])|[A-Za-z]))")
_ACCENT_LETTER = re.compile(r"\\([uvHckrbd])(?:\s*\{\s*(\\?[A-Za-z])\s*\}|\s+([A-Za-z])(?![A-Za-z]))")
_FRACTION = re.compile(r"\\[dt]?frac\s*\{([^{}]*)\}\s*\{([^{}]*)\}")
_COMMAND = re.compile(r"\\([A-Za-z]+)\*?[ \t]?")
_ESCAPED = re.compile(r"\\([%&#_${} ])")
_SPACING = re.compile(r"\\[,;:!>/@-]|\\\\|(?<!\\)~")
_MATHS = re.compile(r"\$[^$]*\$")
_SCRIPTS = re.compile(r"[\^_]")
_BARE_SCRIPTS = re.compile(r"\^(?=\S)|_(?=\{|[0-9]|[A-Za-z](?![A-Za-z0-9_]))")  # not those of snake_case
_DOLLARS = re.compile(r"\$+")


def tex_to_unicode(text: str) -> str:
    r"""Resolve accents, letters, Greek and simple maths; drop what has no text. Never fails, linear in practice.

    >>> tex_to_unicode(r"Erd\H{o}s--R\'enyi graphs, {\L}ojasiewicz, CO$_2$ and $\mathcal{O}(n^{2})$")
    'Erdős-Rényi graphs, Łojasiewicz, CO2 and O(n2)'
    """
    if not any(sign in text for sign in "\\${^_~") and "--" not in text:
        return text
    text = _CITATIONS.sub(" ", text)
    text = _ESCAPED.sub(lambda found: _hide(found[1]), text)
    text = _ACCENT_SIGN.sub(_accented, text)
    text = _ACCENT_LETTER.sub(_accented, text)
    for _ in range(_MAX_PASSES):
        text, changed = _FRACTION.subn(r"\1/\2", text)
        if not changed:
            break
    text = _COMMAND.sub(_command, text)
    text = _SPACING.sub(" ", text)
    text = _MATHS.sub(lambda found: _SCRIPTS.sub("", found[0]), text)
    text = _BARE_SCRIPTS.sub("", text)
    text = re.sub(r"[{}]", "", text)
    text = _DOLLARS.sub("", text).replace("---", "—").replace("--", "-")
    return " ".join(_show(text).split())


def _accented(found: re.Match[str]) -> str:
    letter = (found[2] or found[3] or "").removeprefix("\\")
    letter = _LETTERS.get(letter, letter) if len(letter) > 1 else letter
    return unicodedata.normalize("NFC", letter + _ACCENTS[found[1]])


def _command(found: re.Match[str]) -> str:
    name = found[1]
    symbol = _LETTERS.get(name) or _SYMBOLS.get(name)
    if symbol is None:
        return "" if found[0].endswith(name) else " "
    tail = found.string[found.end() : found.end() + 1]
    glue = name not in _LETTERS and name in ("log", "ln", "exp", "max", "min") and tail.isalnum()
    return f"{symbol} " if glue else symbol


def _hide(char: str) -> str:
    """Move an escaped character out of the way of the rules that follow, into a private-use code point."""
    return " " if char == " " else chr(0xE000 + ord(char))


def _show(text: str) -> str:
    return re.sub(r"[\ue000-\ue07f]", lambda found: chr(ord(found[0]) - 0xE000), text)
