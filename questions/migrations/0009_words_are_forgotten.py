"""When an import is over, the words to people go with what was found in its file."""

from django.db import migrations

from kring.lib.policies import run

FORGETTING = """
create or replace function kring_import_forgets() returns trigger language plpgsql
security definer set search_path = public, pg_temp as $$
begin
    delete from questions_importfinding
    where circle_id = new.circle_id and archive_import_id = new.id
      and (kind in ('coming', 'note') or new.forgotten_at is not null);
    update questions_archiveimport set words = '' where id = new.id and words <> '';
    return null;
end $$;
"""


class Migration(migrations.Migration):
    dependencies = [("questions", "0008_remarks_are_events")]

    operations = [run(FORGETTING)]
