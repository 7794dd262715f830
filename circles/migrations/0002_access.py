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
          and a.member_id is distinct from me.id and lower(a.email) <> lower(me.email)
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
      join members_member p on p.id = m.member_id and lower(p.email) <> lower(a.email)
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
    if application.id is null or (application.link_id is distinct from kring_token()
       and application.member_id is distinct from kring_member()) then
        raise exception 'kring: not this application';
    end if;
    if application.state <> 'offered' then
        raise exception 'kring: not offered';
    end if;
    select * into circle from circles_circle where id = application.circle_id
    for no key update;
    if kring_seats_taken(circle.id) >= circle.size_cap then
        raise exception 'kring: full';
    end if;
    select id into account from members_member where lower(email) = lower(application.email);
    account := coalesce(application.member_id, account);
    if account is null then
        insert into members_member (email, password, language, is_active, is_steward, joined_at)
        values (lower(application.email), p_password, application.language, true, false, now())
        returning id into account;
        insert into account_emailaddress (email, verified, "primary", user_id)
        values (lower(application.email), true, true, account);
        insert into members_profile (member_id, name, title, about)
        values (account, application.name, application.profession, '');
    elsif account is distinct from kring_member() then
        raise exception 'kring: sign in first';
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
        run(ADMIT),
        run(GUIDE),
        parent("circles_application"),
        child("circles_step", "application_id", of="circles_application"),
        child("circles_vote", "application_id", of="circles_application"),
        secured(
            "circles_circle",
            web="select, update",
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
            web="select, insert, update",
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
                    f"voter_id = {ME} and {VETS}",
                    to="kring_web",
                ),
                reading("house counts votes", HOUSE, to="kring_worker"),
                changing("house erases what was said of somebody", HOUSE, to="kring_worker"),
            ],
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
                writing("every act leaves a line", f"by_id is null or by_id = {ME}"),
                reading("admins read the audit", ADMINISTERS),
                reading("what is about oneself", f"by_id = {ME} or about_id = {ME}"),
            ],
        ),
    ]
