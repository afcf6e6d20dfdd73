"""Embedding: texts to vectors by a sentence encoder, the same vector for the same text whatever stands next to it."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import lru_cache
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from broadsheet.papers.text import searchable
from broadsheet.search.index import Vector
from broadsheet.search.models import Model, ModelError, find_model
from broadsheet.search.onnx import bounded, cores, load_session, load_tokenizer

_KNOWN_QUERIES = 1_024
"""How many queries' vectors are kept: pages of one answer, its feed and its reloads have the same query."""
_PROBE = "A probe of the encoder's shape."


class Embedder(Protocol):
    """A sentence encoder. Threads may share one."""

    @property
    def name(self) -> str:
        """What vectors are stored under: it differs whenever the vector of a passage could."""
        ...

    @property
    def dimension(self) -> int:
        """How many components each vector has."""
        ...

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """Embed texts to be found; the vectors come in the order of the texts. Some tens of texts a call is best."""
        ...

    def embed_query(self, text: str) -> Vector:
        """Embed a text to find others by."""
        ...


class OnnxEmbedder:
    """An encoder run by ONNX Runtime on the processor.

    Each text is a run of its own and `threads` of them go on at once (0: one for each core). That is faster than
    batches, which pad to their longest text; and since an int8 encoder scales each activation by the largest value in
    its batch, it is also what keeps a text's vector free of its neighbours. No thread of its own waits or spins.
    """

    def __init__(self, model: Model, threads: int = 0) -> None:
        """Check the files' hashes and load them. Raises ModelError."""
        manifest = model.manifest
        self.name = f"{manifest.name}@{manifest.fingerprint}"
        self.dimension = manifest.dimension
        self._manifest = manifest
        self._threads = threads or cores()
        self._tokenizer = load_tokenizer(model.read(manifest.tokenizer), manifest.name, manifest.max_tokens)
        self._session = load_session(model.read(manifest.encoder), "encoder", manifest.name)
        self.embed_query = lru_cache(_KNOWN_QUERIES)(self._embed_query)
        self._inputs = [tensor.name for tensor in self._session.get_inputs()]
        found = self._token_vectors(_PROBE)
        if found.ndim != 2 or found.shape[1] != manifest.dimension:
            raise ModelError(
                f"the encoder of {manifest.name} gives an array of shape {found.shape} for a text, "
                f"not (tokens, {manifest.dimension}) as its manifest says"
            )

    def embed_passages(self, texts: Sequence[str]) -> list[Vector]:
        """Embed texts to be found; the vectors come in the order of the texts. Some tens of texts a call is best."""
        prefix = self._manifest.passage_prefix
        order = sorted(range(len(texts)), key=lambda place: -len(texts[place]))  # so that no thread ends long after all
        with ThreadPoolExecutor(self._threads, thread_name_prefix="embed") as pool:
            made = pool.map(lambda place: self._embed(prefix, texts[place]), order)
            by_place = dict(zip(order, made, strict=True))
        return [by_place[place] for place in range(len(texts))]

    def _embed_query(self, text: str) -> Vector:
        """Embed a text to find others by."""
        return self._embed(self._manifest.query_prefix, searchable(bounded(text)))

    def _embed(self, prefix: str, text: str) -> Vector:
        vectors = self._token_vectors(prefix + bounded(text))
        return quantise(vectors[0] if self._manifest.pooling == "cls" else vectors.mean(axis=0))

    def _token_vectors(self, text: str) -> NDArray[np.float32]:
        """The encoder's last layer, of shape (tokens, dimension)."""
        ids = np.array([self._tokenizer.encode(text).ids or [0]], np.int64)
        known = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        layer = self._session.run(None, {name: known[name] for name in self._inputs})[0]
        vectors: NDArray[np.float32] = layer[0]
        return vectors


def find_embedder(chosen: str = "", threads: int = 0, cache: Path | None = None) -> Embedder | None:
    """Find and load the sentence encoder that `find_model` describes; None if there is none. Raises ModelError."""
    model = find_model(chosen, cache)
    return OnnxEmbedder(model, threads) if model else None


def passage(title: str, abstract: str) -> str:
    r"""The text of a paper that is embedded: title and abstract in the form that words are searched in.

    >>> passage(r"$\sigma$-ideals", "We count them.")
    'σ-ideals. We count them.'
    """
    return f"{searchable(title)}. {searchable(abstract)}".strip()


def quantise(components: NDArray[np.floating]) -> Vector:
    """Round each component to one of 255 steps, and scale to length 1; a vector of zeros stays one.

    What rounding does to the length is made good, so a vector's cosine with itself is 1.

    >>> vector = quantise(np.array([3.0, -4.0]))
    >>> vector.codes.tolist(), round(float(vector.scale * np.hypot(95, 127)), 6)
    ([95, -127], 1.0)
    """
    most = float(np.abs(components).max(initial=0))
    if not most:
        return Vector(np.zeros(len(components), np.int8), 0.0)
    codes = np.rint(components.astype(np.float64) / most * 127)
    return Vector(codes.astype(np.int8), 1 / float(np.linalg.norm(codes)))
