"""What one said at the end of a term goes into the archive of one's own, which the worker makes as
its owner. The house itself reads none of it."""

from django.db import migrations

from kring.lib.policies import ME, WORKER, reading, run

OWN = f"membership_id in (select id from circles_membership where member_id = {ME})"


class Migration(migrations.Migration):
    dependencies = [("circles", "0080_words_go_at_once")]

    operations = [
        run(f"grant select on circles_renewal to {WORKER};"),
        run(reading("own renewals, for one's archive", OWN, to=WORKER).sql("circles_renewal")),
    ]
