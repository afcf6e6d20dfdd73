"""Embedding: how many abstracts a second an encoder reads, run by Broadsheet and by others, and how exactly.

Each is measured in a process of its own (``python -m broadsheet.bench.embed``), in turn, several rounds of it; the best
round counts, for what else the machine does only ever takes time away.
"""

import json
import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from broadsheet.bench.comparing import run_apart
from broadsheet.bench.corpus import Tell
from broadsheet.bench.drawing import DrawnPapers
from broadsheet.bench.errors import BenchError
from broadsheet.bench.papers import unit
from broadsheet.bench.timing import percentile, take_times
from broadsheet.search import passage
from broadsheet.search.models import Model, find_model

COLUMNS = ("per_s", "query_ms", "cosine_mean", "cosine_least")
ROUNDS = 3
QUERIES = 50
_QUERY_SECONDS = 5.0
_WARM_UP = 8
_COMPARED = 200
"""Texts whose vectors are compared with the reference."""


def embed(
    count: int, collection: Path | None, chosen: str, folder: Path, seed: int, names: Sequence[str], tell: Tell
) -> dict[str, Any]:
    """Measure each encoder by name on the same texts. Raises BenchError without a model."""
    model = _model(chosen)
    texts = _texts(count, collection, seed)
    (folder / "texts.json").write_text(json.dumps(texts), encoding="utf-8")
    found: dict[str, dict[str, Any]] = {}
    failure = _run("reference", chosen, folder, tell).get("error")
    for _ in range(ROUNDS):
        for name in names:
            found[name] = _better(found.get(name), _run(name, chosen, folder, tell))
    exact = folder / ("broadsheet.npy" if failure else "reference.npy")
    for name in names:
        found[name] |= _closeness(folder / f"{name}.npy", exact)
    return {
        "papers": len(texts),
        "model": model.manifest.name,
        "reference": f"the int8 run of each text alone, for fp32 is {failure}" if failure else "fp32",
        "encoders": found,
        "times_the_better": _times_the_better(found),
    }


def _model(chosen: str) -> Model:
    model = find_model(chosen)
    if model is None:
        raise BenchError("no sentence encoder is installed, and nothing can be embedded without")
    return model


def _texts(count: int, collection: Path | None, seed: int) -> list[str]:
    """Title and abstract of papers, in the form that they are embedded in."""
    if collection is not None:
        from broadsheet.bench.collection import read_versions  # with sources and all, which no encoder's process needs

        pairs = [(version.title, version.abstract) for version in read_versions(collection)[:count]]
    else:
        batches = DrawnPapers(count, seed).batches()
        pairs = [pair for batch in batches for pair in zip(batch.titles, batch.abstracts, strict=True)]
    return [passage(title, abstract) for title, abstract in pairs]


def _run(name: str, chosen: str, folder: Path, tell: Tell) -> dict[str, Any]:
    return run_apart("broadsheet.bench.embed", [name, chosen, str(folder)], folder, COLUMNS, tell)


def _better(known: dict[str, Any] | None, run: dict[str, Any]) -> dict[str, Any]:
    """The better of both for each figure; what failed in one round failed."""
    if known is None or "error" in run:
        return run
    if "error" in known:
        return known
    return {**run, "per_s": max(known["per_s"], run["per_s"]), "query_ms": min(known["query_ms"], run["query_ms"])}


def _closeness(vectors: Path, exact: Path) -> dict[str, float | None]:
    """Mean and least cosine with the reference."""
    if not (vectors.exists() and exact.exists()):
        return {"cosine_mean": None, "cosine_least": None}
    cosines = (unit(np.load(vectors)) * unit(np.load(exact))).sum(axis=1)
    return {"cosine_mean": round(float(cosines.mean()), 5), "cosine_least": round(float(cosines.min()), 5)}


def _times_the_better(found: dict[str, dict[str, Any]]) -> float | None:
    """How many times as many texts Broadsheet embeds as the better of the others."""
    own = found.get("broadsheet", {}).get("per_s")
    others = [figures["per_s"] for name, figures in found.items() if name != "broadsheet" and figures["per_s"]]
    return round(own / max(others), 3) if own and others else None


def main(name: str, chosen: str, place: str, pipe: str) -> None:
    """Measure one encoder in this process: throughput, one query alone, and the first vectors to compare."""
    folder = Path(place)
    texts: list[str] = json.loads((folder / "texts.json").read_text(encoding="utf-8"))
    with os.fdopen(int(pipe), "w", buffering=1) as answers:

        def tell(**line: Any) -> None:
            answers.write(json.dumps(line) + "\n")

        try:
            tell(step="load", done=0, total=1)
            tell(figures=_measure(name, _model(chosen), folder, texts, tell))
        except Exception as error:  # noqa: BLE001 (a peer may raise anything; told)
            tell(error=str(error) if isinstance(error, BenchError) else f"{type(error).__name__}: {error}")


def _measure(name: str, model: Model, folder: Path, texts: Sequence[str], tell: Any) -> dict[str, Any]:
    from broadsheet.bench.peers.encoders import make_encoder

    encoder = make_encoder(name, model, folder)
    tell(step="embed", done=0, total=len(texts))
    if name == "reference":
        np.save(folder / f"{name}.npy", encoder.embed(texts[:_COMPARED]))
        return {"how": encoder.how}
    encoder.embed(texts[:_WARM_UP])
    began = time.perf_counter()
    vectors = encoder.embed(texts)
    seconds = time.perf_counter() - began
    np.save(folder / f"{name}.npy", vectors[:_COMPARED])
    queries = [text.partition(". ")[0] for text in texts[:QUERIES]]
    times = take_times(encoder.ask, queries, _QUERY_SECONDS, at_least=1)
    return {"how": encoder.how, "per_s": round(len(texts) / seconds, 2), "query_ms": percentile(times, 50)}


if __name__ == "__main__":
    main(*sys.argv[1:])
