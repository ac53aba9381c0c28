"""When the weekly e-mail was last sent."""

from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds a nullable column."""

    dependencies = [
        ("labeling", "0010_location_consent"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="digest_sent_at",
            field=models.DateTimeField(
                blank=True, help_text="When the weekly e-mail was last sent, to who asked for it", null=True
            ),
        ),
    ]
