from django.db import migrations, models
from django.db.models.deletion import CASCADE

from broadsheet.library.likeness import Traits

CHUNK = 1_000


def fill(apps, editor):
    version_model, block_model = apps.get_model("library", "Version"), apps.get_model("library", "Block")
    alias, last = editor.connection.alias, 0
    standing = version_model.objects.using(alias).filter(died__isnull=True).order_by("pk")
    while versions := list(standing.filter(pk__gt=last)[:CHUNK]):
        last = versions[-1].pk
        rows = []
        for version in versions:
            day = version.published or version.announced or version.updated
            names = (author["name"] for author in version.authors)
            traits = Traits.read(version.title, names, day.year if day else None)
            rows += [block_model(key=key, paper_id=version.paper_id) for key in traits.blocks]
        block_model.objects.using(alias).bulk_create(rows, ignore_conflicts=True)


class Migration(migrations.Migration):
    dependencies = [("library", "0004_lists_by_change")]
    operations = [
        migrations.CreateModel(
            name="Block",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("key", models.BigIntegerField()),
                (
                    "paper",
                    models.ForeignKey(db_index=False, on_delete=CASCADE, related_name="blocks", to="library.paper"),
                ),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=("key", "paper"), name="once_in_a_block")],
            },
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
