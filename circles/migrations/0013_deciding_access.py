"""Who judges an application, at which stage, and what they read of each other.

Votes count for one round: since the review began, since an objection sent it back, since the
appeal. A referee, an inviter, the applicant, whoever came later, is in probation or said not to be
free votes in none; whoever voted on a refusal does not judge the appeal. Where too few are left a
steward appoints, and never decides.
"""

from django.db import migrations

from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    TOKEN,
    VETS,
    WRITES,
    changing,
    child,
    reading,
    run,
    secured,
    writing,
)

JUDGES = """
-- Neither the applicant, from whatever address, nor anybody who vouches for them.
create function kring_is_free(p_member bigint, p_application bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select exists (
        select from circles_application a
        where a.id = p_application and a.member_id is distinct from p_member
          and kring_plain(a.email) <> all (kring_addresses(p_member))
          and not kring_vouches(p_member, a.circle_id, a.id, a.email)) $$;

-- An appointment holds while its member is active in this circle, or leads another.
create function kring_is_appointed(p_member bigint, p_application bigint, p_stage text)
returns boolean language sql stable security definer set search_path = public, pg_temp
as $$ select exists (
        select from circles_decider d
        join circles_membership m on m.member_id = d.member_id and m.state = 'active'
             and (m.circle_id = d.circle_id or m.role = 'admin')
        join circles_circle c on c.id = m.circle_id and c.confirmed_at is not null
        where d.application_id = p_application and d.member_id = p_member
          and d.stage = p_stage) $$;

-- May this member judge this application now, whatever they have said in this round?
create function kring_may_judge(p_member bigint, p_application bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select exists (
        select from circles_application a
        where a.id = p_application and a.state in ('review', 'appealed')
          and (kring_is_appointed(p_member, a.id, a.state)
               or exists (select from circles_membership m
                          where m.circle_id = a.circle_id and m.member_id = p_member
                            and m.state = 'active' and m.role in ('vetter', 'admin')
                            and m.since <= a.submitted_at))
          and kring_is_free(p_member, a.id)
          and not exists (select from circles_vote v
                          where v.circle_id = a.circle_id and v.application_id = a.id
                            and v.voter_id = p_member
                            and (v.choice = 'recuse'
                                 or a.state = 'appealed' and v.at < a.review_since))) $$;

-- Applications one was appointed to decide, for as long as that takes; what one voted on stays.
create function kring_decides() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(a.id), '{}')
      from circles_decider d
      join circles_application a on a.circle_id = d.circle_id and a.id = d.application_id
      where d.member_id = kring_member() and a.email <> ''
        and (a.state = d.stage or (d.stage, a.state) = ('review', 'info_requested')
             or exists (select from circles_vote v
                        where v.circle_id = a.circle_id and v.application_id = a.id
                          and v.voter_id = d.member_id and v.at >= d.at))
        and kring_is_appointed(d.member_id, a.id, d.stage)
        and kring_is_free(d.member_id, a.id)
        and not kring_locked(a.circle_id) $$;

create or replace function kring_may_vote(p_application bigint) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (
        select from circles_application a
        where a.id = p_application
          and (a.circle_id = any (kring_vets()) or a.id = any (kring_decides()))
          and kring_may_judge(kring_member(), a.id)) $$;

-- Applications on which one has voted in this round: only then the votes of others open, and never
-- to whoever is not free.
create or replace function kring_voted() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(v.application_id), '{}')
      from circles_vote v
      join circles_application a on a.circle_id = v.circle_id and a.id = v.application_id
      where v.voter_id = kring_member() and v.choice <> 'recuse' and v.at >= a.review_since $$;

-- Everybody who may judge an application today, and what they said in this round.
create function kring_round(p_application bigint) returns table (
    member_id bigint, vote_id bigint, choice text)
language sql stable security definer set search_path = public, pg_temp
as $$ select able.member_id, v.id, v.choice
      from (select m.member_id from circles_application a
            join circles_membership m on m.circle_id = a.circle_id
                 and m.state = 'active' and m.role in ('vetter', 'admin')
            where a.id = p_application
            union
            select d.member_id from circles_decider d where d.application_id = p_application) able
      join circles_application a on a.id = p_application
      left join circles_vote v on v.circle_id = a.circle_id and v.application_id = a.id
           and v.voter_id = able.member_id and v.at >= a.review_since
      where kring_may_judge(able.member_id, p_application) $$;
revoke all on function kring_round from public;

-- How the voting stands, for those who judge. The direction only for whoever has voted; that it
-- admits is told to all, since then it is done.
drop function kring_tally(bigint);
create function kring_tally(p_application bigint, out eligible bigint, out voted bigint,
    out approvals bigint, out declines bigint, out admits boolean)
language sql stable security definer set search_path = public, pg_temp
as $$ with cast_votes as (
        select r.* from circles_application a, kring_round(a.id) r
        where a.id = p_application
          and (a.circle_id = any (kring_vets()) or a.id = any (kring_decides()))),
      counted as (
        select count(*) as eligible, count(vote_id) as voted,
               count(*) filter (where choice = 'approve') as approvals,
               count(*) filter (where choice = 'decline') as declines
        from cast_votes)
      select eligible, voted,
             case when p_application = any (kring_voted()) then approvals end,
             case when p_application = any (kring_voted()) then declines end,
             case when a.state = 'appealed' then approvals >= 2
                  else eligible > 0 and declines = 0 and approvals >= least(
                       (a.policy ->> 'approvals_needed')::int, eligible) end
      from counted, circles_application a where a.id = p_application $$;

create or replace function kring_has_approval(p_application bigint) returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select exists (
        select from circles_vote v
        join circles_application a on a.circle_id = v.circle_id and a.id = v.application_id
        where v.application_id = p_application and v.choice = 'approve'
          and v.at >= a.review_since) $$;

-- The moment of a vote says to which round it belongs: nobody writes another one.
create function kring_date_vote() returns trigger language plpgsql as $$
begin
    if current_user = 'kring_web' then
        new.at := clock_timestamp();
    end if;
    return new;
end $$;
create trigger date_vote before insert or update of choice on circles_vote
for each row execute function kring_date_vote();
"""

# Why an application waits for a steward: nobody may vote, no admin is left to decide between votes
# that differ, an appeal has too few judges, its judges differ.
CASES = """
create function kring_case_of(p_application bigint) returns text
language sql stable security definer set search_path = public, pg_temp
as $$ select case
        when a.state = 'review' and eligible = 0 then 'nobody'
        when a.state = 'review' and voted = eligible and approvals > 0 and declines > 0
             and declines < least((a.policy ->> 'declines_to_stop')::int, eligible)
             and admins = 0 then 'differ'
        when a.state = 'appealed' and eligible < 2 then 'few'
        when a.state = 'appealed' and voted = eligible and approvals < 2 and declines < 2
             then 'differ'
        end
      from circles_application a
      cross join lateral (
        select count(*) as eligible, count(r.vote_id) as voted,
               count(*) filter (where r.choice = 'approve') as approvals,
               count(*) filter (where r.choice = 'decline') as declines,
               count(*) filter (where kring_is_appointed(r.member_id, a.id, a.state)
                   or exists (select from circles_membership m
                              where m.circle_id = a.circle_id and m.member_id = r.member_id
                                and m.role = 'admin')) as admins
        from kring_round(a.id) r) counted
      where a.id = p_application $$;
revoke all on function kring_case_of from public;
grant execute on function kring_case_of to kring_worker;

-- What waits for a steward, and what is very late: circle and age, nothing of anybody.
create function kring_cases() returns table (
    application_id bigint, circle text, why text, since timestamptz)
language sql stable security definer set search_path = public, pg_temp
as $$ select found.id, found.circle, found.why, found.review_since from (
        select a.id, a.review_since,
               case when c.sensitivity = 'sensitive' and not c.listed then c.mail_alias
                    else c.name end as circle,
               coalesce(kring_case_of(a.id),
                        case when a.decide_before < now()
                             or a.decide_before > a.review_since + a.stood_still + interval '7 days'
                                + make_interval(days => case when a.state = 'appealed' then 21
                                    else coalesce((a.policy ->> 'decide_days')::int, 14) end)
                             then 'late' end) as why
        from circles_application a
        join circles_circle c on c.id = a.circle_id
        where kring_is_steward() and a.state in ('review', 'appealed')) found
      where found.why is not null
      order by found.review_since, found.id limit 100 $$;

-- Whom a steward may appoint: active in the circle as an admin or from its beginning, or leading
-- another circle; free, and not asked already.
create function kring_candidates(p_application bigint) returns table (
    member_id bigint, name text, title text, circle text, kind text)
language sql stable security definer set search_path = public, pg_temp
as $$ select * from (
        select distinct on (p.member_id) p.member_id, p.name, p.title,
               case when c.sensitivity = 'sensitive' and not c.listed then c.mail_alias
                    else c.name end as circle,
               case when c.id <> a.circle_id then 'sister'
                    when m.role = 'admin' then 'admin' else 'founder' end as kind
        from circles_application a
        join circles_membership m on m.state = 'active'
        join circles_circle c on c.id = m.circle_id and c.confirmed_at is not null
             and (m.role = 'admin' or c.id = a.circle_id and m.since <= c.confirmed_at)
        join members_profile p on p.member_id = m.member_id
        where a.id = p_application and kring_is_steward() and kring_case_of(a.id) is not null
          and kring_is_free(m.member_id, a.id)
          and not kring_may_judge(m.member_id, a.id)
          and not exists (select from circles_vote v
                          where v.application_id = a.id and v.voter_id = m.member_id)
        order by p.member_id, c.id <> a.circle_id, m.role) able
      order by able.kind = 'sister', able.name, able.member_id limit 100 $$;

create function kring_appoint(p_application bigint, p_members bigint[]) returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    application circles_application;
    made bigint;
begin
    if not kring_is_steward() then
        raise exception 'kring: only a steward appoints' using errcode = '42501';
    end if;
    select * into application from circles_application where id = p_application for update;
    with appointed as (
        insert into circles_decider (circle_id, application_id, member_id, by_id, stage, at)
        select application.circle_id, application.id, c.member_id, kring_member(),
               application.state, now()
        from kring_candidates(p_application) c where c.member_id = any (p_members)
        on conflict do nothing returning member_id),
    told as (
        insert into members_letter (kind, member_id, circle_id, subject_id, seq, state, reason,
                                    attempts, due_at, bounced)
        select 'decider_appointed', member_id, application.circle_id, application.id, 0, 'queued',
               '', 0, now(), '' from appointed on conflict do nothing),
    line as (
        insert into members_auditentry (circle_id, by_id, about_id, act, subject, subject_id, facts)
        select application.circle_id, kring_member(), member_id, 'application.decider_appointed',
               'application', application.id, '{}' from appointed)
    select count(*) into made from appointed;
    return made;
end $$;
revoke all on function kring_appoint from public;
grant execute on function kring_appoint to kring_web;
"""

# As before; whoever decides together sees each other's names, and the charter they decide under.
SIGHT = """
create or replace function kring_knows() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from (
        select circle_id from circles_membership where member_id = kring_member()
        union select circle_id from circles_decider where member_id = kring_member()
        union select circle_id from circles_application
              where member_id = kring_member() or link_id = kring_token()) known $$;

create or replace function kring_peers() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(distinct member_id), '{}') from (
        select member_id from circles_membership where circle_id = any (kring_reads())
        union all select member_id from circles_decider where circle_id = any (kring_vets())
        union all select m.member_id from circles_decider d
              join circles_membership m on m.circle_id = d.circle_id
                   and m.role in ('vetter', 'admin')
              where d.member_id = kring_member() and d.application_id = any (kring_decides())
        union all select other.member_id from circles_decider d
              join circles_decider other on other.application_id = d.application_id
              where d.member_id = kring_member() and d.application_id = any (kring_decides())
      ) known $$;
"""

# What the table of moves cannot say: who files an appeal and until when, what it takes to admit
# after it, and what sends an application back.
MOVES = """
create function kring_keep_decision() returns trigger language plpgsql as $$
begin
    if current_user = 'kring_owner' then
        return new;
    end if;
    if new.state = 'appealed' and not (coalesce(new.link_id = kring_token(), false)
       and old.moved_at > now() - interval '21 days'
       and exists (select from circles_appeal where application_id = new.id)) then
        raise exception 'kring: an appeal is the applicant''s, within 21 days'
            using errcode = '42501';
    end if;
    if old.state = 'appealed' and new.state in ('offered', 'waitlisted')
       and not kring_has_approval(old.id) then
        raise exception 'kring: nobody is admitted without a vote' using errcode = '42501';
    end if;
    if old.state = 'objection' and new.state = 'review'
       and not kring_is_upheld(old.id, old.moved_at) then
        raise exception 'kring: only an objection sends it back' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_decision before update of state on circles_application
for each row when (new.state is distinct from old.state) execute function kring_keep_decision();

create function kring_is_upheld(p_application bigint, p_since timestamptz) returns boolean
language sql stable security definer set search_path = public, pg_temp
as $$ select exists (select from circles_objection
                     where application_id = p_application and outcome = 'upheld'
                       and settled_at >= p_since) $$;
"""

OBJECTIONS = """
-- Who is admitted in principle: name, profession and who vouches, for the members of the circle.
create function kring_newcomers() returns table (
    circle_id bigint, application_id bigint, public_id text, name text, profession text,
    until timestamptz, vouchers text[])
language sql stable security definer set search_path = public, pg_temp
as $$ select a.circle_id, a.id, a.public_id, a.name, a.profession,
             a.moved_at + make_interval(days => (a.policy ->> 'objection_days')::int),
             array(select p.name from circles_endorsement e
                   join members_profile p on p.member_id = e.by_id
                   where e.circle_id = a.circle_id and e.application_id = a.id
                     and e.withdrawn_at is null and e.how <> 'name'
                   union select r.name from circles_referee r
                   where r.circle_id = a.circle_id and r.application_id = a.id
                     and r.state = 'confirmed' and r.name <> '' order by 1)
      from circles_application a
      where a.circle_id = any (kring_reads()) and a.state = 'objection' and a.email <> ''
        and a.member_id is distinct from kring_member()
        and kring_plain(a.email) <> all (kring_addresses(kring_member()))
      order by a.moved_at, a.id $$;

-- An objection stays as it was said, and is settled once.
create function kring_keep_objection() returns trigger language plpgsql as $$
begin
    if current_user = 'kring_web' and old.settled_at is not null then
        raise exception 'kring: an objection is settled once' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_objection before update on circles_objection
for each row execute function kring_keep_objection();
"""

DECIDES = "any ((select kring_decides())::bigint[])"
VOTED = "application_id = any ((select kring_voted())::bigint[])"
SEEN = "application_id in (select id from circles_application)"
OWN = f"application_id in (select id from circles_application where link_id = {TOKEN})"
NOT_SELF_ADMITTED = "state <> 'approved'"


class Migration(migrations.Migration):
    dependencies = [("circles", "0012_deciding")]

    operations = [
        *(
            child(f"circles_{table}", "application_id", of="circles_application")
            for table in ("note", "decider", "appeal", "objection")
        ),
        run(JUDGES),
        run(CASES),
        run(SIGHT),
        run(OBJECTIONS),
        run(MOVES),
        secured(
            "circles_note",
            web="select, insert",
            worker="select (id, circle_id, application_id), update (text)",
            policies=[
                reading("own note", f"by_id = {ME}", to="kring_web"),
                reading(
                    "notes of others after one's own vote",
                    f"{VOTED} and ({VETS} or application_id = {DECIDES})",
                    to="kring_web",
                ),
                writing(
                    "whoever judges leaves a note",
                    f"by_id = {ME} and kring_may_vote(application_id)",
                    to="kring_web",
                ),
                reading("house finds notes", HOUSE, to="kring_worker"),
                changing("house erases notes", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_decider",
            web="select",
            worker="select",
            policies=[
                reading("own appointment", f"member_id = {ME}", to="kring_web"),
                reading("those who vet see who was appointed", VETS, to="kring_web"),
                reading("house knows appointments", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_appeal",
            web="select, insert",
            worker="select (id, circle_id, application_id), update (words)",
            policies=[
                reading("own appeal", OWN, to="kring_web"),
                reading(
                    "whoever judges the appeal reads it",
                    "kring_may_vote(application_id)",
                    to="kring_web",
                ),
                writing(
                    "whoever was refused appeals",
                    f"{OWN} and kring_state_of(application_id) = 'declined'",
                    to="kring_web",
                ),
                reading("house finds appeals", HOUSE, to="kring_worker"),
                changing("house erases appeals", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_objection",
            web="select, insert, update (outcome, note, settled_by_id, settled_at)",
            worker="select (id, circle_id, application_id, settled_at, at), update (words, note)",
            policies=[
                reading("own objection", f"by_id = {ME}", to="kring_web"),
                reading(
                    "admins read objections",
                    f"{ADMINISTERS} and kring_is_free({ME}, application_id)",
                    to="kring_web",
                ),
                writing(
                    "members object in the objection period",
                    f"by_id = {ME} and outcome = '' and {WRITES} "
                    "and application_id in (select application_id from kring_newcomers())",
                    to="kring_web",
                ),
                changing(
                    "admins settle an objection",
                    f"{ADMINISTERS} and kring_is_free({ME}, application_id)",
                    f"{ADMINISTERS} and settled_by_id = {ME}",
                    to="kring_web",
                ),
                reading("house knows objections", HOUSE, to="kring_worker"),
                changing("house erases objections", HOUSE, to="kring_worker"),
            ],
        ),
        run('drop policy "votes of others after one\'s own" on circles_vote;'),
        run(
            reading(
                "votes of others after one's own",
                f"{VOTED} and ({VETS} or application_id = {DECIDES})",
                to="kring_web",
            ).sql("circles_vote")
        ),
        run('drop policy "vetters vote on others" on circles_vote;'),
        run(
            writing(
                "vetters vote on others",
                f"voter_id = {ME} and kring_may_vote(application_id)",
                to="kring_web",
            ).sql("circles_vote")
        ),
        run(
            reading(
                "appointed deciders see their application", f"id = {DECIDES}", to="kring_web"
            ).sql("circles_application")
        ),
        run(
            changing(
                "appointed deciders move their application",
                f"id = {DECIDES}",
                f"id = {DECIDES} and {NOT_SELF_ADMITTED}",
                to="kring_web",
            ).sql("circles_application")
        ),
        run('drop policy "own application changes" on circles_application;'),
        run(
            changing(
                "own application changes",
                f"(link_id = {TOKEN} or member_id = {ME})",
                f"(link_id = {TOKEN} or member_id = {ME}) and {NOT_SELF_ADMITTED} and "
                "(state in ('draft', 'email_pending', 'referees', 'review', 'withdrawn', "
                "'appealed') or state = kring_state_of(id))",
                to="kring_web",
            ).sql("circles_application")
        ),
    ]
