import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("classifier", "0006_training_run_handovers"),
    ]

    operations = [
        migrations.AddField(
            model_name="modelversion",
            name="operating_points",
            field=models.JSONField(
                blank=True,
                db_default={},
                default=dict,
                help_text="Thresholds of sets and answers; empty for older versions",
            ),
        ),
        migrations.CreateModel(
            name="EvaluationReport",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("format", models.PositiveSmallIntegerField(help_text="Of the content")),
                (
                    "content",
                    models.JSONField(help_text="{subsets, specialists, operating_points, receipt}"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "model_version",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="report",
                        to="classifier.modelversion",
                    ),
                ),
            ],
        ),
    ]
