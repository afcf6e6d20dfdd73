"""The sentence encoder: the real one, from the offline pack."""

import hashlib
import json
import shutil
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from broadsheet.search.embedder import OnnxEmbedder, find_embedder, passage, quantise
from broadsheet.search.index import Vector
from broadsheet.search.models import MANIFEST_NAME, ModelError, find_model
from broadsheet.search.onnx import TEXT_LIMIT

pytestmark = pytest.mark.slow

DENSE = "We keep a dense retrieval index fresh while documents are inserted and deleted at the same time."
NEARLY = "We keep a dense retrieval index fresh as documents are being inserted and deleted simultaneously."
OTHER = "Soil moisture in alpine meadows depends on the depth of snow and the date of its melting."
TEXTS = [OTHER, DENSE, "Snow.", NEARLY, "", DENSE + " " + OTHER]


@pytest.fixture(scope="module")
def model():
    found = find_model()
    if found is None:
        pytest.skip("the offline model pack (extra: models) is not installed")
    return found


@pytest.fixture(scope="module")
def embedder(model):
    return OnnxEmbedder(model)


def cosine(one: Vector, other: Vector) -> float:
    return int(one.codes.astype(np.int64) @ other.codes) * one.scale * other.scale


def same(one: Vector, other: Vector) -> bool:
    return one.scale == other.scale and np.array_equal(one.codes, other.codes)


def test_the_pack_holds_an_encoder_of_384_components(embedder):
    assert embedder.dimension == 384
    assert embedder.name.startswith("bge-small-en-v1.5-int8@")
    vector = embedder.embed_query("simultaneous updates")
    assert vector.codes.dtype == np.int8
    assert vector.codes.shape == (384,)
    assert abs(cosine(vector, vector) - 1) < 0.01


def test_nearly_the_same_texts_are_closer_than_unrelated_ones(embedder):
    dense, nearly, other = embedder.embed_passages([DENSE, NEARLY, OTHER])
    assert cosine(dense, nearly) > 0.9 > 0.7 > cosine(dense, other)


def test_a_question_finds_its_passage(embedder):
    dense, other = embedder.embed_passages([DENSE, OTHER])
    question = embedder.embed_query("searching while papers arrive")
    assert cosine(question, dense) > cosine(question, other)


def test_vectors_come_in_the_order_of_the_texts_and_free_of_their_neighbours(embedder):
    together = embedder.embed_passages(TEXTS)
    assert len(together) == len(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        assert same(vector, embedder.embed_passages([text])[0])


def test_another_loading_with_other_threads_gives_the_same_vectors(model, embedder):
    again = OnnxEmbedder(model, threads=1)
    assert again.name == embedder.name
    assert all(map(same, again.embed_passages(TEXTS), embedder.embed_passages(TEXTS)))


def test_four_threads_get_what_one_gets(embedder):
    alone = [embedder.embed_query(text) for text in TEXTS]
    with ThreadPoolExecutor(4) as pool:
        for answer in [pool.submit(lambda: [embedder.embed_query(text) for text in TEXTS]) for _ in range(4)]:
            assert all(map(same, alone, answer.result()))


def test_the_query_prefix_is_used(model, embedder):
    prefixed = embedder.embed_passages([model.manifest.query_prefix + "snow"])[0]
    assert same(embedder.embed_query("snow"), prefixed)
    assert not same(embedder.embed_query("snow"), embedder.embed_passages(["snow"])[0])


def test_no_text_and_no_texts_are_fine(embedder):
    assert embedder.embed_passages([]) == []
    assert embedder.embed_query("").codes.shape == (384,)


def test_what_lies_behind_the_cut_makes_no_difference(embedder):
    long = "Snow melts in spring. " * 2_000
    whole, cut = embedder.embed_passages([long, long[:TEXT_LIMIT]])
    assert same(whole, cut)


def test_damaged_text_is_embedded_as_far_as_it_goes(embedder):
    assert same(embedder.embed_query("snow \udcff"), embedder.embed_query("snow ?"))


def test_a_query_is_read_in_the_form_that_papers_are_searched_in(embedder):
    assert same(embedder.embed_query(r"$\sigma$-ideals of Erd\H{o}s"), embedder.embed_query("σ-ideals of Erdős"))


def test_a_paper_is_its_title_and_its_abstract():
    assert passage(r"G\"odel's theorem", "A proof in O($n^2$).") == "Gödel's theorem. A proof in O(n2)."
    assert passage("A title", "") == "A title."


def test_without_a_model_there_is_no_embedder():
    assert find_embedder("none") is None


def folder_of(model, tmp_path, **changes):
    """A copy of the pack's model with a manifest of its own, as a reader would make it."""
    manifest = model.manifest
    values = {
        "name": "mine",
        "encoder": {"path": "model.onnx", "sha256": manifest.encoder.sha256},
        "tokenizer": {"path": "tokenizer.json", "sha256": manifest.tokenizer.sha256},
        "dimension": 384,
        "pooling": "mean",
        "passage_prefix": "passage: ",
    }
    for file in (manifest.encoder, manifest.tokenizer):
        shutil.copyfile(model.folder / file.path, tmp_path / file.path)
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(values | changes))
    return str(tmp_path)


def test_a_readers_own_folder_is_used_as_its_manifest_says(model, tmp_path):
    own = find_embedder(folder_of(model, tmp_path))
    assert own.name.startswith("mine@")
    dense, nearly, other = own.embed_passages([DENSE, NEARLY, OTHER])
    assert cosine(dense, nearly) > cosine(dense, other)


def test_a_tampered_encoder_is_refused_before_it_is_run(model, tmp_path):
    folder = folder_of(model, tmp_path)
    with (tmp_path / "model.onnx").open("r+b") as encoder:
        encoder.seek(1_000_000)
        encoder.write(b"\0changed")
    with pytest.raises(ModelError, match=r"model\.onnx is damaged or another one"):
        find_embedder(folder)


def test_a_wrong_dimension_is_refused(model, tmp_path):
    with pytest.raises(ModelError, match=r"not \(tokens, 768\) as its manifest says"):
        find_embedder(folder_of(model, tmp_path, dimension=768))


@pytest.mark.parametrize(("name", "part"), [("model.onnx", "encoder"), ("tokenizer.json", "tokenizer")])
def test_a_file_of_another_kind_is_refused(model, tmp_path, name, part):
    digest = hashlib.sha256(b"{}").hexdigest()
    folder = folder_of(model, tmp_path, **{part: {"path": name, "sha256": digest}})
    (tmp_path / name).write_bytes(b"{}")
    with pytest.raises(ModelError, match=f"the {part} of mine cannot be loaded"):
        find_embedder(folder)


@given(arrays(np.float32, 16, elements=st.floats(-100, 100, width=32)))
def test_quantising_loses_less_than_half_a_step_and_no_length(components):
    vector = quantise(components)
    if most := float(np.abs(components).max()):
        assert np.abs(vector.codes - components.astype(np.float64) / most * 127).max() <= 0.5001
        assert np.abs(vector.codes).max() == 127
        assert np.linalg.norm(vector.codes * vector.scale) == pytest.approx(1)
    else:
        assert not vector.codes.any()
