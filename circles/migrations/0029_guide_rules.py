"""The guide tells by which rules a circle admits: how many referees it really asks for, how long it
takes to decide, whether its members may object, and when words are erased."""

from importlib import import_module

from django.db import migrations

from kring.lib.policies import run

BEFORE = import_module("circles.migrations.0026_guide_measured").MEASURED
RULES = BEFORE.replace(
    "c.required_referees",
    # A circle of fewer than five asks for one at most, as in policy.snapshot().
    """case when seats.taken < 5 then least(c.required_referees, 1)
            else c.required_referees end::smallint as required_referees,
       c.decide_days, c.objection_days, c.erase_days""",
)


class Migration(migrations.Migration):
    dependencies = [("circles", "0028_deciders_read")]

    operations = [run(RULES, "select 1;")]
