"""Writing XML: elements one after the other, with nothing in them that XML cannot hold."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from io import StringIO
from xml.sax.saxutils import XMLGenerator
from xml.sax.xmlreader import AttributesImpl

from broadsheet.web.feed_forms import clean

_OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
_NOTHING: Mapping[str, str] = {}


class Writer:
    """Writes one piece of XML; the names are ours, the texts and the attributes may be anybody's."""

    def __init__(self) -> None:
        self._out = StringIO()
        self._xml = XMLGenerator(self._out, "utf-8", short_empty_elements=True)

    @contextmanager
    def within(self, name: str, attributes: Mapping[str, str] = _NOTHING) -> Iterator[None]:
        """Write an element around what is written in the block."""
        self._xml.startElement(name, _cleaned(attributes))
        yield
        self._xml.endElement(name)

    def write(self, name: str, text: str = "", attributes: Mapping[str, str] = _NOTHING) -> None:
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


def write_answer(
    at: datetime, base: str, arguments: Mapping[str, str], verb: str, write: Callable[[Writer], None]
) -> bytes:
    """A whole answer: when it holds, to which question, and what the verb gives."""
    writer = Writer()
    with _envelope(writer, at, base, arguments), writer.within(verb):
        write(writer)
    return writer.finish()


def write_refusal(at: datetime, base: str, arguments: Mapping[str, str], code: str, reason: str) -> bytes:
    """An answer that is none. Of a question that could not be read it repeats nothing."""
    writer = Writer()
    with _envelope(writer, at, base, {} if code in ("badVerb", "badArgument") else arguments):
        writer.write("error", reason, {"code": code})
    return writer.finish()


def written(at: datetime) -> str:
    """A moment as the protocol writes it; parts of a second are dropped.

    >>> written(datetime(2026, 11, 21, 9, 5, 7, 999_999, tzinfo=UTC))
    '2026-11-21T09:05:07Z'
    """
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def schema(namespace: str, location: str) -> str:
    """The attribute that says where the schema of a namespace is."""
    return f"{namespace} {location}"


@contextmanager
def _envelope(writer: Writer, at: datetime, base: str, arguments: Mapping[str, str]) -> Iterator[None]:
    attributes = {"xmlns": _OAI, "xmlns:xsi": XSI, "xsi:schemaLocation": schema(_OAI, f"{_OAI}OAI-PMH.xsd")}
    with writer.within("OAI-PMH", attributes):
        writer.write("responseDate", written(at))
        writer.write("request", base, arguments)
        yield


def _cleaned(attributes: Mapping[str, str]) -> AttributesImpl:
    return AttributesImpl({name: clean(value) for name, value in attributes.items()})
