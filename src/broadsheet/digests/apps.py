"""The Django app of the digests room."""

from django.apps import AppConfig


class DigestsConfig(AppConfig):
    """Tables of subscribers, issues, deliveries and alerts."""

    name = "broadsheet.digests"
    label = "digests"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Let an export of a reader hold what this room knows, and the end of an account end it."""
        from django.db.models.signals import pre_delete

        from broadsheet.community.models import Reader
        from broadsheet.digests import exporting, subscribing

        exporting.register()
        pre_delete.connect(
            lambda instance, **_: subscribing.forget(instance), sender=Reader, weak=False, dispatch_uid="digests"
        )
