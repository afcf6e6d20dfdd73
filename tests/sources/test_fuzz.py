"""Payloads broken in every way: each parser gives records, faults or its own clear error, at once, and nothing else.

`make fuzz` tries ten thousand cases of each parser; without it fifty are tried.
"""

import gzip
import json
import os
from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.papers import Author, Identifier, PaperError, Record, Version
from broadsheet.sources import (
    CannotLookUp,
    FetchError,
    JsonLines,
    SourceError,
    open_file,
    parse_bibtex,
    parse_ris,
    read_name,
    to_bibtex,
    to_csl,
    to_markdown,
    to_ris,
)
from broadsheet.sources.body import read_body
from broadsheet.sources.days import parse_day, parse_mail_day
from broadsheet.sources.identifiers import parse_dois, parse_known
from broadsheet.sources.journal_feed import doi_within
from broadsheet.sources.markup import strip_markup
from broadsheet.sources.names import parse_author_line
from broadsheet.sources.retry import seconds_to_wait
from fuzzed import LINES, PARSERS
from fuzzing import (
    EDITS,
    HEADS,
    MARKS,
    MOST_BYTES,
    SECRET,
    SHAPED,
    attempt,
    check,
    mutate,
    no_hanging,
    reshape,
    walk_values,
)

pytestmark = pytest.mark.slow

CASES = int(os.environ.get("FUZZ_CASES", "50"))
MANY = settings(max_examples=CASES, deadline=None, suppress_health_check=list(HealthCheck))
XML = ("arxiv atom", "oai", "pubmed", "acl anthology", "journal feed")
JSON = ("crossref work", "crossref works", "datacite doi", "datacite dois", "openalex", "semantic scholar")


@pytest.fixture(scope="module")
def real(shared_data) -> dict[str, list[bytes]]:
    """The real payloads of each parser, read once: whole ones that can be tried often, and heads of long texts."""

    def payloads(patterns: tuple[str, ...]) -> list[bytes]:
        paths = [path for pattern in patterns for path in sorted(shared_data.glob(pattern))]
        is_text = any(pattern.endswith((".bib", ".txt")) for pattern in patterns)
        return [path.read_bytes()[:MOST_BYTES] for path in paths if is_text or path.stat().st_size <= MOST_BYTES]

    return {name: payloads(parser.real) for name, parser in PARSERS.items()}


@pytest.mark.parametrize("name", PARSERS)
@MANY
@given(which=st.integers(0, 9), edits=EDITS)
def test_payloads_of_our_own(name, which, edits):
    own = PARSERS[name].own
    attempt(PARSERS[name].parse, mutate(own[which % len(own)], edits))


@pytest.mark.parametrize("name", [name for name in PARSERS if name not in ("bibtex", "ris", "daily papers page")])
@MANY
@given(which=st.integers(0, 9), edits=SHAPED)
def test_well_formed_payloads_that_say_odd_things(name, which, edits):
    own = PARSERS[name].own
    attempt(PARSERS[name].parse, reshape(own[which % len(own)], edits))


@pytest.mark.parametrize("name", [name for name, parser in PARSERS.items() if parser.real])
@MANY
@given(which=st.integers(0, 999), edits=EDITS | SHAPED)
def test_real_payloads(real, name, which, edits):
    attempt(PARSERS[name].parse, mutate(real[name][which % len(real[name])], edits))


@MANY
@given(edits=EDITS, is_packed=st.booleans())
def test_lines(tmp_path, edits, is_packed):
    path = tmp_path / "a.jsonl"
    payload = mutate(LINES, edits)
    path.write_bytes(b"\n".join([gzip.compress(payload, mtime=0) if is_packed else payload, LINES]))
    attempt(lambda _: [one for page in JsonLines(path, "c").harvest() for one in (*page.records, *page.faults)], b"")


@MANY
@given(
    name=st.sampled_from(sorted(PARSERS)),
    suffix=st.sampled_from(["", ".jsonl", ".json", ".bib", ".ris", ".xml", ".txt", ".gz", ".pdf"]),
    edits=EDITS,
)
def test_any_file(tmp_path, name, suffix, edits):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(mutate(PARSERS[name].own[0], edits))
    attempt(lambda _: [one for page in open_file(path).harvest() for one in (*page.records, *page.faults)], b"")


@MANY
@given(edits=EDITS, layers=st.integers(1, 3))
def test_packed_bodies(edits, layers):
    body = b"x" * 30_000
    for _ in range(layers):
        body = gzip.compress(body, mtime=0)
    broken = mutate(body, edits)
    try:
        assert len(read_body([broken[:99], broken[99:]], "gzip", 50_000)) <= 50_000
    except FetchError as error:
        assert "gzip" in str(error) or "larger" in str(error)


TEXTS = st.text(max_size=80) | st.lists(
    st.sampled_from([mark.decode("utf-8", "surrogatepass") for mark in MARKS if mark not in (b"\xff",)]), max_size=12
).map("".join)  # fmt: skip


@MANY
@given(text=TEXTS)
def test_words_and_names(text):
    """Readers of one field: those that never fail, and those with one error."""
    with no_hanging():
        strip_markup(text)
        parse_author_line(text)
        parse_dois(text)
        parse_known(text)
        doi_within(text)
        assert seconds_to_wait(text, 0, datetime(2026, 11, 21, tzinfo=UTC)) >= 0
        for read in (parse_day, parse_mail_day, read_name, Identifier.parse):
            try:
                read(text)
            except (PaperError, CannotLookUp) as error:
                assert len(str(error)) > 10


@MANY
@given(title=TEXTS, abstract=TEXTS, names=st.lists(TEXTS, max_size=4), venue=TEXTS, doi=TEXTS)
def test_papers_of_odd_words_are_cited(title, abstract, names, venue, doi):
    """What is good enough to be a paper can be written in every format, and two of them are read back."""
    try:
        version = Version(title, abstract, tuple(Author.parse(name) for name in names), (venue,), venue=venue)
        identifiers = Record("s", (Identifier.parse(f"doi:10.1000/{doi}"),), version).identifiers
    except PaperError:
        return
    with no_hanging():
        json.dumps(to_csl(version, identifiers)).encode()
        to_markdown(version, identifiers).encode()
        check(parse_bibtex(to_bibtex(version, identifiers), "c", "x"))
        check(parse_ris(to_ris(version, identifiers), "c", "x"))


@pytest.mark.parametrize("name", XML)
@pytest.mark.parametrize("head", HEADS[:5], ids=["bomb", "address", "file", "parameter", "subset"])
def test_nothing_outside_is_read(tmp_path, name, head):
    """Entities of a payload's own are refused, so that none can bring in a file, ask a server or swell."""
    outside = tmp_path / "outside"
    outside.write_text(SECRET)
    declared = head.replace(b"/etc/hostname", str(outside).encode())
    payload = PARSERS[name].own[0].partition(b"?><")[2] or PARSERS[name].own[0]
    body = payload[payload.index(b">") + 1 :] if payload.startswith(b"<!DOCTYPE") else payload
    for reference in (b"&x;", b"&e9;", b""):
        with pytest.raises(SourceError, match="document type"):
            list(PARSERS[name].parse(declared + body.replace(b"T", reference + b"T", 1)))


REPEATED = (
    "<mml:math>",
    "<",
    "&lt;",
    "(",
    " ",
    "a, ",
    "{",
    "\\",
    "$",
    " and ",
    "10.1234/",
    "<sup>",
    "<a ",
    "{\\a",
    "-\n",
    "$$",
)


@pytest.mark.parametrize("repeated", REPEATED)
@pytest.mark.parametrize("name", JSON)
def test_a_swollen_field_takes_no_longer_than_it_is_long(name, repeated):
    """No pattern of ours runs over a text as often as the text is long."""
    answer = json.loads(PARSERS[name].own[0])
    for holder, key in list(walk_values(answer)):
        if isinstance(holder[key], str) and key not in ("id", "doi", "DOI", "paperId"):
            holder[key] = repeated * (60_000 // len(repeated))
    attempt(PARSERS[name].parse, json.dumps(answer).encode())


@pytest.mark.parametrize("repeated", REPEATED)
def test_a_swollen_text_takes_no_longer_than_it_is_long(repeated):
    swollen = repeated * (60_000 // len(repeated))
    with no_hanging():
        strip_markup(swollen)
        parse_author_line(swollen)
        parse_dois(swollen)
        doi_within(swollen)
    for name in ("bibtex", "ris", "daily papers page"):
        attempt(PARSERS[name].parse, PARSERS[name].own[0].replace(b"A ", swollen.encode() + b"A ", 1))
