"""What the container files name is there."""

import re

import yaml

from kring.local.home import REPOSITORY
from kring.local.servers import KEEPER

COMPOSE = yaml.safe_load((REPOSITORY / "docker-compose.yml").read_text())


def test_every_file_that_compose_mounts_is_there():
    mounts = [
        mount.split(":")[0]
        for service in COMPOSE["services"].values()
        for mount in service.get("volumes", [])
        if mount.startswith("./")
    ]
    assert "./platform/kring/local/roles.sql" in mounts
    assert [path for path in mounts if not (REPOSITORY / path).is_file()] == []


def test_every_folder_the_image_copies_is_there():
    copied = re.findall(r"^COPY (\S+) ", (REPOSITORY / "Dockerfile").read_text(), re.MULTILINE)
    assert [path for path in copied if not (REPOSITORY / path).exists()] == []


def test_every_variable_is_in_the_example():
    wanted = set(re.findall(r"\$\{(\w+)", (REPOSITORY / "docker-compose.yml").read_text()))
    example = (REPOSITORY / "deploy" / "env.example").read_text()
    assert wanted == set(re.findall(r"^(\w+)=", example, re.MULTILINE))


def test_each_service_has_the_role_it_needs():
    roles = {
        name: re.findall(r"//(kring_\w+):", service["environment"].get("DATABASE_URL", ""))
        for name, service in COMPOSE["services"].items()
        if "build" in service
    }
    assert roles == {
        "migrate": ["kring_owner"],
        "web": ["kring_web"],
        "worker": ["kring_worker"],
        "beat": ["kring_worker"],
    }


def test_the_keeper_needs_nothing_but_the_standard_library():
    assert "kring" not in " ".join(re.findall(r"^(?:import|from) .*", KEEPER.read_text(), re.M))
