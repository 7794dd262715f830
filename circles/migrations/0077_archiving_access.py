"""An archived circle is read-only, and closes after ninety days: the rights leave it out.

Two admins archive it and two open it again; one function of the owner does either, with its letters,
the end of what runs at its door, and its line in the audit.
"""

from django.db import migrations

from kring.lib.policies import ADMINISTERS, ME, changing, reading, run, secured, writing

LEADS = "circle_id = any ((select kring_leads())::bigint[])"
OPEN = "c.archived_at is null"
SEEN = "(c.archived_at is null or c.closes_at > now())"

# As before, without what is archived; its members read for as long as it is not closed.
RIGHTS = "".join(
    f"""
create or replace function {name}() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(m.circle_id), '{{}}') from circles_membership m
      join circles_circle c on c.id = m.circle_id and c.confirmed_at is not null and {when}
      where m.member_id = kring_member() and {which}
        and (not c.demands_second_factor or kring_has_factor()) $$;
"""
    for name, which, when in (
        ("kring_reads", "m.state in ('probation', 'active', 'reverify_due', 'grace')", SEEN),
        ("kring_writes", "m.state in ('probation', 'active', 'reverify_due')", OPEN),
        ("kring_vets", "m.state = 'active' and m.role in ('vetter', 'admin')", OPEN),
        ("kring_administers", "m.state = 'active' and m.role = 'admin'", OPEN),
        ("kring_invites", "m.state = 'active'", OPEN),
        # Who leads it, also while it is archived.
        ("kring_leads", "m.state = 'active' and m.role = 'admin'", SEEN),
    )
)

# As before; from an archived circle everybody may go, nobody need be there to lead it.
ADMINS = """
create or replace function kring_other_admins(p_circle bigint, p_membership bigint,
    out others bigint, out i_am_one boolean)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    perform from circles_circle where id = p_circle for no key update;
    select count(*), coalesce(bool_or(member_id = kring_member()), false) into others, i_am_one
    from circles_membership
    where circle_id = p_circle and id <> p_membership and role = 'admin' and state = 'active';
    if exists (select from circles_circle where id = p_circle and archived_at is not null) then
        others := greatest(others, 2);
    end if;
end $$;

create or replace function kring_short_circles()
returns table (circle_id bigint, circle text, why text)
language sql stable security definer set search_path = public, pg_temp
as $$ select found.id, found.name, found.why from (
        select c.id,
               case when c.sensitivity = 'sensitive' and not c.listed then c.mail_alias
                    else c.name end as name,
               case when (select count(*) from circles_membership m
                          where m.circle_id = c.id and m.role = 'admin' and m.state = 'active') < 2
                    then 'few'
                    when exists (select from circles_sanction s
                                 where s.circle_id = c.id and s.kind = 'suspension'
                                   and s.ended_at is null and s.second_at is null
                                   and s.at < now() - interval '7 days')
                    then 'suspension' end as why
        from circles_circle c
        where kring_is_steward() and c.confirmed_at is not null
          and c.archived_at is null) found
      where found.why is not null order by found.name, found.id limit 100 $$;
"""

SECOND = """
-- What runs at the door of a circle ends with it: each applicant who proved an address is told.
create function kring_end_at_the_door(p_circle bigint) returns void
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    with ended as (
        update circles_application a set state = 'expired', moved_at = now()
        from circles_application old
        where old.id = a.id and a.circle_id = p_circle
          and a.state in ('draft', 'email_pending', 'referees', 'review', 'info_requested',
                          'objection', 'waitlisted', 'offered', 'appealed')
        returning a.id, a.link_id, old.state as old, a.proven_at, a.policy),
    steps as (
        insert into circles_step (circle_id, application_id, old, new, at)
        select p_circle, id, old, 'expired', now() from ended),
    told as (
        insert into members_letter (kind, link_id, circle_id, subject_id, seq, state, reason,
                                    attempts, due_at, bounced)
        select 'application_archived', link_id, p_circle, id, 0, 'queued', '', 0, now(), ''
        from ended where proven_at is not null on conflict do nothing)
    insert into members_due (kind, circle_id, subject_id, seq, due_at)
    select 'application_erase', p_circle, id, 31500,
           now() + make_interval(days => coalesce((policy ->> 'erase_days')::int, 28))
    from ended on conflict do nothing;
    update circles_invitation set state = 'expired', ended_at = now()
    where circle_id = p_circle and state = 'open';
end $$;
revoke all on function kring_end_at_the_door from public;

-- The second admin: archive the circle, or open it again. The number of each letter is that of the
-- act, so that a circle may go through it twice.
create function kring_second_archiving(p_circle bigint) returns text
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    circle circles_circle;
    asked circles_archiving;
begin
    select * into circle from circles_circle where id = p_circle for no key update;
    if not coalesce(p_circle = any (kring_leads()), false) then
        raise exception 'kring: no admin of this circle' using errcode = '42501';
    end if;
    select * into asked from circles_archiving
    where circle_id = p_circle and second_at is null and withdrawn_at is null for update;
    if asked.id is null or (asked.kind = 'archive') <> (circle.archived_at is null) then
        raise exception 'kring: nothing waits';
    end if;
    if asked.by_id = kring_member() then
        raise exception 'kring: another admin';
    end if;
    if not exists (select from circles_membership where circle_id = p_circle
                   and member_id = asked.by_id and role = 'admin' and state = 'active') then
        raise exception 'kring: the first leads no more';
    end if;
    update circles_archiving set second_by_id = kring_member(), second_at = now()
    where id = asked.id;
    if asked.kind = 'archive' then
        update circles_circle
        set archived_at = now(), closes_at = now() + interval '90 days',
            list_when_confirmed = listed, listed = false
        where id = p_circle;
        perform kring_end_at_the_door(p_circle);
        insert into members_due (kind, circle_id, subject_id, seq, due_at)
        values ('circle_closes', p_circle, p_circle,
                (select coalesce(max(seq), 0) + 1 from members_due
                 where kind = 'circle_closes' and subject_id = p_circle),
                now() + interval '90 days');
    else
        update circles_circle
        set archived_at = null, closes_at = null, listed = list_when_confirmed
        where id = p_circle;
        insert into members_due (kind, circle_id, subject_id, seq, due_at)
        select 'membership', p_circle, m.id,
               (select coalesce(max(seq), 0) + 1 from members_due d
                where d.kind = 'membership' and d.subject_id = m.id), now()
        from circles_membership m
        where m.circle_id = p_circle and m.state not in ('left', 'removed', 'lapsed')
        on conflict do nothing;
    end if;
    insert into members_letter (kind, member_id, circle_id, subject_id, seq, state, reason,
                                attempts, due_at, bounced)
    select case asked.kind when 'archive' then 'circle_archived' else 'circle_reopened' end,
           m.member_id, p_circle, asked.id, 0, 'queued', '', 0, now(), ''
    from circles_membership m
    where m.circle_id = p_circle
      and m.state in ('probation', 'active', 'reverify_due', 'grace', 'paused')
    on conflict do nothing;
    insert into members_auditentry (circle_id, by_id, about_id, act, subject, subject_id, facts)
    values (p_circle, kring_member(), asked.by_id,
            case asked.kind when 'archive' then 'circle.archived' else 'circle.reopened' end,
            'circle', p_circle, '{}');
    return asked.kind;
end $$;
revoke all on function kring_second_archiving from public;
grant execute on function kring_second_archiving to kring_web;

-- Ninety days later: nobody looks after it any more, so nobody is in it. What each wrote is theirs.
create function kring_close_circle(p_circle bigint) returns boolean
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    perform from circles_circle where id = p_circle and closes_at <= now() for no key update;
    if not found or kring_member() is not null then
        return false;
    end if;
    update circles_membership set state = 'left'
    where circle_id = p_circle and state not in ('left', 'removed', 'lapsed');
    insert into members_auditentry (circle_id, act, subject, subject_id, facts)
    values (p_circle, 'circle.closed', 'circle', p_circle, '{}');
    return true;
end $$;
revoke all on function kring_close_circle from public;
grant execute on function kring_close_circle to kring_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0076_archiving")]

    operations = [
        run(RIGHTS),
        run(ADMINS),
        run(SECOND),
        secured(
            "circles_archiving",
            web="select, insert, update (withdrawn_at)",
            worker="select",
            policies=[
                reading("admins see what is asked of the circle", LEADS),
                writing(
                    "an admin asks, and a second one confirms",
                    f"by_id = {ME} and {LEADS} and second_by_id is null and withdrawn_at is null "
                    f"and (kind = 'archive') = ({ADMINISTERS})",
                    to="kring_web",
                ),
                changing(
                    "an admin takes it back",
                    f"{LEADS} and second_at is null",
                    to="kring_web",
                ),
            ],
        ),
    ]
