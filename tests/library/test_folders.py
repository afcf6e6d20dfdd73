"""Watched folders: a file is read once, and again when it looks otherwise."""

from dataclasses import replace
from datetime import date

import pytest

from broadsheet.library import folders


def test_marks_are_kept_for_each_folder_and_changed_or_forgotten(site_library):
    folders.note("default", "one", {"a": "1 2", "b": "3 4"})
    folders.note("default", "other", {"a": "9 9"})
    folders.note("default", "one", {"a": "1 5", "c": "6 6"})
    assert folders.seen("default", "one") == {"a": "1 5", "b": "3 4", "c": "6 6"}
    folders.forget("default", "one", ["a", "c", "never"])
    assert folders.seen("default", "one") == {"b": "3 4"}
    assert folders.seen("default", "other") == {"a": "9 9"}


def test_a_folder_is_known_by_where_it_is_and_what_it_is_called(tmp_path):
    (tmp_path / "link").symlink_to(tmp_path)
    assert folders.folder_key(tmp_path, "papers") == folders.folder_key(tmp_path / "link", "papers")
    assert folders.folder_key(tmp_path, "papers") != folders.folder_key(tmp_path, "others")
    assert folders.folder_key(tmp_path, "papers") != folders.folder_key(tmp_path / "deeper", "papers")


def guessed(record, *arguments, **fields):
    return replace(record(*arguments, source="shelf PDFs", **fields), is_guess=True)


@pytest.mark.parametrize("order", ["told looks", "looks told", "told looks looks", "looks told looks"])
def test_what_was_guessed_only_fills_what_others_leave_out_whenever_it_comes(site_library, record, order):
    told = record("Paging with $k$ Bits", "2104.12255", source="arxiv", authors=["Lee, Ann"], abstract="We page.")
    fields = {"authors": ["Lee, Ann", "Chen, Bo"], "abstract": "We page. " * 9, "published": date(2021, 4, 26)}
    looks = guessed(record, "PAGING WITH k BITS", "2104.12255", **fields)
    for word in order.split():
        site_library.put([told if word == "told" else looks])
    found = site_library.find("2104.12255").text
    assert (found.title, found.abstract, len(found.authors)) == ("Paging with $k$ Bits", "We page.", 1)
    assert found.published == date(2021, 4, 26)


def test_what_was_guessed_alone_is_shown_and_revised(site_library, record):
    site_library.put([guessed(record, "A Draft of Offices", "2104.12255")])
    site_library.put([guessed(record, "Offices, Revised at Last", "2104.12255", abstract="Longer.")])
    found = site_library.find("2104.12255")
    assert (found.title, found.abstract, found.number) == ("Offices, Revised at Last", "Longer.", 2)
