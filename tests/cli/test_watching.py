"""`broadsheet harvest pdf`: the papers of a folder, once."""

import json

import pytest

import pdfs

pytest.importorskip("pypdfium2")


def test_a_folder_is_read_once_and_what_cannot_be_read_is_said_once(invoke, tmp_path, library_on_sqlite):
    folder = tmp_path / "shelf"
    folder.mkdir()
    lines = [(20, 700, "Paging with Succinct Predictions"), (11, 670, "Ann Lee"), (9, 500, "Words."), (9, 490, "More.")]
    (folder / "paging.pdf").write_bytes(pdfs.text(lines))
    (folder / "empty.pdf").write_bytes(b"")
    first = invoke("harvest", "pdf", str(folder))
    assert "shelf PDFs: 2 records" in first.output
    assert "1 new" in first.output
    assert "empty.pdf: it is empty" in first.output
    assert [version.title for version in library_on_sqlite.versions()] == [lines[0][2]]
    (folder / "paging.pdf").unlink()
    second = json.loads(invoke("harvest", "pdf", str(folder), "--json").stdout)
    assert (second["seen"], second["gone"], second["papers"]) == (0, 1, 1)
    third = json.loads(invoke("harvest", "pdf", str(folder), "--all", "--json").stdout)
    assert (third["refused"], third["gone"], third["papers"]) == (1, 0, 1)
    (folder / "empty.pdf").unlink()
    assert f"There is no PDF in {folder}" in invoke("harvest", "pdf", str(folder)).stdout
