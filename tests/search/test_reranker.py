"""The port of rerankers, held by each of them, and what is particular to the one from the offline pack."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from math import exp, log
from pathlib import Path

import pytest

from broadsheet.search.model_files import MANIFEST_NAME, ModelError
from broadsheet.search.reranker import KeptScores, OnnxReranker, find_reranker
from broadsheet.search.reranker_model import find_reranker_model
from rerankers import ByLargestNumber

QUESTION = "How is a dense retrieval index kept fresh?"
FRESH = "We keep a dense retrieval index fresh while documents are inserted and deleted at the same time."
OTHER = "Soil moisture in alpine meadows depends on the depth of snow and the date of its melting in 2019."
PASSAGES = [OTHER, FRESH, "Snow.", "", FRESH + " " + OTHER * 3, FRESH]
PACKED = [pytest.param("pack", marks=pytest.mark.slow), pytest.param("kept pack", marks=pytest.mark.slow)]


@pytest.fixture(scope="module")
def model():
    found = find_reranker_model()
    if found is None:
        pytest.skip("the offline model pack (extra: models) is not installed")
    return found


@pytest.fixture(scope="module")
def packed(model):
    return OnnxReranker(model)


@pytest.fixture(params=["largest number", "kept largest number", *PACKED])
def reranker(request):
    """Each implementation of the port."""
    found = ByLargestNumber() if "number" in request.param else request.getfixturevalue("packed")
    return KeptScores(found) if request.param.startswith("kept") else found


def test_it_has_a_name(reranker):
    assert reranker.name


def test_every_passage_gets_a_score_from_0_to_1_in_order(reranker):
    scores = reranker.score(QUESTION, PASSAGES)
    assert len(scores) == len(PASSAGES)
    assert all(isinstance(score, float) and 0 <= score <= 1 for score in scores)
    assert scores == [reranker.score(QUESTION, [passage])[0] for passage in PASSAGES]


def test_no_passages_have_no_scores(reranker):
    assert reranker.score(QUESTION, []) == []


def test_told_to_stop_it_gives_the_scores_of_the_first(reranker):
    asked = count()
    scores = reranker.score("another question", PASSAGES, lambda: next(asked) >= 2)
    assert len(scores) < len(PASSAGES)
    assert scores == reranker.score("another question", PASSAGES)[: len(scores)]
    assert reranker.score("a third question", PASSAGES, lambda: True) == []


def test_four_threads_get_what_one_gets(reranker):
    alone = reranker.score(QUESTION, PASSAGES)
    with ThreadPoolExecutor(4) as pool:
        assert [pool.submit(reranker.score, QUESTION, PASSAGES).result() for _ in range(4)] == [alone] * 4


def test_odd_texts_are_scored_too(reranker):
    texts = ["\udcff", "\x00", "x" * 100_000, "日本語のテキスト" * 500, "a " * 20_000]
    assert len(reranker.score("日本語" * 80 + "\udcff", texts)) == len(texts)
    assert len(reranker.score("", texts)) == len(texts)


def test_what_was_read_is_not_read_again():
    reranker = ByLargestNumber()
    kept = KeptScores(reranker)
    assert kept.score("q", ["part 1", "part 2"]) == [0.01, 0.02]
    assert kept.score("q", ["part 2", "part 3", "part 1"]) == [0.02, 0.03, 0.01]
    assert reranker.read == [("q", "part 1"), ("q", "part 2"), ("q", "part 3")]
    assert kept.score("another", ["part 1"]) == [0.01]
    assert len(reranker.read) == 4


def test_what_is_remembered_counts_although_there_is_no_time():
    kept = KeptScores(ByLargestNumber())
    kept.score("q", ["part 1", "part 3"])
    assert kept.score("q", ["part 1", "part 2", "part 3"], lambda: True) == [0.01]


def test_no_more_is_remembered_than_it_may():
    reranker = ByLargestNumber()
    kept = KeptScores(reranker, most=2)
    kept.score("q", ["part 1", "part 2"])
    kept.score("q", ["part 1"])
    kept.score("q", ["part 3"])  # the oldest, part 2, is forgotten
    kept.score("q", ["part 1", "part 3"])
    assert len(reranker.read) == 3
    kept.score("q", ["part 2"])
    assert len(reranker.read) == 4


@pytest.mark.slow
def test_the_pack_holds_a_cross_encoder_that_tells_an_answer_from_the_rest(packed):
    assert packed.name.startswith("ms-marco-MiniLM-L-12-v2-int8@")
    fresh, other = packed.score(QUESTION, [FRESH, OTHER])
    assert fresh > 0.5 > 0.01 > other


@pytest.mark.slow
def test_another_loading_with_other_threads_gives_the_same_scores(model, packed):
    assert OnnxReranker(model, threads=1).score(QUESTION, PASSAGES) == packed.score(QUESTION, PASSAGES)


@pytest.mark.slow
def test_a_query_is_read_in_the_form_that_papers_are_searched_in(packed):
    assert packed.score(r"Erd\H{o}s and $\sigma$", [FRESH]) == packed.score("Erdős and σ", [FRESH])


def test_without_a_model_there_is_no_reranker():
    assert find_reranker("none") is None


def folder_of(model, folder: Path, **changes) -> str:
    """A copy of the pack's model with a manifest of its own, as a reader would make it."""
    manifest = model.manifest
    values = {
        "name": "mine",
        "reranker": {"path": "model.onnx", "sha256": manifest.reranker.sha256},
        "tokenizer": {"path": "tokenizer.json", "sha256": manifest.tokenizer.sha256},
    }
    for file in (manifest.reranker, manifest.tokenizer):
        shutil.copyfile(model.folder / file.path, folder / file.path)
    (folder / MANIFEST_NAME).write_text(json.dumps(values | changes))
    return str(folder)


@pytest.mark.slow
def test_a_readers_own_folder_is_used_as_its_manifest_says(model, packed, tmp_path):
    own = find_reranker(folder_of(model, tmp_path, max_tokens=32, middle=4, width=3.0))
    assert own.name.startswith("mine@")
    assert own.score(QUESTION, [FRESH]) == packed.score(QUESTION, [FRESH])
    assert own.score(QUESTION, [FRESH * 5]) != packed.score(QUESTION, [FRESH * 5])


@pytest.mark.slow
def test_middle_and_width_say_how_sure_a_number_makes_it(model, packed, tmp_path):
    def sureness(**changes) -> float:
        return find_reranker(folder_of(model, tmp_path, **changes)).score(QUESTION, [FRESH])[0]

    number = log(sureness(middle=0, width=1) / (1 - sureness(middle=0, width=1)))
    assert packed.score(QUESTION, [FRESH])[0] == pytest.approx(1 / (1 + exp(-(number - 4) / 3)), abs=1e-3)
    assert sureness(middle=1e300, width=1e-300) == 0
    assert sureness(middle=number) == pytest.approx(0.5, abs=1e-3)


@pytest.mark.slow
def test_a_tampered_model_is_refused_before_it_is_run(model, tmp_path):
    own = find_reranker(folder_of(model, tmp_path))
    with (tmp_path / "model.onnx").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\0changed")
    with pytest.raises(ModelError, match=r"model\.onnx is damaged or another one"):
        own.score(QUESTION, [FRESH])


@pytest.mark.slow
@pytest.mark.parametrize(("name", "part"), [("model.onnx", "reranker"), ("tokenizer.json", "tokenizer")])
def test_a_file_of_another_kind_is_refused(model, tmp_path, name, part):
    digest = hashlib.sha256(b"{}").hexdigest()
    own = find_reranker(folder_of(model, tmp_path, **{part: {"path": name, "sha256": digest}}))
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelError, match=f"the {part} of mine cannot be loaded"):
        own.score(QUESTION, [FRESH])


@pytest.mark.slow
def test_a_sentence_encoder_is_no_reranker(model, tmp_path):
    from broadsheet.search.models import find_model

    encoder = find_model()
    folder_of(model, tmp_path)
    shutil.copyfile(encoder.folder / encoder.manifest.encoder.path, tmp_path / "model.onnx")
    values = json.loads((tmp_path / MANIFEST_NAME).read_text())
    values["reranker"]["sha256"] = encoder.manifest.encoder.sha256
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(values))
    with pytest.raises(ModelError, match="gives for a pair not one finite number"):
        find_reranker(str(tmp_path)).score(QUESTION, [FRESH])
