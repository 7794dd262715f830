"""What a steward learns of letters day by day: kinds, ends and reasons, counted. Not whose."""

from django.db import migrations

from kring.lib.policies import run

LETTER_DAYS = """
create function kring_letter_days(p_days int, p_zone text, out day date, out kind text,
    out state text, out reason text, out bounced text, out number bigint)
returns setof record language sql stable security definer set search_path = public, pg_temp
as $$
    select (l.settled_at at time zone p_zone)::date, l.kind, l.state, l.reason, l.bounced, count(*)
    from members_letter l
    where (select kring_is_steward())
      and l.settled_at >= (date_trunc('day', now() at time zone p_zone)
                           - (p_days - 1) * interval '1 day') at time zone p_zone
    group by 1, 2, 3, 4, 5 order by 1 desc, 2, 3, 4, 5
$$;
revoke all on function kring_letter_days from public;
grant execute on function kring_letter_days to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0009_what_letters_tell")]

    operations = [run(LETTER_DAYS, "drop function kring_letter_days;")]
