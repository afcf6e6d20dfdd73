"""Outages of harvests that come again: whom of the admins was told of which, once."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models import Reader
from broadsheet.library.models import Schedule


class OutageMail(models.Model):
    """An admin is told that a harvest has not succeeded since a moment, once. The row stands from before the mail."""

    schedule = models.ForeignKey(Schedule, on_delete=models.CASCADE, related_name="+")
    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="+")
    since = models.DateTimeField()
    at = models.DateTimeField()
    error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["schedule", "reader", "since"], name="one_outage_mail_an_admin")
        ]

    def __str__(self) -> str:
        return f"{self.reader_id} told of {self.schedule_id} since {self.since}"
