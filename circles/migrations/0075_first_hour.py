"""The first hour of a new circle: what its admins did first, each step once."""

import django.db.models.deletion
import django.db.models.functions.datetime
from django.db import migrations, models

from kring.lib.policies import ADMINISTERS, ME, reading, run, secured, writing

# As before; two people who can sign in lead it from the first day, and their first hour begins.
DECIDE = """
create or replace function kring_decide_circle(p_public_id text, p_confirm boolean, p_why text,
    out done boolean, out confirmed boolean, out who text, out at timestamptz)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    circle circles_circle;
begin
    if not kring_is_steward() then
        raise exception 'kring: only a steward answers a proposal' using errcode = '42501';
    end if;
    if not p_confirm and length(p_why) < 20 then
        raise exception 'kring: a no has its reason' using errcode = '42501';
    end if;
    select * into circle from circles_circle where public_id = p_public_id for no key update;
    if circle.id is null then
        return;
    end if;
    done := false;
    if coalesce(circle.confirmed_at, circle.declined_at) is not null then
        if coalesce(circle.confirmed_at, circle.declined_at) > now() - interval '1 day' then
            confirmed := circle.confirmed_at is not null;
            at := coalesce(circle.confirmed_at, circle.declined_at);
            select name into who from members_profile where member_id = circle.decided_by_id;
        end if;
        return;
    end if;
    if p_confirm and (select count(*) from circles_membership m
                      join members_member a on a.id = m.member_id and a.is_active
                      where m.circle_id = circle.id and m.role = 'admin'
                        and m.state = 'active') < 2 then
        raise exception 'kring: two admins first';
    end if;
    done := true;
    confirmed := p_confirm;
    at := now();
    update circles_circle
    set confirmed_at = case when p_confirm then now() end,
        founded_at = case when p_confirm then now() else founded_at end,
        listed = p_confirm and list_when_confirmed,
        declined_at = case when not p_confirm then now() end,
        declined_text = case when p_confirm then '' else p_why end,
        decided_by_id = kring_member()
    where id = circle.id;
    update circles_membership set since = now() where circle_id = circle.id and p_confirm;
    insert into members_letter (kind, member_id, circle_id, subject_id, seq, state, reason,
                                attempts, due_at, bounced)
    select case when p_confirm then 'circle_confirmed' else 'circle_declined' end,
           member_id, circle.id, circle.id, 0, 'queued', '', 0, now(), ''
    from circles_membership where circle_id = circle.id and state = 'active';
    if p_confirm then
        insert into circles_firsthour (circle_id, step) values (circle.id, 'begun')
        on conflict do nothing;
    end if;
    insert into members_auditentry (circle_id, by_id, act, subject, subject_id, facts)
    values (circle.id, kring_member(),
            case when p_confirm then 'circle.confirmed' else 'circle.declined' end,
            'circle', circle.id, '{}');
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0081_own_renewals_go_along"),
        ("members", "0013_letters_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="FirstHour",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "step",
                    models.CharField(
                        choices=[
                            ("begun", "Begun"),
                            ("charter", "Charter"),
                            ("form", "Form"),
                            ("rules", "Rules"),
                            ("closed", "Closed"),
                        ],
                        max_length=8,
                    ),
                ),
                ("at", models.DateTimeField(db_default=django.db.models.functions.datetime.Now())),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="members.profile",
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        fields=("circle", "step"), name="a_first_step_is_done_once"
                    )
                ],
            },
        ),
        run(DECIDE),
        secured(
            "circles_firsthour",
            web="select, insert",
            worker="",
            policies=[
                reading("admins see their first hour", ADMINISTERS, to="kring_web"),
                writing(
                    "admins do a first step",
                    f"by_id = {ME} and step <> 'begun' and {ADMINISTERS}",
                    to="kring_web",
                ),
            ],
        ),
    ]
