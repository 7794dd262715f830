"""The guide tells how long a circle takes to decide, as measured: once it has decided five times."""

from django.db import migrations

from kring.lib.policies import run

MEASURED = """
create or replace view circles_guide with (security_barrier = true) as
select c.id, c.public_id, c.name, c.profession, c.purpose, c.belongs, c.commitment,
       c.hours_per_month, c.term_months, c.cost_cents, c.cost_lines, c.pledge, c.size_cap,
       c.language, c.sensitivity, seats.taken::int as members,
       greatest(c.size_cap - seats.taken, 0)::int as seats_free,
       decided.days::int as decided_in_days, c.required_referees
from circles_circle c
cross join lateral (
    select count(*) as taken from circles_membership m
    where m.circle_id = c.id and m.state not in ('left', 'removed', 'lapsed')) seats
cross join lateral (
    select case when count(*) >= 5 then ceil(percentile_cont(0.5) within group (
               order by extract(epoch from first.at - first.submitted_at) / 86400)) end as days
    from (select a.submitted_at, min(s.at) as at from circles_application a
          join circles_step s on s.circle_id = a.circle_id and s.application_id = a.id
               and s.new in ('objection', 'waitlisted', 'offered', 'declined')
          where a.circle_id = c.id and a.submitted_at > now() - interval '2 years'
          group by a.id) first) decided
where c.listed;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0025_check_access")]

    operations = [run(MEASURED)]
