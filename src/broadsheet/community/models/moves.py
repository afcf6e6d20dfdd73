"""What moved when an editor made one paper of two, for the day they are taken apart again."""

from django.db import models

from broadsheet.library.models import Paper


class Move(models.Model):
    """What readers made of a paper went to another: `rows` lists the keys of the rows that moved, by table.

    What both papers had of one reader stays with the absorbed one, so nothing is lost.
    """

    absorbed = models.OneToOneField(Paper, on_delete=models.CASCADE, related_name="+")
    kept = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    rows = models.JSONField(default=dict)
    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.absorbed_id} to {self.kept_id}"
