"""The administration pages of this room: to look at, and to let an address get mail again."""

from typing import Any

from django.contrib import admin
from django.db.models import Model, Q
from django.http import HttpRequest

from broadsheet.community.admin import ReadOnly, site
from broadsheet.community.audit import note
from broadsheet.community.models import Reader
from broadsheet.digests.models import Alert, Bounce, Delivery, Issue, Subscriber, Suppression
from broadsheet.digests.suppressing import digests_of
from broadsheet.library import shared


@admin.register(Subscriber, site=site)
class SubscriberAdmin(ReadOnly):
    """Subscribers, without what begins their links. Who left has no address here."""

    list_display = ("address", "reader", "rhythm", "size", "confirmed_at", "next_at", "paused_until", "left_because")
    list_filter = ("rhythm", "left_because", ("confirmed_at", admin.EmptyFieldListFilter))
    list_select_related = ("reader",)
    search_fields = ("address", "reader__username")
    ordering = ("-pk",)
    exclude = ("key",)


@admin.register(Suppression, site=site)
class SuppressionAdmin(ReadOnly):
    """Addresses that get no mail, by digest. Searching a whole address finds its row; deleting lifts it."""

    list_display = ("short_digest", "reason", "detail", "at")
    list_filter = ("reason",)
    search_fields = ("detail",)
    search_help_text = "A whole address, or words of the detail"
    ordering = ("-at",)

    @admin.display(description="Digest")
    def short_digest(self, row: Suppression) -> str:
        """Enough of the digest to tell rows apart."""
        return row.digest[:12]

    def get_search_results(self, request: HttpRequest, queryset: Any, search_term: str) -> tuple[Any, bool]:
        """Find an address by its digest."""
        found = Q(digest__in=digests_of(search_term)) | Q(detail__icontains=search_term)
        return (queryset.filter(found) if search_term else queryset), False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Admins let an address get mail again."""
        return super().has_view_permission(request, obj)

    def delete_model(self, request: HttpRequest, obj: Suppression) -> None:
        """Lift a suppression, with a line in the audit log."""
        assert isinstance(request.user, Reader)
        note(request.user, "lift suppression", obj.digest[:12], shared().clock(), obj.reason)
        obj.delete()


@admin.register(Bounce, site=site)
class BounceAdmin(ReadOnly):
    """What mail servers said."""

    list_display = ("at", "kind", "subscriber", "delivery", "detail")
    list_filter = ("kind",)
    list_select_related = ("subscriber", "delivery")
    ordering = ("-at", "-pk")


@admin.register(Issue, site=site)
class IssueAdmin(ReadOnly):
    """Issues."""

    list_display = ("day", "opened_at", "alarm")
    ordering = ("-day",)


@admin.register(Delivery, site=site)
class DeliveryAdmin(ReadOnly):
    """Mails, and how far each got."""

    list_display = ("due_at", "issue", "subscriber", "state", "attempts", "ended_at", "error")
    list_filter = ("state",)
    list_select_related = ("issue", "subscriber")
    search_fields = ("subscriber__address", "message_id", "error")
    ordering = ("-due_at", "-pk")


@admin.register(Alert, site=site)
class AlertAdmin(ReadOnly):
    """Saved searches, without the keys of their feeds and the secrets of their webhooks."""

    list_display = ("query", "reader", "means", "created_at", "stopped_at", "error")
    list_filter = ("means",)
    list_select_related = ("reader",)
    search_fields = ("query", "reader__username")
    exclude = ("key", "secret")
    readonly_fields = ("url",)
    ordering = ("-pk",)
