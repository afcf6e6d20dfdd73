"""Generations: vectors of several models beside each other, and which of them is searched from which change on."""

import django.db.models.deletion
from django.db import migrations, models
from django.utils import timezone


def begin(apps, schema_editor):
    """A library that has vectors is searched by them, from the beginning."""
    alias = schema_editor.connection.alias
    latest = apps.get_model("library", "Embedding").objects.using(alias).order_by("-born").values("model").first()
    if latest:
        now = timezone.now()
        generations = apps.get_model("library", "Generation").objects.using(alias)
        generations.create(model=latest["model"], since=0, began_at=now, seen_at=now)


class Migration(migrations.Migration):
    dependencies = [("library", "0008_waiting_first")]

    operations = [
        migrations.CreateModel(
            name="Generation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("model", models.CharField(max_length=200)),
                ("chosen", models.CharField(blank=True, max_length=1000)),
                ("since", models.BigIntegerField(null=True, unique=True)),
                ("began_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField()),
                ("done", models.PositiveIntegerField(default=0)),
                ("total", models.PositiveIntegerField(default=0)),
                ("is_kept", models.BooleanField(default=True)),
            ],
        ),
        migrations.AlterField(
            "change",
            "kind",
            models.CharField(
                max_length=10,
                choices=[
                    ("added", "Added"),
                    ("revised", "Revised"),
                    ("described", "Described"),
                    ("withdrawn", "Withdrawn"),
                    ("restored", "Restored"),
                    ("erased", "Erased"),
                    ("embedded", "Embedded"),
                    ("reindexed", "Reindexed"),
                ],
            ),
        ),
        migrations.AlterField(
            "change",
            "paper",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="changes",
                to="library.paper",
            ),
        ),
        migrations.AlterField(
            "embedding",
            "version",
            models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="embeddings",
                to="library.version",
            ),
        ),
        migrations.AddConstraint(
            "embedding",
            models.UniqueConstraint(fields=("version", "model"), name="one_embedding_a_model"),
        ),
        migrations.RunPython(begin, migrations.RunPython.noop, elidable=True),
    ]
