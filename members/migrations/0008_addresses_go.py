"""An address may be removed by whose it is; until now the button said so and nothing went."""

from django.db import migrations

from kring.lib.policies import ME, Policy, run

GOES = Policy("own address goes", "delete", using=f"user_id = {ME}", to="kring_web")


class Migration(migrations.Migration):
    dependencies = [
        ("members", "0007_keeping"),
        ("account", "0009_emailaddress_unique_primary_email"),
    ]

    operations = [run(GOES.sql("account_emailaddress"))]
