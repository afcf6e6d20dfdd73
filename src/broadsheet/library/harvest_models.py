"""The tables of harvests that come again: orders that the worker carries out, and files that were read before."""

from typing import ClassVar

from django.db import models

COMMAND_LIMIT = 1_000


class Schedule(models.Model):
    """An order to harvest again and again; `command` is what follows ``broadsheet harvest``, without its --since.

    Where `overlap` is a number of days, each run is asked for what changed `since` a day, which is so many days before
    the last one that succeeded began. Whoever runs it holds a claim until `claimed_until`. `began_at` is when the first
    try since the last success began; `failures` counts the tries since then that failed.
    """

    command = models.CharField(max_length=COMMAND_LIMIT, unique=True)
    every = models.DurationField()
    since = models.DateField(null=True)
    overlap = models.PositiveSmallIntegerField(null=True)
    made_at = models.DateTimeField()
    next_at = models.DateTimeField(db_index=True)
    claimed_by = models.CharField(max_length=300, blank=True)
    claimed_until = models.DateTimeField(null=True)
    began_at = models.DateTimeField(null=True)
    tried_at = models.DateTimeField(null=True)
    succeeded_at = models.DateTimeField(null=True)
    failures = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    def __str__(self) -> str:
        return self.command


class ReadFile(models.Model):
    """A file of a watched folder, by digests of both paths, and how it looked when it was read."""

    folder = models.CharField(max_length=32)
    file = models.CharField(max_length=32)
    mark = models.CharField(max_length=60)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["folder", "file"], name="once_in_a_folder")]

    def __str__(self) -> str:
        return f"{self.folder}/{self.file}"
