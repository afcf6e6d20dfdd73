"""Models: where a sentence encoder lies on this machine, and what its manifest says of it.

A model is looked for in a folder, on a hub at a pinned revision, or in the offline pack: a package whose model files
are read as data and whose code is never imported. A file whose hash is not the manifest's is refused.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from broadsheet.search.model_files import (
    MANIFEST_NAME,
    File,
    ModelError,
    check_basics,
    fetch,
    find_in_pack,
    hash_of,
    locate,
    parse_fields,
    read_checked,
    read_json,
    read_manifest,
    require,
    require_pinned,
)

__all__ = ["MANIFEST_NAME", "OFFLINE_MODEL", "File", "Manifest", "Model", "ModelError", "find_model"]

Pooling = Literal["cls", "mean"]


@dataclass(frozen=True, slots=True)
class Manifest:
    """What must be known to use a sentence encoder: its files, its shape, how it wants its texts, whose it is.

    `pooling` says which token vectors make a text's: the first (cls) or the mean of all. Texts are cut after
    `max_tokens`. Prefixes are put before what is embedded.
    """

    name: str
    encoder: File
    tokenizer: File
    dimension: int
    pooling: Pooling
    query_prefix: str = ""
    passage_prefix: str = ""
    max_tokens: int = 256
    licence: str = ""
    credit: str = ""

    def __post_init__(self) -> None:
        check_basics(self.name, self.max_tokens, self.encoder, self.tokenizer)
        if self.pooling not in ("cls", "mean"):
            raise ModelError(f"pooling must be cls or mean, not {self.pooling!r}")
        if not 1 <= self.dimension <= 8192:
            raise ModelError(f"dimension must be 1 to 8192, not {self.dimension}")

    @property
    def fingerprint(self) -> str:
        """Twelve digits that differ whenever the vector of a passage could: files, pooling, prefix, cut."""
        parts = [self.encoder.sha256, self.tokenizer.sha256, self.pooling, self.passage_prefix, self.max_tokens]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    @classmethod
    def parse(cls, text: str) -> "Manifest":
        """Read a manifest from its JSON. Raises ModelError, which names what is missing, unknown or wrong."""
        return cls(**parse_fields(text, _FIELDS, _NEEDED))


@dataclass(frozen=True, slots=True)
class Model:
    """A folder with a model's files, and the manifest that they must match."""

    folder: Path
    manifest: Manifest

    def read(self, file: File) -> bytes:
        """The bytes of one file of the manifest. Raises ModelError if it is missing or not what it should be."""
        return read_checked(self.folder, file, self.manifest.name)


OFFLINE_MODEL = Manifest(
    name="bge-small-en-v1.5-int8",
    encoder=File("model.onnx", "68807e3ff2abb83cdd708d8243fd398246e397bfee2ba611c2bad728e27df743"),
    tokenizer=File("tokenizer.json", "d241a60d5e8f04cc1b2b3e9ef7a4921b27bf526d9f6050ab90f9267a1f9e5c66"),
    dimension=384,
    pooling="cls",
    query_prefix="Represent this sentence for searching relevant passages: ",
    licence="MIT",
    credit="BAAI/bge-small-en-v1.5 by the Beijing Academy of Artificial Intelligence",
)
"""The encoder in the offline pack (the extra `models`)."""


def find_model(chosen: str = "", cache: Path | None = None) -> Model | None:
    """Find a sentence encoder: a folder with a manifest, ``ID@COMMIT`` of a hub, or ``none``.

    Empty takes the offline pack. None means that there is no model, as asked for or because none is installed. `cache`
    is where files of the hub are kept, its own default if not given. Raises ModelError if what was asked for cannot
    be had.
    """
    return locate(chosen, _from_pack, _from_folder, lambda repository, commit: _from_hub(repository, commit, cache))


def _from_pack() -> Model | None:
    folder = find_in_pack("bge_small_en", OFFLINE_MODEL.encoder)
    return Model(folder, OFFLINE_MODEL) if folder else None


def _from_folder(folder: Path) -> Model:
    return Model(folder, read_manifest(folder, Manifest.parse, _NEEDED))


def _from_hub(repository: str, revision: str, cache: Path | None) -> Model:
    """A model of a hub, by its own manifest if it has one, else as the layout of sentence-transformers tells."""
    require_pinned(repository, revision)
    own = fetch(repository, revision, MANIFEST_NAME, cache)
    if own:
        model = _from_folder(own.parent)
        for file in (model.manifest.encoder, model.manifest.tokenizer):
            require(repository, revision, file.path, cache)
        return model
    shape = read_json(require(repository, revision, "config.json", cache))
    pooling = read_json(fetch(repository, revision, "1_Pooling/config.json", cache))
    prompts = read_json(fetch(repository, revision, "config_sentence_transformers.json", cache)).get("prompts") or {}
    tokenizer = require(repository, revision, "tokenizer.json", cache)
    encoder = require(repository, revision, "onnx/model.onnx", cache)
    dimension, longest = shape.get("hidden_size"), shape.get("max_position_embeddings", 256)
    if not (isinstance(dimension, int) and isinstance(longest, int) and isinstance(prompts, dict)):
        raise ModelError(
            f"{repository}@{revision} is not a sentence encoder that can be read without a {MANIFEST_NAME}"
        )
    manifest = Manifest(
        name=repository,
        encoder=File("onnx/model.onnx", hash_of(encoder)),
        tokenizer=File("tokenizer.json", hash_of(tokenizer)),
        dimension=dimension,
        pooling="cls" if pooling.get("pooling_mode_cls_token") else "mean",
        query_prefix=str(prompts.get("query") or ""),
        passage_prefix=str(prompts.get("passage") or prompts.get("document") or ""),
        max_tokens=min(256, longest),
        credit=f"{repository} at {revision[:12]}",
    )
    return Model(tokenizer.parent, manifest)


_FIELDS = tuple(Manifest.__dataclass_fields__)
_NEEDED = _FIELDS[:5]
