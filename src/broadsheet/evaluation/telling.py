"""How far a long work is, for whoever wants to hear it."""

from collections.abc import Callable

Tell = Callable[[str, int, int], None]
"""Hears how far some work is: its name, what is done, and how much there is to do."""


def silently(step: str, done: int, total: int) -> None:
    """Hear how far some work is, and say nothing."""
