"""Which appointed people have not voted: for their one reminder. The house reads no vote."""

from django.db import migrations

from kring.lib.policies import run

AWAITED = """
-- Appointed over a day ago, able to judge still, and silent in this round.
create function kring_awaited(p_application bigint) returns table (member_id bigint)
language sql stable security definer set search_path = public, pg_temp
as $$ select d.member_id from circles_application a
      join circles_decider d on d.application_id = a.id and d.stage = a.state
           and d.at < now() - interval '1 day'
      join kring_round(a.id) r on r.member_id = d.member_id and r.vote_id is null
      where a.id = p_application $$;
revoke all on function kring_awaited from public;
grant execute on function kring_awaited to kring_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0030_members_words")]

    operations = [run(AWAITED)]
