"""Bibliographies: files of references that readers send, so that their digest knows what they read."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models.readers import Reader
from broadsheet.library.models import Paper


class Bibliography(models.Model):
    """A file that a reader sent: how many references it had, how many of them are papers here, and what was not read.

    `topics` lists topics of these papers with their shares, the largest first. `learned_at` is when its themes were
    found, by the encoder called `model`.
    """

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="bibliographies")
    name = models.CharField(max_length=120)
    at = models.DateTimeField()
    total = models.PositiveIntegerField()
    found = models.PositiveIntegerField()
    refused = models.PositiveIntegerField(default=0)
    faults = models.JSONField(default=list)
    topics = models.JSONField(default=list)
    model = models.CharField(max_length=200, blank=True)
    learned_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "bibliographies"
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=models.Q(learned_at__isnull=True), name="bibliographies_to_learn")
        ]

    def __str__(self) -> str:
        return self.name


class Reference(models.Model):
    """A reference that is a paper here, or one that is not: its text stays only until it has a vector, this until the
    themes are found.
    """

    bibliography = models.ForeignKey(Bibliography, on_delete=models.CASCADE, related_name="references")
    paper = models.ForeignKey(Paper, null=True, on_delete=models.CASCADE, related_name="+")
    title = models.TextField(blank=True)
    abstract = models.TextField(blank=True)
    codes = models.BinaryField(null=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["bibliography", "paper"], name="once_in_a_bibliography")
        ]

    def __str__(self) -> str:
        return f"{self.title or self.paper_id} of {self.bibliography_id}"


class Theme(models.Model):
    """What a part of a bibliography is about: a direction in meaning, and the title nearest to it."""

    bibliography = models.ForeignKey(Bibliography, on_delete=models.CASCADE, related_name="themes")
    title = models.CharField(max_length=300)
    references = models.PositiveIntegerField()
    codes = models.BinaryField()

    def __str__(self) -> str:
        return self.title
