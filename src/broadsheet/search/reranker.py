"""Reranking: how well each of a few passages answers a query, by a model that reads both together.

A cross-encoder sees every word of the query beside every word of the passage, so it tells apart what an encoder, which
reads each alone, brings to one place; but nothing can be computed ahead, so it reads only the first of a ranking.
Source: Nogueira, Cho, "Passage re-ranking with BERT", 2019.
"""

from collections import OrderedDict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from itertools import takewhile
from math import isfinite, tanh
from pathlib import Path
from threading import Lock
from typing import Protocol

import numpy as np

from broadsheet.papers.text import searchable
from broadsheet.search.model_files import ModelError
from broadsheet.search.onnx import bounded, cores, load_session, load_tokenizer
from broadsheet.search.reranker_model import RerankerModel, find_reranker_model

KEPT = 10_000
"""How many scores `KeptScores` remembers."""

Stop = Callable[[], bool]


def never() -> bool:
    """Not to stop: all the time that is needed."""
    return False


class Reranker(Protocol):
    """Scores passages for a query. Threads may share one."""

    @property
    def name(self) -> str:
        """What it is: the name differs whenever a score could."""
        ...

    def score(self, query: str, passages: Sequence[str], stop: Stop = never) -> list[float]:
        """How sure it is that each passage answers the query, in their order: 0 for not at all, 1 for entirely.

        The query is as typed, the passages are in the form that words are searched in.
        A score depends on query and passage, not on the other passages. Once `stop` says so no more are read, and only
        the scores of the first that were are given.
        """
        ...


class OnnxReranker:
    """A cross-encoder run by ONNX Runtime on the processor, loaded when it first scores: many processes never ask it.

    Each pair is a run of its own and `threads` of them go on at once (0: one for each core). An int8 model scales its
    activations by the largest value in a batch, so in batches a score would move with its neighbours; and without
    padding one by one is also faster. No thread of its own waits or spins.
    """

    def __init__(self, model: RerankerModel, threads: int = 0) -> None:
        self.name = f"{model.manifest.name}@{model.manifest.fingerprint}"
        self._model = model
        self._threads = threads or cores()
        self._turn = Lock()
        self._loaded: _Loaded | None = None

    def score(self, query: str, passages: Sequence[str], stop: Stop = never) -> list[float]:
        """How sure it is that each passage answers the query, in order; of the first only, if `stop` said so.

        Raises ModelError if the files are not those of the manifest, or no cross-encoder.
        """
        with self._turn:
            loaded = self._loaded = self._loaded or _Loaded(self._model)
        with ThreadPoolExecutor(self._threads, thread_name_prefix="reread") as pool:
            found = list(pool.map(lambda passage: None if stop() else loaded.score(query, passage), passages))
        return [score for score in takewhile(lambda score: score is not None, found) if score is not None]


class _Loaded:
    """A cross-encoder's tokenizer and session."""

    def __init__(self, model: RerankerModel) -> None:
        manifest = self.manifest = model.manifest
        self.tokenizer = load_tokenizer(model.read(manifest.tokenizer), manifest.name, manifest.max_tokens)
        self.session = load_session(model.read(manifest.reranker), "reranker", manifest.name)
        self.inputs = [tensor.name for tensor in self.session.get_inputs()]

    def score(self, query: str, passage: str) -> float:
        """What the model's one number for a pair stands for. Raises ModelError for one that gives anything else."""
        pair = self.tokenizer.encode(searchable(bounded(query)), bounded(passage))
        known = {"input_ids": pair.ids, "attention_mask": pair.attention_mask, "token_type_ids": pair.type_ids}
        found = self.session.run(None, {name: np.array([known[name]], np.int64) for name in self.inputs})[0]
        if found.size != 1 or not isfinite(found.item()):
            raise ModelError(f"{self.manifest.name} gives for a pair not one finite number: shape {found.shape}")
        return 0.5 + 0.5 * tanh((found.item() - self.manifest.middle) / (2 * self.manifest.width))  # never overflows


class KeptScores:
    """A reranker that remembers: a page read again, or its second half, is not scored twice.

    It holds digests of the texts, not the texts.
    """

    def __init__(self, reranker: Reranker, most: int = KEPT) -> None:
        self.name = reranker.name
        self._reranker = reranker
        self._most = most
        self._scores: OrderedDict[bytes, float] = OrderedDict()
        self._turn = Lock()

    def score(self, query: str, passages: Sequence[str], stop: Stop = never) -> list[float]:
        """How sure it is that each passage answers the query, in order; of the first only, if `stop` said so."""
        keys = [_digest(query, passage) for passage in passages]
        known = self._recall(keys)
        missing = {key: passage for key, passage in zip(keys, passages, strict=True) if key not in known}
        if missing:
            scored = self._reranker.score(query, list(missing.values()), stop)
            made = dict(zip(missing, scored, strict=False))
            self._keep(made)
            known |= made
        return [known[key] for key in takewhile(known.__contains__, keys)]

    def _recall(self, keys: Sequence[bytes]) -> dict[bytes, float]:
        with self._turn:
            known = {key: self._scores[key] for key in keys if key in self._scores}
            for key in known:
                self._scores.move_to_end(key)
            return known

    def _keep(self, scores: dict[bytes, float]) -> None:
        with self._turn:
            self._scores.update(scores)
            while len(self._scores) > self._most:
                self._scores.popitem(last=False)


def find_reranker(chosen: str = "", threads: int = 0, cache: Path | None = None) -> Reranker | None:
    """The reranker that `find_reranker_model` finds; None if there is none. Raises ModelError."""
    model = find_reranker_model(chosen, cache)
    return OnnxReranker(model, threads) if model else None


def _digest(query: str, passage: str) -> bytes:
    return sha256(f"{query}\0{passage}".encode("utf-8", "replace")).digest()
