"""Embedding: whatever waits gets its vector once, from one model, and keeps it while its text stays."""

import pytest

from broadsheet.library import Library
from broadsheet.library.models import Change, Embedding
from encoders import Interrupted, Letters


@pytest.fixture
def open_with(library, clock):
    def open_library(model: Letters) -> Library:
        return Library(library.alias, lambda: model, clock)

    return open_library


def vectors(library):
    index = library.follower.index
    return [paper for paper in index.papers() if index.nearest(paper, 1)]


def test_what_waits_is_embedded_once_and_found_by_meaning_then(open_with, record):
    library = open_with(Letters("a"))
    library.put([record(f"A paper on subject {n}", f"2104.{n:05}") for n in range(70)])
    assert library.search("zebra").hits == ()
    assert (library.embed(), library.embed(), library.status().pending) == (70, 0, 0)
    answer = library.search("zebra")
    assert (len(answer.hits), answer.by_meaning, answer.pending) == (20, True, 0)
    assert library.check().problems == []


def test_a_harvest_is_found_by_meaning_newest_first_and_the_status_says_how_many_wait_since_when(open_with, record):
    library = open_with(Letters("a"))
    library.put([record(f"A paper on subject {n}", f"2104.{n:05}") for n in range(70)])
    came_at = library.status().pending_since
    library.put([record("The newest paper", "2104.00070")])
    stops = iter([False])
    assert library.embed(stop=lambda: next(stops, True)) == 32
    state = library.status()
    assert (state.pending, state.pending_since) == (39, came_at)
    found = {hit.version.title for hit in library.search("zebra", limit=50).hits}
    assert "The newest paper" in found
    assert found - {"The newest paper"} == {f"A paper on subject {n}" for n in range(39, 70)}
    library.embed()
    assert (library.status().pending, library.status().pending_since) == (0, None)


def test_a_description_that_changes_keeps_the_vector_and_a_text_that_changes_waits_anew(open_with, record):
    model = Letters("a")
    library = open_with(model)
    library.put([record("One paper", "2104.00001"), record("Two papers", "2104.00002")])
    library.embed()
    described = [record("One paper", "2104.00001", topics=(topic,)) for topic in ("x", "y")]
    library.put([*described, record("Two papers", "2104.00002", abstract="New.")])
    assert library.embed() == 1
    assert len(model.read) == 3
    library.catch_up()
    assert len(vectors(library)) == 2
    assert library.check().problems == []


def test_an_answer_by_meaning_as_of_an_earlier_change_does_not_know_later_vectors(open_with, record):
    library = open_with(Letters("a"))
    library.put([record("One paper", "2104.00001")])
    library.embed()
    assert library.search("zebra", at=1).hits == ()
    assert len(library.search("zebra", at=2).hits) == 1


def test_a_process_with_another_model_makes_no_vectors_and_searches_by_words(open_with, record, caplog):
    first, second = open_with(Letters("a")), open_with(Letters("b"))
    first.put([record("A paper on one subject", "2104.00001")])
    first.embed()
    first.put([record("A paper on another subject", "2104.00002")])
    assert second.embed() == 0
    answer = second.search("subject")
    assert (len(answer.hits), answer.by_meaning) == (2, False)
    assert "a, by which the library is searched, is not here" in caplog.text
    assert (first.embed(), first.search("zebra").total) == (1, 0)
    assert first.check().problems == second.check().problems == []


def test_of_two_models_that_begin_at_once_the_first_to_store_a_vector_is_searched_by(library, clock, record):
    models = {"a": Letters("a")}
    library.put([record("A paper", "2104.00001")])
    first = Library(library.alias, lambda: models["a"], clock, chosen="a")
    models["b"] = Interrupted("b", first.embed)
    second = Library(library.alias, lambda: models["b"], clock, find=models.get, chosen="b")
    assert second.embedder.name == "b"
    assert second.embed() == 0
    assert second.embedder.name == "a"
    assert set(Embedding.objects.using(library.alias).values_list("model", flat=True)) == {"a"}


def test_a_revision_while_its_text_is_read_leaves_no_vector_of_the_old_text(open_with, record):
    revised = record("One paper", "2104.00001", abstract="Revised meanwhile.")
    model = Interrupted("a", lambda: library.put([revised]))
    library = open_with(model)
    library.put([record("One paper", "2104.00001")])
    library.embed()
    assert model.read == ["One paper.", "One paper. Revised meanwhile."]
    assert Embedding.objects.using(library.alias).count() == 1
    assert Change.objects.using(library.alias).filter(kind="embedded").count() == 1
    assert library.check().problems == []
