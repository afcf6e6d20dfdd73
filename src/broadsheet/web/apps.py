"""The Django app of the web room: templates, style and keys, no tables."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages for readers."""

    name = "broadsheet.web"
    label = "web"

    def ready(self) -> None:
        """Listen for changes of addresses and passkeys."""
        from broadsheet.web import accounts_sessions  # noqa: F401
