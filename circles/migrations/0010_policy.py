"""The rules of admission, each within bounds; and never fewer seats than are taken."""

import datetime

from django.db import migrations, models

from kring.lib.policies import run

# Circles that were there before asked for no referees; nobody changes that for them.
AS_BEFORE = """
update circles_circle set required_referees = 0, objection_days = least(objection_days, 30),
    declines_to_stop = least(declines_to_stop, 5);
"""

SEATS = """
create function kring_keep_seats() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if new.size_cap < kring_seats_taken(new.id)
       + (select count(*) from circles_application
          where circle_id = new.id and state = 'offered') then
        raise exception 'kring: fewer seats than are taken';
    end if;
    return new;
end $$;
create trigger keep_seats before update of size_cap on circles_circle
for each row when (new.size_cap < old.size_cap) execute function kring_keep_seats();
grant update (required_referees, outside_referees, decide_days, erase_days, reverify_months,
    registry) on circles_circle to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0007_one_person_invited"),
        ("members", "0013_letters_again"),
    ]

    operations = [
        migrations.AddField(
            model_name="application",
            name="stood_still",
            field=models.DurationField(
                db_default=datetime.timedelta(0), default=datetime.timedelta
            ),
        ),
        migrations.AddField(
            model_name="circle",
            name="decide_days",
            field=models.SmallIntegerField(default=14),
        ),
        migrations.AddField(
            model_name="circle",
            name="erase_days",
            field=models.SmallIntegerField(default=28),
        ),
        migrations.AddField(
            model_name="circle",
            name="outside_referees",
            field=models.BooleanField(default=True),
        ),
        migrations.AddField(
            model_name="circle",
            name="registry",
            field=models.CharField(
                choices=[
                    ("none", "No register"),
                    ("manual", "A vetter looks it up"),
                    ("big", "The Dutch BIG register"),
                ],
                default="none",
                max_length=6,
            ),
        ),
        migrations.AddField(
            model_name="circle",
            name="required_referees",
            field=models.SmallIntegerField(default=2),
        ),
        migrations.AddField(
            model_name="circle",
            name="reverify_months",
            field=models.SmallIntegerField(default=12),
        ),
        migrations.AlterField(
            model_name="circle",
            name="objection_days",
            field=models.SmallIntegerField(default=7),
        ),
        migrations.RemoveConstraint("circle", "circle_decides_by_votes"),
        run(AS_BEFORE),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("required_referees__gte", 0), ("required_referees__lte", 3)),
                name="required_referees_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("approvals_needed__gte", 1), ("approvals_needed__lte", 5)),
                name="approvals_needed_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("declines_to_stop__gte", 1), ("declines_to_stop__lte", 5)),
                name="declines_to_stop_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("objection_days__gte", 0), ("objection_days__lte", 30)),
                name="objection_days_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("decide_days__gte", 7), ("decide_days__lte", 28)),
                name="decide_days_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("erase_days__gte", 1), ("erase_days__lte", 28)),
                name="erase_days_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("reverify_months__gte", 6), ("reverify_months__lte", 24)),
                name="reverify_months_within_bounds",
            ),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("registry__in", ["none", "manual", "big"])),
                name="registry_is_known",
            ),
        ),
        run(SEATS),
    ]
