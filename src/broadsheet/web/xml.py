"""Writing XML: elements one after the other, with nothing in them that XML cannot hold."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from broadsheet.web.feed_forms import clean

NOTHING: Mapping[str, str] = {}


class Writer:
    """Writes one piece of XML; the names are ours, the texts and the attributes may be anybody's."""

    def __init__(self) -> None:
        self._out = StringIO()
        self._xml = XMLGenerator(self._out, "utf-8", short_empty_elements=True)

    @contextmanager
    def within(self, name: str, attributes: Mapping[str, str] = NOTHING) -> Iterator[None]:
        """Write an element around what is written in the block."""
        self._xml.startElement(name, _cleaned(attributes))
        yield
        self._xml.endElement(name)

    def write(self, name: str, text: str = "", attributes: Mapping[str, str] = NOTHING) -> None:
        """Write an element that holds text alone."""
        self._xml.startElement(name, _cleaned(attributes))
        if text:
            self._xml.characters(clean(text))
        self._xml.endElement(name)

    def write_each(self, name: str, texts: "list[str]") -> None:
        """Write an element for every text that is not empty."""
        for text in texts:
            if text:
                self.write(name, text)

    def finish(self) -> bytes:
        """What was written, with the line that says that it is XML."""
        self._xml.endDocument()
        return b'<?xml version="1.0" encoding="UTF-8"?>\n' + self._out.getvalue().encode() + b"\n"


def second(at: datetime) -> str:
    """A moment to the second, as most protocols write it; parts of a second are dropped.

    >>> second(datetime(2026, 11, 21, 9, 5, 7, 999_999, tzinfo=UTC))
    '2026-11-21T09:05:07Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _cleaned(attributes: Mapping[str, str]) -> AttributesImpl:
    return AttributesImpl({name: clean(value) for name, value in attributes.items()})
