"""Browsers and second factors: whose they are, and what the sign-in desk may do with them."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import kring.lib.ids
from kring.lib.policies import HOUSE, ME, Policy, changing, reading, run, secured, writing

DESK = "(select kring_at_the_desk())"
FORGOTTEN = f"{HOUSE} and session_id is null and used_at < now() - interval '400 days'"

FUNCTIONS = """
-- Whether whoever acts can prove a second factor. Recovery codes alone are none. Sign-in asks for
-- it once there is one, and the first one ends every other session, so having one is enough.
create function kring_has_factor() returns boolean language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select exists (select from mfa_authenticator
                     where user_id = kring_member() and type in ('totp', 'webauthn')) $$;
"""

# allauth saves whole rows; whose a factor is and what kind never changes.
KEPT = """
create function kring_keep_factor() returns trigger language plpgsql as $$
begin
    if (new.user_id, new.type) is distinct from (old.user_id, old.type) then
        raise exception 'kring: a factor stays whose it is' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_factor before update on mfa_authenticator
for each row execute function kring_keep_factor();
"""

# A session that goes takes no browser with it: the browser stays known.
LET_GO = """
alter table members_browser add constraint a_browser_lets_go_of_its_session
foreign key (session_id) references django_session (session_key) on delete set null;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0003_condition"),
        ("sessions", "0001_initial"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [
        migrations.AddField(
            model_name="member",
            name="session_round",
            field=models.IntegerField(db_default=0, default=0),
        ),
        migrations.CreateModel(
            name="Browser",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    models.CharField(
                        default=kring.lib.ids.public_id, editable=False, max_length=10, unique=True
                    ),
                ),
                ("print", models.CharField(max_length=64)),
                ("browser", models.CharField(blank=True, max_length=20)),
                ("system", models.CharField(blank=True, max_length=20)),
                ("first_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("used_at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "member",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "session",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="sessions.session",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("member", "print"), name="a_browser_is_known_once"
                    ),
                    models.UniqueConstraint(
                        fields=("session",), name="a_session_is_in_one_browser"
                    ),
                ],
            },
        ),
        run(FUNCTIONS),
        run(KEPT),
        run(LET_GO),
        secured(
            "mfa_authenticator",
            web="select, insert, update, delete",
            worker="",
            policies=[
                reading("own factors", f"user_id = {ME}", to="kring_web"),
                writing("own factor is added", f"user_id = {ME}", to="kring_web"),
                changing("own factor changes", f"user_id = {ME}", to="kring_web"),
                Policy("own factor goes", "delete", using=f"user_id = {ME}", to="kring_web"),
                reading("desk asks for the factor", DESK, to="kring_web"),
                changing("desk notes that it was used", DESK, to="kring_web"),
            ],
        ),
        secured(
            "members_browser",
            web="select, insert, update (session_id, browser, system, used_at)",
            worker="select, delete",
            policies=[
                reading("own browsers", f"member_id = {ME}", to="kring_web"),
                writing("own browser becomes known", f"member_id = {ME}", to="kring_web"),
                changing("own browser is used again", f"member_id = {ME}", to="kring_web"),
                reading("house knows the browsers", HOUSE, to="kring_worker"),
                Policy("house forgets browsers", "delete", using=FORGOTTEN, to="kring_worker"),
            ],
        ),
    ]
