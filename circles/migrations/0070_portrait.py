"""What members say of themselves in a circle, read by its members while they are in it; and the
dated checks of a member, told to colleagues without the words of whoever made them."""

import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from kring.lib.policies import (
    ME,
    READS,
    WRITES,
    changing,
    child,
    parent,
    reading,
    run,
    secured,
    writing,
)

OWN = f"membership_id in (select id from circles_membership where member_id = {ME})"
LISTED = "('probation', 'active', 'reverify_due', 'grace', 'paused')"
PRESENT = f"membership_id in (select id from circles_membership where state in {LISTED})"

# Who vetted reads the facts themselves: their sources and names. Colleagues read what and when.
CHECKED = f"""
create function kring_checked(p_circle bigint, p_member bigint)
returns table (fact text, how text, at timestamptz) language sql stable
security definer set search_path = public, pg_temp
as $$ with person as (
        select m.id, m.circle_id, m.member_id from circles_membership m
        where m.circle_id = p_circle and m.member_id = p_member
          and m.circle_id = any (kring_reads()) and m.state in {LISTED})
      (select distinct on (f.fact) f.fact::text, f.how::text, f.at
       from person p
       join circles_memberfact f on f.circle_id = p.circle_id and f.membership_id = p.id
       order by f.fact, f.id desc)
      union all
      -- That, and not by how many: who named two referees would count who said no.
      (select 'vouched', '', a.moved_at
       from person p
       join circles_application a on a.circle_id = p.circle_id and a.member_id = p.member_id
            and a.state = 'approved'
       where exists (select from circles_endorsement e
                     where e.circle_id = a.circle_id and e.application_id = a.id
                       and e.withdrawn_at is null and e.how <> 'name')
          or exists (select from circles_reference r
                     where r.circle_id = a.circle_id and r.application_id = a.id
                       and r.vouches and r.member_id is not null)
       order by a.id desc limit 1) $$;
revoke all on function kring_checked from public;
grant execute on function kring_checked to kring_web;
"""

# A violated key names the circle; the membership first, as pages ask by it.
ONE = """
alter table circles_portrait drop constraint circles_portrait_membership_id_key;
alter table circles_portrait add constraint one_portrait_per_membership
unique (membership_id, circle_id);
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0033_spam")]

    operations = [
        migrations.CreateModel(
            name="Portrait",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "expertise",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=60),
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                ("brings", models.TextField(blank=True)),
                ("seeks", models.TextField(blank=True)),
                ("welcomes", models.SmallIntegerField(db_default=1, default=1)),
                ("away_until", models.DateField(null=True)),
                (
                    "changed_at",
                    models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
                (
                    "membership",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="portrait",
                        to="circles.membership",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("welcomes__gte", 0), ("welcomes__lte", 3)),
                        name="a_week_holds_three_requests",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expertise__len__lte", 5)),
                        name="a_portrait_has_five_fields",
                    ),
                ],
            },
        ),
        run(ONE),
        parent("circles_portrait"),
        child("circles_portrait", "membership_id", of="circles_membership"),
        secured(
            "circles_portrait",
            web="select, insert, update (expertise, brings, seeks, welcomes, away_until, changed_at)",
            worker="select",
            policies=[
                reading("members read who is in", f"{READS} and {PRESENT}"),
                reading("own portrait", OWN),
                writing("one draws oneself", f"{WRITES} and {OWN}", to="kring_web"),
                changing("one redraws oneself", f"{WRITES} and {OWN}", to="kring_web"),
            ],
        ),
        run(CHECKED),
    ]
