"""Ways to break a payload, and what must hold of a parser that is given it; for tests."""

# ruff: noqa: E501 (lists of marks)

import json
import signal
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from xml.etree import ElementTree

from hypothesis import strategies as st

from broadsheet.papers import PaperError, Record
from broadsheet.sources import Fault, SourceError

MOST_BYTES = 40_000
LONGEST = 60
"""Seconds after which a parser counts as hanging; the slowest real answer of this size takes a hundredth of one."""

SECRET = "the text of a file outside"
BOMB = b"".join(b'<!ENTITY e%d "%s">' % (n, b"&e%d;" % (n - 1) * 10 if n else b"ha") for n in range(10))
HEADS = [
    b"<!DOCTYPE a [" + BOMB + b"]>",
    b'<!DOCTYPE a SYSTEM "http://outside.example/x.dtd">',
    b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/hostname">]>',
    b'<!DOCTYPE a [<!ENTITY % p SYSTEM "http://outside.example/x.dtd"> %p;]>',
    b'<!DOCTYPE PubmedArticleSet PUBLIC "x" "http://outside.example/x.dtd" [<!ENTITY x "y">]>',
    *(b'<?xml version="1.0" encoding="%s"?>' % name for name in (b"utf-16", b"utf-7", b"latin-1", b"ibm037", b"x")),
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\x1f\x8b\x08",
    b" " * 5_000,
    b"<a>" * 3_000,
    b"[" * 3_000,
    b'{"a":' * 3_000,
]  # fmt: skip
MARKS = [
    b"", b"\0", b"\xff", b"\xed\xa0\x80", b"\\ud800", b"\\u0000", b"&#0;", b"&#xD800;", b"&x;", b"\n", b"\r", b'"',
    b"'", b"\\", b"{", b"}", b"[", b"]", b"<", b">", b"</", b"&", b"]]>", b"<![CDATA[", b"<!--", b"null", b"true", b"NaN",
    b"-Infinity", b"1e999", b"9" * 400, b"9" * 5_000, b"-1", b"0", b"[[", b"99999999999999999999-99-99", b"0000-00-00",
    b"@article{", b"@string{a=a#a}", b"#", b"@", b"=", b",", b"ER  - ", b"TY  - ", b"Subscribe", b"\xe2\x80\xae",
    b"<mml:math>", b"&amp;lt;p&amp;gt;", b"10.1234/", b"http://[", b"http://a:99999999/", b"\xe2\x80\xa8", b"\\u202e",
]  # fmt: skip
ODD_VALUES = [
    None, True, 0, -1, 10**25, 1.5, 1e300, "", " ", "\0", "\ud800", "a" * 3_000, "9999-99-99", "http://[::1", [], {}, [[]],
    [None], ["\ud800"], [{}], {"a": []}, [[2026, 13, 45]], [[10**30]], {"date-parts": [[0, 0, 0]]}, ["10.1/x", 7],
]  # fmt: skip
KINDS = ("flip", "cut", "double", "mark", "head", "swell", "nest", "utf16", "value", "value", "value")
SHAPED = st.lists(st.tuples(st.just("value"), st.floats(0, 1), st.integers(0, 1 << 20)), min_size=1, max_size=8)
"""Edits after which a payload is as well-formed as before, and says odd things."""
EDITS = st.lists(
    st.tuples(st.sampled_from(KINDS), st.floats(0, 1), st.integers(0, 1 << 20)), min_size=1, max_size=6
)  # fmt: skip


def mutate(payload: bytes, edits: list[tuple[str, float, int]]) -> bytes:
    """Break a payload by each edit in turn: what kind, how far through the payload, and a number to choose by."""
    for kind, where, number in edits:
        at = int(where * len(payload))
        if kind == "flip" and payload:
            at = min(at, len(payload) - 1)
            payload = payload[:at] + bytes([payload[at] ^ (number % 255 + 1)]) + payload[at + 1 :]
        elif kind == "cut":
            payload = payload[:at] + payload[at + number % 400 :] if number % 3 else payload[:at]
        elif kind == "double":
            payload = payload[: at + number % 2_000] + payload[at:]
        elif kind == "mark":
            payload = payload[:at] + MARKS[number % len(MARKS)] + payload[at + number % 40 :]
        elif kind == "head":
            payload = HEADS[number % len(HEADS)] + payload
        elif kind == "swell":
            payload = payload[:at] + MARKS[number % len(MARKS)] * (number % 500) + payload[at:]
        elif kind == "nest":
            opened, closed = [(b"<a>", b"</a>"), (b"[", b"]"), (b"{", b"}"), (b"(", b")")][number % 4]
            payload = payload[:at] + opened * (number % 3_000) + closed * (number % 3_000) + payload[at:]
        elif kind == "utf16" and number % 7 == 0:
            payload = payload.decode("utf-8", "replace").encode("utf-16")
        elif kind == "value":
            payload = reshape(payload, [(kind, where, number)])
    return payload[: MOST_BYTES * 2]


def reshape(payload: bytes, edits: list[tuple[str, float, int]]) -> bytes:
    """Put something odd in the place of values of a JSON answer, or change elements of an XML one."""
    try:
        if payload.lstrip()[:1] in (b"{", b"["):
            answer = json.loads(payload)
            for _, where, number in edits:
                replace_value(answer, where, number)
            return json.dumps(answer).encode()
        if b"<!DOCTYPE" in payload:
            return payload  # which the parser of this module would unfold
        root = ElementTree.fromstring(payload)
        for _, where, number in edits:
            elements = list(root.iter())
            change_element(elements[min(int(where * len(elements)), len(elements) - 1)], number)
        return ElementTree.tostring(root)
    except (ValueError, LookupError, ElementTree.ParseError, RecursionError):
        return payload


def replace_value(answer: dict | list, where: float, number: int) -> None:
    """Put something odd in the place of a value."""
    places = list(walk_values(answer))
    holder, key = places[min(int(where * len(places)), len(places) - 1)]
    is_text = isinstance(holder[key], str) and number % 3 == 0
    holder[key] = write_into(holder[key], number) if is_text else deepcopy(ODD_VALUES[number % len(ODD_VALUES)])


def write_into(text: str, number: int) -> str:
    """A text with a mark somewhere in it."""
    at = number % (len(text) + 1)
    return text[:at] + MARKS[number % len(MARKS)].decode("utf-8", "surrogateescape") + text[at:]


def walk_values(value: object) -> Iterator[tuple[dict | list, object]]:
    """Every place of a JSON answer, as what holds it and under which key."""
    for key, inner in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield value, key
        yield from walk_values(inner)


def change_element(element: ElementTree.Element, number: int) -> None:
    """Do to an element what keeps the answer well-formed."""
    texts = ["", " ", "a" * 3_000, "9999-99-99", "0", "-1", "9" * 400, "http://[::1", "\u202e", "10.1/", "v0", "\ufffd"]
    odd = texts[number % len(texts)]
    match number % 7:
        case 0:
            element.tag = "odd"
        case 1:
            element.text = odd
        case 2:
            element[:] = []
        case 3:
            element.extend(list(element)[:50])
        case 4:
            element.attrib = dict.fromkeys(element.attrib, odd)
        case 5:
            element.text = write_into(element.text or "", number) if number % len(MARKS) > 3 else odd
        case 6:
            element[:] = element[::-1]


@contextmanager
def no_hanging() -> Iterator[None]:
    """Break off what does not end."""

    def ring(*_: object) -> None:
        raise AssertionError(f"it did not end within {LONGEST} seconds")

    before = signal.signal(signal.SIGALRM, ring)
    signal.alarm(LONGEST)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def check(found: Iterable[object]) -> None:
    """All is a record or a fault whose words can be stored and shown, on every database."""
    for one in found:
        assert isinstance(one, Record | Fault)
        words = [one.place, one.reason] if isinstance(one, Fault) else [one.place, *map(str, one.identifiers)]
        assert all(words) or isinstance(one, Record)
        for word in words:
            assert "\0" not in word
            assert SECRET not in word
            word.encode()
        if isinstance(one, Record) and one.version:
            assert SECRET not in str(one.version)


def attempt(parse: Callable[[bytes], Iterable[object]], payload: bytes) -> None:
    """Parse, and see that nothing comes but records, faults or a clear error."""
    with no_hanging():
        try:
            check(parse(payload))
        except (SourceError, PaperError) as error:
            assert len(str(error)) > 10
            str(error).encode()
            assert "\0" not in str(error)
            assert SECRET not in str(error)
