"""Where a cross-encoder is found, and which ones are refused."""

import hashlib
import json
from pathlib import Path

import pytest

from broadsheet.search.model_files import MANIFEST_NAME, File, ModelError
from broadsheet.search.reranker_model import OFFLINE_RERANKER, RerankerManifest, RerankerModel, find_reranker_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def file(content: bytes, path: str) -> dict[str, str]:
    return {"path": path, "sha256": hashlib.sha256(content).hexdigest()}


def manifest(**changes) -> dict:
    values = {"name": "tiny", "reranker": file(b"reranker", "model.onnx"), "tokenizer": file(b"t", "tokenizer.json")}
    return values | changes


def test_a_folder_with_a_manifest_is_a_model(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"reranker")
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(manifest()))
    found = find_reranker_model(str(tmp_path))
    assert (found.manifest.name, found.manifest.max_tokens) == ("tiny", 256)
    assert found.read(found.manifest.reranker) == b"reranker"


def test_a_folder_without_manifest_says_what_to_write(tmp_path):
    with pytest.raises(ModelError, match=r"has no broadsheet-model\.json: write one with name, reranker, tokenizer"):
        find_reranker_model(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("{}", "lacks name, reranker, tokenizer"),
        (json.dumps(manifest(dimension=8)), "no field called dimension"),
        (json.dumps(manifest(name="")), "name must have"),
        (json.dumps(manifest(max_tokens=1)), "max_tokens must be 8 to"),
        (json.dumps(manifest(max_tokens="8")), "max_tokens must be a whole number"),
        (json.dumps(manifest(middle="4")), "middle must be a number"),
        (json.dumps(manifest(middle=True)), "middle must be a number"),
        (json.dumps(manifest(width=0)), "width above 0, not 0.0 and 0.0"),
        (json.dumps(manifest(width=float("inf"))), "middle and width must be finite"),
        (json.dumps(manifest(middle=float("nan"))), "middle and width must be finite"),
        (json.dumps(manifest(reranker="model.onnx")), "reranker must be"),
        (json.dumps(manifest(reranker=file(b"", "../model.onnx"))), "not a path inside"),
        (json.dumps(manifest(tokenizer={"path": "t.json", "sha256": "abc"})), "64 hexadecimal digits"),
    ],
)
def test_a_bad_manifest_says_what_is_wrong(tmp_path, text, reason):
    (tmp_path / MANIFEST_NAME).write_text(text)
    with pytest.raises(ModelError, match=reason) as raised:
        find_reranker_model(str(tmp_path))
    assert str(tmp_path / MANIFEST_NAME) in str(raised.value)


def test_the_fingerprint_follows_what_makes_a_score_and_nothing_else():
    changes = {
        "reranker": file(b"o", "a"),
        "tokenizer": file(b"o", "a"),
        "max_tokens": 128,
        "middle": 1,
        "width": 2,
    }
    others = [manifest(**{name: value}) for name, value in changes.items()]
    prints = [RerankerManifest.parse(json.dumps(each)).fingerprint for each in (manifest(), *others)]
    assert len(set(prints)) == 6
    assert RerankerManifest.parse(json.dumps(manifest(licence="MIT", name="other"))).fingerprint == prints[0]


def test_none_is_an_answer():
    assert find_reranker_model("none") is None


def test_without_the_pack_there_is_no_model(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert find_reranker_model() is None


def test_a_tampered_copy_of_the_pack_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not the model")
    with pytest.raises(ModelError, match=r"model\.onnx is damaged or another one"):
        RerankerModel(tmp_path, OFFLINE_RERANKER).read(OFFLINE_RERANKER.reranker)


@pytest.mark.parametrize("chosen", ["no/such/folder/here", "minilm", "a/b@"])
def test_what_is_neither_folder_nor_pinned_id_is_refused(chosen):
    with pytest.raises(ModelError, match="no model at"):
        find_reranker_model(chosen)


def test_a_branch_is_not_pinned():
    with pytest.raises(ModelError, match=r"ann/reranker@main is not pinned: name a commit"):
        find_reranker_model("ann/reranker@main")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The cache of a hub that cannot be reached: lay files into it; None says that the hub has no such file."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    repository = tmp_path / "models--ann--reranker"

    def lay(**files: bytes | dict | None) -> Path:
        for name, content in files.items():
            path = repository / ("snapshots" if content is not None else ".no_exist") / COMMIT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else json.dumps(content or {}).encode())
        return tmp_path

    return lay


def test_a_cached_model_of_a_hub_needs_no_network_and_no_manifest(hub):
    cache = hub(
        **{
            MANIFEST_NAME: None,
            "config.json": {"max_position_embeddings": 128},
            "tokenizer.json": b"tokenizer",
            "onnx/model.onnx": b"reranker",
        }
    )
    found = find_reranker_model(f"ann/reranker@{COMMIT}", cache)
    assert found.manifest == RerankerManifest(
        name="ann/reranker",
        reranker=File("onnx/model.onnx", hashlib.sha256(b"reranker").hexdigest()),
        tokenizer=File("tokenizer.json", hashlib.sha256(b"tokenizer").hexdigest()),
        max_tokens=128,
        credit=f"ann/reranker at {COMMIT[:12]}",
    )
    assert found.read(found.manifest.reranker) == b"reranker"


def test_a_hubs_model_may_bring_its_own_manifest(hub):
    cache = hub(**{MANIFEST_NAME: manifest(), "model.onnx": b"reranker", "tokenizer.json": b"t"})
    found = find_reranker_model(f"ann/reranker@{COMMIT}", cache)
    assert found.manifest == RerankerManifest.parse(json.dumps(manifest()))


def test_a_hubs_model_without_onnx_is_refused(hub):
    cache = hub(**{MANIFEST_NAME: None, "config.json": {}, "tokenizer.json": b"t", "onnx/model.onnx": None})
    with pytest.raises(ModelError, match=r"has no onnx/model\.onnx: it is not a cross-encoder"):
        find_reranker_model(f"ann/reranker@{COMMIT}", cache)
