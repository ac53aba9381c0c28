"""Webhooks and the outbox of what they are told."""

import django.contrib.postgres.fields
import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Adds two tables."""

    dependencies = [
        ("labeling", "0013_api_tokens"),
    ]

    operations = [
        migrations.CreateModel(
            name="Webhook",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=80)),
                ("url", models.CharField(max_length=500)),
                (
                    "events",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("consensus.settled", "A photo was settled"),
                                ("import.finished", "An import ended"),
                                ("export.ready", "An export can be downloaded"),
                                ("training.finished", "A training ended"),
                                ("model.promoted", "A model version was promoted"),
                            ],
                            max_length=20,
                        ),
                        size=None,
                    ),
                ),
                ("salt", models.CharField(max_length=64)),
                ("former_salt", models.CharField(blank=True, max_length=64)),
                ("former_until", models.DateTimeField(blank=True, null=True)),
                ("is_active", models.BooleanField(default=True)),
                (
                    "failing_since",
                    models.DateTimeField(blank=True, help_text="First failure since the last success", null=True),
                ),
                (
                    "n_failures",
                    models.PositiveIntegerField(default=0, help_text="Attempts that failed since the last success"),
                ),
                (
                    "disabled_at",
                    models.DateTimeField(blank=True, help_text="Switched off because it kept failing", null=True),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                (
                    "created_by",
                    models.ForeignKey(
                        blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, to=settings.AUTH_USER_MODEL
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="webhooks", to="labeling.project"
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="WebhookDelivery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "message_id",
                    models.UUIDField(default=uuid.uuid4, help_text="The same in every attempt", unique=True),
                ),
                ("event", models.CharField(max_length=20)),
                ("payload", models.JSONField()),
                (
                    "state",
                    models.CharField(
                        choices=[("pending", "Pending"), ("delivered", "Delivered"), ("failed", "Failed")],
                        default="pending",
                        max_length=9,
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0)),
                ("next_try_at", models.DateTimeField()),
                (
                    "last_status",
                    models.PositiveSmallIntegerField(blank=True, help_text="HTTP status of the last answer", null=True),
                ),
                (
                    "last_error",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("answered", "Another answer than 2xx"),
                            ("timeout", "No answer in time"),
                            ("not_allowed", "The address is not called by this server"),
                            ("no_address", "The host has no address"),
                            ("certificate", "The certificate is not valid for the host"),
                            ("refused", "The connection was refused"),
                            ("broken", "The connection failed"),
                            ("given_up", "The worker ended at every attempt"),
                        ],
                        max_length=11,
                    ),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True)),
                ("attempted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "webhook",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="deliveries", to="labeling.webhook"
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "events__contained_by",
                        ["consensus.settled", "import.finished", "export.ready", "training.finished", "model.promoted"],
                    ),
                    ("events__len__gt", 0),
                ),
                name="webhook_events_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("former_salt", ""), ("former_until__isnull", True)),
                    models.Q(models.Q(("former_salt", ""), _negated=True), ("former_until__isnull", False)),
                    _connector="OR",
                ),
                name="webhook_former_secret_ends",
            ),
        ),
        migrations.AddConstraint(
            model_name="webhook",
            constraint=models.CheckConstraint(
                condition=models.Q(("disabled_at__isnull", True), ("is_active", False), _connector="OR"),
                name="webhook_disabled_is_not_active",
            ),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(fields=["webhook", "-id"], name="webhook_delivery_latest"),
        ),
        migrations.AddIndex(
            model_name="webhookdelivery",
            index=models.Index(
                condition=models.Q(("state", "pending")), fields=["webhook", "id"], name="webhook_delivery_pending"
            ),
        ),
        migrations.AddConstraint(
            model_name="webhookdelivery",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "pending"),
                    models.Q(("attempted_at__isnull", False), ("attempts__gt", 0)),
                    _connector="OR",
                ),
                name="webhook_delivery_tried",
            ),
        ),
    ]
