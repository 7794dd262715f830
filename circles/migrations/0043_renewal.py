"""Once a term a member says again whether they stay; what they say of the year is theirs alone."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from kring.lib.policies import ME, child, reading, run, secured, writing

KEPT = """
create function kring_keep_renewal() returns trigger language plpgsql as $$
begin
    if old.state in ('left', 'lapsed', 'removed') and new.state = 'probation' then
        new.renewed_at := clock_timestamp();  -- admitted anew
    elsif new.renewed_at <> old.renewed_at and current_user <> 'kring_owner'
          and (new.renewed_at > clock_timestamp()
               or kring_member() is distinct from old.member_id) then
        raise exception 'kring: only the member says so' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_renewal before update on circles_membership
for each row execute function kring_keep_renewal();
create trigger watch_renewal after update of renewed_at on circles_membership
for each row when (new.state = old.state) execute function kring_watch_membership();
grant update (renewed_at) on circles_membership to kring_web;
"""
OWN = f"membership_id in (select id from circles_membership where member_id = {ME})"


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0042_second_admins"),
    ]

    operations = [
        migrations.AddField(
            model_name="membership",
            name="renewed_at",
            field=models.DateTimeField(db_default=django.db.models.functions.datetime.Now()),
        ),
        migrations.CreateModel(
            name="Renewal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "choice",
                    models.CharField(
                        choices=[("stay", "I stay"), ("pause", "I pause"), ("leave", "I leave")],
                        max_length=5,
                    ),
                ),
                (
                    "worth",
                    models.CharField(
                        blank=True,
                        choices=[("yes", "Yes"), ("partly", "Partly"), ("no", "No")],
                        max_length=6,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
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
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="renewals",
                        to="circles.membership",
                    ),
                ),
            ],
        ),
        child("circles_renewal", "membership_id", of="circles_membership"),
        run(KEPT),
        secured(
            "circles_renewal",
            web="select, insert",
            worker="",
            policies=[
                reading("own renewals", OWN, to="kring_web"),
                writing("one says whether one stays", OWN, to="kring_web"),
            ],
        ),
    ]
