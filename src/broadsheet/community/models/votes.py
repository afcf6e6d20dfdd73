"""Votes and reads: one a reader and paper. The library's counters equal these rows."""

from typing import ClassVar

from django.db import models

from broadsheet.community.models.readers import Reader
from broadsheet.library.models import Paper


class Vote(models.Model):
    """A reader's vote for a paper. `is_shown` votes are counted for all to see, `is_trusted` ones for trending too."""

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="votes")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    is_shown = models.BooleanField()
    is_trusted = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reader", "paper"], name="one_vote_a_reader")]

    def __str__(self) -> str:
        return f"{self.reader_id} for {self.paper_id}"


class Read(models.Model):
    """A signed-in reader opened a paper's page. Nobody else's reading is kept."""

    reader = models.ForeignKey(Reader, on_delete=models.CASCADE, related_name="reads")
    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()
    is_counted = models.BooleanField()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["reader", "paper"], name="one_read_a_reader")]

    def __str__(self) -> str:
        return f"{self.reader_id} read {self.paper_id}"
