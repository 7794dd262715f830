"""Whoever a steward appointed judges by what the vetters have before them: references, answers,
papers, checks and facts of that one application, while it is under decision. They answer for a
fact and sign one as vetters do, since nobody else may be left to do so.
"""

from django.db import migrations

from kring.lib.policies import ME, changing, reading, run, writing

JUDGES = """
-- Applications one was appointed to decide and that are not decided yet; none where one said not
-- to be free. Asked only of the few who were ever appointed.
create function kring_judges() returns bigint[] language plpgsql stable parallel safe
security definer set search_path = public, pg_temp
as $$
begin
    if not exists (select from circles_decider where member_id = kring_member()) then
        return '{}';
    end if;
    return (select coalesce(array_agg(a.id), '{}') from circles_application a
            where a.id = any (kring_decides())
              and a.state in ('review', 'info_requested', 'appealed')
              and not exists (select from circles_vote v
                              where v.circle_id = a.circle_id and v.application_id = a.id
                                and v.voter_id = kring_member() and v.choice = 'recuse'));
end $$;
"""

# As before, and who vouches for whom one judges.
PEERS = """
create or replace function kring_peers() returns bigint[] language plpgsql stable parallel safe
security definer set search_path = public, pg_temp
as $$
declare
    mine bigint[] := kring_reads();
begin
    if not exists (select from circles_decider) then
        return (select coalesce(array_agg(distinct member_id), '{}')
                from circles_membership where circle_id = any (mine));
    end if;
    return (
      select coalesce(array_agg(distinct member_id), '{}') from (
        select member_id from circles_membership where circle_id = any (mine)
        union all select member_id from circles_decider where circle_id = any (kring_vets())
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
      ) known where member_id is not null);
end $$;
"""

DECIDED_NOW = "any ((select kring_judges())::bigint[])"
JUDGED = f"application_id = {DECIDED_NOW}"
NOT_SELF_ADMITTED = "state <> 'approved'"
READ = ("referee", "reference", "dooranswer", "paper", "check", "confirmation")


class Migration(migrations.Migration):
    dependencies = [("circles", "0027_peers_sooner")]

    operations = [
        run(JUDGES),
        run(PEERS, "select 1;"),
        # One sees how it ended; nothing of it is moved any more.
        run('drop policy "appointed deciders move their application" on circles_application;'),
        run(
            changing(
                "appointed deciders move their application",
                f"id = {DECIDED_NOW}",
                f"id = {DECIDED_NOW} and {NOT_SELF_ADMITTED}",
                to="kring_web",
            ).sql("circles_application")
        ),
        *(
            run(
                reading("appointed deciders read what they judge by", JUDGED, to="kring_web").sql(
                    f"circles_{table}"
                )
            )
            for table in READ
        ),
        run(
            writing(
                "appointed deciders answer for a fact",
                f"by_id = {ME} and second_by_id is null and {JUDGED}",
                to="kring_web",
            ).sql("circles_confirmation")
        ),
        run(
            changing(
                "an appointed decider signs as the second",
                f"by_id <> {ME} and {JUDGED}",
                f"by_id <> {ME} and second_by_id = {ME} and {JUDGED}",
                to="kring_web",
            ).sql("circles_confirmation")
        ),
    ]
