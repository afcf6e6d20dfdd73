"""The Django app of the library room."""

from django.apps import AppConfig


class LibraryConfig(AppConfig):
    """Tables of the journal, papers, versions and harvest runs."""

    name = "broadsheet.library"
    label = "library"
    default_auto_field = "django.db.models.BigAutoField"
