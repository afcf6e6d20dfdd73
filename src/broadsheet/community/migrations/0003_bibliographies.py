"""Files of references that readers send, so that their digest knows what they read."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("community", "0002_moves"),
        ("library", "0007_schedules"),
    ]

    operations = [
        migrations.CreateModel(
            name="Bibliography",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=120)),
                ("at", models.DateTimeField()),
                ("total", models.PositiveIntegerField()),
                ("found", models.PositiveIntegerField()),
                ("refused", models.PositiveIntegerField(default=0)),
                ("faults", models.JSONField(default=list)),
                ("topics", models.JSONField(default=list)),
                ("model", models.CharField(blank=True, max_length=200)),
                ("learned_at", models.DateTimeField(blank=True, null=True)),
                (
                    "reader",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="bibliographies",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "bibliographies",
            },
        ),
        migrations.CreateModel(
            name="Reference",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.TextField(blank=True)),
                ("abstract", models.TextField(blank=True)),
                ("codes", models.BinaryField(null=True)),
                (
                    "bibliography",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="references",
                        to="community.bibliography",
                    ),
                ),
                (
                    "paper",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="library.paper"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Theme",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("title", models.CharField(max_length=300)),
                ("references", models.PositiveIntegerField()),
                ("codes", models.BinaryField()),
                (
                    "bibliography",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="themes", to="community.bibliography"
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="bibliography",
            index=models.Index(
                condition=models.Q(("learned_at__isnull", True)), fields=["at"], name="bibliographies_to_learn"
            ),
        ),
        migrations.AddConstraint(
            model_name="reference",
            constraint=models.UniqueConstraint(fields=("bibliography", "paper"), name="once_in_a_bibliography"),
        ),
    ]
