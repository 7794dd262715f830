"""Whoever invited a person does not vote on them, whichever of their addresses they apply from."""

from django.db import migrations

from kring.lib.policies import run

ACCOUNT = """
-- The account in which an address is proven.
create function kring_account_of(p_address text) returns bigint language sql stable
security definer set search_path = public, pg_temp
as $$ select id from members_member where lower(email) = lower(p_address)
      union select user_id from account_emailaddress
            where verified and lower(email) = lower(p_address) limit 1 $$;
revoke all on function kring_account_of from public;
"""
# As before, with what stands after a plus left out, and with the addresses of one account as one.
VOUCHES = """
create or replace function kring_vouches(p_member bigint, p_circle bigint, p_application bigint,
    p_email text) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (select from circles_endorsement
                     where circle_id = p_circle and application_id = p_application
                       and by_id = p_member)
          or exists (select from circles_invitation
                     where circle_id = p_circle and inviter_id = p_member
                       and address <> '' and p_email <> ''
                       and (kring_plain(address) = kring_plain(p_email)
                            or kring_account_of(address) = kring_account_of(p_email))) $$;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0006_founding")]

    operations = [run(ACCOUNT), run(VOUCHES)]
