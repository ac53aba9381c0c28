"""Adjudication events are append-only: the database refuses what the code must not do."""

from django.db import migrations

FORWARD = """
create function adjudication_event_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'adjudication events are append-only' using errcode = 'integrity_constraint_violation';
end $$;
create trigger adjudication_event_append_only before update or delete on labeling_adjudicationevent
    for each row execute function adjudication_event_append_only();
"""
BACKWARD = """
drop trigger adjudication_event_append_only on labeling_adjudicationevent;
drop function adjudication_event_append_only();
"""


class Migration(migrations.Migration):
    """Adds the trigger."""

    dependencies = [("labeling", "0005_consensus_policy_and_quality")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
