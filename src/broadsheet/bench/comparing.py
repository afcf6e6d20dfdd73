"""Comparing engines: each is measured in a new process, one after the other, on the same papers."""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from broadsheet.bench.corpus import Corpus, Tell

COLUMNS = (
    "build_per_s",
    "bytes_per_paper",
    "keyword_p50_ms",
    "keyword_p99_ms",
    "meaning_p50_ms",
    "meaning_recall10",
    "hybrid_p50_ms",
    "insert_p50_ms",
    "visible_p50_ms",
)
"""The figures that every engine has, None where it cannot do it."""

_LAST_WORDS = 300


def compare(corpus: Corpus, engines: Sequence[str], tell: Tell) -> dict[str, dict[str, Any]]:
    """The figures of each engine by name; `error` says why some are missing that should be there."""
    return {name: measure_apart(name, corpus, tell) for name in engines}


def measure_apart(name: str, corpus: Corpus, tell: Tell) -> dict[str, Any]:
    """Measure one engine in a process of its own, whatever becomes of that."""
    with tempfile.TemporaryDirectory(prefix="broadsheet-bench-") as folder:
        kept = Path(folder) / "engine"
        kept.mkdir()
        given = [name, str(corpus.folder), str(kept)]
        return run_apart("broadsheet.bench.measuring", given, Path(folder), COLUMNS, tell)


def run_apart(module: str, given: Sequence[str], folder: Path, columns: Sequence[str], tell: Tell) -> dict[str, Any]:
    """Run a module in a process of its own; the first that it is given is the name of what it measures.

    It is given a pipe as well, to which it writes a JSON object a line: how far it is, what it found, what failed.
    """
    figures: dict[str, Any] = dict.fromkeys(columns)
    errors: list[str] = []
    step = "start"
    with tempfile.TemporaryFile() as said:
        reading, writing = os.pipe()
        command = [sys.executable, "-m", module, *given, str(writing)]
        with subprocess.Popen(command, stdout=said, stderr=said, pass_fds=[writing], cwd=folder) as child:  # noqa: S603
            os.close(writing)
            with os.fdopen(reading) as lines:
                for line in map(json.loads, lines):
                    figures.update(line.get("figures", {}))
                    errors += [line["error"]] if "error" in line else []
                    if "step" in line:
                        step = line["step"]
                        tell(f"{given[0]}: {step}", line["done"], line["total"])
        if child.returncode:
            errors.append(f"{step}: {_ending(child.returncode)}{_last_words(said)}")
    if errors:
        figures["error"] = "; ".join(errors)
    return figures


def _ending(code: int) -> str:
    return f"ended by signal {-code}" if code < 0 else f"ended with exit code {code}"


def _last_words(said: Any) -> str:
    said.seek(0)
    words = said.read().decode("utf-8", "replace").strip().splitlines()
    return f": {words[-1][:_LAST_WORDS]}" if words else ""
