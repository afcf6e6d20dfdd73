"""Indexes for lists in the order of the journal: what stands, of one source or of all, and what is gone."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("library", "0003_stars_due")]

    operations = [
        migrations.AddIndex(
            "version", models.Index(fields=["born"], condition=Q(died__isnull=True), name="open_by_birth")
        ),
        migrations.AddIndex(
            "version", models.Index(fields=["source", "born"], condition=Q(died__isnull=True), name="open_by_source")
        ),
        migrations.AddIndex(
            "change", models.Index(fields=["seq"], condition=Q(kind__in=("withdrawn", "erased")), name="removals")
        ),
    ]
