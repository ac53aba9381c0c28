"""Counts of vectors by project and space, kept by triggers: the table has a row per photo and space."""

import django.db.models.deletion
from django.db import migrations, models


FORWARD = """
create function embedding_count_up() returns trigger language plpgsql as $$
begin
    insert into classifier_embeddingcount as c (project_id, backbone, n)
        select p.project_id, e.backbone, count(*)
        from fresh e join labeling_photo p on p.id = e.photo_id
        group by 1, 2 order by 1, 2
    on conflict (project_id, backbone) do update set n = c.n + excluded.n;
    return null;
end $$;
create function embedding_count_down() returns trigger language plpgsql as $$
begin
    update classifier_embeddingcount c set n = c.n - gone.n
        from (
            select p.project_id, e.backbone, count(*) as n
            from gone_rows e join labeling_photo p on p.id = e.photo_id group by 1, 2
        ) gone
        where c.project_id = gone.project_id and c.backbone = gone.backbone;
    return null;
end $$;
create trigger embedding_count_up after insert on classifier_embedding
    referencing new table as fresh for each statement execute function embedding_count_up();
create trigger embedding_count_down after delete on classifier_embedding
    referencing old table as gone_rows for each statement execute function embedding_count_down();
insert into classifier_embeddingcount (project_id, backbone, n)
    select p.project_id, e.backbone, count(*)
    from classifier_embedding e join labeling_photo p on p.id = e.photo_id group by 1, 2;
"""
BACKWARD = """
drop trigger embedding_count_up on classifier_embedding;
drop trigger embedding_count_down on classifier_embedding;
drop function embedding_count_up();
drop function embedding_count_down();
"""


class Migration(migrations.Migration):

    dependencies = [
        ('classifier', '0011_shadow'),
        ('labeling', '0015_reasons_of_the_recipe'),
    ]

    operations = [
        migrations.CreateModel(
            name='EmbeddingCount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('backbone', models.CharField(max_length=80)),
                ('n', models.BigIntegerField()),
                ('project', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='embedding_counts', to='labeling.project')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('project', 'backbone'), name='embedding_count_once_per_space')],
            },
        ),
        migrations.RunSQL(FORWARD, BACKWARD),
    ]
