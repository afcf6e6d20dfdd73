"""Reports by readers, and the audit log of what editors, moderators and admins did."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models.comments import Comment
from broadsheet.community.models.readers import Reader
from broadsheet.library.models import Paper


class Report(models.Model):
    """A reader says that a comment, or what stands here about a paper, breaks the rules; a moderator settles it."""

    reader = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="reports")
    comment = models.ForeignKey(Comment, null=True, blank=True, on_delete=models.CASCADE, related_name="reports")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    reason = models.TextField(max_length=1_000)
    at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(Reader, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    outcome = models.CharField(max_length=20, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["reader", "comment"], name="one_report_a_reader"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["at"], condition=models.Q(settled_at__isnull=True), name="open_reports"),
        ]

    def __str__(self) -> str:
        return f"report {self.pk}"


class Act(models.Model):
    """A line of the audit log: who did what to what, and why. Written once, never changed."""

    reader = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="+")
    handle = models.CharField(max_length=30)
    verb = models.CharField(max_length=40)
    about = models.CharField(max_length=700)
    detail = models.TextField(blank=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.handle} {self.verb} {self.about}"
