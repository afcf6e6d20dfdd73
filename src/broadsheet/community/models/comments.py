"""Comments, their earlier texts, locks of discussions, and who is told of what."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models.readers import Reader
from broadsheet.library.models import Paper


class Comment(models.Model):
    """A comment on a paper, or a reply to another one. `text` is Markdown, "" once deleted: the place stays as a stub.

    A comment `is_shown` unless its reader was limited when writing it; then its reader alone sees it.
    """

    class DeletedBy(models.TextChoices):
        """Whose hand removed a comment."""

        READER = "reader"
        MODERATOR = "moderator"

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    reader = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="comments")
    parent = models.ForeignKey("self", null=True, blank=True, on_delete=models.CASCADE, related_name="replies")
    text = models.TextField(blank=True)
    at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=10, choices=DeletedBy.choices, blank=True)
    is_shown = models.BooleanField(default=True)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["paper", "at"])]

    def __str__(self) -> str:
        return f"comment {self.pk}"


class CommentText(models.Model):
    """A text that a comment had before an edit; gone with the comment when it is deleted."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="earlier")
    text = models.TextField()
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"earlier text of comment {self.comment_id}"


class Lock(models.Model):
    """A discussion that a moderator closed: it can be read, nobody adds to it."""

    paper = models.OneToOneField(Paper, on_delete=models.CASCADE, related_name="+")
    moderator = models.ForeignKey(Reader, null=True, on_delete=models.SET_NULL, related_name="+")
    reason = models.CharField(max_length=300, blank=True)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"discussion of {self.paper_id} closed"


class Notification(models.Model):
    """Someone replied to a reader or named them: shown on a page, and mailed once if the reader wants that."""

    class Kind(models.TextChoices):
        """Why a reader is told."""

        REPLY = "reply"
        MENTION = "mention"

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="notifications")
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    mail_error = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reader", "comment"], name="told_once_of_a_comment")]
        indexes: ClassVar = [
            models.Index(fields=["reader"], condition=models.Q(seen_at__isnull=True), name="unseen_notifications"),
            models.Index(fields=["at"], condition=models.Q(mailed_at__isnull=True), name="unmailed_notifications"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} for {self.reader_id}"
