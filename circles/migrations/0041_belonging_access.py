"""Who moves a membership where, kept by the database whatever the code forgets.

`circles/belonging/moves.py` has the same table in words. A member moves their own, an admin those of
others, the house what the calendar says. Nobody gives themselves a role; no circle is left without
two admins by an act of one's own, nor without the one who acts by an act against another.
"""

from django.db import migrations

from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    VETS,
    changing,
    child,
    parent,
    reading,
    run,
    secured,
    writing,
)

KEPT = """
-- How many active admins a circle has besides one membership, and whether whoever acts is among
-- them. Locks the circle, so that two who go at once are counted one after the other.
create function kring_other_admins(p_circle bigint, p_membership bigint, out others bigint,
    out i_am_one boolean)
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    perform from circles_circle where id = p_circle for no key update;
    select count(*), coalesce(bool_or(member_id = kring_member()), false) into others, i_am_one
    from circles_membership
    where circle_id = p_circle and id <> p_membership and role = 'admin' and state = 'active';
end $$;
revoke all on function kring_other_admins from public;
grant execute on function kring_other_admins to kring_web, kring_worker;

-- Since when the facts of a membership count anew: two months before a year is over.
create function kring_asked_since(p_verified timestamptz, p_circle bigint) returns timestamptz
language sql stable security definer set search_path = public, pg_temp
as $$ select p_verified + make_interval(months => reverify_months) - interval '60 days'
      from circles_circle where id = p_circle $$;

create function kring_is_reverified(p_membership bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select count(distinct f.fact) = 2
      from circles_membership m
      join circles_memberfact f on f.circle_id = m.circle_id and f.membership_id = m.id
           and f.at >= kring_asked_since(m.verified_at, m.circle_id)
      where m.id = p_membership $$;

-- What of a membership stands written against it, for the trigger below.
create function kring_sanctioned(p_membership bigint, p_kind text, out by_me boolean,
    out confirmed boolean)
language sql stable security definer set search_path = public, pg_temp
as $$ select coalesce(bool_or(by_id = kring_member()), false),
             coalesce(bool_or(second_at is not null), false)
      from circles_sanction
      where membership_id = p_membership and kind = p_kind and ended_at is null $$;
revoke all on function kring_sanctioned from public;
grant execute on function kring_sanctioned to kring_web, kring_worker;

create function kring_keep_membership() returns trigger language plpgsql as $$
declare
    me bigint := kring_member();
    who text;
    was_admin boolean;
    admins record;
    written record;
begin
    if tg_op = 'INSERT' or new.state <> old.state then
        new.moved_at := now();
        new.ended_at := case when new.state in ('left', 'removed', 'lapsed')
                             then coalesce(new.ended_at, now()) end;
        new.back_on := case when new.state = 'paused'
                            then coalesce(new.back_on, current_date + 183) end;
    end if;
    if tg_op = 'INSERT' then
        return new;
    end if;
    if old.state in ('left', 'lapsed', 'removed') and new.state = 'probation' then
        new.verified_at := clock_timestamp();  -- admitted anew, looked at anew
        new.practising_at := null;
    end if;
    if current_user = 'kring_owner' then
        return new;  -- kring_admit(), and whoever migrates
    end if;
    who := case when me is null then 'house' when me = old.member_id then 'member'
                else 'admin' end;
    was_admin := old.role = 'admin' and old.state = 'active';

    if new.state <> old.state and not (who, old.state, new.state) in (
        ('house', 'probation', 'active'), ('member', 'probation', 'left'),
        ('admin', 'probation', 'suspended'), ('admin', 'probation', 'removed'),
        ('member', 'active', 'paused'), ('member', 'active', 'left'),
        ('house', 'active', 'paused'), ('house', 'active', 'reverify_due'),
        ('admin', 'active', 'suspended'), ('admin', 'active', 'removed'),
        ('admin', 'reverify_due', 'active'), ('house', 'reverify_due', 'grace'),
        ('member', 'reverify_due', 'left'), ('admin', 'reverify_due', 'suspended'),
        ('admin', 'reverify_due', 'removed'),
        ('admin', 'grace', 'active'), ('member', 'grace', 'active'), ('house', 'grace', 'lapsed'),
        ('member', 'grace', 'left'), ('admin', 'grace', 'suspended'),
        ('admin', 'grace', 'removed'),
        ('member', 'paused', 'active'), ('member', 'paused', 'reverify_due'),
        ('member', 'paused', 'left'), ('house', 'paused', 'grace'),
        ('admin', 'paused', 'suspended'), ('admin', 'paused', 'removed'),
        ('admin', 'suspended', 'probation'), ('admin', 'suspended', 'active'),
        ('admin', 'suspended', 'reverify_due'), ('admin', 'suspended', 'removed'),
        ('member', 'suspended', 'left')) then
        raise exception 'kring: no such move of a membership' using errcode = '42501';
    end if;

    -- The facts of the year: both anew, or they are not verified.
    if (new.verified_at <> old.verified_at
        or who = 'admin' and old.state in ('reverify_due', 'grace') and new.state = 'active')
       and not (who = 'admin' and kring_is_reverified(old.id)) then
        raise exception 'kring: both facts are confirmed first' using errcode = '42501';
    end if;
    if who = 'member' and new.state = 'active' and old.state in ('grace', 'paused')
       and kring_asked_since(old.verified_at, old.circle_id) + interval '60 days' <= now() then
        raise exception 'kring: first verified anew' using errcode = '42501';
    end if;
    if new.verified_at <> old.verified_at and new.verified_at > clock_timestamp()
       or new.practising_at is distinct from old.practising_at and who <> 'member' then
        raise exception 'kring: that is not for whoever acts to say' using errcode = '42501';
    end if;
    if new.back_on > current_date + 184 then
        raise exception 'kring: a pause lasts six months at most' using errcode = '42501';
    end if;

    -- Against somebody else: with a reason that stands written, and an admin only in two steps.
    if who = 'admin' and new.state <> old.state and new.state in ('suspended', 'removed') then
        select * into written from kring_sanctioned(
            old.id, case when new.state = 'removed' then 'removal' else 'suspension' end);
        if not written.by_me then
            raise exception 'kring: a reason is written first' using errcode = '42501';
        end if;
        if new.state = 'removed' and old.role = 'admin' then
            select * into written from kring_sanctioned(old.id, 'suspension');
            if old.state <> 'suspended' or not written.confirmed then
                raise exception 'kring: an admin is suspended by two before' using errcode = '42501';
            end if;
        end if;
    end if;
    if old.state = 'suspended' and new.state in ('probation', 'active', 'reverify_due')
       and exists (select from circles_sanction where membership_id = old.id
                   and kind = 'suspension' and ended_at is null) then
        raise exception 'kring: the suspension is ended first' using errcode = '42501';
    end if;

    -- Roles: never to oneself, never taken from an admin, only to whoever is active.
    if new.role <> old.role then
        if new.state <> old.state or new.state <> 'active' then
            raise exception 'kring: a role is for an active member' using errcode = '42501';
        end if;
        if who = 'house' or who = 'admin' and old.role = 'admin'
           or who = 'member' and not (old.role, new.role) in (
               ('admin', 'vetter'), ('admin', 'member'), ('vetter', 'member')) then
            raise exception 'kring: nobody gives themselves a role, nor takes an admin''s'
                using errcode = '42501';
        end if;
    end if;
    if who = 'admin' and (new.role <> old.role or new.state <> old.state)
       or was_admin and not (new.role = 'admin' and new.state = 'active') then
        select * into admins from kring_other_admins(old.circle_id, old.id);
        if who = 'admin' and not admins.i_am_one then
            raise exception 'kring: no admin any more' using errcode = '42501';
        end if;
        if was_admin and not (new.role = 'admin' and new.state = 'active')
           and admins.others < (case when who = 'admin' then 1 else 2 end) then
            raise exception 'kring: two admins stay' using errcode = '42501';
        end if;
    end if;
    return new;
end $$;
create trigger keep_membership before insert or update on circles_membership
for each row execute function kring_keep_membership();

-- Whatever changes, the calendar looks at it once more at the next sweep, and sets its own timer.
create function kring_watch_membership() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if new.state in ('left', 'removed', 'lapsed') then
        insert into members_due (kind, circle_id, subject_id, seq, due_at)
        select 'application_seat', new.circle_id, new.circle_id,
               coalesce(max(seq), 0) + 1, now()
        from members_due where kind = 'application_seat' and subject_id = new.circle_id
        on conflict do nothing;
    else
        insert into members_due (kind, circle_id, subject_id, seq, due_at)
        select 'membership', new.circle_id, new.id, coalesce(max(seq), 0) + 1, now()
        from members_due where kind = 'membership' and subject_id = new.id
        on conflict do nothing;
    end if;
    return null;
end $$;
revoke all on function kring_watch_membership from public;
create trigger watch_membership after insert or update of state, verified_at on circles_membership
for each row execute function kring_watch_membership();
insert into members_due (kind, circle_id, subject_id, seq, due_at)
select 'membership', circle_id, id, 1, now() from circles_membership
where state not in ('left', 'removed', 'lapsed') on conflict do nothing;
"""

FACTS = """
-- What was confirmed at the door goes with the member, also when its papers are erased.
create function kring_keep_facts() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into circles_memberfact (circle_id, membership_id, fact, how, source, by_id, at)
    select distinct on (c.fact) m.circle_id, m.id, c.fact, c.how, c.source, c.by_id, c.at
    from circles_confirmation c
    join circles_membership m on m.circle_id = c.circle_id and m.member_id = new.member_id
    where c.circle_id = new.circle_id and c.application_id = new.id
    order by c.fact, c.id desc;
    return null;
end $$;
revoke all on function kring_keep_facts from public;
create trigger keep_facts after update of state on circles_application
for each row when (new.state = 'approved' and old.state <> 'approved')
execute function kring_keep_facts();
insert into circles_memberfact (circle_id, membership_id, fact, how, source, by_id, at)
select distinct on (a.id, c.fact) m.circle_id, m.id, c.fact, c.how, c.source, c.by_id, c.at
from circles_confirmation c
join circles_application a on a.circle_id = c.circle_id and a.id = c.application_id
     and a.state = 'approved'
join circles_membership m on m.circle_id = a.circle_id and m.member_id = a.member_id
order by a.id, c.fact, c.id desc;
"""

SANCTIONS = """
create function kring_keep_sanction() returns trigger language plpgsql as $$
declare
    own boolean := exists (select from circles_membership
                           where id = old.membership_id and member_id = kring_member());
begin
    if current_user = 'kring_owner' then
        return new;
    end if;
    if own and (new.second_by_id, new.second_at, new.ended_by_id, new.ended_at)
           is distinct from (old.second_by_id, old.second_at, old.ended_by_id, old.ended_at)
       or not own and (new.answer, new.answered_at) is distinct from (old.answer, old.answered_at)
       or old.answer <> '' and new.answer <> old.answer
       or old.second_at is not null and (new.second_by_id, new.second_at)
          is distinct from (old.second_by_id, old.second_at)
       or old.ended_at is not null
       or new.second_by_id is distinct from old.second_by_id
          and new.second_by_id is distinct from kring_member()
       or new.ended_by_id is distinct from old.ended_by_id
          and new.ended_by_id is distinct from kring_member() then
        raise exception 'kring: what stands written stays' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_sanction before update on circles_sanction
for each row execute function kring_keep_sanction();
"""

OWN = f"membership_id in (select id from circles_membership where member_id = {ME})"
OTHERS = f"membership_id in (select id from circles_membership where member_id <> {ME})"


class Migration(migrations.Migration):
    dependencies = [("circles", "0040_belonging")]

    operations = [
        parent("circles_membership"),
        child("circles_memberfact", "membership_id", of="circles_membership"),
        child("circles_sanction", "membership_id", of="circles_membership"),
        run(KEPT),
        run(FACTS),
        run(SANCTIONS),
        run(
            "grant update (role, state, back_on, verified_at, practising_at) "
            "on circles_membership to kring_web;"
            "grant update (back_on) on circles_membership to kring_worker;"
        ),
        run(
            changing("one moves one's own membership", f"member_id = {ME}", to="kring_web").sql(
                "circles_membership"
            )
        ),
        run(
            changing(
                "admins move those of others",
                f"{ADMINISTERS} and member_id <> {ME}",
                f"member_id <> {ME}",
                to="kring_web",
            ).sql("circles_membership")
        ),
        secured(
            "circles_memberfact",
            web="select, insert",
            worker="select",
            policies=[
                reading("vetters read the facts of members", VETS, to="kring_web"),
                reading("own facts", OWN, to="kring_web"),
                writing(
                    "admins answer for a fact of another",
                    f"by_id = {ME} and {ADMINISTERS} and {OTHERS}",
                    to="kring_web",
                ),
                reading("house knows the facts of members", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_sanction",
            web="select, insert, update (second_by_id, second_at, answer, answered_at, "
            "ended_by_id, ended_at)",
            worker="select",
            policies=[
                reading("admins read sanctions", ADMINISTERS),
                reading("what is against oneself", OWN),
                writing(
                    "admins write down why",
                    f"by_id = {ME} and {ADMINISTERS} and {OTHERS} "
                    "and second_by_id is null and ended_by_id is null and length(why) >= 20",
                    to="kring_web",
                ),
                changing("admins confirm and end", f"{ADMINISTERS} and {OTHERS}", to="kring_web"),
                changing("one answers what is against oneself", OWN, to="kring_web"),
                reading("house knows the sanctions", HOUSE, to="kring_worker"),
            ],
        ),
    ]
