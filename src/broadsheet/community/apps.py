"""The Django app of the community room."""

from django.apps import AppConfig


class CommunityConfig(AppConfig):
    """Tables of readers and of what they do."""

    name = "broadsheet.community"
    label = "community"
    default_auto_field = "django.db.models.BigAutoField"
