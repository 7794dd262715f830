"""What was said beside an application goes in one statement of the owner, for the clock and for
whoever erases the account they were admitted to: one list of tables, not two."""

from django.db import migrations

from kring.lib.policies import run

DROPPED = """
create function kring_drop_words(p_application bigint) returns void
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    update circles_vote set sentence = '' where application_id = p_application;
    update circles_endorsement set words = '' where application_id = p_application;
    update circles_inquiry set question = '', answer = '' where application_id = p_application;
    update circles_note set text = '' where application_id = p_application;
    update circles_appeal set words = '' where application_id = p_application;
    update circles_objection set words = '', note = '' where application_id = p_application;
    update circles_referee set name = '', address = '', address_key = '', relation = ''
    where application_id = p_application;
    update circles_reference set place = '', own_case = '', words = '', name = '',
        register_number = ''
    where application_id = p_application;
    update members_link set version = version + 1, revoked_at = now()
    where revoked_at is null and id in (
        select link_id from circles_reference where application_id = p_application);
    update circles_dooranswer set value = '' where application_id = p_application;
    update circles_check set detail = '{}', source = '', code = ''
    where application_id = p_application;
    update circles_confirmation set source = '', status = '' where application_id = p_application;
    update circles_paper set what = '' where application_id = p_application;
end $$;
revoke all on function kring_drop_words from public;
grant execute on function kring_drop_words to kring_worker;

-- What stands at the doors of circles about a member who goes: their own admissions, the
-- invitations that led there, and who they were when others named them. Hands over the names of
-- files to delete. Applications under their address that run still are ended by the house.
create function kring_drop_traces(p_member bigint) returns text[]
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    addresses text[];
    files text[];
    one bigint;
begin
    select array_agg(lower(email)) into addresses from (
        select email from members_member where id = p_member union
        select email from account_emailaddress where user_id = p_member and verified) a;
    for one in select id from circles_application where member_id = p_member loop
        perform kring_drop_words(one);
    end loop;
    select coalesce(array_agg(p.public_id || '.' || p.kind), '{}') into files
    from circles_paper p join circles_application a on a.id = p.application_id
    where a.member_id = p_member;
    update circles_application
    set email = '', name = '', profession = '', register_number = '', brings = '', seeks = '',
        decline_text = '', address_key = '', register_key = ''
    where member_id = p_member;
    update circles_invitation set words = '' where inviter_id = p_member;
    update circles_invitation set state = 'expired', ended_at = now()
    where state = 'open' and lower(address) = any (addresses);
    update circles_invitation
    set address = '', address_key = '', name = '', words = '', answer = ''
    where ended_at is not null and (lower(address) = any (addresses)
        or application_id in (select id from circles_application where member_id = p_member));
    -- Whoever named them reads that a former member was named, and may name another.
    update circles_referee r
    set name = (select case when language = 'nl' then 'Voormalig lid' else 'Former member' end
                from circles_circle where id = r.circle_id),
        address = 'erased-' || p_member || '@invalid', address_key = '', relation = ''
    from circles_reference f
    where f.circle_id = r.circle_id and f.referee_id = r.id and f.member_id = p_member;
    update circles_reference set name = '', register_number = '', ended_at = coalesce(ended_at,
        case when answered_at is null then now() end)
    where member_id = p_member;
    insert into members_due (kind, circle_id, subject_id, seq, due_at)
    select 'application_gone', circle_id, id, 0, now() from circles_application
    where member_id is null and lower(email) = any (addresses)
    on conflict do nothing;
    return files;
end $$;
revoke all on function kring_drop_traces from public;
"""


class Migration(migrations.Migration):
    dependencies = [("circles", "0074_founding_drafts_access")]

    operations = [run(DROPPED)]
