"""JSON Lines as a stream: everything good is delivered, everything bad is told, nothing is held."""

import gzip
import json
import resource

import pytest

from broadsheet.sources import JsonLines, SourceError, open_file
from broadsheet.sources.jsonl import parse_object
from broadsheet.sources.lines import MAX_LINE
from broadsheet.sources.paging import PAGE_SIZE


def lines_file(tmp_path, *lines: bytes | str, name: str = "papers.jsonl"):
    path = tmp_path / name
    path.write_bytes(b"".join((line if isinstance(line, bytes) else line.encode()) + b"\n" for line in lines))
    return JsonLines(path, "test")


def paper(number: int, **more: object) -> str:
    return json.dumps({"id": str(number), "title": f"Paper {number}", **more})


@pytest.mark.parametrize(
    ("name", "source", "records", "faults"),
    [
        ("arxiv_daily/docs_2026-03.jsonl.gz", "arxiv_daily", 8_673, 0),
        ("scifact/docs.jsonl.gz", "scifact", 5_183, 0),
        ("scitldr/docs.jsonl.gz", "scitldr", 3_229, 0),
        ("semanlink/docs.jsonl", "semanlink", 314, 0),
        ("hf_daily/papers.jsonl.gz", "hf_daily", 3_868, 0),
        ("dedup_dblp_acm/acm.jsonl", "acm", 2_294, 0),
        ("dedup_dblp_acm/dblp.jsonl", "dblp", 2_616, 0),
    ],
)
def test_the_real_collections_are_read_whole(shared_data, name, source, records, faults):
    opened = open_file(shared_data / name)
    pages = list(opened.harvest())
    assert opened.name == source
    assert sum(len(page.records) for page in pages) == records == pages[-1].done
    assert sum(len(page.faults) for page in pages) == faults
    assert all(record.source == source for page in pages for record in page.records)


def test_the_real_collections_keep_what_they_say(shared_data):
    first = next(iter(open_file(shared_data / "arxiv_daily/docs_2026-03.jsonl.gz").harvest())).records[0]
    assert str(first.identifiers[0]) == "arxiv:2502.01476"
    assert first.version.topics == ("cs.LG", "math.NA", "physics.comp-ph")
    assert first.version.announced.isoformat() == "2026-03-02"
    assert first.version.comment == "Updates the method and added extra results"
    page = next(iter(open_file(shared_data / "hf_daily/papers.jsonl.gz").harvest()))
    links = [link for record in page.records for link in record.version.links]
    assert len(links) > 200
    assert {link.kind for link in links} == {"code"}


def test_a_broken_line_is_a_fault_and_its_neighbours_are_not(tmp_path):
    broken = [
        b"{", b"[1]", b'"text"', b"7", b"null", b'{"title": NaN}', b'{"title": "a\0b"}', b'{"title": "a\\u0000b"}',
        b'{"title": "\\ud800"}', b'{"title": "\xff"}', b'{"title": 1}', b"{}", b'{"title": "T", "date": "0000-00-00"}',
        b'{"title": "T", "authors": {}}', b"[" * 100_000, b'{"a":' * 50_000, b'{"n": ' + b"9" * 5_000 + b"}",
        b'{"title": "T"} {"title": "U"}', b"\xef\xbb\xbf" + paper(7).encode(), "\u2028".encode(),
        b'{"title": "T", "year": Infinity}', b"\0" * 20,
    ]  # fmt: skip
    lines = [line for number, bad in enumerate(broken) for line in (bad, paper(number).encode())]
    (page,) = lines_file(tmp_path, *lines).harvest()
    assert [record.version.title for record in page.records] == [f"Paper {number}" for number in range(len(broken))]
    assert [fault.place for fault in page.faults] == [
        f"papers.jsonl line {at:,}" for at in range(1, 2 * len(broken), 2)
    ]
    assert all(len(fault.reason) > 15 and len(fault.reason) < 300 for fault in page.faults)


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b'{"a": NaN}', "the line is not JSON: NaN is not a number"),
        (b'{"a": }', "the line is not JSON: Expecting value at character 7"),
        (b"[]", "the line is JSON but not an object in braces"),
        (b'{"a": "\xe9"}', "the line is not UTF-8: byte 8 cannot be read"),
    ],
)
def test_a_line_that_is_no_object_is_refused_with_a_sentence(line, reason):
    with pytest.raises(ValueError, match=r"^the line is") as refusal:
        parse_object(line)
    assert str(refusal.value) == reason


def test_blank_lines_windows_ends_and_a_leading_byte_order_mark_are_no_faults(tmp_path):
    source = lines_file(tmp_path, b"\xef\xbb\xbf" + paper(1).encode() + b"\r", b"", b"  \r", paper(2).encode())
    (page,) = source.harvest()
    assert (len(page.records), page.faults) == (2, ())
    assert page.records[1].place == "papers.jsonl line 4"


def test_a_run_continues_behind_the_lines_it_took_in(tmp_path):
    source = lines_file(tmp_path, *(paper(number) for number in range(3 * PAGE_SIZE + 7)))
    pages = list(source.harvest())
    assert [page.cursor for page in pages] == [str(PAGE_SIZE), str(2 * PAGE_SIZE), str(3 * PAGE_SIZE), None]
    assert [page.done for page in pages] == [PAGE_SIZE, 2 * PAGE_SIZE, 3 * PAGE_SIZE, 3 * PAGE_SIZE + 7]
    for at, page in enumerate(pages[:-1], 1):
        assert list(source.harvest(page.cursor)) == pages[at:]


def test_continuing_at_the_very_end_is_an_empty_last_page(tmp_path):
    (page,) = lines_file(tmp_path, paper(1), paper(2)).harvest("2")
    assert (page.records, page.cursor) == ((), None)


def test_a_file_that_became_shorter_is_an_error(tmp_path):
    with pytest.raises(SourceError, match=r"has 2 lines, but 5 were taken in before: it has changed"):
        list(lines_file(tmp_path, paper(1), paper(2)).harvest("5"))


def test_a_cut_off_gzip_gives_the_good_records_and_then_says_where_it_broke(tmp_path, shared_data):
    whole = (shared_data / "arxiv_daily/docs_2026-03.jsonl.gz").read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[: len(whole) // 3])
    good, source = 0, open_file(tmp_path / "cut.jsonl.gz")
    with pytest.raises(SourceError, match=r"cut\.jsonl\.gz cannot be inflated: .*, after line [\d,]+$") as raised:
        for page in source.harvest():
            good += len(page.records)
            assert not page.faults
    assert good > 2_000
    assert f"after line {good:,}" in str(raised.value)


def test_a_changed_byte_in_gzip_gives_the_good_records_and_then_the_error(tmp_path):
    body = gzip.compress(b"".join(paper(n, abstract=str(n) * 50).encode() + b"\n" for n in range(2_000)))
    damaged = bytearray(body)
    damaged[len(body) // 2] ^= 0xFF
    (tmp_path / "a.jsonl.gz").write_bytes(bytes(damaged))
    pages = []
    with pytest.raises(SourceError, match=r"a\.jsonl\.gz cannot be inflated"):
        pages.extend(open_file(tmp_path / "a.jsonl.gz").harvest())
    assert not pages or pages[0].records[0].version.title == "Paper 0"


@pytest.mark.slow
def test_a_line_that_inflates_to_over_a_hundred_megabytes_is_passed_over_without_being_held(tmp_path):
    path = tmp_path / "bomb.jsonl.gz"
    with gzip.open(path, "wb", compresslevel=1) as bomb:
        bomb.write(paper(1).encode() + b'\n{"title": "')
        for _ in range(120):
            bomb.write(b"x" * 1_000_000)
        bomb.write(b'"}\n' + paper(2).encode() + b"\n")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    (page,) = open_file(path).harvest()
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert [record.version.title for record in page.records] == ["Paper 1", "Paper 2"]
    assert str(page.faults[0]) == "bomb.jsonl.gz line 2: the line is longer than 4 MiB and was passed over"
    assert grown < 60_000  # KiB


def test_a_title_of_a_megabyte_is_a_fault(tmp_path):
    (page,) = lines_file(tmp_path, json.dumps({"title": "T" * 1_000_000}), paper(1)).harvest()
    assert len(page.records) == 1
    assert page.faults[0].reason == "the title has 1,000,000 characters, more than 2,000"


def test_a_line_just_within_the_limit_is_read(tmp_path):
    line = json.dumps({"title": "T", "junk": ""})
    line = line[:-2] + "x" * (MAX_LINE - len(line)) + '"}'
    (page,) = lines_file(tmp_path, line, line[:-2] + 'x"}').harvest()
    assert (len(page.records), len(page.faults)) == (1, 1)


def test_how_many_records_are_to_come_is_judged_by_how_much_of_the_file_was_read(tmp_path):
    path = tmp_path / "papers.jsonl"
    path.write_text(
        "".join(f'{{"title": "Paper {number:05}", "abstract": "{"x" * 900}"}}\n' for number in range(5_000))
    )
    *estimated, last = JsonLines(path, "papers").harvest()
    assert all(page.total is not None and page.done <= page.total <= 6_500 for page in estimated)
    assert abs(estimated[-1].total - 5_000) < 300
    assert (last.done, last.total) == (5_000, 5_000)
