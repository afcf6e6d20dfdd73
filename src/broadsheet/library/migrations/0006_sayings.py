from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    dependencies = [("library", "0005_blocks")]
    operations = [
        migrations.AddField("statement", "since", models.JSONField(blank=True, null=True)),
        migrations.AddField("statement", "said", models.JSONField(blank=True, null=True)),
        migrations.AddField("statement", "seq", models.BigIntegerField(default=0)),
        migrations.AddField("statement", "about", models.CharField(blank=True, default="", max_length=700)),
        migrations.RemoveConstraint("statement", "one_statement_a_source"),
        migrations.AddConstraint(
            "statement",
            models.UniqueConstraint(fields=("paper", "source", "about"), name="one_statement_a_record"),
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("seq", models.BigIntegerField()),
                ("names", models.JSONField(default=list)),
                ("statements", models.JSONField(default=list)),
                ("absorbed", models.OneToOneField(on_delete=CASCADE, related_name="merged", to="library.paper")),
                ("kept", models.ForeignKey(on_delete=CASCADE, related_name="merges", to="library.paper")),
            ],
        ),
    ]
