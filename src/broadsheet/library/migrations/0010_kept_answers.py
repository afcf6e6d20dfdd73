"""What a generation answered before, for an upgrade of Broadsheet to be compared with."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("library", "0009_generations")]
    operations = [migrations.AddField("generation", "answers", models.JSONField(blank=True, null=True))]
