"""XML from strangers: bytes into a tree, or a sentence that says why not."""

import re
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from broadsheet.sources.errors import SourceError

MAX_BYTES = 64 << 20
MAX_MARKS = 6_000_000
"""Most "<" and "=" signs in one payload: each may cost a hundred times its own byte once it is a node of a tree."""

_ENCODING = re.compile(rb"""<\?xml[^>]{0,200}?\sencoding\s*=\s*["']([^"'>]{0,80})["']""")
_UTF8_NAMES = frozenset({b"utf-8", b"utf8", b"us-ascii", b"ascii"})
_WIDE_MARKS = (b"\xff\xfe", b"\xfe\xff")


def parse_xml(payload: bytes, place: str, limit: int = MAX_BYTES) -> Element:
    """Return the root of a UTF-8 XML payload without a document type. Raises SourceError, naming `place`.

    Refused are document types (they carry entity bombs and reach for outside files), encodings other than UTF-8 (they
    hide those), and payloads over `limit` bytes or over MAX_MARKS signs of markup. Source: OWASP, XXE prevention;
    OAI-PMH 2.0 section 3.2 and Atom as arXiv serves it are UTF-8.
    """
    if len(payload) > limit:
        raise SourceError(f"{place} has {len(payload):,} bytes of XML, more than {limit:,}")
    payload = payload.removeprefix(b"\xef\xbb\xbf").lstrip(b" \t\r\n")
    if not payload:
        raise SourceError(f"{place} is empty where XML should be")
    _check_encoding(payload, place)
    if payload.count(b"<") + payload.count(b"=") > MAX_MARKS:
        raise SourceError(f"{place} holds more than {MAX_MARKS:,} signs of markup")
    try:
        root: Element = fromstring(payload, forbid_dtd=True)
    except DefusedXmlException as error:
        raise SourceError(f"{place} brings a document type or entities of its own, which is refused") from error
    except (ParseError, ValueError, LookupError) as error:
        raise SourceError(f"{place} is not well-formed XML: {error}") from error
    return root


def name_of(element: Element) -> str:
    """The element's name without its namespace: some real answers forget to declare one."""
    return element.tag.rpartition("}")[2]


def children(element: Element, name: str) -> list[Element]:
    """The element's own children of this name, in any namespace."""
    return [child for child in element if name_of(child) == name]


def child(element: Element, name: str) -> Element | None:
    """The first child of this name, or None."""
    return next((found for found in element if name_of(found) == name), None)


def text_of(element: Element, name: str) -> str:
    """All text within the first child of this name, runs of white space folded; empty if there is none."""
    return whole_text(child(element, name))


def texts_of(element: Element, name: str) -> list[str]:
    """The texts of every child of this name that are not empty."""
    texts = (whole_text(found) for found in children(element, name))
    return [text for text in texts if text]


def whole_text(element: Element | None) -> str:
    """All text within an element, runs of white space folded; empty for None."""
    return "" if element is None else " ".join("".join(element.itertext()).split())


def _check_encoding(payload: bytes, place: str) -> None:
    if payload.startswith(_WIDE_MARKS) or b"\x00" in payload[:4]:
        raise SourceError(f"{place} is not written in UTF-8, the only encoding read here")
    declared = _ENCODING.match(payload)
    if declared and declared[1].strip().lower() not in _UTF8_NAMES:
        name = declared[1].decode("ascii", "replace")
        raise SourceError(f"{place} declares the encoding {name!r}; only UTF-8 is read here")
    try:
        payload.decode("utf-8")
    except UnicodeDecodeError as error:
        raise SourceError(f"{place} is not UTF-8: byte {error.start:,} cannot be read") from error
