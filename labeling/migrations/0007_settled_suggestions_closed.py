"""Suggestions of photos that were settled before ``is_open`` existed are closed, so the triage grid passes over them."""

from django.db import migrations

CLOSE = """
update labeling_suggestion s set is_open = false
where exists (select from labeling_consensus c where c.photo_id = s.photo_id)
   or exists (select from labeling_adjudication j where j.photo_id = s.photo_id and j.state = 'open')
"""


class Migration(migrations.Migration):
    """Sets the column once."""

    dependencies = [("labeling", "0006_adjudication_events_append_only")]
    operations = [migrations.RunSQL(CLOSE, migrations.RunSQL.noop)]
