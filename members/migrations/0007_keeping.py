"""The ledger of erasures, the list of backups, and who may read it: whoever runs the place."""

import django.db.models.functions.datetime
from django.db import migrations, models

from kring.lib.policies import HOUSE, house, reading, run, secured

STEWARD_FUNCTION = """
-- The duty of whoever runs the installation. It opens no circle.
create function kring_is_steward() returns boolean language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select exists (select from members_member
                     where id = kring_member() and is_steward and is_active) $$;
"""
# Whoever says 'never again' has no right to the ledger, and stands in it all the same.
SILENCES = """
create function kring_keep_silence() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into members_erasure (kind, row_id, key) values ('silence', new.id, new.address_key)
    on conflict do nothing;
    return null;
end $$;
revoke all on function kring_keep_silence from public;
create trigger keep_silence after insert on members_silence
for each row execute function kring_keep_silence();
insert into members_erasure (kind, row_id, key, at)
select 'silence', id, address_key, at from members_silence;
"""
STEWARD = "(select kring_is_steward())"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0006_silence"),
    ]

    operations = [
        migrations.CreateModel(
            name="Backup",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_at", models.DateTimeField()),
                ("read_back_at", models.DateTimeField()),
                ("key_tried", models.BooleanField(default=False)),
                ("size", models.BigIntegerField()),
                ("rows", models.BigIntegerField()),
                ("files", models.BigIntegerField()),
                ("restored_at", models.DateTimeField(null=True)),
            ],
            options={
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("read_back_at__gte", models.F("made_at"))),
                        name="read_back_after_it_was_made",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("kind", models.CharField(max_length=40)),
                ("row_id", models.BigIntegerField()),
                ("key", models.CharField(blank=True, max_length=43)),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                ("kept_at", models.DateTimeField(null=True)),
            ],
            options={
                "indexes": [
                    models.Index(
                        condition=models.Q(("kept_at", None)),
                        fields=["id"],
                        name="erasures_to_keep_outside",
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "row_id"), name="a_row_is_erased_once")
                ],
            },
        ),
        run(STEWARD_FUNCTION, "drop function kring_is_steward();"),
        secured(
            "members_erasure",
            web="",
            worker="select, insert, update (kept_at)",
            policies=house(),
        ),
        run(SILENCES, "drop function kring_keep_silence() cascade;"),
        secured(
            "members_backup",
            web="select",
            worker="select",
            policies=[
                reading("stewards see what was backed up", STEWARD, to="kring_web"),
                reading("house sees what was backed up", HOUSE, to="kring_worker"),
            ],
        ),
    ]
