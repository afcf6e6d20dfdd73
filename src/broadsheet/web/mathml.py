r"""Mathematics on pages: turns a TeX formula into MathML that cannot carry anything else.

The converter is not trusted: it passes ``\text{<svg/onload=…>}`` through raw and makes attributes of ``\href`` and
``\style``. So its tree is written out here, names and values from a list, all text escaped, and nh3 reads the result
once more. What cannot be converted is shown as its source.
"""

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from xml.etree.ElementTree import Element

import nh3
from latex2mathml.converter import Converter

LENGTH_LIMIT = 2_000
DEPTH_LIMIT = 60
OUTPUT_LIMIT = 50_000

_OPERATOR = re.compile(r"(\\operatorname\*?)\s*\{([^{}]*)\}")
_THIN_SPACE = re.compile(r"\\[,;:! ]|~")
_DEFINITIONS = re.compile(r"\\(?:(?:re)?new(?:command|environment)|[egx]?def|let|DeclareMathOperator)(?![A-Za-z])")

ELEMENTS = frozenset({
    "math", "mfrac", "mi", "mmultiscripts", "mn", "mo", "mover", "mpadded", "mphantom", "mprescripts", "mroot", "mrow",
    "mspace", "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
})  # fmt: skip
_FLAG = re.compile(r"true|false")
_LENGTH = re.compile(r"-?0?\.\d{1,5}em|[0-3](?:\.\d{1,5})?em")
_WORDS = re.compile(r"[a-z]{1,12}(?:[ -][a-z]{1,12}){0,20}")
ATTRIBUTES = {
    "display": re.compile(r"inline|block"),
    "mathvariant": _WORDS,
    "columnalign": _WORDS,
    "rowlines": _WORDS,
    "columnlines": _WORDS,
    "form": _WORDS,
    "scriptlevel": re.compile(r"[+-]?[0-3]"),
    "linethickness": re.compile(r"0|[0-3](?:\.\d)?(?:em|ex|pt|px)"),
    **dict.fromkeys(("width", "lspace", "rspace", "minsize", "maxsize"), _LENGTH),
    **dict.fromkeys(("accent", "accentunder", "displaystyle", "fence", "largeop", "movablelimits"), _FLAG),
    **dict.fromkeys(("separator", "stretchy", "symmetric"), _FLAG),
}
_CHILDREN = {
    **dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2),
    **dict.fromkeys(("msubsup", "munderover"), 3),
}
_ROWS = frozenset({"math", "mrow", "mstyle", "mtd"})
_THIN = '<mspace width="0.167em"></mspace>'
_CLEANER = nh3.Cleaner(tags=set(ELEMENTS), attributes={"*": set(ATTRIBUTES)}, link_rel=None)


@lru_cache(maxsize=2_048)
def formula(tex: str, is_block: bool = False) -> str:
    r"""Return safe HTML for one formula: MathML, or the escaped source where it cannot be converted.

    >>> formula("x^2")
    '<math display="inline"><mrow><msup><mi>x</mi><mn>2</mn></msup></mrow></math>'
    >>> formula(r"\frac{1}")
    '<code class="tex">\\frac{1}</code>'
    """
    display = "block" if is_block else "inline"
    if len(tex) <= LENGTH_LIMIT and not _DEFINITIONS.search(tex):
        try:
            simpler = _OPERATOR.sub(lambda found: f"{found[1]}{{{_THIN_SPACE.sub(' ', found[2])}}}", tex)
            written = _written(Converter(display=display).convert_to_element(simpler), 0)
        except Exception:  # noqa: BLE001, S110 (the converter raises whatever its bugs raise)
            pass
        else:
            if len(written) <= OUTPUT_LIMIT:
                return _CLEANER.clean(written)
    return f'<code class="tex">{html.escape(tex)}</code>'


def _spaced(element: Element, depth: int) -> Iterator[str]:
    """Write an element's children; MathML, unlike TeX, sets no space between a function and its argument."""
    before: Element | None = None
    for child in element:
        if before is not None and element.tag in _ROWS and _wants_space(before, child):
            yield _THIN
        yield _written(child, depth + 1)
        before = child


def _wants_space(left: Element, right: Element) -> bool:
    return (_is_function(left) or _is_function(right)) and "mo" not in (left.tag, right.tag)


def _is_function(element: Element) -> bool:
    """Whether an element is a name such as log, or one with an index or power."""
    if element.tag in ("msub", "msup", "msubsup") and len(element):
        element = element[0]
    name = element.text or ""
    return element.tag == "mi" and len(name) > 1 and name.isascii() and name.isalpha()


def _written(element: Element, depth: int) -> str:
    """Write an element of the converter's tree; one that is not on the list leaves only its content."""
    if depth > DEPTH_LIMIT:
        raise ValueError("the formula is nested too deeply")
    if len(element) != _CHILDREN.get(element.tag, len(element)):
        raise ValueError(f"{element.tag} lacks a part")
    text = html.escape(html.unescape(element.text or ""))
    inner = text + "".join(_spaced(element, depth))
    if element.tag not in ELEMENTS:
        return inner
    attributes = "".join(
        f' {name}="{value}"'
        for name, value in element.attrib.items()
        if name in ATTRIBUTES and ATTRIBUTES[name].fullmatch(value)
    )
    return f"<{element.tag}{attributes}>{inner}</{element.tag}>"
