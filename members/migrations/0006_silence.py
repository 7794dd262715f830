"""Addresses that asked never to be written to: anybody may add a hash, nobody can read one."""

from django.db import migrations, models

from kring.lib.policies import run, secured, writing

SILENT = """
-- Whether this one hash was asked for; the list itself is open to nobody.
create function kring_silent(p_key text) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (select from members_silence where address_key = p_key) $$;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0005_mail_off")]

    operations = [
        migrations.CreateModel(
            name="Silence",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address_key", models.CharField(max_length=43, unique=True)),
                ("at", models.DateTimeField(db_default=models.functions.Now())),
            ],
        ),
        run(SILENT),
        secured(
            "members_silence",
            web="insert",
            worker="",
            # The token behind it is proven in code; a hash more in this list harms nobody.
            policies=[writing("anybody asks for silence", "true", to="kring_web")],
        ),
    ]
