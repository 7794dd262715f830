"""The mailbox of the demo: a key that is no file's is not found, whatever it is."""

import pytest

from kring.demo import mailbox


@pytest.mark.parametrize("key", ["x" * 5000, "x\0", "../x", "nothing"])
def test_a_key_that_is_no_mail_s_finds_none(tmp_path, key):
    assert mailbox.find(tmp_path, key) is None
