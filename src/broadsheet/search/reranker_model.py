"""Where a cross-encoder lies on this machine, and what its manifest says of it."""

import hashlib
import json
from dataclasses import dataclass
from math import isfinite
from pathlib import Path

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

_KIND = "a cross-encoder"
_CUT = 256


@dataclass(frozen=True, slots=True)
class RerankerManifest:
    """What must be known to use a cross-encoder: its files, its cut, how sure its numbers are, whose it is.

    A query and a passage together are cut after `max_tokens`. A pair for which the model gives the number `middle`
    scores a half, one that is `width` above it .73: the logistic function of how far it is from the middle.
    """

    name: str
    reranker: File
    tokenizer: File
    max_tokens: int = _CUT
    middle: float = 0.0
    width: float = 1.0
    licence: str = ""
    credit: str = ""

    def __post_init__(self) -> None:
        check_basics(self.name, self.max_tokens, self.reranker, self.tokenizer)
        if not (isfinite(self.middle) and isfinite(self.width) and self.width > 0):
            raise ModelError(f"middle and width must be finite and width above 0, not {self.middle} and {self.width}")

    @property
    def fingerprint(self) -> str:
        """Twelve digits that differ whenever a score could: files, cut, middle and width."""
        parts = [self.reranker.sha256, self.tokenizer.sha256, self.max_tokens, self.middle, self.width]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    @classmethod
    def parse(cls, text: str) -> "RerankerManifest":
        """Read a manifest from its JSON. Raises ModelError, which names what is missing, unknown or wrong."""
        return cls(**parse_fields(text, _FIELDS, _NEEDED))


@dataclass(frozen=True, slots=True)
class RerankerModel:
    """A folder with a cross-encoder's files, and the manifest that they must match."""

    folder: Path
    manifest: RerankerManifest

    def read(self, file: File) -> bytes:
        """The bytes of one file of the manifest. Raises ModelError if it is missing or not what it should be."""
        return read_checked(self.folder, file, self.manifest.name)


OFFLINE_RERANKER = RerankerManifest(
    name="ms-marco-MiniLM-L-12-v2-int8",
    reranker=File("model.onnx", "1225ccd6afd0f1b43a1b08bf67cd1cb68c05aafb443e9d8450015b8b3837ffd1"),
    tokenizer=File("tokenizer.json", "cb374d6bc042c22455946f4e09a89d29882a199fdaf8fb25be00dc8b8857a448"),
    max_tokens=512,
    middle=4.0,
    width=3.0,
    licence="Apache-2.0",
    credit="cross-encoder/ms-marco-MiniLM-L-12-v2 by the authors of sentence-transformers",
)
"""The cross-encoder in the offline pack (the extra `models`).

It learned from questions to a web search. Of claims and summaries of science it is often wrong, unless it is very sure:
hence the middle, see `broadsheet.search.deep`.
"""


def find_reranker_model(chosen: str = "", cache: Path | None = None) -> RerankerModel | None:
    """Find a cross-encoder: a folder with a manifest, ``ID@COMMIT`` of a hub, or ``none``.

    Empty takes the offline pack. None means that there is none, as asked for or because none is installed. `cache` is
    where files of the hub are kept, its own default if not given. Raises ModelError if what was asked for cannot be
    had.
    """
    return locate(chosen, _from_pack, _from_folder, lambda repository, commit: _from_hub(repository, commit, cache))


def _from_pack() -> RerankerModel | None:
    folder = find_in_pack("reranker_en", OFFLINE_RERANKER.reranker)
    return RerankerModel(folder, OFFLINE_RERANKER) if folder else None


def _from_folder(folder: Path) -> RerankerModel:
    return RerankerModel(folder, read_manifest(folder, RerankerManifest.parse, _NEEDED))


def _from_hub(repository: str, revision: str, cache: Path | None) -> RerankerModel:
    """A model of a hub, by its own manifest if it has one, else as the layout of sentence-transformers tells."""
    require_pinned(repository, revision)
    if own := fetch(repository, revision, MANIFEST_NAME, cache):
        model = _from_folder(own.parent)
        for file in (model.manifest.reranker, model.manifest.tokenizer):
            require(repository, revision, file.path, cache, _KIND)
        return model
    longest = read_json(require(repository, revision, "config.json", cache, _KIND)).get("max_position_embeddings", _CUT)
    tokenizer = require(repository, revision, "tokenizer.json", cache, _KIND)
    reranker = require(repository, revision, "onnx/model.onnx", cache, _KIND)
    if not isinstance(longest, int):
        raise ModelError(f"{repository}@{revision} is not {_KIND} that can be read without a {MANIFEST_NAME}")
    manifest = RerankerManifest(
        name=repository,
        reranker=File("onnx/model.onnx", hash_of(reranker)),
        tokenizer=File("tokenizer.json", hash_of(tokenizer)),
        max_tokens=min(_CUT, longest),
        credit=f"{repository} at {revision[:12]}",
    )
    return RerankerModel(tokenizer.parent, manifest)


_FIELDS = tuple(RerankerManifest.__dataclass_fields__)
_NEEDED = _FIELDS[:3]
