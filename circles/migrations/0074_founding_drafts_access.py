"""A circle in the making: its lead writes it, those they ask read it and answer for themselves, and
one function turns it into a proposal with its first admins."""

from django.db import migrations

from kring.lib.policies import HOUSE, ME, TOKEN, changing, reading, run, secured, writing

SEEN = "any ((select kring_foundings())::bigint[])"

FUNCTIONS = """
-- Who may begin a circle: whoever is an active member of one.
create function kring_may_found() returns boolean language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select exists (select from circles_membership m
                     join circles_circle c on c.id = m.circle_id and c.confirmed_at is not null
                     where m.member_id = kring_member() and m.state = 'active')
             and not kring_is_steward() $$;

-- Proposals one is asked to join, by name or by a link one holds.
create function kring_foundings() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(founding_id), '{}') from circles_cofounder
      where (member_id = kring_member() or link_id = kring_token())
        and state in ('asked', 'agreed') $$;

create function kring_founds(p_founding bigint) returns boolean language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select p_founding = any (kring_foundings())
             or exists (select from circles_founding
                        where id = p_founding and lead_id = kring_member()) $$;

-- Who founds it, for each other: names only, never an address.
create function kring_founders(p_founding bigint) returns table (
    public_id text, name text, title text, state text, is_lead boolean, asked_at timestamptz,
    answered_at timestamptz)
language sql stable security definer set search_path = public, pg_temp
as $$ select '', p.name, p.title, 'agreed', true, f.created_at, f.created_at
      from circles_founding f join members_profile p on p.member_id = f.lead_id
      where f.id = p_founding and kring_founds(f.id)
      union all
      (select c.public_id, coalesce(p.name, c.name), coalesce(p.title, ''), c.state, false,
              c.asked_at, c.answered_at
       from circles_cofounder c
       left join members_profile p on p.member_id = c.member_id
                 and (c.is_chosen or c.state = 'agreed')
       where c.founding_id = p_founding and kring_founds(p_founding)
         and c.state in ('asked', 'agreed', 'declined')
       order by c.id) $$;

-- Who may be asked by name: active members of circles one is in now.
create function kring_companions() returns table (member_id bigint, name text, title text)
language sql stable security definer set search_path = public, pg_temp
as $$ select distinct p.member_id, p.name, p.title
      from circles_membership m
      join members_profile p on p.member_id = m.member_id
      join members_member a on a.id = m.member_id and a.is_active
      where m.circle_id = any (kring_reads()) and m.state = 'active'
        and m.member_id <> kring_member()
      order by p.name, p.member_id limit 300 $$;
"""

KEPT = """
-- Three at once, six in all, ten in a quarter: nobody writes to strangers by founding circles.
create function kring_count_cofounders() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
declare
    whose bigint;
begin
    select lead_id into whose from circles_founding where id = new.founding_id for no key update;
    if (select count(*) from circles_cofounder
        where founding_id = new.founding_id and state in ('asked', 'agreed')) >= 3 then
        raise exception 'kring: three at once';
    end if;
    if (select count(*) from circles_cofounder where founding_id = new.founding_id) >= 6
       or (select count(*) from circles_cofounder c
           join circles_founding f on f.id = c.founding_id and f.lead_id = whose
           where c.asked_at > now() - interval '90 days') >= 10 then
        raise exception 'kring: enough asked';
    end if;
    return new;
end $$;
revoke all on function kring_count_cofounders from public;
create trigger count_cofounders before insert on circles_cofounder
for each row execute function kring_count_cofounders();

-- Who has agreed, has agreed to this text.
create function kring_keep_founding() returns trigger language plpgsql as $$
begin
    if current_user <> 'kring_owner' and (new.charter, new.parameters) is distinct from (old.charter, old.parameters)
       and old.state = 'writing' and new.state = 'writing'
       and exists (select from circles_cofounder
                   where founding_id = old.id and state = 'agreed') then
        raise exception 'kring: somebody agreed to this text';
    end if;
    return new;
end $$;
create trigger keep_founding before update on circles_founding
for each row execute function kring_keep_founding();

-- With an account go the proposals it was writing, and what others wrote of it.
create function kring_drop_foundings() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update circles_founding set state = 'dropped', charter = '{}', parameters = '[]', before = null
    where lead_id = new.id and state = 'writing';
    update circles_cofounder set name = '', address = '',
        state = case when state in ('asked', 'agreed') then 'dropped' else state end,
        answered_at = coalesce(answered_at, now())
    where member_id = new.id
       or founding_id in (select id from circles_founding where lead_id = new.id);
    return null;
end $$;
revoke all on function kring_drop_foundings from public;
create trigger drop_foundings after update of is_active on members_member
for each row when (old.is_active and not new.is_active) execute function kring_drop_foundings();
"""

ANSWER = """
-- One answer of somebody who is asked: by the link they were mailed, or as the member who was
-- chosen. A yes needs an account; without one it is made here, since the link proves the address.
create function kring_answer_founding(
    p_cofounder bigint, p_yes boolean, p_name text, p_title text, p_password text)
returns bigint language plpgsql volatile security definer
set search_path = public, pg_temp as $$
declare
    asked circles_cofounder;
    founding circles_founding;
    account bigint;
begin
    select * into founding from circles_founding
    where id = (select founding_id from circles_cofounder where id = p_cofounder)
    for no key update;
    select * into asked from circles_cofounder where id = p_cofounder for no key update;
    if asked.id is null or not coalesce(asked.link_id = kring_token()
       or asked.is_chosen and asked.member_id = kring_member(), false) then
        raise exception 'kring: nobody asked' using errcode = '42501';
    end if;
    if asked.state <> 'asked' or founding.state <> 'writing' then
        raise exception 'kring: answered already';
    end if;
    if not p_yes then
        update circles_cofounder set state = 'declined', answered_at = now() where id = asked.id;
    else
        if asked.is_chosen then
            account := asked.member_id;
        else
            select id into account from members_member
            where lower(email) = lower(asked.address)
            union select user_id from account_emailaddress
                  where lower(email) = lower(asked.address) and verified;
            if account is null and kring_member() is null and p_password <> '' then
                insert into members_member (email, password, language, is_active, is_steward,
                                            joined_at)
                values (lower(asked.address), p_password, founding.language, true, false, now())
                returning id into account;
                insert into account_emailaddress (email, verified, "primary", user_id)
                values (lower(asked.address), true, true, account);
                insert into members_profile (member_id, name, title, about)
                values (account, p_name, p_title, '');
            elsif account is null or account is distinct from kring_member() then
                raise exception 'kring: %', case when kring_member() is null then 'sign in first'
                                                 else 'another address' end;
            end if;
        end if;
        if account = founding.lead_id then
            raise exception 'kring: the lead';
        end if;
        if exists (select from members_member where id = account and is_steward) then
            raise exception 'kring: a steward is in no circle';
        end if;
        update circles_cofounder
        set state = 'agreed', answered_at = now(), member_id = account where id = asked.id;
    end if;
    insert into members_letter (kind, member_id, subject_id, seq, state, reason, attempts, due_at,
                                bounced)
    values ('cofounder_answered', founding.lead_id, asked.id, 0, 'queued', '', 0, now(), '');
    insert into members_auditentry (by_id, about_id, act, subject, subject_id, facts)
    values (account, founding.lead_id,
            case when p_yes then 'founding.agreed' else 'founding.declined' end,
            'founding', founding.id, '{}');
    return account;
end $$;
revoke all on function kring_answer_founding from public;
grant execute on function kring_answer_founding to kring_web;
"""

PROPOSE = """
-- The one way from a proposal in the making to a circle before the stewards, with its admins. Two
-- people at least lead it. What is not set here is as a circle begins.
create function kring_propose_circle(p_founding bigint) returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    founding circles_founding;
    made bigint;
    c jsonb;
begin
    select * into founding from circles_founding where id = p_founding for no key update;
    if founding.id is null or founding.lead_id is distinct from kring_member()
       or not kring_may_found() then
        raise exception 'kring: not this proposal' using errcode = '42501';
    end if;
    if founding.state <> 'writing' then
        raise exception 'kring: proposed already';
    end if;
    if not exists (select from circles_cofounder o
                   join members_member m on m.id = o.member_id and m.is_active
                   where o.founding_id = founding.id and o.state = 'agreed') then
        raise exception 'kring: nobody agreed yet';
    end if;
    c := founding.charter;
    insert into circles_circle (
        public_id, name, profession, purpose, belongs, pledge, commitment, hours_per_month,
        term_months, cost_cents, cost_lines, size_cap, language, sensitivity, mail_alias,
        mail_ceiling, listed, list_when_confirmed, required_referees, outside_referees,
        approvals_needed, declines_to_stop, objection_days, decide_days, erase_days,
        reverify_months, registry, guard, founded_at, declined_text)
    values (
        founding.public_id, c->>'name', c->>'profession', c->>'purpose', c->>'belongs',
        c->>'pledge', coalesce(c->'commitment', '[]'), (c->>'hours_per_month')::numeric,
        coalesce((c->>'term_months')::int, 12), coalesce((c->>'cost_cents')::int, 0),
        coalesce(c->'cost_lines', '[]'), coalesce((c->>'size_cap')::int, 40),
        coalesce(c->>'language', founding.language), coalesce(c->>'sensitivity', 'sensitive'),
        coalesce(c->>'mail_alias', 'Kring A'),
        case when c->>'sensitivity' = 'normal' then 'title' else 'counts' end, false,
        coalesce((c->>'listed')::boolean, false), coalesce((c->>'required_referees')::int, 2),
        coalesce((c->>'outside_referees')::boolean, true),
        coalesce((c->>'approvals_needed')::int, 2), coalesce((c->>'declines_to_stop')::int, 2),
        coalesce((c->>'objection_days')::int, 7), coalesce((c->>'decide_days')::int, 14),
        coalesce((c->>'erase_days')::int, 28), coalesce((c->>'reverify_months')::int, 12),
        coalesce(c->>'registry', 'none'), coalesce(c->>'guard', 'confirm'), now(), '')
    returning id into made;
    insert into circles_parameter (circle_id, name, kind, choices, unit, minimum, maximum, required,
                                   help, position)
    select made, p->>'name', p->>'kind', coalesce(p->'choices', '[]'), coalesce(p->>'unit', ''),
           (p->>'minimum')::numeric, (p->>'maximum')::numeric,
           coalesce((p->>'required')::boolean, false), coalesce(p->>'help', ''), place - 1
    from jsonb_array_elements(founding.parameters) with ordinality as t(p, place);
    insert into circles_membership (circle_id, member_id, role, state, since)
    select made, who, 'admin', 'active', now()
    from (select founding.lead_id as who
          union select o.member_id from circles_cofounder o
                join members_member m on m.id = o.member_id and m.is_active
                where o.founding_id = founding.id and o.state = 'agreed') founders;
    update circles_founding set state = 'proposed', circle_id = made, changed_at = now()
    where id = founding.id;
    insert into members_auditentry (circle_id, by_id, act, subject, subject_id, facts)
    values (made, founding.lead_id, 'circle.proposed', 'circle', made, '{}');
    return made;
end $$;
revoke all on function kring_propose_circle from public;
grant execute on function kring_propose_circle to kring_web;
"""

LED = f"founding_id in (select id from circles_founding where lead_id = {ME}"


class Migration(migrations.Migration):
    dependencies = [("circles", "0073_founding_drafts")]

    operations = [
        run(FUNCTIONS),
        run(KEPT),
        run(ANSWER),
        run(PROPOSE),
        secured(
            "circles_founding",
            web="select, insert, update (state, start, language, charter, parameters, before, seen, "
            "changed_at)",
            worker="select, update (state, charter, parameters, before)",
            policies=[
                reading("own proposals", f"lead_id = {ME}"),
                reading("whoever is asked reads the proposal", f"id = {SEEN}"),
                writing(
                    "an active member begins a proposal",
                    f"lead_id = {ME} and state = 'writing' and (select kring_may_found())",
                    to="kring_web",
                ),
                changing(
                    "its lead writes a proposal",
                    f"lead_id = {ME} and state = 'writing'",
                    f"lead_id = {ME} and state in ('writing', 'dropped')",
                    to="kring_web",
                ),
                reading("house knows the proposals", HOUSE, to="kring_worker"),
                changing("house drops a proposal", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_cofounder",
            web="select, insert, update (state, asks, answered_at)",
            worker="select, update (state, answered_at, name, address)",
            policies=[
                reading("the lead sees whom they asked", f"{LED})"),
                reading("one sees that one is asked", f"member_id = {ME} or link_id = {TOKEN}"),
                writing(
                    "the lead asks",
                    f"{LED} and state = 'writing') and state = 'asked' "
                    "and (member_id is null or member_id in "
                    "(select companion.member_id from kring_companions() companion))",
                    to="kring_web",
                ),
                changing(
                    "the lead takes a request back, or asks once more",
                    f"{LED} and state = 'writing') and state in ('asked', 'agreed')",
                    f"{LED}) and state in ('asked', 'dropped')",
                    to="kring_web",
                ),
                reading("house knows who is asked", HOUSE, to="kring_worker"),
                changing("house erases who was asked", HOUSE, to="kring_worker"),
            ],
        ),
        run(
            writing(
                "the lead writes to whom they ask",
                "kind = 'cofounder_asked' and state = 'queued' and link_id in "
                f"(select link_id from circles_cofounder where state = 'asked' and {LED}))",
                to="kring_web",
            ).sql("members_letter")
        ),
        run(
            reading(
                "stewards read the form of what waits for them",
                "(select kring_is_steward()) and circle_id in (select id from circles_circle "
                "where confirmed_at is null and declined_at is null)",
                to="kring_web",
            ).sql("circles_parameter")
        ),
    ]
