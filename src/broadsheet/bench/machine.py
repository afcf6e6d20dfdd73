"""What the machine is, and how much of it this process holds."""

import ctypes
import gc
import platform
from pathlib import Path

from broadsheet.search.onnx import cores

_SMAPS = Path("/proc/self/smaps_rollup")


def facts() -> dict[str, str | int]:
    """The processor, its cores that this process may use, the memory and the Python."""
    cpu = next((_value(line) for line in _lines("/proc/cpuinfo") if line.startswith("model name")), "")
    memory = next((int(_value(line).split()[0]) for line in _lines("/proc/meminfo") if line.startswith("MemTotal")), 0)
    return {
        "cpu": cpu or platform.processor() or platform.machine(),
        "cores": cores(),
        "memory_gb": round(memory / 1e6),
        "python": platform.python_version(),
    }


def resident() -> int:
    """Bytes of memory that this process holds, mapped files that it has touched among them, after a tidying up.

    0 where the system does not tell.
    """
    gc.collect()
    libc = ctypes.CDLL(None)
    if hasattr(libc, "malloc_trim"):
        libc.malloc_trim(0)
    return next((1_024 * int(line.split()[1]) for line in _lines(_SMAPS) if line.startswith("Rss:")), 0)


def on_disk(folder: Path) -> int:
    """Bytes that the files under a folder take."""
    return sum(path.stat().st_blocks * 512 for path in folder.rglob("*") if path.is_file())


def _lines(path: str | Path) -> list[str]:
    return Path(path).read_text().splitlines() if Path(path).exists() else []


def _value(line: str) -> str:
    return line.partition(":")[2].strip()
