"""References of strangers are read by a process that can do no harm, and what takes long keeps nobody waiting."""

import json
from dataclasses import replace

import pytest

from broadsheet.papers import Record
from broadsheet.sources import SourceError, references_apart
from broadsheet.sources.references import FILE_LIMIT, read_references
from broadsheet.sources.references_apart import AT_HAND, LETTERS, read_apart

FILLING = b"\n" * (AT_HAND + 1)
"""What makes a file too large to be read at once, and is nothing."""
BIBTEX = rb"""@string{acm = "Trans. of the \"O"}
@proceedings{p, title={Proceedings of \emph{Offices} \& Walls}, editor={Chen, Bo}, month=may, year=2024}
@inproceedings{a, title={On {O}ffices: $x^2$}, author={de With, Peter and L{\'e}e, Ann}, crossref={p},
 doi={10.1000/OFFICES.1}, url={https://a.example/x}}
@article{b, title={Walls}, journal=acm # "ice", eprint={2104.12255}, archiveprefix={arXiv}, date={2021-04-26}}
@misc{c, note={No title at all}}
@broken{"""
RIS = (
    "TY  - JOUR\nTI  - Türen\nAU  - Lee, Ann\nPY  - 2024/05/03\nDO  - 10.1000/x\nER  - \nTY  - JOUR\nER  - \n".encode()
)
CSL = json.dumps(
    [{"title": "On <i>Offices</i>", "author": [{"family": "Lee"}], "issued": {"date-parts": [[2024, 5, "3"]]}}, 7]
).encode()


@pytest.mark.parametrize("payload", [BIBTEX, RIS, CSL], ids=["bibtex", "ris", "csl"])
def test_what_is_read_apart_is_what_is_read(payload):
    large = payload + FILLING
    found = read_apart(large, "my file")
    assert [replace(one, place="") if isinstance(one, Record) else one for one in found] == [
        replace(one, place="") if isinstance(one, Record) else one for one in read_references(large, "my file")
    ]
    assert any(isinstance(one, Record) for one in found)
    assert any(not isinstance(one, Record) for one in found)


HOSTILE = {
    "signs": b"@" * FILE_LIMIT,
    "too large": b"@" * (10 << 20),
    "braces": b"@article{a, title=" + b"{" * 1_000_000 + b"x" + b"}" * 1_000_000 + b"}",
    "brackets": b"[" * 1_000_000,
    "NULs": b"@article{a, title={" + b"\0" * 100_000 + b"}}",
    "Latin-1": "@article{a, title={Bücher}}".encode("latin-1") + FILLING,
    "UTF-16": ("@article{a, title={Offices}}" + " " * AT_HAND).encode("utf-16"),
    "halves of characters": b'[{"title": "\\ud800"}]' + FILLING,
}
SAID = {
    "signs": "neither BibTeX",
    "too large": "more than 5 MB",
    "braces": "mostly marks",
    "brackets": "not JSON that can be read",
    "NULs": "holds a NUL byte",
    "Latin-1": "line 1 is not UTF-8",
    "UTF-16": "line 1 is not UTF-8",
}


@pytest.mark.parametrize("kind", SAID)
def test_hostile_files_are_refused_in_words(kind):
    with pytest.raises(SourceError, match=SAID[kind]):
        read_apart(HOSTILE[kind])


def test_what_unicode_does_not_have_breaks_nothing():
    assert all(not isinstance(one, Record) for one in read_apart(HOSTILE["halves of characters"]))


def test_strings_that_double_and_fields_taken_over_a_thousand_times_end_within_the_bounds():
    doubling = "".join(f"@string{{s{n + 1} = s{n} # s{n}}}\n" for n in range(60))
    file = f'@string{{s0 = "{"a" * 100}"}}\n{doubling}@article{{a, title = s60}}\n'.encode() + FILLING
    assert [isinstance(one, Record) for one in read_apart(file)] == [False]
    abstract = f"@book{{p, title={{T}}, abstract={{{'w ' * 10_000}}}}}\n"
    children = "".join(f"@inbook{{k{n}, title={{T {n}}}, crossref={{p}}}}\n" for n in range(1_000))
    found = read_apart((abstract + children).encode())
    assert [len(one.version.abstract) for one in found if isinstance(one, Record)] == [LETTERS - 1, *[0] * 1_000]


def test_what_takes_too_long_is_left_unread_and_the_next_is_read():
    strings = f'@string{{s = "{"a " * 10_000}"}}\n'
    slow = (strings + "".join(f"@misc{{a{n}, title = s # s, note = s # s}}\n" for n in range(4_900))).encode()
    with pytest.raises(SourceError, match="takes too long"):
        read_apart(slow, seconds=1)
    assert len(read_apart(BIBTEX + FILLING)) == len(read_references(BIBTEX))


@pytest.mark.parametrize(
    "said",
    [
        "'[]'",
        "'x' * (13 << 20)",
        "'{'",
        '\'{"fault": "f"}\'',
        '\'{"title": 7, "identifiers": []}\'',
        "__import__('sys').exit(1)",
    ],
)
def test_what_the_process_says_is_not_believed(said, tmp_path, monkeypatch):
    liar = tmp_path / "liar.py"
    liar.write_text(f"print({said})")
    monkeypatch.setattr(references_apart, "_READER", replace(references_apart._READER, script=liar))
    with pytest.raises(SourceError, match="breaks the reader"):
        read_apart(BIBTEX + FILLING)


def test_of_more_files_at_once_than_are_read_the_last_is_told_to_come_again(monkeypatch):
    monkeypatch.setattr(references_apart, "_WAITS", 0.01)
    for _ in range(references_apart.AT_ONCE):
        assert references_apart._turns.acquire(blocking=False)
    try:
        with pytest.raises(SourceError, match="again in a minute"):
            read_apart(BIBTEX + FILLING)
        assert read_apart(BIBTEX)
    finally:
        for _ in range(references_apart.AT_ONCE):
            references_apart._turns.release()
