"""The container files: sound by the Compose Specification, narrow, and naming what is there."""

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from jsonschema import Draft7Validator

from kring import VERSION
from kring.local.home import REPOSITORY
from kring.local.servers import KEEPER
from tests.deploy import compose
from tests.deploy.compose import COMPOSE, DOCKERFILE, SERVICES

SCHEMA = json.loads(Path(__file__).with_name("compose-spec.json").read_text())
ONCE = ("migrate", "keeping")
LASTING = [pytest.param(found, id=name) for name, found in SERVICES.items() if name not in ONCE]
EVERY = [pytest.param(found, id=name) for name, found in SERVICES.items()]
SECRETS = ("PASSWORD", "SECRET", "TOKEN")


def test_the_compose_file_is_sound_by_its_specification():
    assert [e.message for e in Draft7Validator(SCHEMA).iter_errors(COMPOSE)] == []


def test_the_specification_would_notice():
    wrong = {"services": {"web": {**SERVICES["web"], "memory": "1g"}}}
    assert [error.validator for error in Draft7Validator(SCHEMA).iter_errors(wrong)]


@pytest.mark.parametrize("service", EVERY)
def test_no_service_is_root_or_writes_where_it_likes(service):
    assert service["user"] not in ("root", "0")
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert not {"privileged", "network_mode", "pid", "ipc", "devices"} & service.keys()


@pytest.mark.parametrize("service", EVERY)
def test_no_service_grows_without_an_end(service):
    assert service["mem_limit"]
    assert service["pids_limit"] <= 200
    assert service["logging"]["options"] == {"max-size": "10m", "max-file": "5"}


@pytest.mark.parametrize("service", LASTING)
def test_every_service_that_lasts_is_looked_after(service):
    assert service["healthcheck"]["test"][0] == "CMD"
    assert service["restart"] == "unless-stopped"


@pytest.mark.parametrize("service", EVERY)
def test_no_secret_stands_in_the_compose_file(service):
    for name, value in service.get("environment", {}).items():
        if any(word in name for word in SECRETS):
            assert re.fullmatch(r"\$\{\w+(:[-?][^}]*)?\}", value), name
        assert not re.search(r"://[^/@]*:[^$/@][^/@]*@", str(value)), name


def test_only_the_way_in_can_be_reached_from_outside():
    assert [name for name, found in SERVICES.items() if found.get("ports")] == ["caddy", "mail"]
    assert SERVICES["mail"]["ports"] == ["127.0.0.1:8025:8025"]
    assert {name for name, found in SERVICES.items() if "outside" in found["networks"]} == {
        *("caddy", "worker", "mail")
    }
    closed = {name for name, found in COMPOSE["networks"].items() if found}
    assert closed == {"data", "front"}


def test_every_image_names_its_version():
    images = [found["image"] for found in SERVICES.values() if "build" not in found]
    images += re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(images) == 6
    assert all(re.search(r":v?\d+(\.\d+)?", image) for image in images), images


def test_what_is_installed_is_locked_by_hashes():
    assert "--require-hashes" in DOCKERFILE
    assert "requirements.production.lock" in DOCKERFILE
    users = re.findall(r"^USER (\S+)", DOCKERFILE, re.M)
    assert users == ["front", "kring"]


def test_every_file_that_compose_mounts_is_there():
    mounts = [
        mount.split(":")[0]
        for service in SERVICES.values()
        for mount in service.get("volumes", [])
        if mount.startswith("./")
    ]
    assert "./platform/kring/local/roles.sql" in mounts
    assert [path for path in mounts if not (REPOSITORY / path).is_file()] == []


def test_everything_the_images_copy_is_there_and_sent_to_the_builder():
    lines = re.findall(r"^COPY (?!--from)(.*) \S+$", DOCKERFILE, re.M)
    copied = [path for line in lines for path in line.split()]
    assert [path for path in copied if not (REPOSITORY / path).exists()] == []
    sent = re.findall(r"^!(\S+)", (REPOSITORY / ".dockerignore").read_text(), re.M)
    assert {path.split("/")[0] for path in copied} == set(sent)


def test_every_variable_is_in_the_example():
    example = (REPOSITORY / "deploy" / "env.example").read_text()
    assert compose.variables() == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_an_empty_example_does_not_start_and_says_why():
    with pytest.raises(compose.Missing, match="50 random characters"):
        compose.environment("web", {"KRING_URL": "https://kring.example.org"})


def test_each_service_has_the_role_it_needs():
    roles = {
        name: re.findall(r"//(kring_\w+):", service["environment"].get("DATABASE_URL", ""))
        for name, service in SERVICES.items()
        if "environment" in service and "DATABASE_URL" in service["environment"]
    }
    assert roles == {
        "migrate": ["kring_owner"],
        "web": ["kring_web"],
        "worker": ["kring_worker"],
        "keeping": ["kring_owner"],
    }


def test_the_programs_that_back_up_are_of_the_version_of_the_database():
    (served,) = re.findall(r"^postgres:(\d+)", SERVICES["postgres"]["image"])
    assert set(re.findall(r"postgresql/(\d+)/", DOCKERFILE)) == {served}
    assert f"FROM postgres:{served}-" in DOCKERFILE


def test_backups_are_made_where_files_and_ledger_lie():
    """Or else they would hold the database alone."""
    for name in ("web", "worker", "keeping"):
        assert "home:/var/lib/kring" in SERVICES[name]["volumes"]
    unit = (REPOSITORY / "deploy/systemd/kring-backup.service").read_text()
    assert "manage.py backup /var/backups/kring/" in unit
    assert (REPOSITORY / "deploy/systemd/kring-backup.timer").exists()


@pytest.mark.parametrize("name", ["migrate", "web", "worker", "beat"])
def test_the_units_start_what_the_containers_start(name):
    unit = (REPOSITORY / f"deploy/systemd/kring-{name}.service").read_text()
    (line,) = re.findall(r"^ExecStart=/opt/kring/.venv/bin/(.*)$", unit, re.M)
    command = " ".join(compose.command(name)).replace("--pidfile ", "--pidfile=")
    assert line == re.sub(r"0\.0\.0\.0", "127.0.0.1", command)


def test_the_version_is_told_as_it_is():
    (said,) = re.findall(r'^version = "(.*)"', (REPOSITORY / "pyproject.toml").read_text(), re.M)
    assert said == VERSION


@pytest.mark.parametrize(
    ("age", "ends"),
    [(0, ""), (170, ""), (190, "Not at work for 190 sec"), (None, "Not at work yet")],
)
def test_the_pulse_tells_whether_somebody_is_at_work(tmp_path, age, ends):
    pulse = tmp_path / "pulse"
    if age is not None:
        pulse.touch()
        os.utime(pulse, (time.time() - age, time.time() - age))
    done = subprocess.run(
        [sys.executable, REPOSITORY / "deploy/pulse.py"],
        env={"KRING_PULSE": str(pulse)},
        capture_output=True,
        text=True,
    )
    assert (done.returncode == 0, ends in done.stderr) == (not ends, True)


def test_the_keeper_needs_nothing_but_the_standard_library():
    assert "kring" not in " ".join(re.findall(r"^(?:import|from) .*", KEEPER.read_text(), re.M))
