"""What do we hold, and what happened to it, in which order? Journal, papers, versions, harvest runs; `Library`.

Importing a name from here sets Django up if nobody has, so that a script or notebook needs no more than
``from broadsheet import Library``. Nothing is read or written before `Library.open`.
"""

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from broadsheet.library.errors import LibraryError, NotFound

if TYPE_CHECKING:
    from broadsheet.library.answers import Answer, Hit
    from broadsheet.library.library import Library, shared
    from broadsheet.library.putting import Outcome, Placement, tally

__all__ = ["Answer", "Hit", "Library", "LibraryError", "NotFound", "Outcome", "Placement", "shared", "tally"]

_HOMES = {
    "Answer": "answers",
    "Hit": "answers",
    "Library": "library",
    "Outcome": "putting",
    "Placement": "putting",
    "shared": "library",
    "tally": "putting",
}


def __getattr__(name: str) -> Any:
    """Import a name that needs Django's models, once Django is set up."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    import django
    from django.apps import apps

    if not apps.models_ready:
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "broadsheet.config.settings")
        django.setup()
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
