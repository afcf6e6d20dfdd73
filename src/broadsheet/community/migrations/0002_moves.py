from django.db import migrations, models
from django.db.models.deletion import CASCADE


class Migration(migrations.Migration):
    dependencies = [("community", "0001_readers"), ("library", "0006_sayings")]
    operations = [
        migrations.CreateModel(
            name="Move",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("rows", models.JSONField(default=dict)),
                ("at", models.DateTimeField()),
                ("absorbed", models.OneToOneField(on_delete=CASCADE, related_name="+", to="library.paper")),
                ("kept", models.ForeignKey(on_delete=CASCADE, related_name="+", to="library.paper")),
            ],
        ),
    ]
