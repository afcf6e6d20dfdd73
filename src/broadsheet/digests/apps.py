"""The Django app of the digests room."""

from django.apps import AppConfig


class DigestsConfig(AppConfig):
    """Tables of subscribers, issues, deliveries and alerts."""

    name = "broadsheet.digests"
    label = "digests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let an export of a reader hold what this room knows."""
        from broadsheet.digests import exporting

        exporting.register()
