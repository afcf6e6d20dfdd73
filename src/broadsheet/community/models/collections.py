"""Collections: papers that a reader clips out and keeps, in order, with notes."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models.readers import Reader
from broadsheet.library.models import Paper


class Collection(models.Model):
    """A reader's collection. `slug` is unguessable, so that an address alone shares what is `link` visible.

    The one that `is_default` takes what a reader saves by one key.
    """

    class Visibility(models.TextChoices):
        """Who may read a collection: its reader, whoever has the address, or everybody, in lists too."""

        PRIVATE = "private"
        LINK = "link"
        PUBLIC = "public"

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="collections")
    slug = models.CharField(max_length=22, unique=True)
    title = models.CharField(max_length=120)
    about = models.TextField(max_length=2_000, blank=True)
    visibility = models.CharField(max_length=10, choices=Visibility.choices, default=Visibility.PRIVATE)
    is_default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["reader"], condition=models.Q(is_default=True), name="one_default_collection"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["-changed_at"], condition=models.Q(visibility="public"), name="public_collections"),
        ]

    def __str__(self) -> str:
        return self.title


class Clipping(models.Model):
    """A paper in a collection, at a place, with its reader's note."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="clippings")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    place = models.IntegerField()
    note = models.TextField(max_length=2_000, blank=True)
    at = models.DateTimeField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["collection", "paper"], name="clipped_once")]
        indexes: ClassVar = [models.Index(fields=["collection", "place"])]

    def __str__(self) -> str:
        return f"{self.paper_id} in {self.collection_id}"
