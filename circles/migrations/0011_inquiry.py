"""The vetters ask the applicant one thing at a time, and the applicant answers in place."""

import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

from kring.lib.policies import (
    HOUSE,
    ME,
    TOKEN,
    changing,
    child,
    reading,
    run,
    secured,
    writing,
)

SEEN = "application_id in (select id from circles_application)"
OWN = f"application_id in (select id from circles_application where link_id = {TOKEN} or member_id = {ME})"

# An answer is given once, and what was asked stays as it was asked.
ANSWERED = """
create function kring_keep_inquiry() returns trigger language plpgsql as $$
begin
    if current_user in ('kring_owner', 'kring_worker') then
        return new;
    end if;
    if old.answered_at is not null
       or kring_state_of(old.application_id) <> 'info_requested' then
        raise exception 'kring: a question is answered once' using errcode = '42501';
    end if;
    return new;
end $$;
create trigger keep_inquiry before update on circles_inquiry
for each row execute function kring_keep_inquiry();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("circles", "0010_policy"),
        ("members", "0013_letters_again"),
    ]

    operations = [
        migrations.CreateModel(
            name="Inquiry",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("question", models.TextField()),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("answer", models.TextField(blank=True)),
                ("answered_at", models.DateTimeField(null=True)),
                (
                    "application",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="inquiries",
                        to="circles.application",
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to="members.profile",
                    ),
                ),
                (
                    "circle",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="circles.circle",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("answered_at", None)),
                        fields=("circle", "application"),
                        name="one_open_inquiry",
                    )
                ],
            },
        ),
        child("circles_inquiry", "application_id", of="circles_application"),
        run(ANSWERED),
        secured(
            "circles_inquiry",
            web="select, insert, update (answer, answered_at)",
            worker="select, update (question, answer)",
            policies=[
                reading("questions on an application one sees", SEEN),
                writing(
                    "whoever may vote asks",
                    f"by_id = {ME} and answered_at is null and kring_may_vote(application_id)",
                    to="kring_web",
                ),
                changing("the applicant answers", OWN, to="kring_web"),
                changing("house erases what was asked and said", HOUSE, to="kring_worker"),
            ],
        ),
    ]
