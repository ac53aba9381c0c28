"""What is measured of a photo when it comes in, and the rejections that follow from it."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds nullable columns and one with a default of the database: instant on any size."""

    dependencies = [
        ("labeling", "0008_exports"),
    ]

    operations = [
        migrations.AddField(
            model_name="photo",
            name="advice",
            field=ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("blurred", "Soft"),
                        ("dark", "Dark"),
                        ("bright", "Partly burnt out"),
                        ("far", "What it shows is small"),
                        ("small", "Few pixels"),
                    ],
                    max_length=8,
                ),
                blank=True,
                db_default=[],
                default=list,
                help_text="For its sender: how to take a better one",
                size=None,
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="blur",
            field=models.FloatField(
                blank=True, help_text="Width of the sharpest edges, 1/256 of the short side", null=True
            ),
        ),
        migrations.AddField(
            model_name="photo",
            name="burnt",
            field=models.FloatField(blank=True, help_text="Share that is white", null=True),
        ),
        migrations.AddField(
            model_name="photo",
            name="detail",
            field=models.FloatField(blank=True, help_text="Share that shows anything", null=True),
        ),
        migrations.AddField(
            model_name="photo",
            name="light",
            field=models.FloatField(blank=True, help_text="Grey level of the lit part, 0 to 1", null=True),
        ),
        migrations.AlterField(
            model_name="photo",
            name="rejection",
            field=models.CharField(
                blank=True,
                choices=[
                    ("not_an_image", "Not an image"),
                    ("unsupported", "Unsupported image format"),
                    ("truncated", "File is cut short"),
                    ("too_large", "Too many pixels or bytes"),
                    ("too_small", "Too few pixels"),
                    ("empty", "Empty file"),
                    ("too_blurred", "Nothing in it is sharp"),
                    ("too_dark", "Too dark to see anything"),
                    ("too_bright", "Burnt out"),
                    ("no_detail", "Shows nothing: a wall, a finger, the sky"),
                ],
                max_length=12,
            ),
        ),
    ]
