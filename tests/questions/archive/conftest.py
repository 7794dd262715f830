"""Archives to move in, as files, and the worker that does it."""

import csv
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.utils import translation

from questions.archive import running
from questions.archive.dump import open_dump
from questions.archive.moving_in import move_in
from questions.archive.spreadsheet import open_spreadsheet
from tests.questions.archive_rows import attributes

REAL = Path(__file__).parents[3] / "demo" / "ai"  # its README says what it holds


@pytest.fixture
def real():
    return REAL


@pytest.fixture(autouse=True)
def in_english():
    """Reasons come in the language of whoever moves in."""
    with translation.override("en"):
        yield


@pytest.fixture
def dump(tmp_path):
    """Write a dump of these rows."""

    def write(posts, comments=(), users=(), history=()):
        tables = {"Posts": posts, "Comments": comments, "Users": users, "PostHistory": history}
        for name, rows in tables.items():
            if rows:
                table = name.lower()
                lines = [f"<row {attributes(row)} />" for row in rows]
                xml = "\n".join([f"<{table}>", *lines, f"</{table}>"])
                (tmp_path / f"{name}.xml").write_text(xml)
        return tmp_path

    return write


@pytest.fixture
def sheet(tmp_path):
    """Write a list: its header and rows."""

    def write(header, *rows, delimiter=";", encoding="utf-8", name="list.csv"):
        path = tmp_path / name
        with path.open("w", encoding=encoding, newline="") as file:
            writer = csv.writer(file, delimiter=delimiter)
            writer.writerow(header.split())
            writer.writerows(rows)
        return path

    return write


@pytest.fixture
def move(circle, anna, house):
    """Move a folder in as anna, as the worker does."""

    def go(folder, site="ai.stackexchange.com", into=circle, by=anna, **options):
        with house():
            return move_in(open_dump(folder, site), into, by, **options)

    return go


@pytest.fixture
def move_sheet(circle, anna, house):
    """Move a list in as anna, as the worker does."""

    def go(path, name="Mail list", into=circle, by=anna, watch=None, dry_run=False, **options):
        with house():
            archive = open_spreadsheet(path, name, **options)
            return move_in(archive, into, by, watch=watch, dry_run=dry_run)

    return go


@pytest.fixture
def command(house, capsys):
    """Run the command as its operator does; give back what it said."""

    def go(folder, circle, format="stackexchange", **options):
        with house():
            call_command("import_archive", folder, format=format, circle=circle, **options)
        return capsys.readouterr()

    return go


# --- in the browser -----------------------------------------------------------------------------
LIST = """vraag;antwoord;datum
Splint or pins?;Pins.;9-3-2024
;nobody asked;9-3-2024
Which hand?;The left.;31-2-2024
And then?;;10-3-2024
"""


@pytest.fixture
def files(settings, tmp_path):
    settings.FILES = tmp_path / "files"
    return settings.FILES


@pytest.fixture
def address(circle):
    return f"/c/{circle.public_id}/settings/moving-in/"


@pytest.fixture
def bring(as_, anna, address, files):
    """Bring a file as anna does; give back the answer."""

    def go(content=LIST, name="list.csv", browser=None, **more):
        content = content.encode() if isinstance(content, str) else content
        given = {"kind": "csv", "source": "Mail list", **more}
        given["file"] = SimpleUploadedFile(name, content)
        return (browser or as_(anna)).post(address, given)

    return go


@pytest.fixture
def work(house):
    """Let the worker do all there is."""

    def go():
        with house():
            for import_id in running.waiting():
                while running.run(import_id):
                    pass

    return go


def address_of(made):
    return f"/c/{made.circle.public_id}/settings/moving-in/{made.public_id}/"


@pytest.fixture
def page():
    def go(browser, made, **headers):
        made.refresh_from_db()
        return browser.get(address_of(made), headers=headers)

    return go


@pytest.fixture
def press():
    def go(browser, made, what):
        return browser.post(f"{address_of(made)}{what}/", follow=True)

    return go
