"""Printing for people and for programs: one console, one JSON form, one progress bar."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeRemainingColumn

_UNWRAPPED = 100_000  # columns, where no terminal wraps: a program reads whole lines

out = Console(highlight=False, width=None if sys.stdout.isatty() else _UNWRAPPED)
err = Console(stderr=True, highlight=False, width=None if sys.stderr.isatty() else _UNWRAPPED)


def print_json(answer: Any) -> None:
    """Print one JSON value, readable and stable."""
    click.echo(json.dumps(answer, ensure_ascii=False, indent=2))


def counted(number: int, noun: str) -> str:
    """A number with its noun, in the plural where needed.

    >>> counted(1, "paper"), counted(1204, "paper")
    ('1 paper', '1,204 papers')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


@contextmanager
def progress_bar(noun: str) -> Iterator[Progress]:
    """A bar on a terminal's error stream with count, rate and time left; nothing where there is no terminal."""
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn(noun),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=err, transient=True, disable=not sys.stderr.isatty()) as bar:
        yield bar


def rate(done: int, seconds: float) -> str:
    """A speed that can be read at a glance.

    >>> rate(8673, 6.1)
    '1,422/s'
    """
    return f"{done / seconds:,.0f}/s" if seconds > 0 and done else ""
