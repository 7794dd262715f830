"""Words are sought in one's own circles only, by an index that knows the circle."""

from django.contrib.postgres.indexes import GinIndex
from django.contrib.postgres.operations import BtreeGinExtension
from django.db import migrations

from kring.lib.policies import run

# Text operators are not leakproof, so under the row policies PostgreSQL reads every text of one's
# circles before it may look into the index. This owner's function asks who reads what first, says
# only numbers of questions, and the rows are read under the policies as ever.
FIND = """
create function kring_find(p_circles bigint[], p_config regconfig, p_words text)
returns setof bigint language sql stable
security definer set search_path = public, pg_temp
as $$ with mine as materialized (
          select circle_id from unnest(p_circles) as asked (circle_id)
          where circle_id = any ((select kring_reads())::bigint[]))
      select q.id from mine
      join questions_question q on q.circle_id = mine.circle_id
           and q.search @@ websearch_to_tsquery(p_config, p_words)
      union
      select a.question_id from mine
      join questions_answer a on a.circle_id = mine.circle_id
           and a.search @@ websearch_to_tsquery(p_config, p_words) $$;
revoke all on function kring_find from public;
grant execute on function kring_find to kring_web, kring_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("questions", "0006_letters_at_once")]

    operations = [
        BtreeGinExtension(),
        migrations.RemoveIndex(model_name="question", name="questions_search"),
        migrations.RemoveIndex(model_name="answer", name="answers_search"),
        migrations.AddIndex(
            model_name="question",
            index=GinIndex(fields=["circle", "search"], name="questions_search"),
        ),
        migrations.AddIndex(
            model_name="answer",
            index=GinIndex(fields=["circle", "search"], name="answers_search"),
        ),
        run(FIND, "drop function kring_find;"),
    ]
