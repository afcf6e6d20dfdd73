"""What ``broadsheet mcp`` runs: the Model Context Protocol on standard input and output."""

from asyncio import get_running_loop
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

from broadsheet.config.serving import in_turn
from broadsheet.library import Library
from broadsheet.mcp import stdio

THREADS = 4

Done = TypeVar("Done")


def serve(library: Library) -> None:
    """Answer with a library until input ends."""
    with ThreadPoolExecutor(THREADS, thread_name_prefix="mcp") as threads:

        def work(act: Callable[[], Done]) -> Awaitable[Done]:
            return get_running_loop().run_in_executor(threads, in_turn, act)

        stdio.serve(work, lambda: library)
    connections.close_all()
