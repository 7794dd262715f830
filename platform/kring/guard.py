"""The assertions at the start of web and worker: the role cannot see past the policies, and a demo
is nothing but a demo."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.mail import get_connection
from django.db import Error, connection

from kring.demo import marker


def weakness(role: str = "") -> str | None:
    """Say in one sentence why a role (the current one) is too strong, or None when it is
    restricted."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            select role.name,
                   (select rolsuper or rolbypassrls from pg_roles where rolname = role.name),
                   (select count(*) from pg_class c join pg_namespace n on n.oid = c.relnamespace
                    where n.nspname = 'public' and pg_get_userbyid(c.relowner) = role.name)
            from (select coalesce(nullif(%s, ''), current_user::text)) role (name)
            """,
            [role],
        )
        role, bypasses, owned = cursor.fetchone()
    if bypasses:
        return (
            f"The database role {role} bypasses row-level security. Use kring_web or kring_worker."
        )
    if owned:
        return f"The database role {role} owns {owned} tables. Use kring_web or kring_worker."
    return None


def assert_fit_to_start() -> None:
    """Stop the start under a role that could see past the policies, or of a demo on real people.

    Raises ImproperlyConfigured with what to set.
    """
    try:
        found = weakness()
    except Error as error:
        reason = str(error).strip().splitlines()[0]
        raise ImproperlyConfigured(
            f"The database does not answer. Look at DATABASE_URL: {reason}"
        ) from error
    if found:
        raise ImproperlyConfigured(f"{found} Set DATABASE_URL (or KRING_ROLE) accordingly.")
    try:
        get_connection()
    except ImproperlyConfigured as wrong:
        raise ImproperlyConfigured(f"Mail cannot be sent. {wrong}") from None
    if settings.DEMO:
        marker.assert_demo()
    connection.close()  # gunicorn and Celery fork after this; a connection must not be shared
