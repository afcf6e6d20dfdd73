"""The bench of encoders, on a tiny encoder made for it, and on the real one where it is installed."""

import hashlib
import json

import numpy as np
import pytest

from broadsheet.bench import aims
from broadsheet.bench.embed import COLUMNS, embed
from broadsheet.bench.errors import BenchError
from broadsheet.bench.unquantised import unquantise
from broadsheet.search.models import MANIFEST_NAME, find_model

DIMENSION, WORDS = 8, 40


@pytest.fixture
def tiny(tmp_path):
    """A folder with an encoder of one rounded matrix, and a tokenizer that knows single letters."""
    onnx = pytest.importorskip("onnx", reason="onnx (extra: bench) is not installed")
    from tokenizers import Tokenizer, models, pre_tokenizers

    vocabulary = {"[UNK]": 0, "[PAD]": 1} | {chr(97 + place): place + 2 for place in range(26)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary | {f"##{chr(97 + n)}": 28 + n for n in range(12)}))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    folder = tmp_path / "tiny"
    folder.mkdir()
    tokenizer.save(str(folder / "tokenizer.json"))
    (folder / "model.onnx").write_bytes(_encoder(onnx))
    hashes = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest() for name in ("model.onnx", "tokenizer.json")
    }
    values = {
        "name": "tiny",
        "encoder": {"path": "model.onnx", "sha256": hashes["model.onnx"]},
        "tokenizer": {"path": "tokenizer.json", "sha256": hashes["tokenizer.json"]},
        "dimension": DIMENSION,
        "pooling": "mean",
    }
    (folder / MANIFEST_NAME).write_text(json.dumps(values))
    return folder


def _encoder(onnx) -> bytes:
    """Words to rows, rows times a matrix of int8 whose columns have scales of their own."""
    chance = np.random.default_rng(1)
    node, tensor = onnx.helper.make_node, onnx.numpy_helper.from_array
    nodes = [
        node("Gather", ["words", "input_ids"], ["rows"]),
        node("DynamicQuantizeLinear", ["rows"], ["codes", "codes_scale", "codes_zero"]),
        node("MatMulInteger", ["codes", "matrix_quantized", "codes_zero", "matrix_zero_point"], ["whole"]),
        node("Cast", ["whole"], ["floats"], to=onnx.TensorProto.FLOAT),
        node("Mul", ["codes_scale", "matrix_scale"], ["both"]),
        node("Mul", ["floats", "both"], ["last_hidden_state"]),
    ]
    weights = [
        tensor(chance.standard_normal((WORDS, DIMENSION)).astype(np.float32), "words"),
        tensor(chance.integers(-64, 65, (DIMENSION, DIMENSION)).astype(np.int8), "matrix_quantized"),
        tensor(chance.random(DIMENSION).astype(np.float32), "matrix_scale"),
        tensor(np.zeros(DIMENSION, np.int8), "matrix_zero_point"),
    ]
    given = [onnx.helper.make_tensor_value_info("input_ids", onnx.TensorProto.INT64, ["texts", "tokens"])]
    shape = ["texts", "tokens", DIMENSION]
    found = [onnx.helper.make_tensor_value_info("last_hidden_state", onnx.TensorProto.FLOAT, shape)]
    graph = onnx.helper.make_graph(nodes, "tiny", given, found, weights)
    opset = [onnx.helper.make_opsetid("", 13)]
    return onnx.helper.make_model(graph, opset_imports=opset, ir_version=8).SerializeToString()


def measured(chosen, folder, tell, names):
    return embed(12, None, str(chosen), folder, 1, names, tell)


def test_a_tiny_encoder_is_measured_beside_plain_onnx_runtime_and_against_fp32(tiny, tmp_path, tell):
    found = measured(tiny, tmp_path, tell, ("broadsheet", "onnxruntime"))
    assert (found["papers"], found["model"], found["reference"]) == (12, "tiny", "fp32")
    for figures in found["encoders"].values():
        assert figures.keys() >= {*COLUMNS, "how"}
        assert figures["per_s"] > 0
        assert figures["query_ms"] > 0
        assert 0.99 < figures["cosine_least"] <= figures["cosine_mean"] <= 1.0001
    assert found["times_the_better"] > 0


def test_a_peer_that_cannot_run_the_model_says_why_and_the_others_are_measured(tiny, tmp_path, tell):
    found = measured(tiny, tmp_path, tell, ("broadsheet", "sentence-transformers"))
    assert "error" not in found["encoders"]["broadsheet"]
    failed = found["encoders"]["sentence-transformers"]
    assert "config.json" in failed["error"]
    assert failed["per_s"] is None
    assert found["times_the_better"] is None


def test_without_a_model_there_is_nothing_to_measure(tmp_path, tell):
    with pytest.raises(BenchError, match="no sentence encoder is installed"):
        measured("none", tmp_path, tell, ("broadsheet",))


def test_an_encoder_made_fp32_has_no_rounding_left_and_nearly_the_same_rows(tiny):
    onnx = pytest.importorskip("onnx")
    import onnxruntime

    rounded = (tiny / "model.onnx").read_bytes()
    wide = unquantise(rounded)
    kinds = {node.op_type for node in onnx.load_from_string(wide).graph.node}
    assert kinds == {"Gather", "MatMul"}
    ids = {"input_ids": np.arange(WORDS, dtype=np.int64)[None]}
    one, other = (
        onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"]).run(None, ids)[0]
        for content in (rounded, wide)
    )
    assert not np.array_equal(one, other)
    assert np.abs(one - other).max() < 0.02 * np.abs(other).max()


def test_fewer_than_the_wanted_times_the_better_peer_is_told():
    figures = {"times_the_better": 1.2, "cosine_least": 0.998}
    assert aims.missed(aims.EMBED, figures) == ["times_the_better is 1.2, wanted at least 1.3"]


@pytest.mark.slow
def test_the_real_encoder_is_closer_than_99_hundredths_to_fp32(tmp_path, tell):
    pytest.importorskip("onnx", reason="onnx (extra: bench) is not installed")
    if find_model() is None:
        pytest.skip("the offline model pack (extra: models) is not installed")
    found = measured("", tmp_path, tell, ("broadsheet",))
    assert found["encoders"]["broadsheet"]["cosine_least"] > 0.99
