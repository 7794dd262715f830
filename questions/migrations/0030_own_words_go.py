"""Own words change while one writes, and no longer; they go at once and, after a restore, once
more: earlier versions and tags too, and the papers of one's admission.

Taking one text back is one function, for whoever withdraws and for the ledger alike.
"""

from django.db import migrations

from kring.lib.policies import ME, WEB, WORKER, WRITES, changing, run

OWN = f"author_id = {ME}"
TABLES = ("questions_question", "questions_answer", "questions_comment")

CHANGING = "\n".join(
    f'drop policy "own words change" on {table};'
    + changing("own words change while one writes", f"{OWN} and {WRITES}", to=WEB).sql(table)
    for table in TABLES
) + changing("an outcome falls due, also of who has left", OWN, to=WORKER).sql(
    "questions_question"
)

GOING = """
-- Take one text back: its words, its earlier versions, its tags; a line in the ledger says which.
create function kring_take_back(p_kind text, p_row bigint) returns boolean
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    gone bigint := 0;
    tags bigint[];
begin
    case p_kind
    when 'question_words' then
        delete from questions_revision where question_id = p_row and answer_id is null;
        with untagged as (
            delete from questions_tagging where question_id = p_row returning tag_id)
        select array_agg(tag_id) into tags from untagged;
        delete from questions_tag t
        where t.id = any (tags) and not t.mail_safe
          and not exists (select from questions_tagging g where g.tag_id = t.id);
        update questions_question q
        set title = kring_taken_back(q.circle_id), mail_line = '', parameters = '[]',
            body = kring_taken_back(q.circle_id), edited_at = now(),
            html = '<p>' || kring_taken_back(q.circle_id) || '</p>',
            state = case when q.answer_count = 0 then 'withdrawn' else q.state end
        where q.id = p_row and q.body <> kring_taken_back(q.circle_id);
    when 'answer_words' then
        delete from questions_revision where answer_id = p_row;
        update questions_answer a
        set body = kring_taken_back(a.circle_id), edited_at = now(),
            html = '<p>' || kring_taken_back(a.circle_id) || '</p>'
        where a.id = p_row and a.body <> kring_taken_back(a.circle_id);
    when 'comment_words' then
        update questions_comment c
        set body = kring_taken_back(c.circle_id), edited_at = now(),
            html = '<p>' || kring_taken_back(c.circle_id) || '</p>'
        where c.id = p_row and c.body <> kring_taken_back(c.circle_id);
    when 'outcome_words' then
        update questions_outcome set body = '', html = '' where id = p_row and body <> '';
    end case;
    get diagnostics gone = row_count;
    if gone > 0 then
        insert into members_erasure (kind, row_id, key) values (p_kind, p_row, '')
        on conflict do nothing;
    end if;
    return gone > 0;
end $$;
revoke all on function kring_take_back from public;

create or replace function kring_blank_words(p_member bigint, p_circle bigint) returns bigint
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    gone bigint;
    portraits bigint;
begin
    select count(*) filter (where kring_take_back(kind, id)) into gone from (
        select 'question_words' as kind, id from questions_question
        where author_id = p_member and (p_circle is null or circle_id = p_circle)
        union all select 'answer_words', id from questions_answer
        where author_id = p_member and (p_circle is null or circle_id = p_circle)
        union all select 'comment_words', id from questions_comment
        where author_id = p_member and (p_circle is null or circle_id = p_circle)
        union all select 'outcome_words', id from questions_outcome
        where by_id = p_member and (p_circle is null or circle_id = p_circle)) theirs;
    delete from questions_revision
    where by_id = p_member and (p_circle is null or circle_id = p_circle);
    with taken as (
        delete from circles_portrait p using circles_membership m
        where m.circle_id = p.circle_id and m.id = p.membership_id and m.member_id = p_member
          and (p_circle is null or p.circle_id = p_circle) returning p.id)
    insert into members_erasure (kind, row_id, key) select 'portrait', id, '' from taken
    on conflict do nothing;
    get diagnostics portraits = row_count;
    return gone + portraits;
end $$;

-- Leave nothing personal of an account. Also after a restore, by the owner.
drop function kring_erase_account();
drop function kring_erase_person(bigint);
create function kring_erase_person(p_member bigint) returns text[]
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    speaks text;
    files text[];
begin
    select language into speaks from members_member where id = p_member;
    files := kring_drop_traces(p_member);
    update circles_membership set state = 'left', role = 'member', practising_at = null
    where member_id = p_member and state not in ('left', 'removed', 'lapsed');
    delete from circles_renewal r using circles_membership m
    where m.id = r.membership_id and m.member_id = p_member;
    delete from circles_memberfact f using circles_membership m
    where m.id = f.membership_id and m.member_id = p_member;
    delete from circles_portrait p using circles_membership m
    where m.circle_id = p.circle_id and m.id = p.membership_id and m.member_id = p_member;
    update circles_sanction s set why = '', answer = '' from circles_membership m
    where m.id = s.membership_id and m.member_id = p_member;
    delete from questions_digestissue where member_id = p_member;
    update members_link set revoked_at = now()
    where id in (select link_id from questions_digestplan where member_id = p_member);
    delete from questions_digestplan where member_id = p_member;
    delete from questions_mark where member_id = p_member;
    delete from members_letter where member_id = p_member;
    delete from members_due where member_id = p_member;
    delete from django_session
    where session_key in (select session_id from members_browser where member_id = p_member);
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
    return files;
end $$;
revoke all on function kring_erase_person from public;

create function kring_erase_account() returns text[]
language plpgsql volatile security definer set search_path = public, pg_temp as $$
declare
    me bigint := kring_member();
    leads record;
    files text[];
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
        -- The calendar counts who is left to lead it, and tells the stewards.
        insert into members_due (kind, circle_id, subject_id, seq, due_at)
        select 'membership', other.circle_id, other.id, 1 + coalesce((select max(seq)
               from members_due d where d.kind = 'membership' and d.subject_id = other.id), 0), now()
        from circles_membership other
        where other.circle_id = leads.circle_id and other.id <> leads.id
          and other.role = 'admin' and other.state = 'active'
        on conflict do nothing;
    end loop;
    insert into members_auditentry (circle_id, by_id, about_id, act, subject, subject_id, facts)
    select circle_id, me, me, 'membership.moved', 'membership', id,
           jsonb_build_object('old', state, 'new', 'left')
    from circles_membership where member_id = me and state not in ('left', 'removed', 'lapsed');
    files := kring_erase_person(me);
    insert into members_auditentry (by_id, about_id, act, subject, facts)
    values (me, me, 'account.erased', '', '{}');
    return files;
end $$;
revoke all on function kring_erase_account from public;
grant execute on function kring_erase_account to kring_web;
"""


class Migration(migrations.Migration):
    dependencies = [
        ("questions", "0070_portraits_go"),
        ("circles", "0080_words_go_at_once"),
        ("sessions", "0001_initial"),
    ]

    operations = [run(CHANGING), run(GOING)]
