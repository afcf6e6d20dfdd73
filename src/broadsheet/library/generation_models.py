"""The table of generations: which sentence encoder a library is searched by, from which change on."""

from django.db import models


class Generation(models.Model):
    """The vectors of one encoder: the library is searched by them from the change `since` on, None while made.

    `chosen` says where the encoder was found. While they are made, `done` of `total` papers have theirs, the last since
    `seen_at`. Where `is_kept` is no longer so, the vectors are gone, and searches as of then go by words alone.
    `answers` are those to queries for known papers, which an upgrade is compared with.
    """

    model = models.CharField(max_length=200)
    chosen = models.CharField(max_length=1_000, blank=True)
    since = models.BigIntegerField(null=True, unique=True)
    began_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    is_kept = models.BooleanField(default=True)
    answers = models.JSONField(null=True, blank=True)

    def __str__(self) -> str:
        return f"{self.model} since #{self.since}"
