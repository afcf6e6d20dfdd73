"""The administration pages, for admins alone, who sign in as every reader does.

They show what there is. What can be changed is a reader's standing, name and words; each change of standing is a line
of the audit log. Nothing is deleted here: rows that are counted go through the services that count them.
"""

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.db.models import Model
from django.http import Http404, HttpRequest, HttpResponse

from broadsheet.community import accounts
from broadsheet.community.models import (
    Act,
    Claim,
    Collection,
    Comment,
    Feature,
    Lock,
    Report,
    Submission,
    Token,
    Vote,
)
from broadsheet.community.models.readers import Reader
from broadsheet.library import shared
from broadsheet.library.models import Change, HarvestFault, HarvestRun, Paper

if TYPE_CHECKING:
    ModelAdmin = admin.ModelAdmin[Any]
    TabularInline = admin.TabularInline[Any, Any]
else:
    ModelAdmin, TabularInline = admin.ModelAdmin, admin.TabularInline

STANDING = ("role", "is_active", "is_limited")


class Administration(admin.AdminSite):
    """The site of these pages; it knows only the tables named below, and no password."""

    site_header = site_title = "Broadsheet"
    index_title = "Administration"

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Lead to the sign-in page of every reader."""
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Nobody has a password."""
        raise Http404

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Nobody has a password."""
        raise Http404


site = Administration(name="admin")


class ReadOnly(ModelAdmin):
    """Rows to look at."""

    list_per_page = 50
    show_full_result_count = False
    actions = None

    def has_add_permission(self, request: HttpRequest, *_: object) -> bool:
        """Rows come from readers and harvests."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows stay as they are."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Rows are counted, so nobody removes them here."""
        return False


@admin.register(Reader, site=site)
class ReaderAdmin(ReadOnly):
    """Readers, with what they may do."""

    list_display = ("username", "name", "email", *STANDING, "joined_at")
    list_filter = STANDING
    search_fields = ("username", "name", "email", "orcid")
    ordering = ("-joined_at",)
    fields = ("username", "email", "name", "orcid", "about", *STANDING, "joined_at", "last_login")

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Admins change readers."""
        return super().has_view_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> tuple[str, ...]:
        """What a reader alone decides; and nobody closes or demotes themselves."""
        fixed = ("username", "email", "orcid", "joined_at", "last_login")
        return (*fixed, "role", "is_active") if obj == request.user else fixed

    def save_model(self, request: HttpRequest, obj: Reader, form: Any, change: bool) -> None:
        """Save words as they are, and standing by the service that notes it and counts again."""
        obj.save(update_fields=["name", "about"])
        changed = {name: form.cleaned_data[name] for name in STANDING if name in form.changed_data}
        if changed and isinstance(request.user, Reader):
            before = Reader.objects.get(pk=obj.pk)
            accounts.change_standing(request.user, before, changed, shared().clock())

    def view_on_site(self, obj: Reader) -> str:
        """The reader's public page."""
        return f"/@{obj.username}"


@admin.register(Act, site=site)
class ActAdmin(ReadOnly):
    """The audit log."""

    list_display = ("at", "handle", "verb", "about", "detail")
    list_filter = ("verb",)
    search_fields = ("handle", "about", "detail")
    ordering = ("-at", "-pk")


class OfPaper(ReadOnly):
    """Rows of a reader about a paper; both come with them."""

    list_select_related: ClassVar[tuple[str, ...]] = ("paper", "reader")
    search_fields: ClassVar[tuple[str, ...]] = ("paper__key", "reader__username")
    ordering = ("-pk",)


@admin.register(Comment, site=site)
class CommentAdmin(OfPaper):
    """Comments."""

    list_display = ("id", "paper", "reader", "at", "text", "deleted_by", "is_shown")
    list_filter = ("is_shown", "deleted_by")
    search_fields = ("paper__key", "reader__username", "text")


@admin.register(Vote, site=site)
class VoteAdmin(OfPaper):
    """Votes."""

    list_display = ("paper", "reader", "at", "is_shown", "is_trusted")
    list_filter = ("is_shown", "is_trusted")


@admin.register(Submission, site=site)
class SubmissionAdmin(OfPaper):
    """Papers that readers brought."""

    list_display = ("paper", "reader", "day", "at", "note")


@admin.register(Claim, site=site)
class ClaimAdmin(OfPaper):
    """Who says that a paper is theirs."""

    list_display = ("paper", "reader", "author", "state", "at", "settled_by")
    list_filter = ("state",)
    list_select_related = ("paper", "reader", "settled_by")


@admin.register(Report, site=site)
class ReportAdmin(OfPaper):
    """What readers reported."""

    list_display = ("paper", "comment", "reader", "reason", "at", "outcome", "settled_by")
    list_filter = ("outcome",)
    list_select_related = ("paper", "comment", "reader", "settled_by")


@admin.register(Feature, site=site)
class FeatureAdmin(ReadOnly):
    """What editors put first."""

    list_display = ("paper", "editor", "day", "at", "note")
    list_select_related = ("paper", "editor")
    ordering = ("-day", "-pk")


@admin.register(Lock, site=site)
class LockAdmin(ReadOnly):
    """Discussions that are closed."""

    list_display = ("paper", "moderator", "reason", "at")
    list_select_related = ("paper", "moderator")


@admin.register(Collection, site=site)
class CollectionAdmin(ReadOnly):
    """Collections, by title and reader; what is private is not shown."""

    list_display = ("title", "reader", "visibility", "changed_at")
    list_select_related = ("reader",)
    search_fields = ("title", "reader__username")
    ordering = ("-changed_at",)

    def get_queryset(self, request: HttpRequest) -> Any:
        """Public collections alone: the others are their readers' own."""
        return super().get_queryset(request).filter(visibility=Collection.Visibility.PUBLIC)


@admin.register(Token, site=site)
class TokenAdmin(ReadOnly):
    """Keys of programs, without their digests."""

    list_display = ("name", "reader", "scopes", "created_at", "used_at")
    list_select_related = ("reader",)
    exclude = ("digest",)


@admin.register(Paper, site=site)
class PaperAdmin(ReadOnly):
    """Papers with their counters."""

    list_display = ("key", "day", "votes", "comments", "saves", "reads", "stars", "is_featured", "withdrawn_at")
    list_filter = ("is_featured",)
    search_fields = ("key",)
    ordering = ("-pk",)

    def view_on_site(self, obj: Paper) -> str:
        """The paper's page."""
        return f"/papers/{obj.key}"


@admin.register(Change, site=site)
class ChangeAdmin(ReadOnly):
    """The journal."""

    list_display = ("seq", "at", "kind", "paper")
    list_filter = ("kind",)
    list_select_related = ("paper",)
    ordering = ("-seq",)


class Faults(TabularInline):
    """What a run could not read."""

    model = HarvestFault
    extra = 0
    max_num = 0
    can_delete = False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Faults stay as they are."""
        return False


@admin.register(HarvestRun, site=site)
class HarvestRunAdmin(ReadOnly):
    """Runs of the sources."""

    list_display = ("source", "state", "started_at", "ended_at", "seen", "added", "revised", "refused", "error")
    list_filter = ("state", "source")
    ordering = ("-started_at",)
    inlines = (Faults,)
