"""A circle with too few admins: the steward hears of it, and asks one of its members."""

from django.db import migrations

from kring.lib.policies import run

APPOINT = """
-- Circles that cannot go on by themselves: fewer than two admins, or a suspension that no second
-- admin looked at for seven days. Which circle and why, nothing of anybody.
create function kring_short_circles() returns table (circle_id bigint, circle text, why text)
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
        where kring_is_steward() and c.confirmed_at is not null) found
      where found.why is not null order by found.name, found.id limit 100 $$;

-- Whom a steward may ask there: active members, those who vet first.
create function kring_admin_candidates(p_circle bigint) returns table (
    member_id bigint, name text, title text, role text)
language sql stable security definer set search_path = public, pg_temp
as $$ select p.member_id, p.name, p.title, m.role
      from circles_membership m
      join members_profile p on p.member_id = m.member_id
      where m.circle_id = p_circle and m.state = 'active' and m.role <> 'admin'
        and p_circle in (select circle_id from kring_short_circles())
      order by m.role <> 'vetter', p.name, p.member_id limit 150 $$;

create function kring_appoint_admin(p_circle bigint, p_member bigint) returns boolean
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    membership circles_membership;
begin
    if not kring_is_steward() then
        raise exception 'kring: only a steward appoints' using errcode = '42501';
    end if;
    perform from circles_circle where id = p_circle for no key update;
    if not exists (select from kring_admin_candidates(p_circle) where member_id = p_member) then
        return false;
    end if;
    update circles_membership set role = 'admin'
    where circle_id = p_circle and member_id = p_member returning * into membership;
    insert into members_letter (kind, member_id, circle_id, subject_id, seq, state, reason,
                                attempts, due_at, bounced)
    values ('role_changed', p_member, p_circle, membership.id,
            (extract(epoch from now()) / 10)::int, 'queued', '', 0, now(), '');
    insert into members_auditentry (circle_id, by_id, about_id, act, subject, subject_id, facts)
    values (p_circle, kring_member(), p_member, 'membership.admin_appointed', 'membership',
            membership.id, '{"new": "admin"}');
    return true;
end $$;
revoke all on function kring_appoint_admin from public;
grant execute on function kring_appoint_admin to kring_web;

-- As before; whoever goes is looked at too: perhaps too few admins stay.
create or replace function kring_watch_membership() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if new.state in ('left', 'removed', 'lapsed') then
        insert into members_due (kind, circle_id, subject_id, seq, due_at)
        select 'application_seat', new.circle_id, new.circle_id, coalesce(max(seq), 0) + 1, now()
        from members_due where kind = 'application_seat' and subject_id = new.circle_id
        on conflict do nothing;
    end if;
    insert into members_due (kind, circle_id, subject_id, seq, due_at)
    select 'membership', new.circle_id, new.id, coalesce(max(seq), 0) + 1, now()
    from members_due where kind = 'membership' and subject_id = new.id
    on conflict do nothing;
    return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0031_deciders_awaited")]

    operations = [run(APPOINT)]
