"""What the machine beside us asks: does the process live, and may it be given visitors."""

from functools import cache

from django.contrib.auth.decorators import login_not_required
from django.db import Error, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from kring import guard


@login_not_required
@require_safe
def health_live(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"alive": True})


@login_not_required
@require_safe
def health_ready(request: HttpRequest) -> JsonResponse:
    wrong = weakness()
    return JsonResponse({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)


def weakness() -> list[str]:
    """Say in sentences why no visitor should come here yet; empty when all is well."""
    try:
        # First, so that a dead connection is not taken for a strong role.
        with connection.cursor() as cursor:
            cursor.execute("select 1")
        role = guard.weakness()
        missing = _wanted() - set(MigrationRecorder(connection).applied_migrations())
    except Error as error:
        return [f"The database does not answer ({type(error).__name__})."]
    wrong = [role] if role else []
    if missing:
        names = ", ".join(sorted(f"{app}.{name}" for app, name in missing)[:5])
        wrong.append(f"{len(missing)} migrations are not applied, such as {names}.")
    return wrong


@cache
def _wanted() -> set[tuple[str, str]]:
    """The migrations this code brings. They do not change while it runs."""
    return set(MigrationLoader(None).disk_migrations)
