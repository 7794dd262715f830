"""What PostgreSQL itself says about the tables: closed, keyed by circle, owned by nobody who acts."""

import pytest
from django.apps import apps
from django.db import connection

OURS = ("members", "circles", "questions")
# Circle-owned rows whose circle is a fact of the mechanism and may be missing.
MECHANISM = {"members_letter", "members_due", "members_auditentry"}
# Nobody's circle: the account, what belongs to one member alone, what holds for all of Kring.
PERSONAL = {
    "members_sweep",
    "members_member",
    "members_profile",
    "members_link",
    "members_browser",
    "members_silence",
    "members_erasure",
    "members_backup",
    "circles_founding",  # its circle is not there yet
    "circles_cofounder",
    "questions_digestplan",
    "questions_digestissue",
}
# Django's own: what the web and the worker are granted there.
PLAIN = {
    "django_session": {"kring_web": "dirw", "kring_worker": "dr"},
    "kring_cache": {"kring_web": "dirw", "kring_worker": "dirw"},
    "django_migrations": {"kring_web": "r", "kring_worker": "r"},
}


def ask(sql: str, *values):
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def our_tables() -> list[str]:
    return sorted(
        model._meta.db_table
        for app in OURS
        for model in apps.get_app_config(app).get_models()
        if model._meta.managed
    )


@pytest.mark.parametrize(
    "table",
    [*our_tables(), "account_emailaddress", "account_emailconfirmation", "mfa_authenticator"],
)
def test_row_level_security_is_on_and_forced(db, table):
    assert ask(
        "select relrowsecurity, relforcerowsecurity from pg_class where oid = %s::regclass", table
    ) == [(True, True)]


@pytest.mark.parametrize("table", [*our_tables(), "account_emailaddress", "mfa_authenticator"])
def test_the_owner_keeps_its_own_policy(db, table):
    """Or else its functions would see no memberships, and everybody nothing."""
    assert ask(
        "select cmd, qual from pg_policies where tablename = %s and roles = '{kring_owner}'", table
    ) == [("ALL", "true")]


@pytest.mark.parametrize("table", sorted(set(our_tables()) - PERSONAL - {"circles_circle"}))
def test_every_circle_owned_table_names_its_circle(db, table):
    found = ask(
        "select is_nullable from information_schema.columns "
        "where table_name = %s and column_name = 'circle_id'",
        table,
    )
    assert found == [("YES" if table in MECHANISM else "NO",)]


def test_children_are_tied_to_parents_of_the_same_circle(db):
    """Every foreign key between two circle-owned tables goes over (circle_id, …)."""
    loose = ask(
        """
        select c.conrelid::regclass::text, c.conname
        from pg_constraint c
        where c.contype = 'f'
          and exists (select from pg_attribute a where a.attrelid = c.conrelid and a.attname = 'circle_id')
          and exists (select from pg_attribute a where a.attrelid = c.confrelid and a.attname = 'circle_id')
          and not exists (select from pg_attribute a
                          where a.attrelid = c.conrelid and a.attname = 'circle_id'
                            and a.attnum = any (c.conkey))
        """
    )
    assert loose == []


def test_every_reference_to_a_circle_owned_row_is_a_key(db):
    """A column that names a row of a circle is held by a composite key, or it could point out."""
    keyed = set(
        ask(
            """
            select c.conrelid::regclass::text, a.attname::text
            from pg_constraint c join pg_attribute a
              on a.attrelid = c.conrelid and a.attnum = any (c.conkey)
            where c.contype = 'f' and cardinality(c.conkey) > 1
            """
        )
    )
    for app in OURS:
        for model in apps.get_app_config(app).get_models():
            names = {field.name for field in model._meta.fields}
            for field in model._meta.fields:
                other = field.related_model
                if (
                    other
                    and "circle" in names
                    and any(f.name == "circle" for f in other._meta.fields)
                ):
                    assert (model._meta.db_table, field.column) in keyed


def test_unique_keys_name_the_circle(db):
    """A violated key would tell of a row in another circle."""
    for table in set(our_tables()) - PERSONAL - MECHANISM - {"circles_circle"}:
        for (columns,) in ask(
            """
            select array_agg(a.attname::text) from pg_index i
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any (i.indkey)
            where i.indrelid = %s::regclass and i.indisunique and not i.indisprimary
            group by i.indexrelid
            """,
            table,
        ):
            assert "circle_id" in columns or columns == ["link_id"], (table, columns)


@pytest.mark.parametrize("table", sorted(PLAIN))
def test_plain_tables_are_granted_no_more_than_needed(db, table):
    letters = {"SELECT": "r", "INSERT": "i", "UPDATE": "w", "DELETE": "d"}
    for role, expected in PLAIN[table].items():
        granted = {
            letters[privilege]
            for privilege in letters
            if ask("select has_table_privilege(%s, %s, %s)", role, table, privilege)[0][0]
        }
        assert "".join(sorted(granted)) == expected


def test_no_role_that_acts_owns_or_bypasses_anything(db):
    assert not ask(
        "select tablename from pg_tables where schemaname = 'public' and tableowner <> 'kring_owner'"
    )
    assert not ask(
        "select rolname from pg_roles where rolname in ('kring_web', 'kring_worker', 'kring_owner') "
        "and (rolsuper or rolbypassrls)"
    )


def test_owner_functions_do_not_follow_a_search_path(db):
    assert not ask(
        "select proname from pg_proc where prosecdef and pronamespace = 'public'::regnamespace "
        "and coalesce(proconfig::text, '') not like '%%search_path%%'"
    )


def test_of_all_letters_and_timers_the_roles_learn_counts_and_ages_only(db):
    """What the owner's function returns holds no row's id, reader or circle."""
    assert ask(
        "select unnest(proargnames) from pg_proc where proname = 'kring_condition' offset 1"
    ) == [
        ("letters",),
        ("oldest_letter",),
        ("stubborn_letters",),
        ("due",),
        ("oldest_due",),
        ("sweeps",),
    ]
    assert ask("select has_function_privilege('public', 'kring_condition(int)', 'execute')") == [
        (False,)
    ]


def test_what_became_of_a_letter_is_told_by_the_house_or_under_the_provider_s_name_for_it(db):
    """A page cannot stop somebody's mail by the number of a letter, nor by an address."""
    may = "select has_function_privilege(%s, %s, 'execute')"
    fate, heard = "kring_mail_fate(bigint, text, text)", "kring_mail_heard(text, text, text)"
    granted = {
        (role, name): ask(may, role, name)[0][0]
        for role in ("public", "kring_web", "kring_worker")
        for name in (fate, heard)
    }
    assert {key for key, value in granted.items() if value} == {
        ("kring_worker", fate),
        ("kring_web", heard),
    }
    assert ask(
        "select prorettype::regtype::text from pg_proc where proname = 'kring_mail_heard'"
    ) == [("boolean",)]


def test_of_letters_day_by_day_a_steward_learns_counts_by_kind_and_end_only(db):
    assert ask("select proargnames[3:] from pg_proc where proname = 'kring_letter_days'") == [
        (["day", "kind", "state", "reason", "bounced", "number"],)
    ]
    may = "select has_function_privilege(%s, 'kring_letter_days(int, text)', 'execute')"
    assert [ask(may, role)[0][0] for role in ("public", "kring_web", "kring_worker")] == [
        False,
        True,
        False,
    ]


def test_letting_letters_go_again_tells_a_number_only(db):
    assert ask(
        "select prorettype::regtype::text from pg_proc where proname = 'kring_try_letters_again'"
    ) == [("bigint",)]
    may = "select has_function_privilege(%s, 'kring_try_letters_again(text[])', 'execute')"
    roles = ("public", "kring_web", "kring_worker")
    assert [ask(may, role)[0][0] for role in roles] == [False, True, False]
