"""The sweeps that were seen, and the one function that tells how much waits and how long."""

from django.db import migrations, models

from kring.lib.policies import house, run, secured

CONDITION = """
create function kring_condition(p_stubborn int, out letters jsonb, out oldest_letter double precision,
    out stubborn_letters bigint, out due bigint, out oldest_due double precision, out sweeps jsonb)
language sql stable security definer set search_path = public, pg_temp
as $$
    select
        (select coalesce(jsonb_object_agg(state, number), '{}') from (
            select state, count(*) as number from members_letter
            where state in ('queued', 'failed', 'sending') group by state
            union all
            select state, count(*) from members_letter
            where settled_at > now() - interval '24 hours' group by state) counted),
        (select coalesce(extract(epoch from now() - min(due_at)), 0) from members_letter
         where state in ('queued', 'failed', 'sending') and due_at <= now()),
        (select count(*) from members_letter where state = 'failed' and attempts >= p_stubborn),
        (select count(*) from members_due where done_at is null and due_at <= now()),
        (select coalesce(extract(epoch from now() - min(due_at)), 0) from members_due
         where done_at is null and due_at <= now()),
        (select coalesce(jsonb_object_agg(task, jsonb_build_object(
            'seconds_ago', extract(epoch from now() - ended_at), 'took', seconds, 'worked', worked)),
            '{}') from members_sweep)
$$;
revoke all on function kring_condition from public;
grant execute on function kring_condition to kring_web, kring_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0002_access")]

    operations = [
        migrations.CreateModel(
            name="Sweep",
            fields=[
                ("task", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("ended_at", models.DateTimeField()),
                ("seconds", models.FloatField()),
                ("worked", models.BooleanField()),
            ],
        ),
        secured("members_sweep", web="", worker="select, insert, update", policies=house()),
        migrations.AddIndex(
            model_name="letter",
            index=models.Index(
                fields=["settled_at"],
                condition=models.Q(settled_at__isnull=False),
                name="letters_settled",
            ),
        ),
        run(CONDITION, "drop function kring_condition;"),
    ]
