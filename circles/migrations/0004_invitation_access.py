"""Who may invite, how often, and what an invitation opens: never a way past the vetting.

Whether an address applies here is told to those who vet and to nobody else. So an inviter reads
their own invitation, but not the endorsement it became, unless the invitee began by its link.
"""

from django.db import migrations

from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    TOKEN,
    changing,
    child,
    parent,
    reading,
    run,
    secured,
    writing,
)

RIGHTS = """
-- Inviting is vouching: for members whose probation is over.
create function kring_invites() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from circles_membership
      where member_id = kring_member() and state = 'active' $$;

-- The circle one is invited to: its charter can be read by the link, listed or not.
create function kring_invited_to() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from circles_invitation
      where link_id = kring_token() and state not in ('revoked', 'expired') $$;

-- Whoever vouches for an applicant, or ever invited that address, does not vote on them.
create function kring_vouches(p_member bigint, p_circle bigint, p_application bigint,
    p_email text) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (select from circles_endorsement
                     where circle_id = p_circle and application_id = p_application
                       and by_id = p_member)
          or exists (select from circles_invitation
                     where circle_id = p_circle and inviter_id = p_member
                       and lower(address) = lower(p_email) and p_email <> '') $$;
revoke all on function kring_vouches from public;

create or replace function kring_may_vote(p_application bigint) returns boolean language sql stable
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
          and not kring_vouches(me.id, a.circle_id, a.id, a.email)
          and not exists (select from circles_vote v where v.application_id = a.id
                          and v.voter_id = me.id and v.choice = 'recuse')) $$;

create or replace function kring_tally(p_application bigint, out eligible bigint, out voted bigint,
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
           and not kring_vouches(m.member_id, a.circle_id, a.id, a.email)
      left join circles_vote v on v.circle_id = a.circle_id and v.application_id = a.id
           and v.voter_id = m.member_id
      where a.id = p_application and a.circle_id = any (kring_vets())
        and v.choice is distinct from 'recuse' $$;
"""

# What is told of an address, and of whoever vouches: never more than the one who asks may know.
TOLD = """
-- How an address stands to a circle, for the member who wants to invite it. Who is or was in the
-- circle every member may know; who applied, was refused or removed, only those who vet.
create function kring_invitee_stands(p_circle bigint, p_address text, out stands text,
    out since timestamptz) language plpgsql stable
security definer set search_path = public, pg_temp as $$
declare
    person bigint;
    seat circles_membership;
    asked circles_application;
begin
    stands := 'new';
    if not p_circle = any (kring_reads()) then
        return;
    end if;
    select found.id into person from (
        select id from members_member where lower(email) in (lower(p_address), kring_plain(p_address))
        union select user_id from account_emailaddress
              where verified and lower(email) in (lower(p_address), kring_plain(p_address))) found
    limit 1;
    select * into seat from circles_membership where circle_id = p_circle and member_id = person;
    if person = kring_member() then
        stands := 'self';
    elsif seat.state not in ('left', 'lapsed', 'removed') then
        stands := 'in';
    elsif p_circle = any (kring_vets()) and seat.state = 'removed' then
        stands := 'removed';
    end if;
    if stands = 'new' and p_circle = any (kring_vets()) then
        select * into asked from circles_application
        where circle_id = p_circle and lower(email) = lower(p_address)
          and (state in ('referees', 'review', 'info_requested', 'objection', 'waitlisted',
                         'offered', 'appealed') or kring_too_early(state, moved_at))
        order by state in ('declined', 'declined_final', 'discarded'), moved_at desc limit 1;
        stands := case when asked.id is null then 'new'
                       when asked.state = 'discarded' then 'discarded'
                       when asked.state in ('declined', 'declined_final') then 'refused'
                       else 'applied' end;
        since := asked.moved_at;
    end if;
    if stands = 'new' and seat.state in ('left', 'lapsed') then
        stands := 'left';
        since := seat.ended_at;
    end if;
end $$;

-- Name and title of whoever invites the holder of this link, or vouches for their application.
create function kring_vouchers() returns table (member_id bigint, name text, title text)
language sql stable security definer set search_path = public, pg_temp
as $$ select p.member_id, p.name, p.title from members_profile p
      where p.member_id in (
        select inviter_id from circles_invitation where link_id = kring_token()
        union select e.by_id from circles_endorsement e
              join circles_application a on a.circle_id = e.circle_id and a.id = e.application_id
              where a.link_id = kring_token()) $$;

-- The link of the application that was begun by the invitation one holds.
create function kring_begun() returns bigint language sql stable
security definer set search_path = public, pg_temp
as $$ select a.link_id from circles_invitation i
      join circles_application a on a.circle_id = i.circle_id and a.id = i.application_id
      where i.link_id = kring_token() $$;
"""

# A refusal cools off; what was set aside as spam stays aside as long as the row knows its address.
COOLING = """
create function kring_too_early(p_state text, p_moved_at timestamptz) returns boolean
language sql stable as $$
    select case p_state when 'declined' then p_moved_at > now() - interval '90 days'
                        when 'declined_final' then p_moved_at > now() - interval '180 days'
                        else p_state = 'discarded' end $$;
"""

# An invitation is used once: it begins one application, from its own address, proven by the link.
BEGIN = """
create function kring_begin_invited(p_public_id text, p_language text) returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    invitation circles_invitation;
    link bigint;
    made bigint;
    seat text;
begin
    select i.* into invitation from circles_invitation i
    join members_link l on l.id = i.link_id
    where i.link_id = kring_token() and i.state = 'open'
      and l.revoked_at is null and l.expires_at > now()
    for update of i;
    if invitation.id is null then
        raise exception 'kring: not open';
    end if;
    select m.state into seat from circles_membership m
    where m.circle_id = invitation.circle_id and m.member_id in (
        select id from members_member where lower(email) = lower(invitation.address)
        union select user_id from account_emailaddress
              where verified and lower(email) = lower(invitation.address))
    limit 1;
    if seat not in ('left', 'lapsed') then
        raise exception 'kring: %', case seat when 'removed' then 'too early' else 'already in' end;
    end if;
    if exists (select from circles_application a
               where a.circle_id = invitation.circle_id
                 and lower(a.email) = lower(invitation.address)
                 and a.state in ('referees', 'review', 'info_requested', 'objection', 'waitlisted',
                                 'offered', 'appealed')) then
        raise exception 'kring: already running';
    end if;
    if exists (select from circles_application a
               where a.circle_id = invitation.circle_id
                 and lower(a.email) = lower(invitation.address)
                 and kring_too_early(a.state, a.moved_at)) then
        raise exception 'kring: too early';
    end if;
    insert into members_link (purpose, version) values ('application', 1) returning id into link;
    insert into circles_application
        (circle_id, link_id, public_id, state, email, language, name, profession, register_number,
         brings, seeks, policy, decline_code, decline_text, created_at, proven_at, moved_at)
    values (invitation.circle_id, link, p_public_id, 'draft', lower(invitation.address), p_language,
            invitation.name, '', '', '', '', '{}', '', '', now(), now(), now())
    returning id into made;
    update circles_invitation set state = 'begun', application_id = made
    where id = invitation.id;
    insert into circles_endorsement (circle_id, application_id, invitation_id, by_id, how, words)
    values (invitation.circle_id, made, invitation.id, invitation.inviter_id, invitation.how,
            invitation.words);
    return link;
end $$;
revoke all on function kring_begin_invited from public;
grant execute on function kring_begin_invited to kring_web;
"""

# Words find their application, and an invitation follows the application begun by it.
TIED = """
create function kring_endorse(p_circle bigint, p_address text) returns void
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    -- An invitation and an application of one address at the same moment: one waits for the other.
    perform pg_advisory_xact_lock(
        hashtextextended(format('kring endorse %s %s', p_circle, lower(p_address)), 0));
    insert into circles_endorsement (circle_id, application_id, invitation_id, by_id, how, words)
    select i.circle_id, a.id, i.id, i.inviter_id, i.how, i.words
    from circles_invitation i
    join circles_application a on a.circle_id = i.circle_id and lower(a.email) = lower(i.address)
         and a.state in ('referees', 'review', 'info_requested', 'objection', 'waitlisted',
                         'offered', 'appealed')
    where i.circle_id = p_circle and lower(i.address) = lower(p_address)
      and i.state in ('open', 'begun', 'vetting')
    on conflict do nothing;
end $$;
revoke all on function kring_endorse from public;

create function kring_attach_invitation() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    perform kring_endorse(new.circle_id, new.address);
    return null;
end $$;
create trigger attach_invitation after insert on circles_invitation
for each row execute function kring_attach_invitation();

create function kring_follow_application() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
declare
    now_is text := case
        when new.state in ('draft', 'email_pending') then 'begun'
        when new.state in ('referees', 'review', 'info_requested', 'objection', 'waitlisted',
                           'offered', 'appealed') then 'vetting'
        when new.state = 'approved' then 'joined'
        else 'not_joined' end;
begin
    if old.state in ('draft', 'email_pending') and now_is = 'vetting' then
        perform kring_endorse(new.circle_id, new.email);
    end if;
    update circles_invitation
    set state = now_is,
        ended_at = case when now_is in ('joined', 'not_joined') then now() end
    where circle_id = new.circle_id and application_id = new.id and state <> now_is
      and address <> '';
    if now_is = 'joined' then  -- what every member sees, whoever invited may see too
        update circles_invitation i set state = 'joined', ended_at = now()
        from circles_endorsement e
        where e.circle_id = new.circle_id and e.application_id = new.id
          and i.circle_id = e.circle_id and i.id = e.invitation_id
          and i.state in ('open', 'expired') and i.address <> '';
    end if;
    return null;
end $$;
create trigger follow_application after update of state on circles_application
for each row when (new.state is distinct from old.state)
execute function kring_follow_application();

-- A 'no, thank you' is for everybody of the circle who asked; words taken back are taken back.
create function kring_answer_invitation() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if new.state = 'declined' then
        update circles_invitation set state = 'declined', ended_at = now()
        where circle_id = new.circle_id and lower(address) = lower(new.address)
          and state = 'open' and id <> new.id;
    else
        update circles_endorsement set words = '', withdrawn_at = now()
        where circle_id = new.circle_id and invitation_id = new.id;
    end if;
    return null;
end $$;
create trigger answer_invitation after update of state on circles_invitation
for each row when (old.state = 'open' and new.state in ('declined', 'revoked'))
execute function kring_answer_invitation();

-- 'Never write to me again' ends what is open, in every circle.
create function kring_silence_invitations() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update circles_invitation set state = 'declined', ended_at = now()
    where address_key = new.address_key and state = 'open';
    return null;
end $$;
create trigger silence_invitations after insert on members_silence
for each row execute function kring_silence_invitations();

-- Mail that does not arrive: the address may be wrong, and its inviter should know. Whoever calls an
-- invitation unwanted mail has said 'never again'.
create function kring_hear_of_invitation() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update circles_invitation set bounced_at = now()
    where link_id = new.link_id and state = 'open' and new.bounced = 'hard';
    insert into members_silence (address_key)
    select address_key from circles_invitation
    where link_id = new.link_id and address_key <> '' and new.bounced = 'complaint'
    on conflict do nothing;
    return null;
end $$;
create trigger hear_of_invitation after update of bounced on members_letter
for each row when (new.link_id is not null and new.bounced in ('hard', 'complaint'))
execute function kring_hear_of_invitation();

-- Whoever is not in the circle any more asks nobody to come in.
create function kring_end_invitations_of() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update circles_invitation set state = 'revoked', ended_at = now()
    where circle_id = new.circle_id and inviter_id = new.member_id and state = 'open';
    return null;
end $$;
create trigger end_invitations_of after update of state on circles_membership
for each row when (new.state in ('left', 'removed', 'lapsed', 'suspended'))
execute function kring_end_invitations_of();
"""

# What of an invitation never changes, and how many there may be.
KEPT = """
create function kring_keep_invitation() returns trigger language plpgsql as $$
begin
    if current_user = 'kring_owner' then
        return new;  -- the functions above, and whoever migrates
    end if;
    if (new.circle_id, new.link_id, new.public_id, new.inviter_id, new.application_id, new.how,
        new.language, new.created_at)
       is distinct from (old.circle_id, old.link_id, old.public_id, old.inviter_id,
                         old.application_id, old.how, old.language, old.created_at)
       or new.address not in (old.address, '') or new.address_key not in (old.address_key, '')
       or new.words not in (old.words, '') or new.name not in (old.name, '') then
        raise exception 'kring: an invitation stays what it is' using errcode = '42501';
    end if;
    if new.state <> old.state
       and not (old.state = 'open' and new.state in ('declined', 'expired', 'revoked')) then
        raise exception 'kring: no such move' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_invitation before update on circles_invitation
for each row execute function kring_keep_invitation();

-- A member: 5 open, 10 in 90 days. Admins: as many open in the circle as twice its free seats, and
-- 5 at least. Two at once: the second counts the first.
create function kring_count_invitations() returns trigger language plpgsql as $$
declare
    most bigint;
begin
    if current_user = 'kring_owner' then
        return new;
    end if;
    if new.state <> 'open' or new.application_id is not null or new.answer <> '' then
        raise exception 'kring: an invitation begins open' using errcode = '42501';
    end if;
    new.created_at := now();
    if new.circle_id = any (kring_administers()) then
        most := greatest(5, 2 * kring_seats_free(new.circle_id));  -- locks the circle
        if (select count(*) from circles_invitation
            where circle_id = new.circle_id and state = 'open') >= most then
            raise exception 'kring: twice the seats';
        end if;
        return new;
    end if;
    perform pg_advisory_xact_lock(
        hashtextextended(format('kring invites %s %s', new.circle_id, new.inviter_id), 0));
    if (select count(*) from circles_invitation
        where circle_id = new.circle_id and inviter_id = new.inviter_id and state = 'open') >= 5 then
        raise exception 'kring: five open';
    end if;
    if (select count(*) from circles_invitation
        where circle_id = new.circle_id and inviter_id = new.inviter_id
          and created_at > now() - interval '90 days') >= 10 then
        raise exception 'kring: ten in a quarter';
    end if;
    return new;
end $$;
create trigger count_invitations before insert on circles_invitation
for each row execute function kring_count_invitations();
"""

INVITES = "circle_id = any ((select kring_invites())::bigint[])"
INVITED_TO = "any ((select kring_invited_to())::bigint[])"
ENDS = "state in ('open', 'revoked')"
LETTERS = (
    "state = 'queued' and (member_id = any ((select kring_peers())::bigint[]) "
    f"or member_id = {ME} or link_id = {TOKEN} or (select kring_at_the_desk()) "
    "or link_id in (select link_id from circles_application)"
)


class Migration(migrations.Migration):
    dependencies = [("circles", "0003_invitation")]

    operations = [
        parent("circles_invitation"),
        child("circles_invitation", "application_id", of="circles_application"),
        child("circles_endorsement", "application_id", of="circles_application"),
        child("circles_endorsement", "invitation_id", of="circles_invitation"),
        run(RIGHTS),
        run(COOLING),
        run(TOLD),
        run(BEGIN),
        run(TIED),
        run(KEPT),
        secured(
            "circles_invitation",
            web="select, insert, update (state, answer, reminded_at, ended_at)",
            worker="select, insert, update (state, address, address_key, name, words, answer, "
            "reminded_at, ended_at)",
            policies=[
                writing("a member invites", f"inviter_id = {ME} and {INVITES}"),
                reading("own invitations", f"inviter_id = {ME}"),
                reading("admins see the invitations of the circle", ADMINISTERS),
                reading("the invitee sees the invitation", f"link_id = {TOKEN}"),
                changing(
                    "own invitation changes",
                    f"inviter_id = {ME}",
                    f"inviter_id = {ME} and {ENDS}",
                    to="kring_web",
                ),
                changing(
                    "admins change an invitation",
                    ADMINISTERS,
                    f"{ADMINISTERS} and {ENDS}",
                    to="kring_web",
                ),
                changing(
                    "the invitee says no",
                    f"link_id = {TOKEN}",
                    f"link_id = {TOKEN} and state in ('open', 'declined')",
                    to="kring_web",
                ),
                reading("house knows the invitations", HOUSE, to="kring_worker"),
                changing("house ends and erases invitations", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_endorsement",
            web="select",
            worker="select, update (words)",
            policies=[
                reading(
                    "words on an application one sees",
                    "application_id in (select id from circles_application)",
                ),
                changing("house erases what was said for somebody", HOUSE, to="kring_worker"),
            ],
        ),
        run(
            reading(
                "an invitee reads the charter",
                f"{TOKEN} is not null and id = {INVITED_TO}",
            ).sql("circles_circle")
        ),
        run(
            writing(
                "an invitee's answer leaves a line",
                f"by_id is null and {TOKEN} is not null and circle_id = {INVITED_TO}",
                to="kring_web",
            ).sql("members_auditentry")
        ),
        run('drop policy "an act writes letters" on members_letter;'),
        run(
            writing(
                "an act writes letters",
                f"{LETTERS} or link_id in (select link_id from circles_invitation))",
            ).sql("members_letter")
        ),
    ]
