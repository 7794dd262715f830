"""Who reads what was checked: vetters. Who signs: a second person. And how long an address is known
again after its application was erased: until one may apply anew."""

from django.db import migrations

from kring.lib.policies import (
    ADMINISTERS,
    HOUSE,
    ME,
    VETS,
    Policy,
    changing,
    child,
    parent,
    reading,
    run,
    secured,
    writing,
)

SIGNED = """
-- Whether the latest word on somebody's right to practise waits for a second signature.
create function kring_unsigned(p_application bigint) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select coalesce((
        select (not name_matches or measures) and second_by_id is null
        from circles_confirmation where application_id = p_application and fact = 'practice'
        order by id desc limit 1), false) $$;

create function kring_sign_first() returns trigger language plpgsql as $$
begin
    if current_user <> 'kring_owner' and kring_unsigned(new.id) then
        raise exception 'kring: a second signature is missing' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger sign_first before update of state on circles_application
for each row when (old.state in ('review', 'appealed')
                   and new.state in ('objection', 'waitlisted', 'offered'))
execute function kring_sign_first();

create function kring_keep_confirmation() returns trigger language plpgsql as $$
begin
    if current_user <> 'kring_owner' and old.second_by_id is not null
       and (new.second_by_id, new.second_at) is distinct from (old.second_by_id, old.second_at) then
        raise exception 'kring: a signature stands' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_confirmation before update on circles_confirmation
for each row execute function kring_keep_confirmation();
"""

# The keyed hash of address and number outlives the words.
KNOWN_AGAIN = """
create function kring_keep_register_key() returns trigger language plpgsql as $$
begin
    if current_user <> 'kring_owner' and old.register_key <> ''
       and new.register_key not in (old.register_key, '') then
        raise exception 'kring: what was sent in stands' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_register_key before update of register_key on circles_application
for each row execute function kring_keep_register_key();

-- When the circle last decided about the address of one's own application, while that cools off.
create function kring_decided_before(p_application bigint) returns timestamptz
language sql stable security definer set search_path = public, pg_temp
as $$ select max(a.moved_at) from circles_application own
      join circles_application a on a.circle_id = own.circle_id and a.id <> own.id
           and a.address_key = own.address_key and a.address_key <> ''
           and kring_too_early(a.state, a.moved_at)
      where own.id = p_application and own.link_id = kring_token() $$;

-- The same of an address somebody who vets wants to invite.
create function kring_refused_before(p_circle bigint, p_key text, out state text,
    out since timestamptz) language sql stable security definer set search_path = public, pg_temp
as $$ select a.state, a.moved_at from circles_application a
      where a.circle_id = p_circle and p_circle = any (kring_vets())
        and a.address_key = p_key and p_key <> '' and kring_too_early(a.state, a.moved_at)
      order by a.moved_at desc limit 1 $$;

do $do$
declare
    source text := pg_get_functiondef('kring_begin_invited'::regproc);
begin
    if position('lower(a.email) = lower(invitation.address)' in source) = 0 then
        raise exception 'kring_begin_invited is another than was thought';
    end if;
    execute replace(source, 'lower(a.email) = lower(invitation.address)',
                    'a.address_key = invitation.address_key');
end $do$;
"""

OTHERS_APPLICATION = (
    f"{VETS} and application_id in (select id from circles_application "
    f"where member_id is distinct from {ME})"
)
FOUND = "state, code, detail, source, tries, try_at, checked_at"


def gone(name: str, using: str) -> Policy:
    return Policy(name, "delete", using=using, to="kring_web")


class Migration(migrations.Migration):
    dependencies = [("circles", "0024_checks")]

    operations = [
        parent("circles_registerextract"),
        child("circles_registerentry", "extract_id", of="circles_registerextract"),
        child("circles_check", "application_id", of="circles_application"),
        child("circles_confirmation", "application_id", of="circles_application"),
        run(SIGNED),
        run(KNOWN_AGAIN),
        run("grant update (mailbox_domains) on circles_circle to kring_web;"),
        secured(
            "circles_check",
            web="select",
            worker=f"select, insert, update ({FOUND})",
            policies=[
                reading("vetters read what was found", OTHERS_APPLICATION, to="kring_web"),
                writing("house writes down what to check", HOUSE, to="kring_worker"),
                reading("house knows the checks", HOUSE, to="kring_worker"),
                changing("house checks", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "circles_confirmation",
            web="select, insert, update (second_by_id, second_at)",
            worker="select, update (source, status)",
            policies=[
                writing(
                    "vetters answer for a fact",
                    f"by_id = {ME} and second_by_id is null and {OTHERS_APPLICATION}",
                    to="kring_web",
                ),
                reading("vetters read the facts", OTHERS_APPLICATION, to="kring_web"),
                changing(
                    "a second person signs",
                    f"by_id <> {ME} and {OTHERS_APPLICATION}",
                    f"by_id <> {ME} and second_by_id = {ME} and {OTHERS_APPLICATION}",
                    to="kring_web",
                ),
                reading("house knows the facts", HOUSE, to="kring_worker"),
                changing("house erases the facts", HOUSE, to="kring_worker"),
            ],
        ),
        *(
            secured(
                table,
                web="select, insert, delete",
                worker="select",
                policies=[
                    reading(f"admins read {what}", ADMINISTERS, to="kring_web"),
                    writing(f"admins bring {what}", ADMINISTERS, to="kring_web"),
                    gone(f"admins replace {what}", ADMINISTERS),
                    reading(f"house knows {what}", HOUSE, to="kring_worker"),
                ],
            )
            for table, what in (
                ("circles_registerextract", "an extract"),
                ("circles_registerentry", "its rows"),
            )
        ),
    ]
