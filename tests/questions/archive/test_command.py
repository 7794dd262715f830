"""manage.py import_archive, as its operator meets it."""

import pytest
from django.core.management import CommandError

from members.models import AuditEntry
from tests import make
from tests.questions.archive_rows import question


def test_where_two_circles_share_a_name_their_ids_are_listed(dump, command, circle):
    other = make.circle(circle.name)
    with pytest.raises(CommandError) as refusal:
        command(dump([question(1)]), circle.name)
    assert circle.public_id in str(refusal.value)
    assert other.public_id in str(refusal.value)


@pytest.mark.parametrize("who", ["bram@example.org", "carla@example.org", "nobody@example.org"])
def test_only_an_admin_of_the_circle_is_accepted_as_doer(dump, command, circle, who):
    with pytest.raises(CommandError, match=f"{who} is no active admin of Hand surgeons"):
        command(dump([question(1)]), circle.name, site="a.example.org", by=who)


def test_the_named_admin_does_it(dump, command, circle, eva):
    second = make.member("fenna")
    make.membership(circle, second, role="admin")
    folder = dump([question(1)])
    command(folder, circle.name, site="a.example.org", by="Fenna@example.org")
    assert AuditEntry.objects.get(act="archive.imported").by_id == second.pk


def test_a_circle_without_an_active_admin_takes_nothing_in(dump, command):
    make.circle("Abandoned")
    with pytest.raises(CommandError, match="Nobody is an active admin of Abandoned"):
        command(dump([question(1)]), "Abandoned", site="a.example.org")


def test_the_site_must_be_known(dump, command, circle):
    folder = dump([question(1)])
    with pytest.raises(CommandError, match="Name the site"):
        command(folder, circle.name)
    (folder / "README.md").write_text("Link: https://a.example.org/questions/ID ; more")
    assert "Of a.example.org, Hand surgeons" in command(folder, circle.name).out


def test_elsewhere_than_on_a_terminal_a_line_tells_every_tenth(command, circle, real):
    said = command(real, circle.name).err
    assert "100 %  2,335 of 2,335 texts" in said
    assert said.count("\n") <= 10
