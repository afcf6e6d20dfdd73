"""Titles and abstracts as registries send them, with scraps of JATS and HTML, into text with TeX."""

import html
import re

_HEADING = re.compile(r"^\s*<(?:jats:)?title>\s*(?:abstract|summary)\s*[.:]?\s*</(?:jats:)?title>", re.I)
_TWICE = re.compile(r"<mml:math\b(?:(?!<mml:math\b).)*?</mml:math>(?=\s*</jats:alternatives>)", re.S)
_SCRIPT = re.compile(r"<(?:jats:)?(sup|sub)>\s*([\w+*−–-]{1,20})\s*</(?:jats:)?\1>")
_BLOCK = re.compile(r"</?(?:jats:)?(?:p|title|sec|list|list-item|li|ul|ol|br|div|disp-formula)\b[^<>]*>", re.I)
_TAG = re.compile(r"</?[A-Za-z][\w:-]*(?:\s[^<>]*)?/?>")
_HTML = re.compile(r"</?(?:p|em|strong|i|b|u|sub|sup|br|div|span|a|ul|ol|li|h[1-6])(?:\s[^<>]*)?/?>", re.I)
_SIGNS = {"sup": "^", "sub": "_"}


def strip_markup(text: str) -> str:
    """Text without tags and without the heading "Abstract"; a short index or exponent is written as TeX.

    Some publishers send HTML that is escaped once too often; its tags go as well.

    >>> strip_markup("<jats:title>Abstract</jats:title><jats:p>The <jats:sup>89</jats:sup>Zr, p &lt; 0.05.</jats:p>")
    'The $^{89}$Zr, p < 0.05.'
    >>> strip_markup("&lt;p&gt;Two &lt;em&gt;kinds&lt;/em&gt;&lt;/p&gt;")
    'Two kinds'
    """
    text = _TWICE.sub("", _HEADING.sub("", text))
    text = _SCRIPT.sub(lambda found: f"${_SIGNS[found[1]]}{{{found[2]}}}$", text)
    text = html.unescape(_TAG.sub("", _BLOCK.sub(" ", text)))
    text = _HTML.sub("", _BLOCK.sub(" ", text))
    return " ".join(html.unescape(text).split())
