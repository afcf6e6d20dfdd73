"""Writing answers: the envelope that every one has, with what was asked and when it holds."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from broadsheet.web.xml import Writer, second

_OAI = "http://www.openarchives.org/OAI/2.0/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"


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


def schema(namespace: str, location: str) -> str:
    """The attribute that says where the schema of a namespace is."""
    return f"{namespace} {location}"


@contextmanager
def _envelope(writer: Writer, at: datetime, base: str, arguments: Mapping[str, str]) -> Iterator[None]:
    attributes = {"xmlns": _OAI, "xmlns:xsi": XSI, "xsi:schemaLocation": schema(_OAI, f"{_OAI}OAI-PMH.xsd")}
    with writer.within("OAI-PMH", attributes):
        writer.write("responseDate", second(at))
        writer.write("request", base, arguments)
        yield
