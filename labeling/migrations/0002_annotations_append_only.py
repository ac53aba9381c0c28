"""Annotations are append-only: the database refuses what the code must not do."""

from django.db import migrations

FORWARD = """
create function annotation_append_only() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        raise exception 'annotations are append-only: withdraw instead of deleting' using errcode = 'integrity_constraint_violation';
    end if;
    if old.withdrawn_at is not null then
        raise exception 'a withdrawn annotation is final' using errcode = 'integrity_constraint_violation';
    end if;
    if (to_jsonb(new) - 'withdrawn_at') is distinct from (to_jsonb(old) - 'withdrawn_at') then
        raise exception 'annotations are append-only: only withdrawn_at may be set' using errcode = 'integrity_constraint_violation';
    end if;
    return new;
end $$;
create trigger annotation_append_only before update or delete on labeling_annotation
    for each row execute function annotation_append_only();
"""
BACKWARD = """
drop trigger annotation_append_only on labeling_annotation;
drop function annotation_append_only();
"""


class Migration(migrations.Migration):
    """Adds the trigger."""

    dependencies = [("labeling", "0001_initial")]
    operations = [migrations.RunSQL(FORWARD, BACKWARD)]
