"""Circles begin as a proposal, and a steward confirms them: who may read and decide until then.

A proposed circle gives nobody a right: the functions of rights leave it out. A steward reads its
charter and the names of who propose it, and loses sight of it with the decision.
"""

import django.db.models.deletion
from django.db import migrations, models

from kring.lib.policies import reading, run

# As before, without the circles that no steward has confirmed.
RIGHTS = "".join(
    f"""
create or replace function {name}() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(m.circle_id), '{{}}') from circles_membership m
      join circles_circle c on c.id = m.circle_id and c.confirmed_at is not null
      where m.member_id = kring_member() and {which}
        and (not c.demands_second_factor or kring_has_factor()) $$;
"""
    for name, which in {
        "kring_reads": "m.state in ('probation', 'active', 'reverify_due', 'grace')",
        "kring_writes": "m.state in ('probation', 'active', 'reverify_due')",
        "kring_vets": "m.state = 'active' and m.role in ('vetter', 'admin')",
        "kring_administers": "m.state = 'active' and m.role = 'admin'",
        "kring_invites": "m.state = 'active'",
    }.items()
)

# What a steward is told and may do; each asks for the duty itself.
STEWARDS = """
-- Who proposes these circles: for the steward while they wait, and for each other.
create function kring_proposers(p_circles bigint[]) returns table (
    circle_id bigint, name text, title text)
language sql stable security definer set search_path = public, pg_temp
as $$ select c.id, p.name, p.title from circles_membership m
      join circles_circle c on c.id = m.circle_id and c.confirmed_at is null
      join members_profile p on p.member_id = m.member_id
      where c.id = any (p_circles) and m.state = 'active'
        and (kring_is_steward() and c.declined_at is null
             or exists (select from circles_membership own
                        where own.circle_id = c.id and own.member_id = kring_member()))
      order by c.id, p.name, p.member_id $$;

-- One answer to a proposal, once, with its letters and its line in the audit. Whoever comes second
-- is told who was first, for a day.
create function kring_decide_circle(p_public_id text, p_confirm boolean, p_why text,
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
    insert into members_auditentry (circle_id, by_id, act, subject, subject_id, facts)
    values (circle.id, kring_member(),
            case when p_confirm then 'circle.confirmed' else 'circle.declined' end,
            'circle', circle.id, '{}');
end $$;
revoke all on function kring_decide_circle from public;
grant execute on function kring_decide_circle to kring_web;

-- How large the installation is, as two numbers.
create function kring_installation(out circles bigint, out people bigint)
language sql stable security definer set search_path = public, pg_temp
as $$ select (select count(*) from circles_circle where confirmed_at is not null),
             (select count(distinct member_id) from circles_membership
              where state not in ('left', 'removed', 'lapsed'))
      where kring_is_steward() $$;
"""

# The duty and a seat exclude each other, whoever gives which.
APART = """
create function kring_steward_takes_no_seat() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if exists (select from members_member where id = new.member_id and is_steward) then
        raise exception 'kring: a steward is in no circle';
    end if;
    return new;
end $$;
create trigger steward_takes_no_seat before insert or update of state on circles_membership
for each row when (new.state not in ('left', 'removed', 'lapsed'))
execute function kring_steward_takes_no_seat();

create function kring_member_is_no_steward() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if exists (select from circles_membership
               where member_id = new.id and state not in ('left', 'removed', 'lapsed')) then
        raise exception 'kring: a steward is in no circle';
    end if;
    return new;
end $$;
create trigger member_is_no_steward before update of is_steward on members_member
for each row when (new.is_steward and not old.is_steward)
execute function kring_member_is_no_steward();
"""

CONFIRMED = "update circles_circle set confirmed_at = founded_at;"


class Migration(migrations.Migration):
    dependencies = [("circles", "0005_second_factor"), ("members", "0012_troubled_letters")]

    operations = [
        migrations.AddField("circle", "confirmed_at", models.DateTimeField(null=True)),
        migrations.AddField("circle", "declined_at", models.DateTimeField(null=True)),
        migrations.AddField("circle", "declined_text", models.TextField(blank=True)),
        migrations.AddField("circle", "list_when_confirmed", models.BooleanField(default=False)),
        migrations.AddField(
            "circle",
            "decided_by",
            models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="members.profile",
            ),
        ),
        run(CONFIRMED),
        migrations.AddConstraint(
            "circle",
            models.CheckConstraint(
                condition=models.Q(listed=False) | models.Q(confirmed_at__isnull=False),
                name="a_listed_circle_is_confirmed",
            ),
        ),
        migrations.AddConstraint(
            "circle",
            models.CheckConstraint(
                condition=models.Q(declined_at=None, declined_text="")
                | models.Q(declined_at__isnull=False, confirmed_at=None)
                & ~models.Q(declined_text=""),
                name="a_declined_circle_has_its_reason",
            ),
        ),
        run(RIGHTS),
        run(STEWARDS),
        run(APART),
        run(
            reading(
                "stewards read what waits for them",
                "confirmed_at is null and declined_at is null and (select kring_is_steward())",
                to="kring_web",
            ).sql("circles_circle")
        ),
    ]
