"""What a steward is told of letters that did not arrive: kinds, states, reasons. Not whose, not of
which circle, and no word of what they say."""

from django.db import migrations

from kring.lib.policies import run

LETTERS = """
create function kring_troubled_letters(p_most int) returns table (
    id bigint, kind text, state text, attempts int, reason text, at timestamptz)
language sql stable security definer set search_path = public, pg_temp
as $$ select id, kind, state, attempts, reason, coalesce(settled_at, due_at) from members_letter
      where kring_is_steward() and (state = 'failed'
            or state in ('dead', 'unknown') and settled_at > now() - interval '28 days')
      order by coalesce(settled_at, due_at) desc, id desc limit p_most $$;

-- Only what certainly did not arrive. Which kinds may go again is for the code to say.
create function kring_try_letter_again(p_letter bigint) returns boolean
language sql volatile security definer set search_path = public, pg_temp
as $$ with tried as (
        update members_letter
        set state = 'failed', reason = 'again', attempts = 0, due_at = now(), held_until = null,
            settled_at = null
        where id = p_letter and state in ('dead', 'failed') and kring_is_steward()
        returning id)
      select exists (select from tried) $$;
revoke all on function kring_troubled_letters, kring_try_letter_again from public;
grant execute on function kring_troubled_letters, kring_try_letter_again to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0011_letters_tell_nothing")]

    operations = [
        run(
            LETTERS,
            "drop function kring_troubled_letters; drop function kring_try_letter_again;",
        )
    ]
