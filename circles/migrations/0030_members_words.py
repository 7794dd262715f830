"""What somebody wrote to be admitted goes by the clock of their circle, as what others said of them
does. The house, which lets nobody in, may not write to the row of somebody admitted: a narrow
function empties its words. And referees hear of a refusal before their words can be gone.
"""

from importlib import import_module

from django.db import migrations

from kring.lib.policies import run

EMPTIED = """
create function kring_empty_admitted(p_application bigint) returns void
language sql volatile security definer set search_path = public, pg_temp
as $$ update circles_application set brings = '', seeks = '', decline_text = ''
      where id = p_application and state = 'approved' $$;
revoke all on function kring_empty_admitted from public;
grant execute on function kring_empty_admitted to kring_worker;
"""

HEARD = import_module("circles.migrations.0021_referee_access").HEARD
begin = HEARD.index("create function kring_thank_referees()")
end = HEARD.index("create trigger thank_referees")
# An appeal may be filed for 21 days; where words are kept for one day more, both fell together.
THANKED = (
    HEARD[begin:end]
    .replace("create function", "create or replace function")
    .replace("interval '22 days'", "interval '21 days 1 hour'")
)


class Migration(migrations.Migration):
    dependencies = [("circles", "0041_belonging_access")]

    operations = [run(EMPTIED), run(THANKED, "select 1;")]
