"""Harvests that come again by themselves, and the files of watched folders that were read."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0006_sayings")]

    operations = [
        migrations.CreateModel(
            name="Schedule",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("command", models.CharField(max_length=1000, unique=True)),
                ("every", models.DurationField()),
                ("since", models.DateField(null=True)),
                ("overlap", models.PositiveSmallIntegerField(null=True)),
                ("made_at", models.DateTimeField()),
                ("next_at", models.DateTimeField(db_index=True)),
                ("claimed_by", models.CharField(blank=True, max_length=300)),
                ("claimed_until", models.DateTimeField(null=True)),
                ("began_at", models.DateTimeField(null=True)),
                ("tried_at", models.DateTimeField(null=True)),
                ("succeeded_at", models.DateTimeField(null=True)),
                ("failures", models.PositiveIntegerField(default=0)),
                ("error", models.TextField(blank=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReadFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("folder", models.CharField(max_length=32)),
                ("file", models.CharField(max_length=32)),
                ("mark", models.CharField(max_length=60)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("folder", "file"), name="once_in_a_folder")],
            },
        ),
    ]
