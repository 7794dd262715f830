"""Set aside as spam: without a mail, and nobody applies again after it. So it takes two who judge,
or all where fewer may, and the database counts them."""

from django.db import migrations, models

from kring.lib.policies import run

TALLY = """
drop function kring_tally(bigint);
create function kring_tally(p_application bigint, out eligible bigint, out voted bigint,
    out approvals bigint, out declines bigint, out spams bigint, out admits boolean)
language sql stable security definer set search_path = public, pg_temp
as $$ with cast_votes as (
        select r.* from circles_application a, kring_round(a.id) r
        where a.id = p_application
          and (a.circle_id = any (kring_vets()) or a.id = any (kring_decides()))),
      counted as (
        select count(*) as eligible, count(vote_id) as voted,
               count(*) filter (where choice = 'approve') as approvals,
               count(*) filter (where choice in ('decline', 'spam')) as declines,
               count(*) filter (where choice = 'spam') as spams,
               p_application = any (kring_voted()) as knows
        from cast_votes)
      select eligible, voted,
             case when knows then approvals end,
             case when knows then declines end,
             case when knows then spams end,
             case when a.state = 'appealed' then approvals >= 2
                  else eligible > 0 and declines = 0 and approvals >= least(
                       (a.policy ->> 'approvals_needed')::int, eligible) end
      from counted, circles_application a where a.id = p_application $$;

-- Without an admin to decide, votes that leave it open need a steward.
create or replace function kring_case_of(p_application bigint) returns text
language sql stable security definer set search_path = public, pg_temp
as $$ select case
        when a.state = 'review' and eligible = 0 then 'nobody'
        when a.state = 'review' and voted = eligible and admins = 0 and declines > 0
             and (spams > 0 or approvals > 0
                  and declines < least((a.policy ->> 'declines_to_stop')::int, eligible))
             then 'differ'
        when a.state = 'appealed' and eligible < 2 then 'few'
        when a.state = 'appealed' and voted = eligible and approvals < 2 and declines < 2
             then 'differ'
        end
      from circles_application a
      cross join lateral (
        select count(*) as eligible, count(r.vote_id) as voted,
               count(*) filter (where r.choice = 'approve') as approvals,
               count(*) filter (where r.choice in ('decline', 'spam')) as declines,
               count(*) filter (where r.choice = 'spam') as spams,
               count(*) filter (where kring_is_appointed(r.member_id, a.id, a.state)
                   or exists (select from circles_membership m
                              where m.circle_id = a.circle_id and m.member_id = r.member_id
                                and m.role = 'admin')) as admins
        from kring_round(a.id) r) counted
      where a.id = p_application $$;
"""

KEPT = """
create function kring_is_spam(p_application bigint) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select count(*) > 0 and count(*) filter (where choice = 'spam') >= least(2, count(*))
      from kring_round(p_application) $$;
revoke all on function kring_is_spam from public;
grant execute on function kring_is_spam to kring_web;

create function kring_keep_discarding() returns trigger language plpgsql as $$
begin
    if current_user <> 'kring_owner' and not kring_is_spam(old.id) then
        raise exception 'kring: two call it spam, or nobody does' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_discarding before update of state on circles_application for each row
when (old.state <> 'discarded' and new.state = 'discarded')
execute function kring_keep_discarding();

-- Only what is under review can be spam; whoever appeals was taken seriously before.
create function kring_keep_spam() returns trigger language plpgsql as $$
begin
    if current_user <> 'kring_owner' and not exists (
        select from circles_application where id = new.application_id and state = 'review') then
        raise exception 'kring: only under review' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_spam before insert or update of choice on circles_vote for each row
when (new.choice = 'spam') execute function kring_keep_spam();
"""

# Never again without an admin: the invitation of one lets the circle know the sender no more.
PARDON = """
create function kring_pardon(p_circle bigint, p_key text) returns setof bigint
language sql volatile security definer set search_path = public, pg_temp
as $$ update circles_application set address_key = '', register_key = ''
      where circle_id = p_circle and p_circle = any (kring_administers())
        and address_key = p_key and p_key <> '' and state = 'discarded'
      returning id $$;
revoke all on function kring_pardon from public;
grant execute on function kring_pardon to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0032_decider_letter")]

    operations = [
        migrations.AlterField(
            "vote",
            "choice",
            models.CharField(
                choices=[
                    ("approve", "Admit"),
                    ("decline", "Refuse"),
                    ("abstain", "I abstain"),
                    ("recuse", "I am not free to vote"),
                    ("spam", "This is spam"),
                ],
                max_length=7,
            ),
        ),
        run(TALLY),
        run(KEPT),
        run(PARDON),
    ]
