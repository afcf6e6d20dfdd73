"""Printing for people and for programs: one console, one JSON form."""

import json
import re
import sys
from typing import Any

import click
from rich.console import Console
from rich.markup import escape

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


def told(error: str) -> str:
    """What stopped a harvest, the reason before the address that was asked.

    >>> told("https://a.example/x?y=1: the host a.example cannot be found")
    'the host a.example cannot be found (asked: https://a.example/x?y=1)'
    """
    address, between, reason = error.partition(": ")
    return f"{reason} (asked: {address})" if between and re.match(r"https?://\S+$", address) else error


def shown(text: str) -> str:
    """Text of others, safe to print: no markup of ours, no control sequence for the terminal.

    >>> print(shown("a[red]b\x1b[2Jc"))
    a\\[red]b�[2Jc
    """
    return escape(re.sub(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]", "�", text))
