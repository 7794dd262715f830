"""Who asks referees, who answers and who reads it: never the applicant.

An applicant names people and follows whether each could be confirmed. What a referee said is for
whoever vets the circle, and for the referee.
"""

from django.db import migrations

from kring.lib.policies import (
    HOUSE,
    ME,
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

RIGHTS = """
-- Circles in which the holder of this link was asked about somebody.
create function kring_refers_to() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(circle_id), '{}') from circles_reference
      where link_id = kring_token() $$;

-- Whom a referee is asked about: only for that referee, and only what they were named with.
create function kring_asked_about(p_references bigint[]) returns table (
    reference_id bigint, applicant text, profession text, state text)
language sql stable security definer set search_path = public, pg_temp
as $$ select r.id, a.name, a.profession, a.state from circles_reference r
      join circles_application a on a.circle_id = r.circle_id and a.id = r.application_id
      where r.id = any (p_references)
        and (r.link_id = kring_token() or r.member_id = kring_member()) $$;

-- For how many running applications in a circle one vouches oneself.
create function kring_open_vouches(p_circle bigint) returns bigint language sql stable
security definer set search_path = public, pg_temp
as $$ select count(distinct application_id) from (
        select r.application_id from circles_reference r
        where r.circle_id = p_circle and r.member_id = kring_member() and r.vouches
        union all
        select e.application_id from circles_endorsement e
        where e.circle_id = p_circle and e.by_id = kring_member()
          and e.withdrawn_at is null and e.how <> 'name') mine
      join circles_application a on a.circle_id = p_circle and a.id = mine.application_id
           and a.state in ('referees', 'review', 'info_requested', 'objection', 'waitlisted',
                           'offered', 'appealed') $$;
"""

# As before, and whoever answered as a referee; and the invitation is known by its hash, which
# outlives the address.
VOUCHES = """
create or replace function kring_vouches(p_member bigint, p_circle bigint, p_application bigint,
    p_email text) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (select from circles_endorsement
                     where circle_id = p_circle and application_id = p_application
                       and by_id = p_member)
          or exists (select from circles_reference
                     where circle_id = p_circle and application_id = p_application
                       and member_id = p_member and answered_at is not null)
          or exists (select from circles_invitation i
                     join circles_application a on a.id = p_application
                     where i.circle_id = p_circle and i.inviter_id = p_member
                       and (i.address_key <> '' and i.address_key = a.address_key
                            or i.address <> '' and p_email <> ''
                            and (kring_plain(i.address) = kring_plain(p_email)
                                 or kring_account_of(i.address) = kring_account_of(p_email)))) $$;
grant execute on function kring_account_of to kring_worker;
"""

KEPT = """
-- An application begun by an invitation has the hash of its address.
create function kring_key_of_begun() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update circles_application set address_key = new.address_key
    where circle_id = new.circle_id and id = new.application_id and address_key = '';
    return null;
end $$;
create trigger key_of_begun after update of application_id on circles_invitation
for each row when (new.application_id is not null) execute function kring_key_of_begun();

create function kring_keep_address_key() returns trigger language plpgsql as $$
begin
    if current_user <> 'kring_owner' and new.address_key not in (old.address_key, '') then
        raise exception 'kring: an application stays with its address' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_address_key before update of address_key on circles_application
for each row execute function kring_keep_address_key();

-- What of a named referee never changes once they were asked.
create function kring_keep_referee() returns trigger language plpgsql as $$
begin
    if current_user = 'kring_owner' then
        return new;
    end if;
    if (new.circle_id, new.application_id, new.number)
       is distinct from (old.circle_id, old.application_id, old.number)
       or old.state <> 'named' and (new.name not in (old.name, '')
            or new.address not in (old.address, '') or new.relation not in (old.relation, '')
            or new.address_key not in (old.address_key, '')) then
        raise exception 'kring: a referee who was asked stays who they are' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_referee before update on circles_referee
for each row execute function kring_keep_referee();

-- A reference is answered once, in time, by the one who was asked; and a member vouches for three
-- people at a time. Two at once: the second counts the first.
create function kring_keep_reference() returns trigger language plpgsql as $$
declare
    its_state text;
begin
    if current_user = 'kring_owner' then
        return new;
    end if;
    if (new.circle_id, new.application_id, new.referee_id, new.public_id, new.link_id,
        new.member_id, new.asked_at, new.until)
       is distinct from (old.circle_id, old.application_id, old.referee_id, old.public_id,
                         old.link_id, old.member_id, old.asked_at, old.until) then
        raise exception 'kring: a reference stays what it is' using errcode = '42501';
    end if;
    if old.answered_at is not null or old.ended_at is not null then
        if (new.answered_at, new.ended_at, new.how, new.vouches)
           is distinct from (old.answered_at, old.ended_at, old.how, old.vouches)
           or new.words not in (old.words, '') or new.place not in (old.place, '')
           or new.own_case not in (old.own_case, '') or new.name not in (old.name, '')
           or new.register_number not in (old.register_number, '') then
            raise exception 'kring: an answer stands' using errcode = '42501';
        end if;
        return new;
    end if;
    new.vouches := false;
    if new.answered_at is not null then
        its_state := kring_state_of(new.application_id);
        if old.until <= now()
           or its_state not in ('referees', 'review', 'info_requested', 'appealed') then
            raise exception 'kring: not asked any more';
        end if;
        new.vouches := new.how in ('worked', 'met') and new.own_case in ('yes', 'unsure');
        if new.vouches and new.member_id is not null then
            perform pg_advisory_xact_lock(hashtextextended(
                format('kring vouches %s %s', new.circle_id, new.member_id), 0));
            if kring_open_vouches(new.circle_id) >= 3 then
                raise exception 'kring: three open';
            end if;
        end if;
    end if;
    return new;
end $$;
create trigger keep_reference before update on circles_reference
for each row execute function kring_keep_reference();
"""

# What an answer sets off: the applicant sees whether it could be confirmed, and the house looks
# whether enough were.
HEARD = """
create function kring_look_at_referees(p_circle bigint, p_application bigint, p_seq bigint)
returns void language sql volatile security definer set search_path = public, pg_temp
as $$ insert into members_due (circle_id, kind, subject_id, seq, due_at)
      values (p_circle, 'referees_look', p_application, p_seq, now()) on conflict do nothing $$;
revoke all on function kring_look_at_referees from public;

create function kring_hear_of_reference() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
declare
    its_number bigint;
begin
    update circles_referee
    set state = case when new.answered_at is not null and new.how <> 'name'
                     then 'confirmed' else 'unconfirmed' end
    where circle_id = new.circle_id and id = new.referee_id and state = 'asked'
    returning number into its_number;
    perform kring_look_at_referees(new.circle_id, new.application_id, its_number)
    where its_number is not null;
    return null;
end $$;
create trigger hear_of_reference after update of answered_at, ended_at on circles_reference
for each row when (old.answered_at is null and old.ended_at is null
                   and (new.answered_at is not null or new.ended_at is not null))
execute function kring_hear_of_reference();

-- Words that arrive while referees are asked count as one.
create function kring_hear_of_endorsement() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    perform kring_look_at_referees(new.circle_id, new.application_id, 100 + (
        select least(count(*), 1000) from circles_endorsement
        where circle_id = new.circle_id and application_id = new.application_id))
    where kring_state_of(new.application_id) = 'referees';
    return null;
end $$;
create trigger hear_of_endorsement after insert on circles_endorsement
for each row execute function kring_hear_of_endorsement();

-- 'Never write to me again' ends what is asked, in every circle; so does mail that cannot arrive.
create function kring_silence_references() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    update circles_reference r set ended_at = now()
    from circles_referee f
    where f.circle_id = r.circle_id and f.id = r.referee_id and f.address_key = new.address_key
      and r.link_id is not null and r.answered_at is null and r.ended_at is null;
    return null;
end $$;
create trigger silence_references after insert on members_silence
for each row execute function kring_silence_references();

create function kring_hear_of_request() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    if new.bounced = 'hard' then
        update circles_reference set ended_at = now()
        where link_id = new.link_id and answered_at is null and ended_at is null;
    else
        insert into members_silence (address_key)
        select f.address_key from circles_reference r
        join circles_referee f on f.circle_id = r.circle_id and f.id = r.referee_id
        where r.link_id = new.link_id and f.address_key <> '' on conflict do nothing;
    end if;
    return null;
end $$;
create trigger hear_of_request after update of bounced on members_letter
for each row when (new.link_id is not null and new.bounced in ('hard', 'complaint'))
execute function kring_hear_of_request();

-- Referees hear how it ended, yes or no. A refusal waits until nobody may appeal any more.
create function kring_thank_referees() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    insert into members_due (circle_id, kind, subject_id, seq, due_at)
    select new.circle_id, 'referees_thank', new.id,
           case new.state when 'approved' then 1 when 'declined' then 2 else 3 end,
           now() + case when new.state = 'declined' then interval '22 days'
                        else interval '0' end
    where exists (select from circles_reference
                  where circle_id = new.circle_id and application_id = new.id)
    on conflict do nothing;
    return null;
end $$;
create trigger thank_referees after update of state on circles_application
for each row when (new.state is distinct from old.state and new.state in
                   ('approved', 'declined', 'declined_final', 'withdrawn', 'expired'))
execute function kring_thank_referees();
"""

OWN = f"(link_id = {TOKEN} or member_id = {ME})"
OWN_APPLICATION = f"application_id in (select id from circles_application where {OWN})"
OTHERS_APPLICATION = (
    f"{VETS} and application_id in (select id from circles_application "
    f"where member_id is distinct from {ME})"
)
NAMING = (
    "application_id in (select id from circles_application "
    f"where {OWN} and state in ('draft', 'email_pending', 'referees'))"
)
REFERS_TO = "any ((select kring_refers_to())::bigint[])"


def keys(apps, schema_editor):
    """Give the applications of before the hash of their address."""
    from members.silence import key_of

    model = apps.get_model("circles", "Application")
    for row in model.objects.exclude(email="").filter(address_key="").iterator():
        model.objects.filter(pk=row.pk).update(address_key=key_of(row.email))


class Migration(migrations.Migration):
    dependencies = [("circles", "0020_referees")]

    operations = [
        migrations.RunPython(keys, migrations.RunPython.noop),
        parent("circles_referee"),
        child("circles_referee", "application_id", of="circles_application"),
        child("circles_reference", "application_id", of="circles_application"),
        child("circles_reference", "referee_id", of="circles_referee"),
        run(RIGHTS),
        run(VOUCHES),
        run(KEPT),
        run(HEARD),
        secured(
            "circles_referee",
            web="select, insert, update (name, address, address_key, relation)",
            worker="select, update (name, address, address_key, relation, state, asked_at)",
            policies=[
                writing(
                    "an applicant names referees", f"state = 'named' and {NAMING}", to="kring_web"
                ),
                reading("own referees", OWN_APPLICATION),
                changing(
                    "a referee may be changed until they are asked",
                    f"state = 'named' and {NAMING}",
                    to="kring_web",
                ),
                reading("vetters see who was named", OTHERS_APPLICATION),
                reading(
                    "whoever was asked sees how they were named",
                    f"id in (select referee_id from circles_reference where {OWN})",
                ),
                reading("house knows the referees", HOUSE, to="kring_worker"),
                changing("house asks and erases referees", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_reference",
            web="select, update (how, place, own_case, words, name, register_number, "
            "vouches, answered_at, ended_at)",
            worker="select, insert, update (how, place, own_case, words, name, "
            "register_number, vouches, reminded_at, ended_at)",
            policies=[
                reading("own reference", OWN),
                changing("own reference is answered", OWN, to="kring_web"),
                reading("vetters read the references of others", OTHERS_APPLICATION),
                writing("house asks a referee", HOUSE, to="kring_worker"),
                reading("house knows the references", HOUSE, to="kring_worker"),
                changing("house ends and erases references", HOUSE, to="kring_worker"),
            ],
        ),
        run(
            reading(
                "a referee reads the charter", f"{TOKEN} is not null and id = {REFERS_TO}"
            ).sql("circles_circle")
        ),
        run(
            writing(
                "a referee's answer leaves a line",
                f"by_id is null and {TOKEN} is not null and circle_id = {REFERS_TO}",
                to="kring_web",
            ).sql("members_auditentry")
        ),
    ]
