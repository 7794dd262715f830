"""Letting all letters go again that certainly did not arrive, after a mail server was away."""

from django.db import migrations

from kring.lib.policies import run

AGAIN = """
-- What is tried anyway goes now; what was given up goes once more where its kind must arrive and no
-- server said that the address is not there. Which kinds those are is for the code to say.
create function kring_try_letters_again(p_kinds text[]) returns bigint
language sql volatile security definer set search_path = public, pg_temp
as $$ with tried as (
        update members_letter
        set state = 'failed', reason = 'again', attempts = 0, due_at = now(), held_until = null,
            settled_at = null
        where (select kring_is_steward())
          and (state = 'failed' and (held_until is null or held_until < now())
               or state = 'dead' and kind = any (p_kinds) and bounced = ''
                  and settled_at > now() - interval '3 days')
        returning id)
      select count(*) from tried $$;
revoke all on function kring_try_letters_again from public;
grant execute on function kring_try_letters_again to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0012_troubled_letters")]

    operations = [run(AGAIN, "drop function kring_try_letters_again;")]
