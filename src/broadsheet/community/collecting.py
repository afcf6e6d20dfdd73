"""Collections: who may see which, and making, changing and deleting one's own."""

from collections.abc import Collection as Several
from datetime import datetime

from django.db import transaction
from django.db.models import BooleanField, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from broadsheet.community import clipping
from broadsheet.community.errors import CommunityError, Missing
from broadsheet.community.models import Clipping, Collection, Reader
from broadsheet.library import attention

COLLECTIONS_LIMIT = 500
"""Most collections of a reader."""
TITLE_LIMIT = 120
ABOUT_LIMIT = 2_000


def visible(viewer: Reader | None) -> "QuerySet[Collection]":
    """The collections that a viewer may open: their own, and those that others share, by address or with everybody."""
    shared = Q(visibility__in=[Collection.Visibility.LINK, Collection.Visibility.PUBLIC]) & _in_good_standing()
    return Collection.objects.filter(shared | Q(reader=viewer) if viewer is not None else shared)


def listed(viewer: Reader | None) -> "QuerySet[Collection]":
    """The public collections, those changed last first, with their readers and `papers`, how many papers stand in."""
    public = Q(visibility=Collection.Visibility.PUBLIC) & _in_good_standing()
    if viewer is not None:
        public |= Q(visibility=Collection.Visibility.PUBLIC, reader=viewer)
    return counted(Collection.objects.filter(public).select_related("reader")).order_by("-changed_at", "-pk")


def own(reader: Reader) -> "QuerySet[Collection]":
    """A reader's own collections, the default one first, then by title, with `papers`."""
    return counted(Collection.objects.filter(reader=reader)).order_by("-is_default", "title", "pk")


def counted(collections: "QuerySet[Collection]") -> "QuerySet[Collection]":
    """Add `papers` to collections: how many that are neither withdrawn nor erased stand in each."""
    rows = Clipping.objects.filter(
        collection=OuterRef("pk"), paper__withdrawn_at__isnull=True, paper__erased_at__isnull=True
    )
    per_collection = rows.order_by().values("collection").annotate(n=Count("pk")).values("n")
    return collections.annotate(papers=Coalesce(Subquery(per_collection, output_field=IntegerField()), 0))


def holding(reader: Reader, paper_id: int) -> "QuerySet[Collection]":
    """A reader's own collections with `has_paper`, whether the paper is in each."""
    found = Clipping.objects.filter(collection=OuterRef("pk"), paper=paper_id)
    return (
        Collection.objects.filter(reader=reader)
        .annotate(has_paper=Exists(found, output_field=BooleanField()))
        .order_by("-is_default", "title", "pk")
    )


def find(slug: str, viewer: Reader | None) -> Collection:
    """The collection at an address, with its reader. Raises Missing where there is none that the viewer may open."""
    found = visible(viewer).filter(slug=slug).select_related("reader").first()
    if found is None:
        raise Missing("There is no such collection")
    return found


def find_own(slug: str, reader: Reader) -> Collection:
    """A reader's own collection. Raises Missing for others', whatever their visibility."""
    found = Collection.objects.filter(slug=slug, reader=reader).select_related("reader").first()
    if found is None:
        raise Missing("You have no such collection")
    return found


@transaction.atomic
def create(reader: Reader, title: str, now: datetime, about: str = "", visibility: str = "private") -> Collection:
    """Make a collection. Raises CommunityError for its texts, and for one beyond the limit."""
    title, about, visibility = _checked(title, about, visibility)
    Reader.objects.select_for_update(no_key=True).get(pk=reader.pk)  # so that the limit holds for two at once
    if Collection.objects.filter(reader=reader).count() >= COLLECTIONS_LIMIT:
        raise CommunityError(f"A reader has at most {COLLECTIONS_LIMIT:,} collections; delete one first")
    return Collection.objects.create(
        reader=reader,
        slug=clipping.new_slug(),
        title=title,
        about=about,
        visibility=visibility,
        created_at=now,
        changed_at=now,
    )


@transaction.atomic
def change(collection: Collection, title: str, about: str, visibility: str, now: datetime) -> Collection:
    """Change what a collection is called, what it says of itself and who may see it. Raises CommunityError."""
    collection.title, collection.about, collection.visibility = _checked(title, about, visibility)
    collection.changed_at = now
    collection.save(update_fields=["title", "about", "visibility", "changed_at"])
    return collection


@transaction.atomic
def delete(collection: Collection) -> None:
    """Delete a collection with its notes; its papers are no longer saved unless another of the reader's holds them."""
    clipping.lock(collection)
    own = Clipping.objects.filter(collection__reader=collection.reader_id)
    elsewhere = own.exclude(collection=collection).values("paper")
    saved_here = own.filter(collection=collection).exclude(paper__in=elsewhere)
    papers = list(saved_here.values_list("paper", flat=True)) if clipping.counts(collection) else []
    attention.count_each("default", papers, {"saves": -1})
    collection.delete()


@transaction.atomic
def place_in(reader: Reader, paper_id: int, wanted: Several[str], offered: Several[str], now: datetime) -> None:
    """Put a paper into those of a reader's collections that are wanted, and out of the others that were offered.

    Both are slugs. A collection that was not on offer, made in another window, stays as it is.
    """
    held = set(Clipping.objects.filter(collection__reader=reader, paper=paper_id).values_list("collection", flat=True))
    for collection in Collection.objects.filter(reader=reader, slug__in=offered):
        is_wanted = collection.slug in wanted
        if is_wanted and collection.pk not in held:
            clipping.clip(collection, paper_id, now)
        elif collection.pk in held and not is_wanted:
            clipping.unclip(collection, paper_id, now)


def _checked(title: str, about: str, visibility: str) -> tuple[str, str, str]:
    title, about = " ".join(title.replace("\0", "").split()), about.replace("\0", "").strip()
    if not title:
        raise CommunityError("A collection needs a title")
    if len(title) > TITLE_LIMIT or len(about) > ABOUT_LIMIT:
        raise CommunityError(f"A title has at most {TITLE_LIMIT} characters, a description {ABOUT_LIMIT:,}")
    if visibility not in Collection.Visibility.values:
        raise CommunityError("A collection is private, open to who has the link, or public")
    return title, about, visibility


def _in_good_standing() -> Q:
    return Q(reader__is_limited=False, reader__is_active=True)
