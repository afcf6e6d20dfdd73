"""`broadsheet interests`: a file of references becomes what a reader's digest knows, and is forgotten."""

import json


def test_a_file_is_imported_listed_and_forgotten(invoke, library_on_sqlite, record, reader, tmp_path):
    reader("ann")
    library_on_sqlite.put([record("Paging with Succinct Predictions", "2104.12255")])
    path = tmp_path / "my.bib"
    path.write_text(
        "@article{a, title={Paging}, eprint={2104.12255}, archiveprefix={arXiv}}\n@article{b, title={On Offices}}\n"
        "@article{c}\n"
    )
    said = invoke("interests", "import", str(path), "--reader", "ann").output
    assert "1 of 3 references found here; 1 other left out, since there is no encoder here" in said
    assert "; 1 could not be used." in said
    assert "Undo: broadsheet interests forget" in said
    [row] = json.loads(invoke("interests", "list", "--reader", "ann@example.org", "--json").stdout)
    assert (row["name"], row["found"], row["total"]) == ("my.bib", 1, 3)
    assert "my.bib: 1 of 3" in invoke("interests", "list", "--reader", "@ann").output
    assert "is forgotten" in invoke("interests", "forget", str(row["number"]), "--reader", "ann").output
    assert "None yet" in invoke("interests", "list", "--reader", "ann").output


def test_who_is_not_here_and_what_cannot_be_read_is_one_line(invoke, library_on_sqlite, reader, tmp_path):
    reader("ann")
    path = tmp_path / "my.bib"
    path.write_text("hello")
    unknown = invoke("interests", "import", str(path), "--reader", "bo")
    assert (unknown.exit_code, unknown.output.strip()) == (1, "Error: There is no reader 'bo'")
    unread = invoke("interests", "import", str(path), "--reader", "ann")
    assert (unread.exit_code, "neither BibTeX nor RIS" in unread.output) == (1, True)
    assert invoke("interests", "forget", "7", "--reader", "ann").exit_code == 1
