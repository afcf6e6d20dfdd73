"""Broadsheet: the Daily Papers that anyone can host.

>>> from broadsheet import Library                              # doctest: +SKIP
>>> library = Library.open("~/papers")                          # doctest: +SKIP
>>> [hit.title for hit in library.search("simultaneous updates").hits]  # doctest: +SKIP
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"
__all__ = ["Library", "__version__"]

if TYPE_CHECKING:
    from broadsheet.library import Library


def __getattr__(name: str) -> Any:
    """Load the library room only when it is asked for, so that the pure rooms import without Django."""
    if name == "Library":
        from broadsheet.library import Library

        return Library
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
