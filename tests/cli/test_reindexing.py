"""``broadsheet reindex``: what it says, when it refuses, and how it is forced."""

import json

import pytest

from broadsheet.cli import running
from broadsheet.library.live import Generations
from broadsheet.library.models import Generation
from broadsheet.search import fusion
from encoders import Letters, Words

SUBJECTS = "paging caching sorting hashing parsing proving routing pricing tiling mixing folding joining".split()


class Encoders(dict):
    """What is found where: good encoders by their names, one that finds nothing, and none."""

    def __missing__(self, name):
        if name == "none":
            return None
        self[name] = Letters(name) if name == "bad" else Words(name)
        return self[name]

    def find(self, name):
        return self[name]


@pytest.fixture
def encoders(monkeypatch) -> Encoders:
    found = Encoders()
    monkeypatch.setattr("broadsheet.search.find_embedder", found.find)
    return found


@pytest.fixture
def library(library_on_sqlite, encoders, record):
    library_on_sqlite.generations = Generations("default", lambda: encoders["a"], encoders.find, "a")
    library_on_sqlite.put(
        record(f"{one} and {other} of pages", f"2104.{n:05}")
        for n, (one, other) in enumerate((one, other) for one in SUBJECTS for other in SUBJECTS if one < other)
    )
    library_on_sqlite.embed()
    return library_on_sqlite


def told(done):
    return json.loads(done.stdout)


def test_a_model_that_finds_as_much_is_changed_to_and_the_way_back_is_the_same(invoke, library):
    done = invoke("reindex", "--model", "b")
    assert done.exit_code == 0
    assert "Searched by a; making the vectors of b." in done.stdout
    assert "known papers: 66 papers, 132 queries" in done.stdout
    assert "the new model beside that of now" in done.stdout
    assert f"Searched by b from change #{library.status().head:,} on" in done.stdout
    assert library.search("caching").by_meaning
    assert library.embedder.name == "b"
    back = told(invoke("reindex", "--model", "a", "--json"))
    assert (back["before"], back["model"], back["made"], back["objections"]) == ("b", "a", 0, [])
    assert set(back["compared"]["known papers"]) == {
        "hybrid, new",
        "hybrid, now",
        "meaning, new",
        "meaning, now",
        "against",
    }


def test_a_model_that_loses_papers_is_refused_and_what_was_lost_is_named(invoke, library):
    head = library.status().head
    done = invoke("reindex", "--model", "bad")
    assert done.exit_code == 1
    assert "not among the first ten any more" in done.stdout
    assert "lose the paper that they had found" in done.stdout
    assert "Nothing has changed: everybody searches by a, as before." in done.stdout
    assert library.status().head == head + 66, "the vectors are there, and nobody sees them"
    assert library.embedder.name == library.generations.renew().embedder.name == "a"
    assert library.search("caching").by_meaning
    forced = told(invoke("reindex", "--anyway", "--json"))
    assert (forced["made"], forced["since"]) == (0, head + 67)
    assert forced["objections"]
    assert library.generations.renew().embedder.name == "bad"


def test_how_much_may_be_lost_can_be_said(invoke, library):
    assert told(invoke("reindex", "--model", "b", "--gate", "0", "--queries", "20", "--json"))["since"]
    refused = invoke("reindex", "--model", "bad", "--gate", "100", "--json")
    assert all("nDCG@10" in said for said in told(refused)["objections"])


def test_a_collection_judges_in_place_of_the_papers_here(invoke, library, tmp_path, monkeypatch):
    monkeypatch.setattr("broadsheet.evaluation.CACHE", tmp_path / "cache")
    folder = tmp_path / "tiny"
    folder.mkdir()
    lines = [{"id": f"d{n}", "title": f"{one} of pages", "abstract": ""} for n, one in enumerate(SUBJECTS)]
    (folder / "docs.jsonl").write_text("\n".join(map(json.dumps, lines)))
    (folder / "queries.jsonl").write_text(
        "\n".join(json.dumps({"id": f"q{n}", "text": one}) for n, one in enumerate(SUBJECTS))
    )
    (folder / "qrels.tsv").write_text("".join(f"q{n}\td{n}\t1\n" for n in range(len(SUBJECTS))))
    done = invoke("reindex", "--model", "b", "--eval", str(folder))
    assert "tiny: 12 papers, 12 queries" in done.stdout
    assert "known papers" not in done.stdout
    assert library.generations.renew().embedder.name == "b"


def test_vectors_of_other_models_are_dropped_when_told(invoke, library):
    invoke("reindex", "--model", "b")
    head = library.status().head
    assert "66 vectors of other models dropped" in invoke("reindex", "--forget").stdout
    assert told(invoke("reindex", "--forget", "--json")) == {"forgotten": 0}
    assert library.search("caching", at=head - 1).by_meaning is False
    assert library.search("caching").by_meaning


def test_an_upgrade_is_compared_with_what_the_version_before_answered(invoke, library, record, monkeypatch):
    first = invoke("reindex")
    assert "searched by a already, and the index is up to date" in first.stdout
    assert "beside the one of before" not in first.stdout, "there is nothing to compare with yet"
    library.put([record("A newcomer on caching", "2105.00001")])
    kept = Generation.objects.get().answers
    same = invoke("reindex", "--model", "a")
    assert (same.exit_code, "this version beside the one of before" in same.stdout) == (0, True)
    assert f"known papers as of change #{kept['at']}: " in same.stdout
    assert "A newcomer" not in json.dumps(Generation.objects.get().answers), "no words of papers are kept"
    assert Generation.objects.get().answers["at"] == kept["at"] + 1

    monkeypatch.setattr(fusion.Scale, "fuse", lambda self, found: -found.words)
    kept = Generation.objects.get().answers
    worse = invoke("reindex")
    assert (worse.exit_code, "lose the paper that they had found" in worse.stdout) == (1, True)
    assert "the answers of before are kept" in worse.stdout
    assert Generation.objects.get().answers == kept
    accepted = told(invoke("reindex", "--anyway", "--json"))
    assert accepted["compared"]
    assert Generation.objects.get().answers["places"] != kept["places"]
    assert invoke("reindex").exit_code == 0


def test_what_is_erased_is_asked_for_no_more(invoke, library):
    invoke("reindex", "--model", "b")
    asked = len(Generation.objects.get(model="b").answers["places"]["hybrid"])
    library.erase("2104.00001")
    report = told(invoke("reindex", "--model", "b", "--json"))
    assert report["compared"].popitem()[1]["hybrid, new"]["queries"] == asked - 2


def test_a_collection_judges_no_version(invoke, library, tmp_path):
    done = invoke("reindex", "--eval", str(tmp_path))
    assert (done.exit_code, "broadsheet eval --against" in done.stderr) == (2, True)


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("--gate", "nan"), 2, "nan is no number of queries"),
        (("--gate", "101"), 2, "not in the range"),
        (("--queries", "0"), 2, "not in the range"),
        (("--model", "b", "--eval", "nowhere"), 1, "nowhere is not a folder"),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_begun(invoke, library, arguments, code, said):
    done = invoke("reindex", *arguments)
    assert (done.exit_code, said in done.stderr) == (code, True), done.stderr
    assert library.status().making is None


def test_without_a_model_there_is_nothing_to_change_to(invoke, library):
    done = invoke("reindex", "--model", "none")
    assert (done.exit_code, "there is no sentence encoder to change to" in done.stderr) == (1, True)


def test_a_library_without_papers_is_changed_without_a_question(invoke, library_on_sqlite, encoders):
    done = invoke("reindex", "--model", "b")
    assert done.exit_code == 0
    assert "Searched by words only; making the vectors of b." in done.stdout
    assert library_on_sqlite.searched_by == "b"


def test_an_encoder_that_is_gone_can_be_left_behind(invoke, library, encoders):
    encoders["a"] = None
    library.generations = Generations("default", lambda: None, encoders.find, "a")
    done = invoke("reindex", "--model", "b", "--anyway")
    assert done.exit_code == 0
    assert library.generations.renew().embedder.name == "b"


def test_who_stays_says_at_its_start_that_the_option_names_another_encoder(library, encoders, capsys):
    running._say_encoder(library)
    assert capsys.readouterr().err == ""
    library.generations = Generations("default", lambda: encoders["b"], encoders.find, "b")
    running._say_encoder(library)
    said = capsys.readouterr().err
    assert "BROADSHEET_MODEL names b, the library is searched by a." in said
    assert "Next: broadsheet reindex" in said
    library.generations = Generations("default", lambda: None, encoders.find, "none")
    running._say_encoder(library)
    assert "found by words only" in capsys.readouterr().err


def test_the_status_says_what_is_being_made(invoke, library, encoders):
    library.reindex(encoders["b"], "b").make()
    assert "Being made aside: b, 66 of 66 papers" in invoke("status").stdout
    assert told(invoke("status", "--json"))["making"]["done"] == 66
