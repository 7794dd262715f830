"""Of all that holds the words, a first page wants the newest: only those leave the function."""

from django.db import migrations

from kring.lib.policies import run

# As kring_find(), which pages further on use: the same circles, the same words. Thousands of texts
# may hold a common word; putting them in order is cheap in here, and dear under the row policies.
FIND = """
create function kring_find_newest(
    p_circles bigint[], p_config regconfig, p_words text, p_most integer)
returns setof bigint language sql stable rows 21
security definer set search_path = public, pg_temp
as $$ select q.id from kring_find(p_circles, p_config, p_words) as held (id)
      join questions_question q on q.id = held.id
      where q.state not in ('withdrawn', 'held')
      order by q.created_at desc, q.id desc limit p_most $$;
revoke all on function kring_find_newest from public;
grant execute on function kring_find_newest to kring_web, kring_worker;
"""


class Migration(migrations.Migration):
    dependencies = [("questions", "0012_a_digest_for_each_circle")]

    operations = [run(FIND, "drop function kring_find_newest;")]
