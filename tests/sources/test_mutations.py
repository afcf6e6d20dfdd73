"""Real payloads, broken at random: every parser gives records, faults or a SourceError, and nothing else."""

import gzip

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from broadsheet.papers import Record
from broadsheet.sources import (
    Fault,
    JsonLines,
    SourceError,
    open_file,
    parse_atom,
    parse_bibtex,
    parse_daily_papers_page,
    parse_oai,
    parse_ris,
)
from broadsheet.sources.payload import decode

pytestmark = pytest.mark.slow

RIS = (
    b"TY  - JOUR\r\nAU  - One, Ann\r\nAU  - Two, Bob\r\nTI  - A title\r\nPY  - 2005/07/21\r\nKW  - x\r\nUR  - http://a/;b\r\n"
    b"AB  - Text\r\n goes on\r\nDO  - 10.1000/x\r\nER  - \r\n\r\nTY  - BOOK\r\nT1  - Another\r\nN1  - y\r\nER  - \r\n"
)
MARKS = [
    b"",
    b"\0",
    b"\xff",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\n",
    b"\r",
    b"{",
    b"}",
    b'"',
    b"\\",
    b"#",
    b"@",
    b"=",
    b",",
    b"<",
    b">",
    b"&",
    b"&#0;",
    b"&x;",
    b"<!DOCTYPE a [",
    b"]]>",
    b"<![CDATA[",
    b"<?xml version='1.0' encoding='utf-7'?>",
    b"null",
    b"NaN",
    b"9" * 400,
    b"1e999",
    b"[" * 500,
    b"@article{",
    b"@string{a=a#a}",
    b"ER  - ",
    b"TY  - ",
    b"9999",
    b"0000-00-00",
    b"Subscribe",
    b"Daily Papers",
    "\u2028".encode(),
    b"\x1f\x8b",
    b". ",
    b"http://",
]

EDITS = st.lists(st.tuples(st.floats(0, 1), st.integers(0, 60), st.sampled_from(MARKS)), min_size=1, max_size=6)
FEW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))


def mutate(payload: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    """Put each mark in place of some bytes, so many of them at so far through the payload."""
    for where, length, mark in edits:
        at = int(where * len(payload))
        payload = payload[:at] + mark + payload[at + length :]
    return payload


def check(found) -> None:
    for one in found:
        assert isinstance(one, Record | Fault)
        if isinstance(one, Fault):
            assert one.place
            assert one.reason


def sample(shared_data, name: str, size: int = 20_000) -> bytes:
    payload = (shared_data / name).read_bytes()
    return (gzip.decompress(payload) if name.endswith(".gz") else payload)[:size]


@FEW
@given(edits=EDITS)
def test_oai(shared_data, edits):
    payload = mutate(sample(shared_data, "protocol_samples/arxiv_oai/ads_arxiv_multi_20230125.xml"), edits)
    try:
        page = parse_oai(payload, "x")
    except SourceError as error:
        assert len(str(error)) > 10
    else:
        check([*page.records, *page.faults])


@FEW
@given(edits=EDITS)
def test_atom(shared_data, edits):
    payload = mutate(
        sample(shared_data, "protocol_samples/arxiv_api/q_testing_s0_m10_bc5a6c384fe9.200.xml", 99_999), edits
    )
    try:
        page = parse_atom(payload, "x")
    except SourceError as error:
        assert len(str(error)) > 10
    else:
        check([*page.records, *page.faults])


@pytest.mark.parametrize(
    ("parse", "name"),
    [
        (lambda text: parse_bibtex(text, "c", "x"), "protocol_samples/bibtex/xampl.bib"),
        (lambda text: parse_bibtex(text, "c", "x"), "protocol_samples/bibtex/tugboat.bib"),
        (lambda text: parse_daily_papers_page(text, "x"), "daily_papers_pages/page_1.txt"),
        (lambda text: parse_daily_papers_page(text, "x"), "daily_papers_pages/page_5.txt"),
    ],
    ids=["xampl", "tugboat", "spaced", "dense"],
)
@FEW
@given(edits=EDITS)
def test_text(shared_data, parse, name, edits):
    try:
        check(parse(decode(mutate(sample(shared_data, name, 12_000), edits), "x")))
    except SourceError as error:
        assert len(str(error)) > 10


@FEW
@given(edits=EDITS)
def test_ris(edits):
    try:
        check(parse_ris(decode(mutate(RIS, edits), "x"), "c", "x"))
    except SourceError as error:
        assert len(str(error)) > 10


@pytest.mark.parametrize(
    "name", ["arxiv_daily/docs_2026-03.jsonl.gz", "acl_anthology/docs.jsonl.gz", "hf_daily/papers.jsonl.gz"]
)
@settings(FEW, max_examples=25)
@given(edits=EDITS)
def test_json_lines(head_of, tmp_path, name, edits):
    path = tmp_path / "a.jsonl"
    path.write_bytes(mutate(head_of(name), edits))
    if not path.read_bytes().startswith(b"\x1f\x8b"):
        for page in JsonLines(path, "c").harvest():
            check([*page.records, *page.faults])


@FEW
@given(edits=EDITS)
def test_gzip(head_of, tmp_path, edits):
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(mutate(gzip.compress(head_of("arxiv_daily/docs_2026-03.jsonl.gz"), mtime=0), edits))
    try:
        for page in open_file(path).harvest():
            check([*page.records, *page.faults])
    except SourceError as error:
        assert len(str(error)) > 10


@settings(FEW, max_examples=150)
@given(
    suffix=st.sampled_from(["", ".jsonl", ".json", ".bib", ".ris", ".xml", ".txt", ".gz", ".pdf"]),
    content=st.binary(max_size=200) | st.lists(st.sampled_from(MARKS), max_size=12).map(b"".join),
)
def test_any_file(tmp_path, suffix, content):
    path = tmp_path / f"a{suffix}"
    path.write_bytes(content)
    try:
        for page in open_file(path).harvest():
            check([*page.records, *page.faults])
    except SourceError as error:
        assert len(str(error)) > 10


@pytest.fixture(scope="module")
def head_of(shared_data):
    """The first lines of a collection, each read once."""
    heads: dict[str, bytes] = {}

    def head(name: str) -> bytes:
        if name not in heads:
            with gzip.open(shared_data / name) as stream:
                heads[name] = b"".join(stream.readline() for _ in range(12))
        return heads[name]

    return head
