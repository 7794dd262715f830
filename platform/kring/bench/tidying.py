"""Taking back what a run wrote, so that the next one finds the same rows."""

from psycopg import Connection, sql

Highest = dict[str, int]


def highest(connection: Connection) -> Highest:
    """The highest number of every table whose rows are numbered by themselves."""
    tables = connection.execute(
        """
        select c.relname from pg_attribute a join pg_class c on c.oid = a.attrelid
        join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = 'public' and c.relkind = 'r' and a.attname = 'id' and a.attidentity <> ''
        """
    ).fetchall()
    found = {}
    for (table,) in tables:
        statement = sql.SQL("select coalesce(max(id), 0) from {}").format(sql.Identifier(table))
        found[table] = connection.execute(statement).fetchone()[0]
    return found


def take_back(connection: Connection, before: Highest) -> None:
    """Remove every row that came since, and count the answers of their questions anew."""
    with connection.transaction():
        connection.execute("set local session_replication_role = replica")
        connection.execute(
            """
            update questions_question q set answer_count = left_.count, last_activity_at = left_.last
            from (select question_id, count(*) filter (where id <= %(answer)s) as count,
                         coalesce(max(created_at) filter (where id <= %(answer)s), now()) as last
                  from questions_answer
                  where question_id in (select question_id from questions_answer
                                        where id > %(answer)s)
                  group by question_id) left_
            where q.id = left_.question_id
            """,
            {"answer": before["questions_answer"]},
        )
        for table, number in before.items():
            statement = sql.SQL("delete from {} where id > %s").format(sql.Identifier(table))
            connection.execute(statement, [number])
    connection.execute("vacuum")
