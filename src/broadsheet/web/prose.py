r"""Text as its authors wrote it, turned into safe HTML that reads well: TeX accents, quotes, dashes, maths, links.

This is the one place that marks HTML as safe. Every character of a paper's text goes through `escape` or
`mathml.formula`, a comment as a whole through the sanitiser of `markdown`.
"""

import html
import json
import re
from collections.abc import Iterable, Iterator, Set

from django.utils.safestring import SafeString, mark_safe

from broadsheet.papers.tex import tex_to_unicode
from broadsheet.web.formulas import pieces
from broadsheet.web.markdown import written
from broadsheet.web.mathml import formula
from broadsheet.web.outward import WEB_ADDRESS, web_address

FORMULAS_LIMIT = 1_000

_URL_WRAPPER = re.compile(r"\\url\{\s*(https?://[^{}\s]{1,2000})\s*\}")
_LINKED_WORDS = re.compile(r"\\href\{\s*(https?://[^{}\s]{1,2000})\s*\}\{([^{}]{0,300})\}")
_EMPHASIS = re.compile(
    r"\\(?:emph|textit|textsl|textbf|underline)\{([^{}]{0,1000})\}|\{\\(?:em|it|bf|sl)\s+([^{}]{0,1000})\}"
)
_ISLAND = re.compile(
    r"""\{\\[`'^~"=.]\s*\\?[A-Za-z]\}                                        # {\'e}
      | \\[`'^~"=.]\s*(?:\{\s*\\?[A-Za-z]\s*\}|\\[ij](?![A-Za-z])|[A-Za-z])  # \'e \'{e} \'\i
      | \\[uvHckrbd]\s*\{\s*\\?[A-Za-z]\s*\}                                 # \v{c}
      | \{\\[A-Za-z]{1,2}\}                                                  # {\ss}
      | \\(?:ss|o|O|l|L|ae|AE|oe|OE|aa|AA)(?:\{\}|[ ](?=[a-z])|(?![A-Za-z]))
      | \\(?:text(?:rm|sc|sf|tt|up|normal|superscript|subscript)|mbox)\{[^{}]{0,300}\}
      | ~?\\(?:cite[a-z]{0,9}|ref|eqref|label|footnote)\*?(?:\[[^\]]{0,100}\])?\{[^{}]{0,300}\}
      | \\[%&#_{},\ ]""",
    re.X,
)
_TYPE = (
    ("``", re.compile(r"``"), "“"),
    ("''", re.compile(r"(?<=[\s(\[])''(?=\w)|^''(?=\w)"), "“"),
    ("''", re.compile(r"''"), "”"),
    ("`", re.compile(r"(?<!\w)`([^`']{1,80})'(?!\w)"), r"‘\1’"),
    ("---", re.compile(r"(?<!-)---(?!-)"), "—"),
    ("--", re.compile(r"(?<=\w)--(?=\w)|(?<= )--(?= )"), "–"),
    ("~", re.compile(r"(?<=[A-Za-z.])~(?=[A-Z0-9\\])"), "\u00a0"),
    ("{", re.compile(r"\{([A-Z][\w-]*)\}"), r"\1"),
    ("\\$", re.compile(r"\\\$"), "$"),
)
"""What TeX is set as outside of maths: what must be there at all, the pattern, the sign."""
_SPECIAL = re.compile(r"""[\\`'"~{&<>]|--|://""")
"""What prose without is written as it is: signs of TeX, of `_TYPE` and of HTML, and web addresses."""
_SCRIPT_SIGNS = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}
_STEERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")


def render(text: str, *, links: bool = False) -> SafeString:
    r"""Write a text as HTML, formulas as MathML; with `links`, web addresses in it become links.

    >>> render(r"Erd\H{o}s--R\'enyi <b> graphs")
    'Erdős–Rényi &lt;b&gt; graphs'
    """
    return render_marked([(text, False)], links=links)


def render_marked(segments: Iterable[tuple[str, bool]], *, links: bool = False) -> SafeString:
    """Write segments as HTML, those that matched in <mark>. A formula is marked whole if a part of it matched."""
    segments = list(segments)
    whole = "".join([text for text, _ in segments])
    if "\\" not in whole and "$" not in whole:  # nothing can be a formula
        return SafeString("".join([_marked(_prose(text, links), is_match) for text, is_match in segments]))
    written = []
    formulas = 0
    for piece in pieces(whole):
        cuts = list(_cuts(segments, piece.start, piece.end))
        if piece.is_formula:
            formulas += 1
            shown = formula(piece.text, piece.is_block) if formulas <= FORMULAS_LIMIT else html.escape(piece.text)
            written.append(_marked(shown, any(is_match for _, is_match in cuts)))
        else:
            written.extend(_marked(_prose(text, links), is_match) for text, is_match in cuts)
    return SafeString("".join(written))  # escaped or sanitised above, piece by piece


def fill(pattern: str, *values: object) -> SafeString:
    """Put values into HTML wherever it says %s; they are escaped unless they are safe. The pattern is code, no text.

    >>> fill('<b title="%s">%s</b>', '"', render("<"))
    '<b title="&quot;">&lt;</b>'
    """
    return SafeString(
        pattern % tuple([v if type(v) is SafeString or type(v) is int else html.escape(str(v)) for v in values])
    )


def joined(parts: Iterable[SafeString], between: str = "") -> SafeString:
    """Parts in a row, what is not safe escaped; `between` is code, no text."""
    return SafeString(between.join([part if type(part) is SafeString else html.escape(part) for part in parts]))


def comment_html(text: str, known_handles: Set[str]) -> SafeString:
    """Write a comment's Markdown as HTML; of the readers it names after @, those who are known become links.

    >>> comment_html("*No* <b>, @ann and @bo", {"ann"})
    '<p><em>No</em> &lt;b&gt;, <a href="/@ann">@ann</a> and @bo</p>'
    """
    return mark_safe(written(text, known_handles))  # noqa: S308 (sanitised as its last step)


def linked_data(value: object) -> SafeString:
    r"""Write linked data as a <script> that browsers do not run. All signs of HTML, and all but ASCII, are escaped.

    >>> linked_data("</b>é")
    '<script type="application/ld+json">"\\u003c/b\\u003e\\u00e9"</script>'
    """
    told = json.dumps(value, ensure_ascii=True).translate(_SCRIPT_SIGNS)
    return mark_safe(f'<script type="application/ld+json">{told}</script>')  # noqa: S308 (escaped right here)


def plain(text: str) -> str:
    """Write a text for a page's <title>: no markup, no maths, nothing that steers the direction of other text."""
    written = [tex_to_unicode(f"${p.text}$") if p.is_formula else _flat(p.text) for p in pieces(text)]
    return _STEERING.sub("", "".join(written))


def _cuts(segments: list[tuple[str, bool]], start: int, end: int) -> Iterator[tuple[str, bool]]:
    """The parts of the segments between two positions of the whole text."""
    position = 0
    for text, is_match in segments:
        left, right = max(start - position, 0), min(end - position, len(text))
        if left < right:
            yield text[left:right], is_match
        position += len(text)


def _marked(shown: str, is_match: bool) -> str:
    return f"<mark>{shown}</mark>" if is_match else shown


def _prose(text: str, links: bool) -> str:
    if not _SPECIAL.search(text):
        return text
    parts = WEB_ADDRESS.split(_unwrapped(text))
    return "".join(web_address(part, links) if odd % 2 else _emphasised(part) for odd, part in enumerate(parts))


def _emphasised(text: str) -> str:
    written, done = [], 0
    for found in _EMPHASIS.finditer(text):
        inside = html.escape(_typeset(found[1] or found[2] or ""))
        written += [html.escape(_typeset(text[done : found.start()])), f"<em>{inside}</em>"]
        done = found.end()
    return "".join([*written, html.escape(_typeset(text[done:]))])


def _unwrapped(text: str) -> str:
    if "\\" not in text:
        return text
    return _URL_WRAPPER.sub(r"\1", _LINKED_WORDS.sub(_words_and_address, text))


def _words_and_address(found: re.Match[str]) -> str:
    return found[1] if found[2].strip() in ("", found[1]) else f"{found[2]} ({found[1]})"


def _flat(text: str) -> str:
    return _typeset(_EMPHASIS.sub(lambda found: found[1] or found[2] or "", _unwrapped(text)))


def _typeset(text: str) -> str:
    """Resolve what TeX there is in prose and leave the rest as it stands."""
    if "\\" in text:
        text = _ISLAND.sub(lambda found: tex_to_unicode(found[0]), text)
    for trigger, pattern, sign in _TYPE:
        if trigger in text:
            text = pattern.sub(sign, text)
    return text
