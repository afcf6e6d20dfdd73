"""Make the index of versions that wait for a vector anew, after those of open versions.

Of two indexes that cost the same by its rules, SQLite takes the younger, and the one of all open versions is no use to
whoever counts the few that wait: every search does.
"""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("library", "0007_schedules")]
    operations = [
        migrations.RemoveIndex("version", "waiting_for_embedding"),
        migrations.AddIndex(
            "version",
            models.Index(
                fields=["born"], condition=Q(died__isnull=True, is_embedded=False), name="waiting_for_embedding"
            ),
        ),
    ]
