"""The index's snapshot: the next process starts from it, and never from one that is not its own or not whole."""

import logging

import pytest

from broadsheet.library import Library, snapshots
from broadsheet.library.models import Change

PAPERS = 30


@pytest.fixture
def opened(database_url, clock, monkeypatch):
    """Open the same library anew, as another process would; a snapshot is due after every change."""
    monkeypatch.setattr(snapshots, "LEAST_CHANGES", 1)
    libraries = []

    def open_again(model="none"):
        libraries.append(Library.open(database_url, model=model, clock=clock))
        return libraries[-1]

    yield open_again
    for path in snapshots.all_of(libraries[0].alias):
        path.unlink()
    libraries[0].close()


@pytest.fixture
def filled(opened, record):
    library = opened()
    library.put([record(f"Paper {n} on caches", f"local:{n}", abstract=f"w{n}ord and others") for n in range(PAPERS)])
    library.catch_up()
    return library


def found(library, text="caches"):
    return [(hit.id, hit.score) for hit in library.search(text, limit=100).hits]


def test_another_process_starts_where_the_snapshot_ends_and_answers_alike(filled, opened, record):
    assert filled.keep_snapshot()
    other = opened()
    assert other.follower.index.position == PAPERS
    assert found(other) == found(filled)
    filled.put([record("One more on caches", "local:more")])
    assert len(found(other)) == PAPERS + 1


def test_a_snapshot_is_written_when_enough_happened(filled, monkeypatch):
    assert filled.keep_snapshot()
    assert not filled.keep_snapshot()
    monkeypatch.setattr(snapshots, "LEAST_CHANGES", 100)
    snapshots.path_of(filled.alias, None).unlink()
    assert not filled.keep_snapshot()


@pytest.mark.parametrize("damage", ["cut", "changed", "emptied"])
def test_a_damaged_snapshot_is_told_of_and_the_index_made_anew(filled, opened, damage, caplog):
    filled.keep_snapshot()
    path = snapshots.path_of(filled.alias, None)
    content = bytearray(path.read_bytes())
    content[len(content) // 2 + 100] ^= 1
    path.write_bytes({"cut": content[:5000], "changed": content, "emptied": b""}[damage])
    with caplog.at_level(logging.WARNING):
        other = opened()
        assert other.follower.index.position == 0
    assert "made anew from the journal" in caplog.text
    assert found(other) == found(filled)


def test_the_snapshot_of_another_model_or_journal_is_left_aside(filled, opened, caplog):
    filled.keep_snapshot()
    assert snapshots.load(filled.alias, "another model").position == 0
    snapshots.path_of(filled.alias, "another model").write_bytes(snapshots.path_of(filled.alias, None).read_bytes())
    assert snapshots.load(filled.alias, "another model").position == 0
    Change.objects.using(filled.alias).filter(seq=PAPERS).update(kind="restored")
    assert opened().follower.index.position == 0
    assert "belongs to another library" in caplog.text


def test_an_erased_paper_leaves_no_snapshot_that_has_its_words(filled, opened):
    filled.keep_snapshot()
    path = snapshots.path_of(filled.alias, None)
    assert b"w7ord" in path.read_bytes()
    opened().erase("local:7")
    assert not path.exists()
    filled.follower.save()
    assert not path.exists(), "this process had not heard of it yet"
    filled.catch_up()
    filled.follower.save()
    assert b"w7ord" not in path.read_bytes()
    assert len(found(opened())) == PAPERS - 1


def test_who_follows_an_erasure_discards_the_snapshot_of_its_machine(filled, opened):
    other = opened()
    other.catch_up()
    path = snapshots.path_of(filled.alias, None)
    filled.keep_snapshot()
    saved = path.read_bytes()
    filled.erase("local:7")
    path.write_bytes(saved)
    other.catch_up()
    assert not path.exists()
