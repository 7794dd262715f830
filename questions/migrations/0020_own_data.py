"""What is one's own goes when one says so: the words in a circle, or the whole account.

Two narrow functions for whoever acts and nobody else: no policy lets the web touch an earlier
version, a factor or a letter. What stays of a person is the number of their profile.
"""

from django.db import migrations

from kring.lib.policies import run

GOING = """
-- What stands in the place of words that were taken back, in the language of their circle.
create function kring_taken_back(p_circle bigint) returns text language sql stable
security definer set search_path = public, pg_temp
as $$ select case when language = 'nl' then 'Ingetrokken door de schrijver.'
                  else 'Withdrawn by its writer.' end from circles_circle where id = p_circle $$;

-- Take back all somebody wrote, in one circle or (null) in all; each row stands in the ledger.
create function kring_blank_words(p_member bigint, p_circle bigint) returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    gone bigint := 0;
    n bigint;
begin
    delete from questions_revision
    where by_id = p_member and (p_circle is null or circle_id = p_circle);
    with taken as (
        update questions_question q
        set title = kring_taken_back(q.circle_id), mail_line = '', parameters = '[]',
            body = kring_taken_back(q.circle_id), edited_at = now(),
            html = '<p>' || kring_taken_back(q.circle_id) || '</p>',
            state = case when q.answer_count = 0 then 'withdrawn' else q.state end
        where author_id = p_member and (p_circle is null or circle_id = p_circle)
          and body <> kring_taken_back(q.circle_id) returning id)
    insert into members_erasure (kind, row_id, key) select 'question_words', id, '' from taken
    on conflict do nothing;
    get diagnostics n = row_count;
    gone := gone + n;
    with taken as (
        update questions_answer a
        set body = kring_taken_back(a.circle_id), edited_at = now(),
            html = '<p>' || kring_taken_back(a.circle_id) || '</p>'
        where author_id = p_member and (p_circle is null or circle_id = p_circle)
          and body <> kring_taken_back(a.circle_id) returning id)
    insert into members_erasure (kind, row_id, key) select 'answer_words', id, '' from taken
    on conflict do nothing;
    get diagnostics n = row_count;
    gone := gone + n;
    with taken as (
        update questions_comment c
        set body = kring_taken_back(c.circle_id), edited_at = now(),
            html = '<p>' || kring_taken_back(c.circle_id) || '</p>'
        where author_id = p_member and (p_circle is null or circle_id = p_circle)
          and body <> kring_taken_back(c.circle_id) returning id)
    insert into members_erasure (kind, row_id, key) select 'comment_words', id, '' from taken
    on conflict do nothing;
    get diagnostics n = row_count;
    gone := gone + n;
    with taken as (
        update questions_outcome set body = '', html = ''
        where by_id = p_member and (p_circle is null or circle_id = p_circle) and body <> ''
        returning id)
    insert into members_erasure (kind, row_id, key) select 'outcome_words', id, '' from taken
    on conflict do nothing;
    get diagnostics n = row_count;
    return gone + n;
end $$;
revoke all on function kring_blank_words from public;

create function kring_withdraw_words(p_circle bigint) returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp as $$
begin
    if kring_member() is null then
        raise exception 'kring: whose words' using errcode = '42501';
    end if;
    return kring_blank_words(kring_member(), p_circle);
end $$;
revoke all on function kring_withdraw_words from public;
grant execute on function kring_withdraw_words to kring_web;

-- Leave nothing personal of an account. Also after a restore, by the owner.
create function kring_erase_person(p_member bigint) returns void
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    speaks text;
begin
    select language into speaks from members_member where id = p_member;
    update circles_membership set state = 'left', role = 'member', practising_at = null
    where member_id = p_member and state not in ('left', 'removed', 'lapsed');
    delete from circles_renewal r using circles_membership m
    where m.id = r.membership_id and m.member_id = p_member;
    delete from circles_memberfact f using circles_membership m
    where m.id = f.membership_id and m.member_id = p_member;
    update circles_sanction s set why = '', answer = '' from circles_membership m
    where m.id = s.membership_id and m.member_id = p_member;
    update circles_application
    set email = '', name = '', profession = '', register_number = '', brings = '', seeks = '',
        decline_text = '', address_key = '', register_key = ''
    where member_id = p_member;
    update circles_invitation set words = '' where inviter_id = p_member;
    delete from questions_digestissue where member_id = p_member;
    update members_link set revoked_at = now()
    where id in (select link_id from questions_digestplan where member_id = p_member);
    delete from questions_digestplan where member_id = p_member;
    delete from questions_mark where member_id = p_member;
    delete from members_letter where member_id = p_member;
    delete from members_due where member_id = p_member;
    delete from members_browser where member_id = p_member;
    delete from mfa_authenticator where user_id = p_member;
    delete from account_emailconfirmation
    where email_address_id in (select id from account_emailaddress where user_id = p_member);
    delete from account_emailaddress where user_id = p_member;
    update members_profile
    set name = case when speaks = 'nl' then 'Voormalig lid' else 'Former member' end,
        title = '', about = ''
    where member_id = p_member;
    update members_member
    set email = 'erased-' || p_member || '@invalid', password = '!', is_active = false,
        last_login = null, session_round = session_round + 1
    where id = p_member;
    insert into members_erasure (kind, row_id, key) values ('account', p_member, '')
    on conflict do nothing;
    insert into members_due (kind, subject_id, seq, due_at)
    values ('account_traces', p_member, 0, now()) on conflict do nothing;
end $$;
revoke all on function kring_erase_person from public;

create function kring_erase_account() returns void
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    me bigint := kring_member();
    leads record;
begin
    if me is null or kring_is_steward() then
        raise exception 'kring: a steward lays down the duty first' using errcode = '42501';
    end if;
    for leads in
        select m.circle_id, m.id from circles_membership m
        join circles_circle c on c.id = m.circle_id and c.confirmed_at is not null
        where m.member_id = me and m.role = 'admin' and m.state = 'active' order by m.circle_id
    loop
        perform from circles_circle where id = leads.circle_id for no key update;
        if not exists (select from circles_membership other
                       where other.circle_id = leads.circle_id and other.id <> leads.id
                         and other.role = 'admin' and other.state = 'active')
           and exists (select from circles_membership other
                       where other.circle_id = leads.circle_id and other.id <> leads.id
                         and other.state not in ('left', 'removed', 'lapsed')) then
            raise exception 'kring: the last admin hands over first' using errcode = '42501';
        end if;
    end loop;
    insert into members_auditentry (circle_id, by_id, about_id, act, subject, subject_id, facts)
    select circle_id, me, me, 'membership.moved', 'membership', id,
           jsonb_build_object('old', state, 'new', 'left')
    from circles_membership where member_id = me and state not in ('left', 'removed', 'lapsed');
    perform kring_erase_person(me);
    insert into members_auditentry (by_id, about_id, act, subject, facts)
    values (me, me, 'account.erased', '', '{}');
end $$;
revoke all on function kring_erase_account from public;
grant execute on function kring_erase_account to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("questions", "0013_the_newest_that_hold_words"),
        ("circles", "0043_renewal"),
        ("members", "0013_letters_again"),
        ("mfa", "0003_authenticator_type_uniq"),
    ]

    operations = [run(GOING)]
