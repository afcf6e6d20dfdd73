"""A writer in a process of its own, one of several to a library: papers that all of them have, and its own."""

import os

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
django.setup()

from broadsheet.library import Library  # noqa: E402
from broadsheet.papers import Identifier, Record, Version  # noqa: E402


def write(url: str, writer: int) -> None:
    """Put a hundred papers that every writer puts, and a hundred of its own, ten at a time."""
    library = Library.open(url, model="none")
    for batch in range(10):
        numbers = [batch * 10 + n for n in range(10)]
        for source, month in (("shared", "2104"), ("own", f"22{writer + 1:02}")):
            names = [Identifier("arxiv", f"{month}.{n:05}") for n in numbers]
            library.put([Record(source, (name,), Version(f"Paper {name.value}")) for name in names])
