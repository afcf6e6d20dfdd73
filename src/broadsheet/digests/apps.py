"""The Django app of the digests room."""

from django.apps import AppConfig


class DigestsConfig(AppConfig):
    """Tables of subscribers, issues, deliveries and alerts."""

    name = "broadsheet.digests"
    label = "digests"
    default_auto_field = "django.db.models.BigAutoField"
