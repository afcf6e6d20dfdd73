"""Encoders: the same model, run by Broadsheet, by ONNX Runtime as one would at first, and by sentence-transformers."""

import importlib
import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import Vectors, unit
from broadsheet.bench.unquantised import unquantise
from broadsheet.search import Vector
from broadsheet.search.embedder import OnnxEmbedder
from broadsheet.search.models import Model

PADDED = 32
"""Texts in a batch of the peers."""


class Encoder(Protocol):
    """A way to run a sentence encoder. `how` says what runs."""

    how: str

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text, in their order."""
        ...

    def ask(self, query: str) -> object:
        """The vector of one query."""
        ...


class Broadsheet:
    """Broadsheet's own embedder, as the worker has it."""

    how = "each text alone, a thread for each core"

    def __init__(self, model: Model, folder: Path) -> None:
        self._embedder = OnnxEmbedder(model)

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text."""
        return np.array([_wide(vector) for vector in self._embedder.embed_passages(texts)])

    def ask(self, query: str) -> object:
        """The vector of one query."""
        return self._embedder.embed_query(query)


class Onnxruntime:
    """ONNX Runtime with the settings it comes with: padded batches in the order of the texts."""

    how = f"batches of {PADDED} padded to the longest, default session"
    at_once = PADDED

    def __init__(self, model: Model, folder: Path) -> None:
        self._open(model, model.read(model.manifest.encoder))

    def _open(self, model: Model, encoder: bytes) -> None:
        import onnxruntime
        from tokenizers import Tokenizer

        self._manifest = model.manifest
        self._tokenizer = Tokenizer.from_buffer(model.read(model.manifest.tokenizer))
        self._tokenizer.enable_truncation(model.manifest.max_tokens)
        self._tokenizer.enable_padding()
        self._session = onnxruntime.InferenceSession(encoder, providers=["CPUExecutionProvider"])
        self._inputs = {tensor.name for tensor in self._session.get_inputs()}

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text."""
        prefixed = [self._manifest.passage_prefix + text for text in texts]
        return np.concatenate(
            [self._batch(prefixed[at : at + self.at_once]) for at in range(0, len(texts), self.at_once)]
        )

    def ask(self, query: str) -> object:
        """The vector of one query."""
        return self._batch([self._manifest.query_prefix + query])

    def _batch(self, texts: Sequence[str]) -> Vectors:
        rows = self._tokenizer.encode_batch(texts)
        ids = np.array([row.ids for row in rows], np.int64)
        mask = np.array([row.attention_mask for row in rows], np.int64)
        known = {"input_ids": ids, "attention_mask": mask, "token_type_ids": np.zeros_like(ids)}
        layer = self._session.run(None, {name: known[name] for name in self._inputs})[0]
        if self._manifest.pooling == "cls":
            return unit(layer[:, 0])
        return unit((layer * mask[..., None]).sum(axis=1) / mask.sum(axis=1, keepdims=True))


class Reference(Onnxruntime):
    """What the others are compared with: the same weights, nothing rounded while it runs, each text alone."""

    how = "fp32, each text alone"
    at_once = 1

    def __init__(self, model: Model, folder: Path) -> None:
        self._open(model, unquantise(model.read(model.manifest.encoder)))


class SentenceTransformers:
    """sentence-transformers with its ONNX backend, on the very same model file, offline."""

    how = f"its ONNX backend, batches of {PADDED} sorted by length"

    def __init__(self, model: Model, folder: Path) -> None:
        manifest = model.manifest
        home = _lay_out(model, folder / "sentence-transformers")
        from huggingface_hub import constants

        constants.HF_HUB_OFFLINE = True
        from sentence_transformers import SentenceTransformer

        modules = importlib.import_module("sentence_transformers.sentence_transformer.modules")
        backend: dict[str, Any] = {"file_name": "model.onnx", "subfolder": "onnx", "local_files_only": True}
        transformer = modules.Transformer(
            str(home),
            max_seq_length=manifest.max_tokens,
            backend="onnx",
            model_kwargs={**backend, "provider": "CPUExecutionProvider"},
        )
        pooling = modules.Pooling(manifest.dimension, pooling_mode=manifest.pooling)
        self._manifest = manifest
        self._encoder = SentenceTransformer(modules=[transformer, pooling, modules.Normalize()], device="cpu")

    def embed(self, texts: Sequence[str]) -> Vectors:
        """One vector a text."""
        return self._encode([self._manifest.passage_prefix + text for text in texts])

    def ask(self, query: str) -> object:
        """The vector of one query."""
        return self._encode([self._manifest.query_prefix + query])

    def _encode(self, prefixed: list[str]) -> Vectors:
        found: Vectors = self._encoder.encode(prefixed, batch_size=PADDED, show_progress_bar=False)
        return found


ENCODERS: dict[str, Callable[[Model, Path], Encoder]] = {
    "broadsheet": Broadsheet,
    "onnxruntime": Onnxruntime,
    "sentence-transformers": SentenceTransformers,
}


def make_encoder(name: str, model: Model, folder: Path) -> Encoder:
    """An encoder by its name; `reference` is the one to compare with. Raises BenchError if it is not installed."""
    kinds: dict[str, Callable[[Model, Path], Encoder]] = {**ENCODERS, "reference": Reference}
    try:
        encoder = kinds[name](model, folder)
    except ImportError as error:
        raise BenchError(f"not installed: {error}") from error
    return encoder


def _lay_out(model: Model, home: Path) -> Path:
    """A folder as sentence-transformers wants it: the model's files, the encoder under the name that it looks for."""
    (home / "onnx").mkdir(parents=True, exist_ok=True)
    for path in model.folder.glob("*.json"):
        shutil.copyfile(path, home / path.name)
    if not (home / "config.json").exists():
        raise BenchError("the model has no config.json, which sentence-transformers cannot do without")
    (home / "onnx" / "model.onnx").write_bytes(model.read(model.manifest.encoder))
    (home / "tokenizer.json").write_bytes(model.read(model.manifest.tokenizer))
    settings = home / "tokenizer_config.json"
    if not settings.exists():
        settings.write_text(json.dumps({"tokenizer_class": "PreTrainedTokenizerFast"}))
    return home


def _wide(vector: Vector) -> Vectors:
    return vector.codes.astype(np.float32) * np.float32(vector.scale)
