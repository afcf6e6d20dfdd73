"""Files as sources."""

import codecs
import gzip
import os

import pytest

from broadsheet.sources import FORMATS, SourceError, open_file
from broadsheet.sources.files import WholeFile
from broadsheet.sources.paging import PAGE_SIZE

BIB = "@misc{k, title = {T}}\n"
RIS = "TY  - JOUR\nTI  - T\nER  - \n"
JSONL = '{"title": "T"}\n'
OAI = "<OAI-PMH><ListRecords/></OAI-PMH>"
ATOM = "<feed xmlns='http://www.w3.org/2005/Atom'><totalResults>0</totalResults></feed>"
PAGE = "Daily Papers\nA Title\nAn abstract.\n"


def write(tmp_path, name: str, content: "str | bytes"):
    path = tmp_path / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def harvest(path, **options):
    pages = list(open_file(path, **options).harvest())
    return [record for page in pages for record in page.records], [fault for page in pages for fault in page.faults]


@pytest.mark.parametrize(
    ("name", "content", "source"),
    [
        ("refs.bib", BIB, "refs"), ("refs.bibtex", BIB, "refs"), ("lib.ris", RIS, "lib"), ("list.jsonl", JSONL, "list"),
        ("list.ndjson", JSONL, "list"), ("list.json", JSONL, "list"), ("LIST.JSONL", JSONL, "LIST"),
        ("page.txt", PAGE, "daily-papers-page"), ("my.thesis.bib", BIB, "my.thesis"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("packed", [False, True])
def test_the_suffix_says_the_format_and_gzip_shows_itself(tmp_path, name, content, source, packed):
    path = write(tmp_path, name, gzip.compress(content.encode()) if packed else content)
    path = path.rename(f"{path}.gz") if packed else path
    opened = open_file(path)
    assert opened.name == source
    (page,) = opened.harvest()
    assert (len(page.records), page.faults, page.cursor) == (1, (), None)


@pytest.mark.parametrize(
    "content", [BIB, RIS, JSONL, PAGE, f"% a comment\n\n{BIB}", f"Provider: x\n{RIS}", f"\n {JSONL}"]
)
@pytest.mark.parametrize("name", ["export", "export.dat", "export.gz"])
def test_without_a_known_suffix_the_first_bytes_say_it(tmp_path, name, content):
    records, _ = harvest(write(tmp_path, name, codecs.BOM_UTF8 + content.encode()))
    assert len(records) == 1


@pytest.mark.parametrize("content", [OAI, ATOM])
def test_arxivs_two_answers_are_told_apart_by_their_root(tmp_path, content):
    opened = open_file(write(tmp_path, "answer.xml", f"<?xml version='1.0'?>{content}"))
    assert opened.name == "arxiv"
    (page,) = opened.harvest()
    assert (page.records, page.faults) == ((), ())


def test_the_real_answers_of_arxiv_are_read(shared_data):
    samples = shared_data / "protocol_samples"
    count = {"arxiv_oai": 0, "arxiv_api": 0}
    for folder in count:
        for path in sorted((samples / folder).iterdir()):
            if path.name.endswith(".400.xml"):
                with pytest.raises(SourceError, match="incorrect id format"):
                    harvest(path)
                continue
            records, faults = harvest(path)
            assert faults == []
            assert all(record.source == "arxiv" for record in records)
            count[folder] += len(records)
    assert count == {"arxiv_oai": 30, "arxiv_api": 221}


@pytest.mark.parametrize("root", ["rss", "html", "mods"])
def test_other_xml_is_refused_by_its_root(tmp_path, root):
    with pytest.raises(SourceError, match=rf"begins with <{root}>; only arXiv's OAI-PMH and Atom"):
        harvest(write(tmp_path, "other.xml", f"<{root}/>"))


def test_a_real_but_cut_off_feed_is_a_sentence(shared_data):
    with pytest.raises(SourceError, match="not well-formed XML"):
        harvest(shared_data / "protocol_samples/arxiv_rss/cs.AI_2025-09-18.fragment.xml")


@pytest.mark.parametrize(
    ("name", "collection"),
    [
        ("scifact/docs.jsonl", "scifact"), ("arxiv_daily/docs_2026-03.jsonl", "arxiv_daily"),
        ("starter/papers.jsonl", "starter"), ("dedup/acm.jsonl", "acm"), ("a/Papers.bib", "a"), ("a/.jsonl", "a"),
    ],
)  # fmt: skip
def test_a_collection_is_named_after_its_file_or_its_folder(tmp_path, name, collection):
    path = write(tmp_path, name, BIB if name.endswith("bib") else JSONL)
    assert open_file(path, format="bibtex" if name.endswith("bib") else "jsonl").name == collection
    assert open_file(path, "Mine", "bibtex" if name.endswith("bib") else "jsonl").name == "Mine"


def test_a_relative_path_is_named_after_its_folder_too(tmp_path, monkeypatch):
    write(tmp_path, "folder/papers.jsonl", JSONL)
    monkeypatch.chdir(tmp_path / "folder")
    assert open_file("papers.jsonl").name == "folder"


@pytest.mark.parametrize("name", ["x" * 101, " ", "a\0b"])
def test_a_collection_needs_a_name_that_can_be_shown(tmp_path, name):
    with pytest.raises(SourceError, match="collection's name"):
        open_file(write(tmp_path, "a.jsonl", JSONL), name)


def test_the_format_can_be_said(tmp_path):
    path = write(tmp_path, "strange.xml", BIB)
    assert len(harvest(path, format="bibtex")[0]) == 1
    with pytest.raises(SourceError, match=r"no format 'word'; what can be read is JSON Lines \(jsonl\), BibTeX"):
        open_file(path, format="word")
    assert set(FORMATS) == {"jsonl", "bibtex", "ris", "csl", "arxiv", "daily-papers-page"}


@pytest.mark.parametrize(
    ("name", "content", "reason"),
    [
        ("a.jsonl", "", "is empty"),
        ("a.bib", " \n\t\n", "is empty"),
        ("a.txt", gzip.compress(b""), "is empty"),
        ("a.jsonl", os.urandom(3_000), "is not a text file"),
        ("a.bib", b"\x7fELF" + bytes(1_000), "is not a text file"),
        ("a.dat", b"PK\x03\x04" + bytes(range(256)) * 4, "is (not a text file|in no known format)"),
        ("a.doc", "Dear colleague,", "is in no known format; what can be read is JSON Lines"),
        ("a.json", '[{"title": "T"}]', "is one JSON list; say that it is CSL-JSON"),
        ("a.jsonl", "{}".encode("utf-16"), "is written in UTF-16"),
        ("a.jsonl.gz", gzip.compress(b"x" * 9_000)[:20], "cannot be inflated"),
    ],
    ids=["nothing", "blanks", "packed-nothing", "noise", "program", "archive", "letter", "list", "utf-16", "cut"],
)  # fmt: skip
def test_what_cannot_be_read_is_refused_at_once_with_a_sentence(tmp_path, name, content, reason):
    with pytest.raises(SourceError, match=reason):
        open_file(write(tmp_path, name, content))


@pytest.mark.parametrize("name", ["a.bib", "a.ris", "a.txt"])
def test_text_without_any_paper_is_refused(tmp_path, name):
    with pytest.raises(SourceError, match=r"holds no papers; what can be read is"):
        harvest(write(tmp_path, name, "\n% nothing but words\n" if name != "a.txt" else "Daily Papers\n"))


@pytest.mark.parametrize("name", ["a.bib", "a.ris", "a.txt", "a.xml"])
def test_whole_files_must_be_utf8(tmp_path, name):
    with pytest.raises(SourceError, match=r"UTF-8"):
        harvest(write(tmp_path, name, "@misc{k, title = {caf\xe9}} TY  - ".encode("latin-1")))


def test_missing_files_and_folders_are_refused(tmp_path):
    with pytest.raises(SourceError, match="there is no file"):
        open_file(tmp_path / "none.jsonl")
    with pytest.raises(SourceError, match="is a folder"):
        open_file(str(tmp_path))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["bomb.bib", "bomb.ris", "bomb.xml", "bomb.txt"])
def test_a_gzip_bomb_is_refused_by_its_size(tmp_path, name, monkeypatch):
    monkeypatch.setattr("broadsheet.sources.files.MAX_BYTES", 1_000_000)
    path = write(tmp_path, name, gzip.compress(b"@" + b" " * 20_000_000))
    with pytest.raises(SourceError, match="holds more than 1,000,000 bytes"):
        harvest(path)


def test_a_whole_file_comes_in_pages_and_continues_from_any(tmp_path):
    entries = "".join(f"@misc{{k{number}, title = {{Paper {number}}}}}\n" for number in range(2 * PAGE_SIZE + 5))
    source = open_file(write(tmp_path, "refs.bib", f"@misc{{x, year = 2000}}\n{entries}"))
    pages = list(source.harvest())
    assert [page.cursor for page in pages] == [str(PAGE_SIZE), str(2 * PAGE_SIZE), None]
    assert [page.done for page in pages] == [PAGE_SIZE - 1, 2 * PAGE_SIZE - 1, 2 * PAGE_SIZE + 5]
    assert {page.total for page in pages} == {2 * PAGE_SIZE + 5}
    assert list(source.harvest(pages[0].cursor)) == pages[1:]
    with pytest.raises(SourceError, match="has changed"):
        list(source.harvest("9999"))


def test_a_file_is_read_when_harvested_not_when_opened(tmp_path):
    path = write(tmp_path, "refs.bib", BIB)
    source = open_file(path)
    assert isinstance(source, WholeFile)
    path.write_text(BIB + "@misc{j, title = {U}}")
    (page,) = source.harvest()
    assert len(page.records) == 2
    path.unlink()
    with pytest.raises(SourceError, match="there is no file"):
        list(source.harvest())


def test_csl_json_is_known_by_its_name_or_by_being_told(tmp_path):
    for name, form in (("mine.csl.json", None), ("mine.json", "csl")):
        path = tmp_path / name
        path.write_text('[{"title": "On Offices", "DOI": "10.1000/x"}]')
        source = open_file(path, format=form)
        [page] = source.harvest()
        assert (source.name, page.records[0].version.title) == ("mine", "On Offices")
