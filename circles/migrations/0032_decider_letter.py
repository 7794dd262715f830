"""The letter that asks somebody to decide reads the application as that person does: whoever leads
another circle sees it by the appointment alone, in the worker as on the page."""

from django.db import migrations

from kring.lib.policies import BOTH, WEB, run

SEEN = 'alter policy "appointed deciders see their application" on circles_application to '


class Migration(migrations.Migration):
    dependencies = [("circles", "0060_guard")]

    operations = [run(f"{SEEN}{BOTH};", f"{SEEN}{WEB};")]
