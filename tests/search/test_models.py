"""Where a sentence encoder is found, and which ones are refused."""

import hashlib
import json
from pathlib import Path

import pytest

from broadsheet.search.models import MANIFEST_NAME, OFFLINE_MODEL, File, Manifest, Model, ModelError, find_model

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def file(content: bytes, path: str) -> dict[str, str]:
    return {"path": path, "sha256": hashlib.sha256(content).hexdigest()}


def manifest(**changes) -> dict:
    values = {
        "name": "tiny",
        "encoder": file(b"encoder", "model.onnx"),
        "tokenizer": file(b"tokenizer", "tokenizer.json"),
        "dimension": 8,
        "pooling": "mean",
    }
    return values | changes


@pytest.fixture
def folder(tmp_path) -> Path:
    (tmp_path / "model.onnx").write_bytes(b"encoder")
    (tmp_path / "tokenizer.json").write_bytes(b"tokenizer")
    (tmp_path / MANIFEST_NAME).write_text(json.dumps(manifest()))
    return tmp_path


def test_a_folder_with_a_manifest_is_a_model(folder):
    found = find_model(str(folder))
    assert found.manifest.name == "tiny"
    assert found.manifest.max_tokens == 256
    assert found.read(found.manifest.encoder) == b"encoder"


def test_a_changed_file_is_refused_by_name(folder):
    (folder / "model.onnx").write_bytes(b"encodes")
    found = find_model(str(folder))
    with pytest.raises(ModelError, match=r"model\.onnx is damaged or another one"):
        found.read(found.manifest.encoder)
    assert found.read(found.manifest.tokenizer) == b"tokenizer"


def test_a_missing_file_is_refused_by_name(folder):
    (folder / "tokenizer.json").unlink()
    found = find_model(str(folder))
    with pytest.raises(ModelError, match=r"tokenizer\.json cannot be read: No such file"):
        found.read(found.manifest.tokenizer)


def test_a_folder_without_manifest_says_what_to_write(tmp_path):
    with pytest.raises(ModelError, match=r"has no broadsheet-model\.json: write one with name, encoder"):
        find_model(str(tmp_path))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{", "not JSON"),
        ("[]", "not a JSON object"),
        ("{}", "lacks name, encoder, tokenizer, dimension, pooling"),
        (json.dumps(manifest(colour="red")), "no field called colour"),
        (json.dumps(manifest(name="")), "name must have"),
        (json.dumps(manifest(name=7)), "name must be a text"),
        (json.dumps(manifest(dimension="8")), "dimension must be a whole number"),
        (json.dumps(manifest(dimension=True)), "dimension must be a whole number"),
        (json.dumps(manifest(dimension=0)), "dimension must be 1 to"),
        (json.dumps(manifest(max_tokens=1)), "max_tokens must be 8 to"),
        (json.dumps(manifest(pooling="max")), "pooling must be cls or mean"),
        (json.dumps(manifest(encoder="model.onnx")), "encoder must be"),
        (json.dumps(manifest(encoder=file(b"", "../model.onnx"))), "not a path inside"),
        (json.dumps(manifest(encoder=file(b"", "/model.onnx"))), "not a path inside"),
        (json.dumps(manifest(encoder={"path": "model.onnx", "sha256": "abc"})), "64 hexadecimal digits"),
    ],
)
def test_a_bad_manifest_says_what_is_wrong(folder, text, reason):
    (folder / MANIFEST_NAME).write_text(text)
    with pytest.raises(ModelError, match=reason) as raised:
        find_model(str(folder))
    assert str(folder / MANIFEST_NAME) in str(raised.value)


def test_the_fingerprint_follows_what_makes_a_passages_vector_and_nothing_else():
    first = Manifest.parse(json.dumps(manifest()))
    others = [
        manifest(encoder=file(b"other", "model.onnx")),
        manifest(tokenizer=file(b"other", "tokenizer.json")),
        manifest(pooling="cls"),
        manifest(passage_prefix="passage: "),
        manifest(max_tokens=128),
    ]
    prints = {first.fingerprint, *(Manifest.parse(json.dumps(other)).fingerprint for other in others)}
    assert len(prints) == 6
    assert Manifest.parse(json.dumps(manifest(licence="MIT", query_prefix="q: "))).fingerprint == first.fingerprint


def test_none_is_an_answer():
    assert find_model("none") is None


def test_without_the_pack_there_is_no_model(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert find_model() is None


def test_a_pack_without_our_model_is_no_model(monkeypatch, tmp_path):
    class Package:
        submodule_search_locations = (str(tmp_path),)

    monkeypatch.setattr("importlib.util.find_spec", lambda name: Package)
    assert find_model() is None


def test_a_tampered_copy_of_the_pack_is_refused(tmp_path):
    (tmp_path / "model.onnx").write_bytes(b"not the model")
    with pytest.raises(ModelError, match=r"model\.onnx is damaged or another one"):
        Model(tmp_path, OFFLINE_MODEL).read(OFFLINE_MODEL.encoder)


@pytest.mark.parametrize("chosen", ["no/such/folder/here", "~/no-such-folder", "bge", "a/b@"])
def test_what_is_neither_folder_nor_pinned_id_is_refused(chosen):
    with pytest.raises(ModelError, match="no model at"):
        find_model(chosen)


def test_a_branch_is_not_pinned():
    with pytest.raises(ModelError, match=r"ann/encoder@main is not pinned: name a commit"):
        find_model("ann/encoder@main")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The cache of a hub that cannot be reached: lay files into it; None says that the hub has no such file."""
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    repository = tmp_path / "models--ann--encoder"

    def lay(**files: bytes | dict | None) -> Path:
        for name, content in files.items():
            path = repository / ("snapshots" if content is not None else ".no_exist") / COMMIT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content if isinstance(content, bytes) else json.dumps(content or {}).encode())
        return tmp_path

    return lay


def test_a_cached_model_of_a_hub_needs_no_network(hub):
    cache = hub(
        **{
            MANIFEST_NAME: None,
            "config.json": {"hidden_size": 8, "max_position_embeddings": 128},
            "1_Pooling/config.json": {"pooling_mode_cls_token": True},
            "config_sentence_transformers.json": {"prompts": {"query": "query: ", "document": "passage: "}},
            "tokenizer.json": b"tokenizer",
            "onnx/model.onnx": b"encoder",
        }
    )
    found = find_model(f"ann/encoder@{COMMIT}", cache)
    assert found.manifest == Manifest(
        name="ann/encoder",
        encoder=File("onnx/model.onnx", hashlib.sha256(b"encoder").hexdigest()),
        tokenizer=File("tokenizer.json", hashlib.sha256(b"tokenizer").hexdigest()),
        dimension=8,
        pooling="cls",
        query_prefix="query: ",
        passage_prefix="passage: ",
        max_tokens=128,
        credit=f"ann/encoder at {COMMIT[:12]}",
    )
    assert found.read(found.manifest.encoder) == b"encoder"


def test_a_hubs_model_may_bring_its_own_manifest(hub):
    cache = hub(**{MANIFEST_NAME: manifest(), "model.onnx": b"encoder", "tokenizer.json": b"tokenizer"})
    found = find_model(f"ann/encoder@{COMMIT}", cache)
    assert found.manifest == Manifest.parse(json.dumps(manifest()))
    assert found.read(found.manifest.tokenizer) == b"tokenizer"


def test_a_hubs_model_without_onnx_is_refused(hub):
    cache = hub(
        **{
            MANIFEST_NAME: None,
            "config.json": {"hidden_size": 8},
            "1_Pooling/config.json": None,
            "config_sentence_transformers.json": None,
            "tokenizer.json": b"tokenizer",
            "onnx/model.onnx": None,
        }
    )
    with pytest.raises(ModelError, match=r"has no onnx/model\.onnx"):
        find_model(f"ann/encoder@{COMMIT}", cache)


def test_a_hub_out_of_reach_is_said_in_one_sentence(hub):
    with pytest.raises(ModelError, match=r"broadsheet-model\.json of ann/encoder@.* the hub cannot be reached"):
        find_model(f"ann/encoder@{COMMIT}", hub(**{"config.json": {}}))
