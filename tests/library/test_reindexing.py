"""Reindexing: another model's vectors are made aside, and one change has the library searched by them."""

import logging

import pytest

from broadsheet.library import Library, LibraryError, generations, snapshots
from broadsheet.library.models import Change, Embedding, Version
from encoders import Letters

PAPERS = 70


class Encoders:
    """Encoders by where they are found, loaded by each library anew, and what they read in all."""

    def __init__(self) -> None:
        self.here = {"a", "b", "c"}
        self.loaded: dict[str, list[Letters]] = {}

    def find(self, name: str) -> Letters | None:
        if name not in self.here:
            return None
        made = Letters(name)
        self.loaded.setdefault(name, []).append(made)
        return made

    def read(self, name: str) -> int:
        return sum(len(made.read) for made in self.loaded.get(name, []))


@pytest.fixture
def encoders() -> Encoders:
    return Encoders()


@pytest.fixture
def opened(library, clock, encoders):
    """Open the library as another process would, whose options name an encoder."""

    def open_again(chosen: str = "a") -> Library:
        return Library(library.alias, lambda: encoders.find(chosen), clock, find=encoders.find, chosen=chosen)

    yield open_again
    for path in snapshots.all_of(library.alias):
        path.unlink()


@pytest.fixture
def filled(opened, record):
    """A library of papers that are found by the meaning that encoder a knows."""
    library = opened()
    library.put([record(f"A paper on subject {n}", f"2104.{n:05}") for n in range(PAPERS)])
    library.embed()
    return library


def reindexed(library, encoders, name="b"):
    work = library.reindex(encoders.find(name), name)
    return work.take_over()


def told(library, at=None, text="zebra"):
    answer = library.search(text, at=at, limit=50)
    return [(hit.id, hit.score) for hit in answer.hits], answer.by_meaning


def test_what_is_made_aside_is_not_seen_until_one_change_has_it_searched(filled, opened, encoders):
    before, head = told(filled), filled.status().head
    work = filled.reindex(encoders.find("b"), "b")
    assert work.make() == PAPERS
    assert told(filled) == told(opened()) == before
    since = work.take_over()
    assert since == filled.status().head == head + PAPERS + 1
    assert Change.objects.using(filled.alias).get(seq=since).kind == "reindexed"
    after = told(filled)
    assert after != before
    assert told(opened()) == after
    assert filled.embedder.name == "b"
    assert (filled.check().problems, opened().check().problems) == ([], [])


def test_every_change_is_searched_as_it_was_by_the_model_of_then(filled, opened, encoders):
    answers = {at: told(filled, at) for at in range(0, filled.status().head + 1, 9)}
    for name in ("b", "c", "a"):
        head = reindexed(opened(), encoders, name)
        answers[head] = told(opened(), head)
    fresh = opened()
    assert {at: told(fresh, at) for at in answers} == answers
    assert {at: told(filled, at) for at in answers} == answers
    assert encoders.read("a") == PAPERS, "its vectors were kept"
    assert fresh.check().problems == []


def test_papers_that_come_while_vectors_are_made_are_found_at_once_and_missing_in_neither(
    filled, opened, encoders, record
):
    class Busy(Letters):
        """An encoder beside which a harvest and a worker go on."""

        def embed_passages(self, texts):
            if (n := len(self.read) // 32) < 4:
                other.put([record(f"A newcomer {n}", f"2105.{n:05}"), record(f"Changed {n}", "2104.00001")])
                assert f"2105.{n:05}" in [hit.id for hit in other.search(f"newcomer {n}", limit=100).hits]
                other.embed()
            return super().embed_passages(texts)

    other = opened()
    work = filled.reindex(Busy("b"), "b")
    work.make()
    other.put([record("The last newcomer", "2105.00009")])
    other.embed()
    work.take_over()
    assert filled.status().pending == 0
    assert len(Embedding.objects.using(filled.alias).filter(model="b", version__died=None)) == filled.count()
    assert "2105.00009" in [hit.id for hit in other.search("newcomer", limit=100).hits]
    assert other.embedder.name == "b"
    assert filled.check().problems == []


def test_a_paper_that_waits_when_it_is_taken_over_waits_for_the_new_model(filled, opened, encoders, record):
    work = filled.reindex(encoders.find("b"), "b")
    work.make()
    filled.put([record("A newcomer", "2105.00001")])
    assert work.take_over()
    assert "2105.00001" in [hit.id for hit in filled.search("newcomer", limit=100).hits]
    assert filled.status().pending == 0, "whatever is there when it is taken over is made first"
    filled.put([record("Another newcomer", "2105.00002")])
    assert (opened().status().pending, opened().embed(), filled.status().pending) == (1, 1, 0)
    assert set(filled_models(filled, "2105.00002")) == {"b"}


def filled_models(library, key):
    rows = Embedding.objects.using(library.alias).filter(version__paper__key=key)
    return rows.values_list("model", flat=True)


@pytest.mark.parametrize("step", ["begun", "in the middle", "made"])
def test_work_that_ends_at_any_step_goes_on_where_it_stopped(filled, opened, encoders, step):
    before = told(filled)
    work = filled.reindex(encoders.find("b"), "b")
    batches = iter([False, True])
    if step != "begun":
        work.make(stop=lambda: step == "in the middle" and next(batches))
    made = encoders.read("b")
    assert told(opened()) == before
    state = opened().status().making
    assert (state.model, state.done) == ("b", made)
    steps = []
    work = opened().reindex(encoders.find("b"), "b")
    assert work.make(lambda done, total: steps.append((done, total))) == PAPERS - made
    assert steps[-1:] in ([], [(PAPERS, PAPERS)])
    work.take_over()
    assert encoders.read("b") == PAPERS
    assert filled.check().problems == []
    assert filled.status().making is None


def test_a_text_that_stays_keeps_the_vectors_of_both_and_one_that_changes_none(filled, encoders, record):
    work = filled.reindex(encoders.find("b"), "b")
    work.make()
    filled.put([record("A paper on subject 1", "2104.00001", topics=("x",)), record("New words", "2104.00002")])
    assert filled.embed() == 1
    open_versions = Version.objects.using(filled.alias).filter(paper__key="2104.00001", died=None)
    assert set(Embedding.objects.using(filled.alias).filter(version__in=open_versions).values_list("model")) == {
        ("a",),
        ("b",),
    }
    assert work.make() == 1
    work.take_over()
    assert filled.check().problems == []


def test_a_paper_that_comes_back_after_the_change_is_read_by_the_new_model(filled, encoders, record):
    filled.withdraw("2104.00001")
    reindexed(filled, encoders)
    filled.put([record("A paper on subject 1", "2104.00001", source="other")])
    filled.search("zebra")
    assert filled.check().problems == []


def test_what_is_erased_leaves_no_vector_of_any_model(filled, encoders):
    work = filled.reindex(encoders.find("b"), "b")
    work.make()
    filled.erase("2104.00001")
    work.take_over()
    assert not Embedding.objects.using(filled.alias).filter(version__paper__key="2104.00001").exists()
    assert filled.check().problems == []


def test_what_is_erased_is_gone_from_searches_as_of_generations_before(filled, encoders):
    head = filled.status().head
    reindexed(filled, encoders)
    assert "2104.00001" in [hit.id for hit in filled.search("subject", at=head, limit=100).hits]
    filled.erase("2104.00001")
    answer = filled.search("subject", at=head, limit=100)
    assert (len(answer.hits), answer.by_meaning) == (PAPERS - 1, True)
    assert "" not in [hit.title for hit in answer.hits]


def test_a_process_without_an_encoder_goes_on_with_its_index(filled, opened, encoders):
    words = opened("none")
    words.catch_up()
    index = words.follower.index
    since = reindexed(filled, encoders)
    answer = words.search("subject")
    assert (answer.at, answer.by_meaning) == (since, False)
    assert words.follower.index is index


def test_old_vectors_can_be_forgotten_and_searches_as_of_then_go_by_words(filled, opened, encoders):
    head = filled.status().head
    since = reindexed(filled, encoders)
    after, words = told(filled), told(filled, head, "subject")
    assert generations.forget_others(filled.alias) == PAPERS
    for library in (filled, opened()):
        assert told(library) == after
        assert told(library, since) == after
        assert told(library, head) == ([], False)
        found, by_meaning = told(library, head, "subject")
        assert (len(found), by_meaning, words[1]) == (50, False, True)
    assert filled.check().problems == []
    reindexed(filled, encoders, "a")
    assert encoders.read("a") == 2 * PAPERS
    assert told(opened(), head) == ([], False), "that the model is back does not bring its numbers of then back"


def test_a_model_that_is_gone_leaves_searches_as_of_then_by_words_and_those_of_now_whole(
    filled, opened, encoders, caplog
):
    head = filled.status().head
    reindexed(filled, encoders)
    encoders.here.remove("a")
    library = opened("b")
    assert told(library, head) == ([], False)
    assert told(library)[1]
    with caplog.at_level(logging.WARNING):
        assert told(opened("a"), head) == ([], False)
    assert "a, by which the library is searched, is not here" in caplog.text


def test_who_follows_meets_the_change_and_answers_as_of_before_until_the_next_model_is_loaded(filled, opened, encoders):
    follower = opened()
    before = told(follower)
    follower.generations.is_followed = True  # a thread in the background takes up what comes
    head = filled.status().head
    since = reindexed(filled, encoders)
    answer = follower.search("zebra", limit=50, budget=1)
    assert (answer.at, answer.behind) == (since - 1, 1)
    assert ([(hit.id, hit.score) for hit in answer.hits], True) == before == told(opened(), head)
    follower.catch_up()
    answer = follower.search("zebra", budget=1)
    assert (answer.at, answer.behind, follower.embedder.name) == (since, 0, "b")


def test_another_model_begun_in_the_middle_takes_its_place_and_the_first_is_told(filled, opened, encoders):
    first = filled.reindex(encoders.find("b"), "b")
    batches = iter([False, True])
    first.make(stop=lambda: next(batches))
    opened().reindex(encoders.find("c"), "c").take_over()
    with pytest.raises(LibraryError, match="another reindexing took the place"):
        first.make()
    with pytest.raises(LibraryError, match="searched by c already"):
        opened().reindex(encoders.find("c"), "c")
    reindexed(filled, encoders, "b")
    assert encoders.read("b") <= PAPERS + 32, "what was made of it before was taken up"
    assert filled.check().problems == []


def test_a_library_without_vectors_is_searched_by_what_is_made(opened, encoders, record):
    library = opened("none")
    library.put([record("A paper on subject 1", "2104.00001")])
    assert reindexed(library, encoders) == 3
    assert told(opened("b"))[1]


def test_snapshots_of_both_are_kept_and_those_of_forgotten_ones_go(filled, opened, encoders, monkeypatch):
    monkeypatch.setattr(snapshots, "LEAST_CHANGES", 1)
    head = filled.status().head
    before = told(filled, head)
    filled.catch_up()
    assert filled.keep_snapshot()
    work = filled.reindex(encoders.find("b"), "b")
    work.make()
    work.index()
    assert work.keep_snapshot()
    assert len(snapshots.all_of(filled.alias)) == 2
    work.take_over()
    assert told(opened(), head) == before
    generations.forget_others(filled.alias)
    filled.catch_up()
    filled.follower.save()
    assert snapshots.all_of(filled.alias) == [snapshots.path_of(filled.alias, "b")]
