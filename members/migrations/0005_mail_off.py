"""Whether mail arrives: facts of a letter and of an account, and the two functions that write them."""

from django.db import migrations, models

from kring.lib.policies import run

# What became of a letter, written by the house. The reader's account is touched only while it has
# the very address the letter went to, and only by news younger than 'mail works again'.
FATE = """
create function kring_mail_fate(p_letter bigint, p_address text, p_fate text) returns text
language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    letter members_letter;
    account members_member;
    handed timestamptz;
    week date;
begin
    if p_fate not in ('hard', 'soft', 'complaint', 'arrived') then
        raise exception 'kring: % is no fate of a mail', p_fate;
    end if;
    select * into letter from members_letter where id = p_letter for update;
    if not found or (p_fate = 'soft' and letter.state = 'failed') then
        return '';  -- it is tried again first
    end if;
    if p_fate <> 'arrived' and letter.bounced <> 'complaint' then
        update members_letter set bounced = p_fate where id = p_letter and bounced <> p_fate;
    end if;
    handed := coalesce(letter.settled_at, clock_timestamp());
    select * into account from members_member where id = letter.member_id for update;
    if not found or lower(account.email) <> lower(p_address) or handed < account.mail_works_since then
        return '';
    end if;
    if p_fate = 'arrived' then
        update members_member set soft_week = null, soft_weeks = 0
        where id = account.id and soft_weeks > 0;
        return '';
    end if;
    if p_fate = 'soft' then
        week := date_trunc('week', handed at time zone 'UTC')::date;
        if account.mail_off_since is not null or week <= account.soft_week then
            return '';
        end if;
        update members_member set soft_week = week,
            soft_weeks = case when soft_week = week - 7 then soft_weeks + 1 else 1 end
        where id = account.id returning * into account;
        if account.soft_weeks < 3 then
            return '';
        end if;
    end if;
    if account.mail_off_since is not null and (p_fate <> 'complaint' or account.mail_off_why = 'complaint')
    then
        return '';
    end if;
    update members_member set mail_off_since = coalesce(mail_off_since, handed), mail_off_why = p_fate
    where id = account.id;
    insert into members_auditentry (about_id, act, subject, facts)
    values (account.id, 'mail.off', 'letter', jsonb_build_object('why', p_fate, 'kind', letter.kind));
    return 'off';
end $$;
revoke all on function kring_mail_fate from public;
grant execute on function kring_mail_fate to kring_worker;
"""

# The same for pages: a provider's news arrives there. It names the letter by what the provider
# alone was told; a letter's own number opens nothing.
HEARD = """
create function kring_mail_heard(p_handed_as text, p_address text, p_fate text) returns boolean
language plpgsql security definer set search_path = public, pg_temp
as $$
declare
    found_id bigint;
begin
    select id into found_id from members_letter where handed_as = p_handed_as and p_handed_as <> '';
    if found_id is null then
        return false;
    end if;
    perform kring_mail_fate(found_id, p_address, p_fate);
    return true;
end $$;
revoke all on function kring_mail_heard from public;
grant execute on function kring_mail_heard to kring_web;
"""

NEW_ADDRESS = """
create function kring_new_address() returns trigger language plpgsql as $$
begin
    if lower(new.email) <> lower(old.email) then
        new.mail_off_since := null;
        new.mail_off_why := '';
        new.soft_week := null;
        new.soft_weeks := 0;
        new.mail_works_since := clock_timestamp();
    end if;
    return new;
end $$;
create trigger new_address before update on members_member
for each row execute function kring_new_address();
"""


class Migration(migrations.Migration):
    dependencies = [("members", "0004_second_factor")]

    operations = [
        migrations.AddField(
            "letter",
            "bounced",
            models.CharField(max_length=9, blank=True, default="", db_default=""),
        ),
        migrations.AddField(
            "letter",
            "handed_as",
            models.CharField(max_length=40, blank=True, default="", db_default=""),
        ),
        migrations.AddIndex(
            "letter",
            models.Index(
                fields=["handed_as"],
                condition=models.Q(handed_as__gt=""),
                name="letters_known_to_a_provider",
            ),
        ),
        migrations.AddField("member", "mail_off_since", models.DateTimeField(null=True)),
        migrations.AddField(
            "member",
            "mail_off_why",
            models.CharField(max_length=9, blank=True, default="", db_default=""),
        ),
        migrations.AddField("member", "mail_works_since", models.DateTimeField(null=True)),
        migrations.AddField("member", "soft_week", models.DateField(null=True)),
        migrations.AddField(
            "member", "soft_weeks", models.SmallIntegerField(default=0, db_default=0)
        ),
        migrations.AddConstraint(
            "member",
            models.CheckConstraint(
                condition=models.Q(mail_off_since__isnull=True, mail_off_why="")
                | models.Q(
                    mail_off_since__isnull=False, mail_off_why__in=["hard", "soft", "complaint"]
                ),
                name="mail_is_off_for_a_reason",
            ),
        ),
        run(
            NEW_ADDRESS,
            "drop trigger new_address on members_member; drop function kring_new_address;",
        ),
        run(FATE, "drop function kring_mail_fate;"),
        run(HEARD, "drop function kring_mail_heard;"),
    ]
