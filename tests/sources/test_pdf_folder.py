"""A folder of PDFs: what is new or changed is read, what cannot be read is named and harms nobody."""

import os
import subprocess
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from random import Random

import pytest

import pdfs
from broadsheet.sources import PdfFolder, SourceError, pdf_folder, pdf_reading, pdf_spans
from broadsheet.sources.pdf_lines import Span
from broadsheet.sources.pdf_paper import Sheet, read_sheet
from broadsheet.sources.pdf_reading import MOST_BYTES, read_pdf

pytest.importorskip("pypdfium2")
PAPER = [
    (20, 700, "Paging with Succinct Predictions"),
    (11, 670, "Ann Lee, Bo Chen"),
    (9, 600, "Abstract"),
    (9, 585, "We study how pages are replaced where somebody foretells with a few bits for exam-"),
    (9, 574, "ple which of them are asked for again."),
]


class Shelf(dict):
    """What a library knows of a folder."""

    def harvest(self, folder: Path):
        """The records and the faults of one run."""
        source = PdfFolder(folder, "shelf", lambda: dict(self), self.update)
        pages = list(source.harvest())
        self.gone = source.gone
        return [record for page in pages for record in page.records], {
            fault.place: fault.reason for page in pages for fault in page.faults
        }


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def put(folder: Path, name: str, payload: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(payload)
    return path


def test_a_file_becomes_a_record_of_what_its_first_page_says(tmp_path, shelf):
    put(tmp_path, "a/paging.PDF", pdfs.text(PAPER))
    [record], faults = shelf.harvest(tmp_path)
    assert faults == {}
    assert record.version.title == "Paging with Succinct Predictions"
    assert [author.name for author in record.version.authors] == ["Ann Lee", "Bo Chen"]
    assert record.version.abstract == (
        "We study how pages are replaced where somebody foretells with a few bits for example which of them are asked"
        " for again."
    )
    assert (record.source, record.place) == ("shelf", "a/paging.PDF")


def test_japanese_is_read_without_blanks_between_lines(tmp_path, shelf):
    lines = [
        (20, 700, "大規模言語モデルによる論文の検索"),
        (11, 670, "山田 太郎、鈴木 花子"),
        (11, 650, "東京大学"),
        (9, 600, "概要"),
        (9, 585, "本論文では論文の検索について述べる。提案する手法は従来の手"),
        (9, 574, "法より速く、正確である。"),
        (9, 550, "1. はじめに"),
        (9, 530, "近年、検索は重要である。"),
    ]
    put(tmp_path, "検索.pdf", pdfs.japanese(lines))
    [record], faults = shelf.harvest(tmp_path)
    assert (record.version.title, faults) == ("大規模言語モデルによる論文の検索", {})
    assert [author.name for author in record.version.authors] == ["山田 太郎", "鈴木 花子"]
    assert (
        record.version.abstract == "本論文では論文の検索について述べる。提案する手法は従来の手法より速く、正確である。"
    )


def test_only_what_is_new_or_changed_is_read_again(tmp_path, shelf):
    first = put(tmp_path, "one.pdf", pdfs.text(PAPER))
    put(tmp_path, "broken.pdf", b"%PDF-1.7 and no more")
    assert len(shelf.harvest(tmp_path)[0]) == 1
    assert shelf.harvest(tmp_path) == ([], {})
    put(tmp_path, "two.pdf", pdfs.text([(20, 700, "Another paper at last"), *PAPER[1:]]))
    first.write_bytes(pdfs.text([*PAPER, (9, 563, "And a sentence more.")]))
    records, faults = shelf.harvest(tmp_path)
    assert sorted(record.place for record in records) == ["one.pdf", "two.pdf"]
    assert faults == {}


def test_files_that_were_removed_are_told_and_nothing_else_happens(tmp_path, shelf):
    path = put(tmp_path, "one.pdf", pdfs.text(PAPER))
    shelf.harvest(tmp_path)
    path.unlink()
    assert shelf.harvest(tmp_path) == ([], {})
    assert len(shelf.gone) == 1


def test_what_cannot_be_read_is_named_and_the_others_go_on(tmp_path, shelf):
    put(tmp_path, "good.pdf", pdfs.text(PAPER))
    put(tmp_path, "empty.pdf", b"")
    put(tmp_path, "words.pdf", b"no PDF at all")
    put(tmp_path, "cut.pdf", pdfs.text(PAPER)[:300])
    put(tmp_path, "locked.pdf", pdfs.locked(b"open sesame"))
    put(tmp_path, "scan.pdf", pdfs.page(b""))
    put(tmp_path, "named.pdf", pdfs.text([(9, 700, "10"), (9, 100, "https://doi.org/10.1145/3292500.3330701")]))
    put(tmp_path, "bomb.pdf", pdfs.swelling(1_100))
    with put(tmp_path, "huge.pdf", b"%PDF-1.7").open("ab") as huge:
        huge.truncate(MOST_BYTES + 1)
    records, faults = shelf.harvest(tmp_path)
    assert [record.place for record in records] == ["good.pdf"]
    assert faults == {
        "empty.pdf": "it is empty",
        "words.pdf": "it is no PDF, or a damaged one",
        "cut.pdf": "it is no PDF, or a damaged one",
        "locked.pdf": "it cannot be read without its password",
        "scan.pdf": "its first pages hold no text; it may be a scan",
        "named.pdf": "its first page names doi:10.1145/3292500.3330701, but no title could be read from it;"
        " bring it in by that name instead",
        "bomb.pdf": "it breaks the reader of PDFs, or needs more than 1 GB of memory to be read",
        "huge.pdf": "it has 536,870,913 bytes, more than the 536,870,912 that are read",
    }


def test_of_a_large_file_only_what_is_needed_is_read(tmp_path, shelf):
    put(tmp_path, "large.pdf", pdfs.text(PAPER, padding=100 << 20))
    [record], faults = shelf.harvest(tmp_path)
    assert (record.version.title, faults) == ("Paging with Succinct Predictions", {})


def test_of_a_hundred_thousand_pages_the_first_two_are_read(tmp_path):
    with put(tmp_path, "many.pdf", pdfs.many(100_000)).open("rb") as file:
        sheet = read_pdf(file.fileno())
    assert [[span.text for span in page] for page in sheet.pages] == [["The same page"]] * 2


def test_a_file_that_takes_too_long_is_left(tmp_path):
    path = put(tmp_path, "endless.pdf", pdfs.endless())
    with path.open("rb") as file, pytest.raises(SourceError, match="takes more than 20 seconds"):
        read_pdf(file.fileno(), patience=0.3)


def test_links_out_of_the_folder_are_not_followed(tmp_path, shelf):
    outside = put(tmp_path, "outside/secret.pdf", pdfs.text(PAPER))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "link.pdf").symlink_to(outside)
    (folder / "deeper").symlink_to(outside.parent)
    inside = put(folder, "inside.pdf", pdfs.text(PAPER))
    (folder / "same.pdf").symlink_to(inside)
    records, faults = shelf.harvest(folder)
    assert [record.place for record in records] == ["inside.pdf"]
    assert faults == {"link.pdf": "it is a link that leads out of the folder, and was not followed"}


def test_a_link_put_there_between_listing_and_reading_is_not_followed(tmp_path):
    outside = put(tmp_path, "outside/secret.pdf", pdfs.text(PAPER))
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "sub").symlink_to(outside.parent)
    root = os.open(tmp_path / "folder", os.O_RDONLY)
    with pytest.raises(OSError, match=r"directory|symbolic"), pdf_folder.open_beneath(root, "sub/secret.pdf"):
        pass
    os.close(root)


def test_a_named_pipe_or_a_folder_called_pdf_stops_nothing(tmp_path, shelf):
    os.mkfifo(tmp_path / "pipe.pdf")
    (tmp_path / "folder.pdf").mkdir()
    put(tmp_path, ".hidden.pdf", pdfs.text(PAPER))
    assert shelf.harvest(tmp_path) == ([], {})


def test_a_folder_that_is_missing_is_an_error_that_names_it(tmp_path, shelf):
    with pytest.raises(SourceError, match=r"the folder .*nowhere cannot be read"):
        shelf.harvest(tmp_path / "nowhere")


def test_many_files_come_in_pages_and_each_is_noted_once_it_is_stored(tmp_path):
    for number in range(pdf_folder.PAGE_SIZE + 1):
        put(tmp_path, f"{number:02}.pdf", b"")
    noted = {}
    pages = PdfFolder(tmp_path, "shelf", dict, noted.update).harvest()
    first = next(pages)
    assert (len(first.faults), first.cursor, noted) == (pdf_folder.PAGE_SIZE, str(pdf_folder.PAGE_SIZE), {})
    last = next(pages)
    assert (len(last.faults), last.cursor, len(noted)) == (1, None, pdf_folder.PAGE_SIZE)
    assert list(pages) == []
    assert len(noted) == pdf_folder.PAGE_SIZE + 1


@pytest.mark.parametrize("act", ["socket.socket()", "open('/etc/passwd')", "open('/tmp/x', 'w')", "os.fork()"])
def test_the_reader_may_open_no_socket_and_no_file_and_start_no_other(act):
    if act == "os.fork()" and os.getuid() == 0:
        pytest.skip("the superuser may start as many as it likes")
    code = f"import os, sys, socket, runpy; runpy.run_path({pdf_spans.__file__!r})['limit'](); {act}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    assert "OSError" in done.stderr or "BlockingIOError" in done.stderr or "Too many open files" in done.stderr


def test_what_the_reader_says_is_not_believed(tmp_path, monkeypatch):
    path = put(tmp_path, "any.pdf", b"x")
    for said in ("'{}'", "'[' * 100_000", "'x' * (9 << 20)", '\'{"told": {}, "pages": [{"spans": [[1]]}]}\''):
        liar = put(tmp_path, "liar.py", f"print({said})".encode())
        monkeypatch.setattr(pdf_reading, "_READER", replace(pdf_reading._READER, script=liar))
        with path.open("rb") as file, pytest.raises(SourceError, match="breaks the reader"):
            read_pdf(file.fileno())


def test_a_file_with_wrong_bytes_is_read_or_left_with_a_reason(tmp_path):
    chance, good = Random(8), pdfs.text(PAPER)
    for _ in range(15):
        broken = bytearray(good)
        for _ in range(chance.randrange(1, 30)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        path = put(tmp_path, "broken.pdf", bytes(broken))
        with path.open("rb") as file, suppress(SourceError):
            read_sheet(read_pdf(file.fileno()))


@pytest.mark.parametrize("piece", ["A", "A-", "Aa ", "山 田", "10.1000/", "a, ", "{", "arXiv:a-"])
def test_a_page_of_one_endless_text_keeps_nobody_waiting(piece):
    text = piece * (20_000 // len(piece))
    spans = [Span(text[: 20_000 // (nth + 1)], 72, 700 - 10 * nth, 500, 9 if nth else 20) for nth in range(12)]
    lines = [Span("Abstract", 72, 560, 110, 9), *(Span(text[:5_000], 72, 550 - 10 * nth, 500, 9) for nth in range(20))]
    assert read_sheet(Sheet({"Title": text, "Author": text}, ((*spans, *lines),))).title == ""
