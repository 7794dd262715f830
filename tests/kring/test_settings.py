"""A wrong value stops the start with a sentence that names the variable and what to set."""

import importlib.util
import os
import re

import pytest
from django.core.exceptions import ImproperlyConfigured

from kring.local.home import REPOSITORY
from tests.deploy import compose

SETTINGS = REPOSITORY / "platform/kring/settings.py"
ENVIRONMENT = SETTINGS.with_name("environment.py")
SOUND = {
    "KRING_SECRET_KEY": "0123456789" * 5,
    "KRING_URL": "https://kring.example.org",
    "DATABASE_URL": "postgresql://kring_web:hush@db/kring",
    "REDIS_URL": "redis://broker:6379/0",
}
WRONG = [
    ("KRING_SECRET_KEY", "", "KRING_SECRET_KEY is not set"),
    ("KRING_SECRET_KEY", "hushhushhush", "too weak (12 characters)"),
    ("KRING_SECRET_KEY", "ab" * 30, "too weak"),
    ("KRING_SECRET_KEY_FALLBACKS", "hush hush", "Number 1 of"),
    ("KRING_URL", "kring.example.org", "Set it like https://"),
    ("KRING_URL", "ftp://kring.example.org", "Set it like https://"),
    ("KRING_URL", "https://kring.example.org:port", "Set it like https://"),
    ("KRING_URL", "https://", "Set it like https://"),
    ("KRING_URL", "https://example.org/kring", "nothing more"),
    ("KRING_DEMO", "yes", "Set it to one of: 0, 1"),
    ("KRING_DEMO", "1", "Unset KRING_DEMO"),
    ("DATABASE_URL", "", "DATABASE_URL is not set"),
    ("DATABASE_URL", "mysql://kring_web:hush@db/kring", "Set it to postgresql://"),
    ("DATABASE_URL", "postgresql://kring_web:hush@db", "names no database"),
    ("DATABASE_URL", "postgresql://kring_web:hush@db:99999/kring", "Set it to postgresql://"),
    ("KRING_ROLE", "postgres", "kring_web, kring_worker"),
    ("REDIS_URL", "", "REDIS_URL is not set"),
    ("REDIS_URL", "broker:6379", "Set it to redis://"),
    ("KRING_PROXIES", "-1", "a number from 0 to 9"),
    ("KRING_PROXIES", "one", "a number from 0 to 9"),
    ("KRING_EMAIL_BACKEND", "anymail.backends.nobody.EmailBackend", "no such class"),
    ("KRING_EMAIL_BACKEND", "smtp", "no such class"),
    ("ANYMAIL_WEBHOOK_SECRET", "hush:hush", "too weak"),
    ("ANYMAIL_WEBHOOK_SECRET", "0123456789" * 3, "no colon"),
    ("SMTP_PORT", "smtp", "a number from 1 to 65535"),
    ("SMTP_PORT", "70000", "a number from 1 to 65535"),
    ("SMTP_PORT", "²", "a number from 1 to 65535"),
    ("SMTP_TLS", "true", "Set it to one of: 0, 1"),
    ("KRING_MAIL_DOMAIN", "me@example.org", "Set it to a name like"),
    ("KRING_FROM", "Kring", "Set it like Kring <"),
    ("KRING_BOUNCES", "bounces", "Set it to an address like"),
    ("KRING_LOG", "LOUD", "INFO, DEBUG, WARNING, ERROR"),
    ("KRING_LOG_FORMAT", "xml", "json, line"),
    ("KRING_METRICS_TOKEN", "hush", "too weak (4 characters)"),
]


@pytest.fixture
def start(monkeypatch):
    """Read the settings anew, with nothing set but this; return them."""

    def read(**given):
        for name in {*os.environ} & {f"{each}{end}" for each in every() for end in ("", "_FILE")}:
            monkeypatch.delenv(name)
        for name, value in (SOUND | given).items():
            monkeypatch.setenv(name, value)
        spec = importlib.util.spec_from_file_location("settings_again", SETTINGS)
        found = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(found)
        return found

    return read


def every() -> set[str]:
    """Every variable that the settings read."""
    found = re.findall(r'environment\.\w+\(\s*"(\w+)"', SETTINGS.read_text())
    return {*found, *re.findall(r'\b(?:text|choice)\("(\w+)"', ENVIRONMENT.read_text())}


def test_the_settings_ask_the_environment_in_one_way_only():
    assert "environ[" not in SETTINGS.read_text()
    assert ".environ" not in SETTINGS.read_text()
    assert {name for name, _, _ in WRONG} <= every()


@pytest.mark.parametrize(
    ("name", "value", "sentence"), WRONG, ids=[f"{name}={value}" for name, value, _ in WRONG]
)
def test_a_wrong_value_stops_the_start_and_says_what_to_set(start, name, value, sentence):
    with pytest.raises(ImproperlyConfigured) as stopped:
        start(**{name: value})
    assert name in str(stopped.value)
    assert sentence in str(stopped.value)
    assert "hush" not in str(stopped.value)


def test_what_is_sound_starts(start):
    found = start()
    assert found.DATABASES["default"]["HOST"] == "db"
    assert (found.URL, found.HTTPS) == ("https://kring.example.org", True)
    assert found.ALLAUTH_TRUSTED_PROXY_COUNT == 1


def test_a_broker_on_a_socket_is_named_as_celery_wants_it(start):
    found = start(REDIS_URL="unix:///run/broker.sock")
    assert found.REDIS_URL == "unix:///run/broker.sock"
    assert found.CELERY_BROKER_URL == "redis+socket:///run/broker.sock"


def test_a_secret_may_lie_in_a_file(start, tmp_path):
    (tmp_path / "password").write_text("from a file\n")
    assert (
        start(SMTP_PASSWORD_FILE=str(tmp_path / "password")).EMAIL_HOST_PASSWORD == "from a file"
    )


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"SMTP_PASSWORD_FILE": "/nowhere", "SMTP_PASSWORD": "x"}, "both set"),
        ({"SMTP_PASSWORD_FILE": "/nowhere"}, "SMTP_PASSWORD_FILE is '/nowhere', which cannot"),
    ],
)
def test_a_file_that_cannot_be_read_stops_the_start(start, given, sentence):
    with pytest.raises(ImproperlyConfigured, match=sentence):
        start(**given)


def test_an_empty_file_is_a_missing_secret(start, tmp_path):
    (tmp_path / "key").touch()
    with pytest.raises(ImproperlyConfigured, match="KRING_SECRET_KEY is not set"):
        start(KRING_SECRET_KEY="", KRING_SECRET_KEY_FILE=str(tmp_path / "key"))


def test_the_readme_names_every_setting_and_env_example_those_one_sets():
    page = (REPOSITORY / "README.md").read_text().split("## Settings")[1].split("## Operate")[0]
    chosen, made = page.split("| `DATABASE_URL` |")
    rows = [line.split("|")[1] for line in page.splitlines() if line.startswith("| `")]
    named = set(re.findall(r"`([A-Z_]+)`", " ".join(rows)))
    assert every() - {"ANYMAIL_"} <= named
    assert named <= every() | compose.variables()
    elsewhere = {"KRING_EMAIL_BACKEND", "ANYMAIL_WEBHOOK_SECRET"}  # in provider.env
    asked = compose.variables()
    assert {name for name in named - elsewhere if f"`{name}`" in chosen} == asked
    assert not any(f"`{name}`" in made for name in asked)
