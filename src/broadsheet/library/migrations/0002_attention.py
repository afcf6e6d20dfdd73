"""Counters of attention on each paper, and the trending number that lists are sorted by."""

from django.db import migrations, models
from django.db.models import Q

from broadsheet.ranking import trending

STANDING = Q(withdrawn_at__isnull=True, erased_at__isnull=True)


def give_each_day_its_number(apps, schema_editor):
    papers = apps.get_model("library", "Paper").objects.using(schema_editor.connection.alias)
    for day in list(papers.values_list("day", flat=True).distinct()):
        papers.filter(day=day).update(trending=trending(day).score)


class Migration(migrations.Migration):
    dependencies = [("library", "0001_journal_and_papers")]

    operations = [
        migrations.AlterField("paper", "withdrawn_at", models.DateTimeField(blank=True, null=True)),
        migrations.AlterField("paper", "erased_at", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("paper", "is_featured", models.BooleanField(default=False)),
        *(
            migrations.AddField("paper", name, models.PositiveIntegerField(default=0))
            for name in ("votes", "trusted_votes", "comments", "saves", "reads", "stars")
        ),
        migrations.AddField("paper", "trending", models.FloatField(default=0.0), preserve_default=False),
        migrations.RunPython(give_each_day_its_number, migrations.RunPython.noop),
        migrations.RemoveIndex("paper", "standing_by_day"),
        migrations.AddIndex(
            "paper",
            models.Index(fields=["day", "-votes", "-is_featured", "id"], condition=STANDING, name="standing_by_day"),
        ),
        migrations.AddIndex(
            "paper", models.Index(fields=["-trending", "id"], condition=STANDING, name="standing_by_trending")
        ),
    ]
