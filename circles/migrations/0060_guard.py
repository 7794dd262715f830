"""What a circle does when a text points at a person, and the words it knows as no person."""

from django.db import migrations, models

from kring.lib.policies import run


class Migration(migrations.Migration):
    dependencies = [("circles", "0043_renewal")]

    operations = [
        migrations.AddField(
            model_name="circle",
            name="guard",
            field=models.CharField(
                choices=[
                    ("off", "Nothing is checked"),
                    ("advise", "It is shown once"),
                    ("confirm", "The writer says why it stays"),
                    ("block", "What is certain is never posted"),
                ],
                db_default="confirm",
                default="confirm",
                max_length=7,
            ),
        ),
        migrations.AddField(
            model_name="circle",
            name="guard_words",
            field=models.JSONField(db_default=[], default=list),
        ),
        migrations.AddConstraint(
            model_name="circle",
            constraint=models.CheckConstraint(
                condition=models.Q(("guard__in", ["off", "advise", "confirm", "block"])),
                name="guard_is_known",
            ),
        ),
        run("grant update (guard, guard_words) on circles_circle to kring_web;"),
    ]
