"""When a paper's linked code is next asked for its stars."""

from django.db import migrations, models
from django.db.models import Q
from django.utils import timezone

from broadsheet.sources import repository

DUE = Q(withdrawn_at__isnull=True, erased_at__isnull=True) & Q(stars_due_at__isnull=False)


def make_linked_code_due(apps, schema_editor):
    alias, now = schema_editor.connection.alias, timezone.now()
    versions = apps.get_model("library", "Version").objects.using(alias).filter(died__isnull=True).exclude(links=[])
    linked = [
        paper
        for paper, links in versions.values_list("paper", "links").iterator(chunk_size=5_000)
        if any(repository(link["url"]) for link in links)
    ]
    papers = apps.get_model("library", "Paper").objects.using(alias)
    for start in range(0, len(linked), 500):
        papers.filter(pk__in=linked[start : start + 500]).update(stars_due_at=now)


class Migration(migrations.Migration):
    dependencies = [("library", "0002_attention")]

    operations = [
        migrations.AddField("paper", "stars_due_at", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(make_linked_code_due, migrations.RunPython.noop),
        migrations.AddIndex("paper", models.Index(fields=["stars_due_at"], condition=DUE, name="stars_due")),
    ]
