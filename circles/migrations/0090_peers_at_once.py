"""Whom one may know is asked by every statement that names people. One statement without PL/pgSQL
around it gives the same answer in a fifth of the time; and one's own name is found without it."""

from django.db import migrations

from kring.lib.policies import run

PEERS = """
create function kring_peers_judging() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(distinct member_id), '{}') from (
        select member_id from circles_decider where circle_id = any (kring_vets())
        union all select m.member_id from circles_decider d
              join circles_membership m on m.circle_id = d.circle_id
                   and m.role in ('vetter', 'admin')
              where d.member_id = kring_member() and d.application_id = any (kring_decides())
        union all select other.member_id from circles_decider d
              join circles_decider other on other.application_id = d.application_id
              where d.member_id = kring_member() and d.application_id = any (kring_decides())
        union all select by_id from circles_endorsement
              where application_id = any (kring_judges())
        union all select member_id from circles_reference
              where member_id is not null and application_id = any (kring_judges())
        union all select unnest(array[by_id, second_by_id]) from circles_confirmation
              where application_id = any (kring_judges())
      ) known where member_id is not null $$;
revoke all on function kring_peers_judging from public;

-- With somebody in it twice, where they share two circles: it is looked into, not counted.
create or replace function kring_peers() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select array(select member_id from circles_membership
                   where circle_id = any (kring_reads()))
          || case when exists (select from circles_decider) then kring_peers_judging()
                  else '{}' end $$;
"""

# PostgreSQL asks policies in the order of their names, the last one first.
OWN_FIRST = 'alter policy "peers see each other" on members_profile rename to "known to peers";'


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0082_foundings_go_too"),
        ("members", "0002_access"),
    ]

    operations = [run(PEERS, "select 1;"), run(OWN_FIRST, "select 1;")]
