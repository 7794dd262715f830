"""Words for migrations that say who may touch a table: grants, row policies, composite keys.

Every table is closed first and then opened by name. The owner of the tables has a policy of its
own, since `force row level security` binds it too and its functions must read memberships.
"""

from dataclasses import dataclass

from django.db import migrations

WEB, WORKER, BOTH = "kring_web", "kring_worker", "kring_web, kring_worker"
ME = "(select kring_member())"
TOKEN = "(select kring_token())"  # noqa: S105 (an SQL expression)
HOUSE = "(select kring_house())"
READS = "circle_id = any ((select kring_reads())::bigint[])"
WRITES = "circle_id = any ((select kring_writes())::bigint[])"
VETS = "circle_id = any ((select kring_vets())::bigint[])"
ADMINISTERS = "circle_id = any ((select kring_administers())::bigint[])"


@dataclass(frozen=True)
class Policy:
    """One permission: `name` speaks, `using` chooses rows, `check` judges what is written."""

    name: str
    command: str
    using: str = ""
    check: str = ""
    to: str = BOTH

    def sql(self, table: str) -> str:
        using = f" using ({self.using})" if self.using else ""
        check = f" with check ({self.check})" if self.check else ""
        return f'create policy "{self.name}" on {table} for {self.command} to {self.to}{using}{check};'


def reading(name: str, using: str, to: str = BOTH) -> Policy:
    return Policy(name, "select", using=using, to=to)


def writing(name: str, check: str, to: str = BOTH) -> Policy:
    """New rows."""
    return Policy(name, "insert", check=check, to=to)


def changing(name: str, using: str, check: str = "", to: str = BOTH) -> Policy:
    return Policy(name, "update", using=using, check=check or using, to=to)


def house(using: str = HOUSE) -> list[Policy]:
    """What timers, letters and planning may do with a mechanism table, as nobody's proxy."""
    return [
        reading("house reads", using, to=WORKER),
        writing("house writes", using, to=WORKER),
        changing("house changes", using, to=WORKER),
    ]


def run(sql: str, reverse: str = "") -> migrations.RunSQL:
    return migrations.RunSQL(sql, reverse or migrations.RunSQL.noop)


def secured(table: str, *, web: str, worker: str, policies: list[Policy]) -> migrations.RunSQL:
    """Close a table, then open it: grants for the two roles and the policies that choose rows."""
    statements = [
        f"alter table {table} enable row level security;",
        f"alter table {table} force row level security;",
        f"revoke all on {table} from public, {BOTH};",
        f'create policy "owner migrates" on {table} for all to kring_owner using (true) with check (true);',
        f"grant {web} on {table} to {WEB};" if web else "",
        f"grant {worker} on {table} to {WORKER};" if worker else "",
        *(policy.sql(table) for policy in policies),
    ]
    return run("\n".join(filter(None, statements)))


def parent(table: str) -> migrations.RunSQL:
    """Give a circle-owned table the key its children point at."""
    name = f"{table}_in_its_circle"
    return run(
        f"alter table {table} add constraint {name} unique (circle_id, id);",
        f"alter table {table} drop constraint {name};",
    )


def child(table: str, column: str, of: str) -> migrations.RunSQL:
    """Tie a child to a parent of the same circle; it goes when the parent goes."""
    name = f"{table}_{column}_same_circle"
    return run(
        f"alter table {table} add constraint {name} foreign key (circle_id, {column}) "
        f"references {of} (circle_id, id) on delete cascade deferrable initially deferred;",
        f"alter table {table} drop constraint {name};",
    )
