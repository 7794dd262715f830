"""docker-compose.yml and the Dockerfile as an engine reads them: commands and environments."""

import json
import re

import yaml

from kring.local.home import REPOSITORY

FILE = REPOSITORY / "docker-compose.yml"
DOCKERFILE = (REPOSITORY / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE = yaml.safe_load(FILE.read_text())
SERVICES = COMPOSE["services"]
_VARIABLE = re.compile(r"\$\{(\w+)(?::([-?])([^}]*))?\}")


class Missing(Exception):
    """A variable that must be set; the argument is the sentence of the compose file."""


def variables() -> set[str]:
    """Every variable that the compose file reads from .env."""
    return {found[1] for found in _VARIABLE.finditer(FILE.read_text())}


def filled(text: str, env: dict[str, str]) -> str:
    """Put the variables in, as compose does. Raises Missing."""

    def value(found) -> str:
        name, how, rest = found.groups()
        if env.get(name):
            return env[name]
        if how == "?":
            raise Missing(rest)
        return rest or ""

    return _VARIABLE.sub(value, text)


def environment(service: str, env: dict[str, str]) -> dict[str, str]:
    """What a container of this service finds in its environment, beside the image's own."""
    return {k: filled(str(v), env) for k, v in SERVICES[service].get("environment", {}).items()}


def image_environment() -> dict[str, str]:
    """The ENV of the image kring."""
    (line,) = re.findall(r"^ENV (.*)", DOCKERFILE, re.M)
    return dict(pair.split("=", 1) for pair in line.split())


def command(service: str) -> list[str]:
    """What a container of this service runs: its own command, or else the image's."""
    if own := SERVICES[service].get("command"):
        return own
    (line,) = re.findall(r"^CMD (.*)", DOCKERFILE, re.M)
    return json.loads(line)
