"""A circle may demand a second factor; the rights of members without one leave it out."""

from django.db import migrations, models

from kring.lib.policies import run

# Does this circle demand a factor that whoever acts does not have?
LOCKED = """
create function kring_locked(p_circle bigint) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select demands_second_factor and not kring_has_factor()
      from circles_circle where id = p_circle $$;
"""

# As before, without the circles that are locked.
RIGHTS = "".join(
    f"""
create or replace function {name}() returns bigint[] language sql stable parallel safe
security definer set search_path = public, pg_temp
as $$ select coalesce(array_agg(m.circle_id), '{{}}') from circles_membership m
      join circles_circle c on c.id = m.circle_id
      where m.member_id = kring_member() and {which}
        and (not c.demands_second_factor or kring_has_factor()) $$;
"""
    for name, which in {
        "kring_reads": "m.state in ('probation', 'active', 'reverify_due', 'grace')",
        "kring_writes": "m.state in ('probation', 'active', 'reverify_due')",
        "kring_vets": "m.state = 'active' and m.role in ('vetter', 'admin')",
        "kring_administers": "m.state = 'active' and m.role = 'admin'",
        "kring_invites": "m.state = 'active'",
    }.items()
)

# As before, and only where one vets at this moment.
MAY_VOTE = """
create or replace function kring_may_vote(p_application bigint) returns boolean language sql stable
security definer set search_path = public, pg_temp
as $$ select exists (
        select from circles_application a
        join circles_membership m on m.circle_id = a.circle_id and m.member_id = kring_member()
        join members_member me on me.id = m.member_id
        where a.id = p_application and a.state = 'review'
          and a.circle_id = any (kring_vets())
          and m.since <= a.submitted_at
          and a.member_id is distinct from me.id
          and kring_plain(a.email) <> all (kring_addresses(me.id))
          and not kring_vouches(me.id, a.circle_id, a.id, a.email)
          and not exists (select from circles_vote v where v.application_id = a.id
                          and v.voter_id = me.id and v.choice = 'recuse')) $$;
"""

# Nobody locks a door to which they have no key.
KEY = """
create function kring_keep_key() returns trigger language plpgsql as $$
begin
    if new.demands_second_factor and not old.demands_second_factor
       and current_user <> 'kring_owner' and not kring_has_factor() then
        raise exception 'kring: first a second factor of your own' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_key before update on circles_circle
for each row execute function kring_keep_key();
grant update (demands_second_factor) on circles_circle to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0004_invitation_access"), ("members", "0004_second_factor")]

    operations = [
        migrations.AddField(
            model_name="circle",
            name="demands_second_factor",
            field=models.BooleanField(db_default=False, default=False),
        ),
        run(LOCKED),
        run(RIGHTS),
        run(MAY_VOTE),
        run(KEY),
    ]
