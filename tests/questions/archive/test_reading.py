"""The files of a dump are read row by row, and nothing in them can harm the reader."""

import gzip
import tracemalloc

import pytest

from questions.archive.dump import open_dump
from questions.archive.reading import LONGEST_ROW, rows
from questions.archive.texts import Broken, Unreadable


@pytest.fixture
def read(tmp_path):
    def go(content: bytes, name="Posts.xml"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(content) if name.endswith("gz") else content)
        return list(rows(path, "posts"))

    return go


def found(read_rows):
    return [
        (row.line, row.reason.split(":")[0] if isinstance(row, Broken) else row.values["Id"])
        for row in read_rows
    ]


def test_mark_and_line_ends_of_a_real_dump_are_fine(read):
    content = b'\xef\xbb\xbf<?xml version="1.0" encoding="utf-8"?>\r\n<posts>\r\n'
    content += b'  <row Id="1" />\r\n  <row Id="2" Body="a&#xD;&#xA;b" />\r\n</posts>\r\n'
    assert found(read(content)) == [(3, "1"), (4, "2")]


def test_rows_need_no_line_of_their_own(read):
    content = b'<posts><row Id="1"/><row\nId="2"\n/><other/><row Id="3"/></posts>'
    assert found(read(content)) == [(1, "1"), (1, "2"), (3, "3")]


def test_a_gzipped_file_reads_the_same(read):
    assert found(read(b'<posts>\n<row Id="1"/>\n</posts>', "Posts.xml.gz")) == [(2, "1")]


@pytest.mark.parametrize("bad", [b'<row Id="2>', b"<row &bomb; />", b'<row Id="\xff"/>', b"</p>"])
def test_a_broken_row_costs_only_itself(read, bad):
    content = b'<posts>\n<row Id="1"/>\n' + bad + b'\n<row Id="3"/>\n</posts>'
    assert [place for place, _ in found(read(content))] == [2, 3, 4]
    assert found(read(content))[-1] == (4, "3")


def test_what_no_xml_may_hold_is_dropped(read):
    content = b'<posts>\n<row Id="1" Body="a\0b&#0;c&#x1F;d\x08" />\n</posts>'
    assert read(content)[0].values["Body"] == "abcd"


@pytest.mark.parametrize("declared", [b'<!ENTITY a "b">', b'<!ENTITY a SYSTEM "file:///x">', b""])
def test_a_file_that_declares_entities_is_refused(read, declared):
    content = b"<!DOCTYPE posts [" + declared + b']>\n<posts>\n<row Id="1"/>\n</posts>'
    with pytest.raises(Unreadable, match="declares a document type"):
        read(content)


def test_a_download_that_stopped_gives_what_it_has(read):
    whole = found(read(b'<posts>\n<row Id="1"/>\n<row Id="2'))
    assert whole == [(2, "1"), (3, "this is no XML")]


def test_a_damaged_gzip_file_gives_what_it_has(tmp_path):
    path = tmp_path / "Posts.xml.gz"
    lines = b"".join(b'<row Id="%d"/>\n' % number for number in range(50_000))
    path.write_bytes(gzip.compress(b"<posts>\n" + lines)[:-5000])
    last = list(rows(path, "posts"))[-1]
    assert isinstance(last, Broken)
    assert "damaged" in last.reason


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<users><row Id='1'/></users>"])
def test_another_file_is_refused(read, content):
    with pytest.raises(Unreadable, match=r"Posts\.xml"):
        read(content)


def test_a_row_without_end_is_dropped(read):
    endless = b'<row Id="2" Body="' + b"x" * (LONGEST_ROW + 100_000) + b'"/>\n'
    content = b'<posts>\n<row Id="1"/>\n' + endless + b'<row Id="3"/>\n</posts>'
    assert found(read(content))[0] == (2, "1")
    assert found(read(content))[-1] == (4, "3")


def test_memory_does_not_grow_with_the_file(tmp_path):
    path = tmp_path / "Posts.xml"
    with path.open("w") as file:
        file.write("<posts>\n")
        for number in range(20_000):
            file.write(f'<row Id="{number}" Body="{"word " * 200}" />\n')
        file.write("</posts>\n")
    tracemalloc.start()
    count = sum(1 for _ in rows(path, "posts"))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1_000_000  # of a file of 20 MB


@pytest.mark.parametrize(
    "site", ["nothing", "a b.example", "x.example/'onload=", "a" * 70 + ".org"]
)
def test_a_site_is_a_host(tmp_path, site):
    (tmp_path / "Posts.xml").write_text("<posts></posts>")
    if site.startswith("x.example"):
        assert open_dump(tmp_path, site).name == "x.example"
    else:
        with pytest.raises(Unreadable, match="is no site"):
            open_dump(tmp_path, site)
