"""What imports refused becomes a table of rows: all of them, not the first thousand; and imports may be rehearsed."""

import django.db.models.deletion
from django.db import migrations, models

# What was found in the pixels was looked up from the photos until now; a report tells it in its own words.
FORWARD = """
insert into labeling_importrefusal (import_batch_id, row, name, code, message)
select b.id, (r.value ->> 'row')::int, coalesce(left(r.value ->> 'name', 255), ''), left(r.value ->> 'code', 40),
    coalesce(r.value ->> 'message', '')
from labeling_importbatch b cross join jsonb_array_elements(b.report) with ordinality as r (value, place)
order by b.id, r.place;
insert into labeling_importrefusal (import_batch_id, row, name, code, message)
select import_batch_id, 0, original_name, rejection, replace(rejection, '_', ' ')
from labeling_photo where import_batch_id is not null and status = 'rejected' order by id;
"""
BACKWARD = """
update labeling_importbatch b set report = (
    select coalesce(jsonb_agg(jsonb_build_object('row', r.row, 'name', r.name, 'code', r.code, 'message', r.message)
        order by r.id), '[]')
    from (
        select * from labeling_importrefusal r where r.import_batch_id = b.id and r.row > 0 order by r.id limit 1000
    ) r
);
"""


class Migration(migrations.Migration):
    """Adds a table and two columns, moves the reports, drops their column."""

    dependencies = [("labeling", "0011_digest_sent_at")]

    operations = [
        migrations.AddField(
            model_name="importbatch",
            name="form",
            field=models.CharField(
                default="auto", help_text="What the source is said to be; auto: found out", max_length=20
            ),
        ),
        migrations.AddField(
            model_name="importbatch",
            name="is_dry_run",
            field=models.BooleanField(default=False, help_text="Tells what would come in and writes nothing"),
        ),
        migrations.CreateModel(
            name="ImportRefusal",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("row", models.PositiveIntegerField()),
                ("name", models.CharField(blank=True, max_length=255)),
                ("code", models.CharField(max_length=40)),
                ("message", models.TextField()),
                (
                    "import_batch",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refusals",
                        to="labeling.importbatch",
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["import_batch", "id"], name="import_refusal_in_order")]},
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
        migrations.RemoveField(model_name="importbatch", name="report"),
    ]
