"""Who may touch accounts, letters, links and timers; the functions that say who is acting."""

from django.db import migrations

from kring.lib.policies import HOUSE, ME, TOKEN, changing, house, reading, run, secured, writing

ACTOR_FUNCTIONS = """
create function kring_member() returns bigint language sql stable parallel safe
as $$ select nullif(current_setting('kring.member_id', true), '')::bigint $$;

create function kring_token() returns bigint language sql stable parallel safe
as $$ select nullif(current_setting('kring.token_id', true), '')::bigint $$;

-- The sign-in desk: an account may be found by its address, nothing else opens.
create function kring_at_the_desk() returns boolean language sql stable parallel safe
as $$ select coalesce(current_setting('kring.desk', true), '') = 'sign-in' $$;

-- The house acts for nobody. Policies that use this are for kring_worker only.
create function kring_house() returns boolean language sql stable parallel safe
as $$ select kring_member() is null and kring_token() is null $$;
"""

CACHE_TABLE = """
create table kring_cache (
    cache_key varchar(255) primary key, value text not null, expires timestamptz not null);
create index kring_cache_expires on kring_cache (expires);
grant select, insert, update, delete on kring_cache to kring_web, kring_worker;
"""

# A duty is given by whoever runs the installation, never taken through a page.
DUTY = """
create function kring_keep_duty() returns trigger language plpgsql as $$
begin
    if new.is_steward <> old.is_steward and current_user <> 'kring_owner' then
        raise exception 'kring: nobody makes a steward here' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_duty before update on members_member
for each row execute function kring_keep_duty();
"""

DESK = "(select kring_at_the_desk())"


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0001_initial"),
        ("account", "0009_emailaddress_unique_primary_email"),
        ("sessions", "0001_initial"),
    ]

    operations = [
        run(ACTOR_FUNCTIONS),
        run(CACHE_TABLE),
        run(DUTY),
        run(
            "grant select, insert, update, delete on django_session to kring_web;"
            "grant select, delete on django_session to kring_worker;"
            "grant select on django_migrations to kring_web, kring_worker;"
            "grant usage on sequence members_link_id_seq to kring_web, kring_worker;"
        ),
        secured(
            "members_member",
            web="select, update",
            worker="select, update (language)",
            policies=[
                reading("own account", f"id = {ME}"),
                changing("own account changes", f"id = {ME}"),
                reading("desk finds an account", DESK, to="kring_web"),
                changing("desk changes a password", DESK, to="kring_web"),
                reading("house addresses letters", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "account_emailaddress",
            web="select, insert, update, delete",
            worker="select",
            policies=[
                reading("own addresses", f"user_id = {ME} or {DESK}"),
                writing("own address is added", f"user_id = {ME} or {DESK}", to="kring_web"),
                changing("own address changes", f"user_id = {ME} or {DESK}", to="kring_web"),
            ],
        ),
        secured(
            "account_emailconfirmation",
            web="select, insert, update, delete",
            worker="",
            policies=[
                reading(
                    "own confirmations",
                    "email_address_id in (select id from account_emailaddress)",
                    to="kring_web",
                ),
                writing(
                    "own confirmation is asked",
                    "email_address_id in (select id from account_emailaddress)",
                    to="kring_web",
                ),
            ],
        ),
        secured(
            "members_link",
            web="select, insert, update (version, used_at, revoked_at)",
            worker="select, insert, update",
            policies=[
                reading("holder sees the link", f"id = {TOKEN}"),
                writing("a fresh link is its holder's", f"id = {TOKEN}"),
                changing("holder uses the link", f"id = {TOKEN}"),
                *house(),
            ],
        ),
        secured(
            "members_letter",
            web="select, insert",
            worker="select, insert, update",
            policies=[
                # What an act may write, and to whom, follows in circles: it asks who is a peer.
                writing("house writes letters", HOUSE, to="kring_worker"),
                reading("own letters", f"member_id = {ME}"),
                reading("house brings letters", HOUSE, to="kring_worker"),
                changing("house settles letters", HOUSE, to="kring_worker"),
            ],
        ),
        secured(
            "members_due",
            web="insert",
            worker="select, insert, update",
            policies=[
                # A timer runs as the house or as who set it, never as somebody else.
                writing(
                    "an act sets a timer",
                    f"done_at is null and (member_id is null or member_id = {ME})",
                ),
                writing("house sets a timer", HOUSE, to="kring_worker"),
                reading("house sees what is due", HOUSE, to="kring_worker"),
                changing("house does what is due", HOUSE, to="kring_worker"),
            ],
        ),
    ]
