"""Translations: what the check says about a .po, and when it is compiled."""

import gettext
import os

import pytest

from kring.local.translations import compile_all, complaints

PO = """
msgid ""
msgstr "Content-Type: text/plain; charset=UTF-8\\nPlural-Forms: nplurals=2; plural=n != 1;\\n"

msgid "Known"
msgstr "Bekend"

#, fuzzy
msgid "Unsure"
msgstr "Zeker"

msgid "Empty"
msgstr ""

msgid "one answer"
msgid_plural "{count} answers"
msgstr[0] "één antwoord"
msgstr[1] ""

msgid "Unused"
msgstr "Ongebruikt"

#~ msgid "Long gone"
#~ msgstr "Lang weg"
"""
PAGE = '{{ _("Known") }}{% trans %}Unsure{% endtrans %}{{ _("Empty") }}'
CODE = '_("New one")\n_("Known")\nngettext("one answer", "{count} answers", 2)\n'


@pytest.fixture
def tree(tmp_path):
    folder = tmp_path / "locale" / "nl" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text(PO)
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "page.html").write_text(PAGE)
    (tmp_path / "members").mkdir()
    (tmp_path / "members" / "views.py").write_text(CODE)
    return tmp_path


def test_every_kind_of_fault_is_named(tree):
    assert complaints(tree) == [
        "fuzzy: 'Unsure' (templates/page.html)",
        "missing: 'Empty' (templates/page.html)",
        "missing: 'New one' (members/views.py)",
        "missing: 'one answer' (members/views.py)",
        "obsolete: 'Long gone'",
        "obsolete: 'Unused'",
    ]


def test_a_complete_translation_has_no_complaints(tree):
    (tree / "templates" / "page.html").write_text('{{ _("Known") }}')
    (tree / "members" / "views.py").unlink()
    po = tree / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    po.write_text(PO.split("#, fuzzy")[0])
    assert complaints(tree) == []


def test_a_newer_po_is_compiled_and_an_older_one_is_not(tree):
    po = tree / "locale" / "nl" / "LC_MESSAGES" / "django.po"
    os.utime(po, (1, 1))
    assert [compile_all(tree / "locale"), compile_all(tree / "locale")] == [1, 0]
    os.utime(po, (2_000_000_000, 2_000_000_000))
    assert compile_all(tree / "locale") == 1


def test_what_is_compiled_can_be_read_without_the_unsure(tree):
    compile_all(tree / "locale")
    dutch = gettext.translation("django", tree / "locale", ["nl"])
    assert dutch.gettext("Known") == "Bekend"
    assert dutch.gettext("Unsure") == "Unsure"
