"""Who was asked by address to found a circle too goes with the account of that address. (What the
account itself began to found goes by a trigger of its own.)"""

from importlib import import_module

from django.db import migrations

from kring.lib.policies import run

DROPPED = import_module("circles.migrations.0080_words_go_at_once").DROPPED
TRACES = DROPPED[DROPPED.index("create function kring_drop_traces") :].replace(
    "create function", "create or replace function", 1
)
MORE = """
    update circles_cofounder
    set name = '', address = '', answered_at = coalesce(answered_at, now()),
        state = case when state = 'asked' then 'dropped' else state end
    where lower(address) = any (addresses);
    return files;
"""
TRACES = TRACES.replace("    return files;\n", MORE.lstrip("\n"), 1)


class Migration(migrations.Migration):
    dependencies = [("circles", "0077_archiving_access")]

    operations = [run(TRACES)]
