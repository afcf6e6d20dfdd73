"""Watched folders: a file is read once, and again when it looks otherwise."""

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
