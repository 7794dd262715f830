"""Who may read and write in a circle, as functions of the memberships of this moment."""

from django.db import migrations

from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    READS,
    TOKEN,
    VETS,
    changing,
    child,
    parent,
    reading,
    run,
    secured,
    writing,
)

# Owner's rights: memberships are read here without their own policy, which calls these functions.
RIGHTS_FUNCTIONS = """
create function kring_plain(p_address text) returns text language sql immutable parallel safe
as $$ select regexp_replace(lower(p_address), '[+][^@]*@', '@') $$;

create function kring_reads() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from circles_membership
      where member_id = kring_member() and state in ('probation', 'active', 'reverify_due', 'grace') $$;

create function kring_writes() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from circles_membership
      where member_id = kring_member() and state in ('probation', 'active', 'reverify_due') $$;

create function kring_vets() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from circles_membership
      where member_id = kring_member() and state = 'active' and role in ('vetter', 'admin') $$;

create function kring_administers() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from circles_membership
      where member_id = kring_member() and state = 'active' and role = 'admin' $$;

-- Circles one has to do with at all: was or is in, applies to, or holds a link of.
create function kring_knows() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from (
        select circle_id from circles_membership where member_id = kring_member()
        union select circle_id from circles_application
              where member_id = kring_member() or link_id = kring_token()) known $$;

-- Whoever is or was in a circle one reads: their name stands under what they wrote.
create function kring_peers() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(distinct member_id), '{}') from circles_membership
      where circle_id = any (kring_reads()) $$;

-- Applications on which one has voted: only then the votes of others open.
create function kring_voted() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(application_id), '{}') from circles_vote
      where voter_id = kring_member() $$;

-- Every address that is one member's: who writes from a second one is still the same person.
-- What stands after a plus is left out.
create function kring_addresses(p_member bigint) returns text[] language sql stable
security definer set search_path = public, pg_temp
as $$ select array_agg(kring_plain(address)) from (
        select email as address from members_member where id = p_member
        union select email from account_emailaddress where user_id = p_member and verified) own $$;
revoke all on function kring_addresses from public;

-- May one vote on this application? Never on oneself, not when one joined after it was sent in,
-- not once one said not to be free.
create function kring_may_vote(p_application bigint) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (
        select from circles_application a
        join circles_membership m on m.circle_id = a.circle_id and m.member_id = kring_member()
        join members_member me on me.id = m.member_id
        where a.id = p_application and a.state = 'review'
          and m.state = 'active' and m.role in ('vetter', 'admin')
          and m.since <= a.submitted_at
          and a.member_id is distinct from me.id
          and kring_plain(a.email) <> all (kring_addresses(me.id))
          and not exists (select from circles_vote v where v.application_id = a.id
                          and v.voter_id = me.id and v.choice = 'recuse')) $$;

-- How many seats are taken, for whoever has to do with the circle.
create function kring_seats_taken(p_circle bigint) returns bigint language sql stable
security definer set search_path = public, pg_temp
as $$ select count(*) from circles_membership
      where circle_id = p_circle and state not in ('left', 'removed', 'lapsed') $$;
"""

# What several people at the door have in common, told without showing one to another.
DOOR_FUNCTIONS = """
-- The state before the statement that asks: a policy's check sees the new row only.
create function kring_state_of(p_application bigint) returns text language sql stable
security definer set search_path = public, pg_temp
as $$ select state from circles_application where id = p_application $$;

-- How the voting stands, for a vetter: who may vote and did, among those who may today. The
-- direction only for whoever has voted.
create function kring_tally(p_application bigint, out eligible bigint, out voted bigint,
    out approvals bigint, out declines bigint) language sql stable
security definer set search_path = public, pg_temp
as $$ select count(*), count(v.id),
         case when p_application = any (kring_voted())
              then count(*) filter (where v.choice = 'approve') end,
         case when p_application = any (kring_voted())
              then count(*) filter (where v.choice = 'decline') end
      from circles_application a
      join circles_membership m on m.circle_id = a.circle_id and m.since <= a.submitted_at
           and m.state = 'active' and m.role in ('vetter', 'admin')
           and m.member_id is distinct from a.member_id
           and kring_plain(a.email) <> all (kring_addresses(m.member_id))
      left join circles_vote v on v.circle_id = a.circle_id and v.application_id = a.id
           and v.voter_id = m.member_id
      where a.id = p_application and a.circle_id = any (kring_vets())
        and v.choice is distinct from 'recuse' $$;

-- Seats nobody has and nobody is offered. Locks the circle until the end of the transaction, so
-- that two offers never promise one seat.
create function kring_seats_free(p_circle bigint) returns bigint language plpgsql volatile
security definer set search_path = public, pg_temp as $$
declare
    cap bigint;
begin
    select size_cap into cap from circles_circle where id = p_circle for no key update;
    return cap - kring_seats_taken(p_circle)
        - (select count(*) from circles_application
           where circle_id = p_circle and state = 'offered');
end $$;

-- One's own number on the waiting list, and how many wait.
create function kring_place_in_line(p_application bigint, out place bigint, out waiting bigint)
language sql stable security definer set search_path = public, pg_temp
as $$ select count(*) filter (where (other.moved_at, other.id) <= (own.moved_at, own.id)), count(*)
      from circles_application own
      join circles_application other
           on other.circle_id = own.circle_id and other.state = 'waitlisted'
      where own.id = p_application and own.state = 'waitlisted'
        and (own.link_id = kring_token() or own.member_id = kring_member()) $$;

-- Whoever lost the link asks for it: letters go to the address itself, nothing is told here.
-- One an hour at most.
create function kring_send_links(p_email text) returns void language sql volatile
security definer set search_path = public, pg_temp
as $$ insert into members_letter
          (kind, link_id, circle_id, subject_id, seq, state, reason, attempts, due_at)
      select 'application_address', link_id, circle_id, id,
             floor(extract(epoch from now()) / 3600)::int, 'queued', '', 0, now()
      from circles_application
      where lower(email) = lower(p_email) and email <> ''
        and state not in ('approved', 'discarded')
      on conflict do nothing $$;
"""

# What of an application never changes, and which moves exist at all. circles/moves.py says who may
# make them; here stands what nobody may, whatever the code forgot.
KEPT = """
create function kring_keep_application() returns trigger language plpgsql as $$
begin
    if current_user = 'kring_owner' then
        return new;  -- kring_admit(), and whoever migrates
    end if;
    if (new.circle_id, new.link_id, new.public_id, new.created_at)
       is distinct from (old.circle_id, old.link_id, old.public_id, old.created_at) then
        raise exception 'kring: an application stays what it is' using errcode = '42501';
    end if;
    if new.email <> old.email and new.email <> '' then
        raise exception 'kring: an application stays with its address' using errcode = '42501';
    end if;
    if old.proven_at is not null and new.proven_at is distinct from old.proven_at
       or old.submitted_at is not null and (new.submitted_at, new.policy)
          is distinct from (old.submitted_at, old.policy) then
        raise exception 'kring: what was sent in stands' using errcode = '42501';
    end if;
    if new.state <> old.state and not (old.state, new.state) in (
        ('draft', 'email_pending'), ('draft', 'referees'), ('draft', 'review'),
        ('draft', 'withdrawn'), ('draft', 'expired'),
        ('email_pending', 'referees'), ('email_pending', 'review'),
        ('email_pending', 'withdrawn'), ('email_pending', 'expired'),
        ('referees', 'review'), ('referees', 'withdrawn'), ('referees', 'expired'),
        ('review', 'info_requested'), ('review', 'objection'), ('review', 'waitlisted'),
        ('review', 'offered'), ('review', 'declined'), ('review', 'discarded'),
        ('review', 'withdrawn'), ('review', 'expired'),
        ('info_requested', 'review'), ('info_requested', 'withdrawn'),
        ('info_requested', 'expired'),
        ('objection', 'offered'), ('objection', 'waitlisted'), ('objection', 'review'),
        ('objection', 'withdrawn'),
        ('waitlisted', 'offered'), ('waitlisted', 'withdrawn'),
        ('offered', 'approved'), ('offered', 'withdrawn'), ('offered', 'expired'),
        ('declined', 'appealed'),
        ('appealed', 'offered'), ('appealed', 'waitlisted'), ('appealed', 'declined_final'),
        ('appealed', 'withdrawn')) then
        raise exception 'kring: no such move' using errcode = '42501';
    end if;
    if old.state = 'review' and new.state in ('objection', 'waitlisted', 'offered')
       and not kring_has_approval(old.id) then
        raise exception 'kring: nobody is admitted without a vote' using errcode = '42501';
    end if;
    return new;
end $$;

-- Whether anybody voted to admit. Says no more than that.
create function kring_has_approval(p_application bigint) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (select from circles_vote
                     where application_id = p_application and choice = 'approve') $$;

create trigger keep_application before update on circles_application
for each row execute function kring_keep_application();
"""

# The one way in. Nothing else inserts an account or a membership.
ADMIT = """
create function kring_admit(p_application bigint, p_password text) returns bigint
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    application circles_application;
    circle circles_circle;
    account bigint;
begin
    select * into application from circles_application where id = p_application for update;
    if application.id is null or not coalesce(application.link_id = kring_token()
       or application.member_id = kring_member(), false) then
        raise exception 'kring: not this application';
    end if;
    if application.state <> 'offered' or application.moved_at < now() - interval '15 days' then
        raise exception 'kring: not offered';  -- a day's grace, should the timer be late
    end if;
    select * into circle from circles_circle where id = application.circle_id
    for no key update;
    if kring_seats_taken(circle.id) >= circle.size_cap then
        raise exception 'kring: full';
    end if;
    select id into account from members_member where lower(email) = lower(application.email)
    union select user_id from account_emailaddress
          where lower(email) = lower(application.email) and verified;
    if account is null and application.member_id is null then
        insert into members_member (email, password, language, is_active, is_steward, joined_at)
        values (lower(application.email), p_password, application.language, true, false, now())
        returning id into account;
        insert into account_emailaddress (email, verified, "primary", user_id)
        values (lower(application.email), true, true, account);
        insert into members_profile (member_id, name, title, about)
        values (account, application.name, application.profession, '');
    elsif account is distinct from kring_member() then
        -- Signed in as somebody else, or as nobody: an offer is for the address it was made to.
        raise exception 'kring: %', case when kring_member() is null then 'sign in first'
                                         else 'another address' end;
    end if;
    insert into circles_membership (circle_id, member_id, role, state, since)
    values (circle.id, account, 'member', 'probation', now())
    on conflict (circle_id, member_id) do update
        set role = 'member', state = 'probation', since = now(), ended_at = null
        where circles_membership.state in ('left', 'lapsed');
    if not found then
        raise exception 'kring: already in';
    end if;
    update circles_application set state = 'approved', member_id = account, moved_at = now()
    where id = application.id;
    insert into circles_step (circle_id, application_id, old, new, by_id, at)
    values (circle.id, application.id, 'offered', 'approved', account, now());
    insert into members_auditentry (circle_id, by_id, about_id, act, subject, subject_id, facts)
    values (circle.id, account, account, 'admission.accepted', 'application', application.id, '{}');
    return account;
end $$;
revoke all on function kring_admit from public;
grant execute on function kring_admit to kring_web;
"""

GUIDE = """
create view circles_guide with (security_barrier = true) as
select c.id, c.public_id, c.name, c.profession, c.purpose, c.belongs, c.commitment,
       c.hours_per_month, c.term_months, c.cost_cents, c.cost_lines, c.pledge, c.size_cap,
       c.language, c.sensitivity, seats.taken::int as members,
       greatest(c.size_cap - seats.taken, 0)::int as seats_free
from circles_circle c
cross join lateral (
    select count(*) as taken from circles_membership m
    where m.circle_id = c.id and m.state not in ('left', 'removed', 'lapsed')) seats
where c.listed;
revoke all on circles_guide from public;
grant select on circles_guide to kring_web;
"""

# A row never changes its circle or its writer: those columns are granted to nobody.
CHARTER = (
    "name, profession, purpose, belongs, commitment, hours_per_month, term_months, cost_cents, "
    "cost_lines, pledge, size_cap, language, sensitivity, mail_alias, mail_ceiling, listed, "
    "approvals_needed, declines_to_stop, objection_days"
)
FORM = "name, kind, choices, unit, minimum, maximum, required, help, position, retired_at"
KNOWS = "any ((select kring_knows())::bigint[])"
OWN_APPLICATION = f"(link_id = {TOKEN} or member_id = {ME})"
# An applicant sends in and withdraws; whether a seat is offered is for the circle.
OWN_MOVES = (
    "(state in ('draft', 'email_pending', 'referees', 'review', 'withdrawn') "
    "or state = kring_state_of(id))"
)
NOT_SELF_ADMITTED = "state <> 'approved'"  # only kring_admit() moves there


class Migration(migrations.Migration):
    dependencies = [("circles", "0001_initial"), ("members", "0002_access")]

    operations = [
        run(RIGHTS_FUNCTIONS),
        run(DOOR_FUNCTIONS),
        run(KEPT),
        run(ADMIT),
        run(GUIDE),
        parent("circles_application"),
        child("circles_step", "application_id", of="circles_application"),
        child("circles_vote", "application_id", of="circles_application"),
        secured(
            "circles_circle",
            web=f"select, update ({CHARTER})",
            worker="select",
            policies=[
                reading("whoever has to do with the circle reads its charter", f"id = {KNOWS}"),
                changing(
                    "admins change the charter",
                    "id = any ((select kring_administers())::bigint[])",
                    to="kring_web",
                ),
                reading("house knows the circles", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_parameter",
            web=f"select, insert, update ({FORM})",
            worker="select",
            policies=[
                reading(
                    "whoever has to do with the circle reads its form", f"circle_id = {KNOWS}"
                ),
                writing("admins add a parameter", ADMINISTERS, to="kring_web"),
                changing("admins change a parameter", ADMINISTERS, to="kring_web"),
                reading("house knows the forms", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_membership",
            web="select",
            worker="select, update (state, ended_at)",
            policies=[
                reading("members see members", READS),
                reading("own memberships", f"member_id = {ME}"),
                reading("house knows the memberships", HOUSE, to="kring_worker"),
                changing("house moves a membership", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_application",
            web="select, insert, update",
            worker="select, update",
            policies=[
                writing(
                    "anybody starts an application",
                    f"link_id = {TOKEN} and state = 'draft' "
                    f"and circle_id in (select id from circles_guide) "
                    f"and (member_id is null or member_id = {ME})",
                    to="kring_web",
                ),
                reading("own application", OWN_APPLICATION),
                changing(
                    "own application changes",
                    OWN_APPLICATION,
                    f"{OWN_APPLICATION} and {NOT_SELF_ADMITTED} and {OWN_MOVES}",
                    to="kring_web",
                ),
                reading(
                    "vetters see proven applications",
                    f"{VETS} and state not in ('draft', 'email_pending')",
                ),
                changing(
                    "vetters move applications of others",
                    f"{VETS} and state not in ('draft', 'email_pending') "
                    f"and member_id is distinct from {ME}",
                    f"{VETS} and {NOT_SELF_ADMITTED} and member_id is distinct from {ME}",
                    to="kring_web",
                ),
                reading("house knows applications", HOUSE, to="kring_worker"),
                changing(
                    "house ends applications",
                    HOUSE,
                    f"{HOUSE} and {NOT_SELF_ADMITTED}",
                    to="kring_worker",
                ),
            ],
        ),
        secured(
            "circles_step",
            web="select, insert",
            worker="select, insert",
            policies=[
                reading(
                    "steps of an application one sees",
                    "application_id in (select id from circles_application)",
                ),
                writing(
                    "a step by the one who acts",
                    f"application_id in (select id from circles_application) "
                    f"and by_id is not distinct from {ME}",
                ),
            ],
        ),
        secured(
            "circles_vote",
            web="select, insert, update",
            worker="select (id, circle_id, application_id, choice), update (sentence)",
            policies=[
                reading("own vote", f"voter_id = {ME}", to="kring_web"),
                reading(
                    "votes of others after one's own",
                    f"{VETS} and application_id = any ((select kring_voted())::bigint[])",
                    to="kring_web",
                ),
                writing(
                    "vetters vote on others",
                    f"voter_id = {ME} and {VETS} and kring_may_vote(application_id)",
                    to="kring_web",
                ),
                changing(
                    "a vote may be changed until the decision",
                    f"voter_id = {ME} and kring_may_vote(application_id)",
                    to="kring_web",
                ),
                reading("house counts votes", HOUSE, to="kring_worker"),
                changing("house erases what was said of somebody", HOUSE, to="kring_worker"),
            ],
        ),
        run(
            writing(
                "an act writes letters",
                "state = 'queued' and (member_id = any ((select kring_peers())::bigint[]) "
                f"or member_id = {ME} or link_id = {TOKEN} or (select kring_at_the_desk()) "
                "or link_id in (select link_id from circles_application))",
            ).sql("members_letter")
        ),
        secured(
            "members_profile",
            web="select, update",
            worker="select",
            policies=[
                reading(
                    "peers see each other",
                    "member_id = any ((select kring_peers())::bigint[])",
                ),
                reading("own profile", f"member_id = {ME}"),
                changing("own profile changes", f"member_id = {ME}", to="kring_web"),
            ],
        ),
        secured(
            "members_auditentry",
            web="select, insert",
            worker="select, insert",
            policies=[
                writing(
                    "every act leaves a line",
                    f"(by_id is null or by_id = {ME}) "
                    f"and (circle_id is null or circle_id = {KNOWS})",
                ),
                writing("house leaves its lines", f"{HOUSE} and by_id is null", to="kring_worker"),
                reading("admins read the audit", ADMINISTERS),
                reading("what is about oneself", f"by_id = {ME} or about_id = {ME}"),
            ],
        ),
    ]
