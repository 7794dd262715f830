"""Production on one machine: what docker-compose.yml and the Dockerfile start, run as plain
processes behind Debian's caddy with TLS, and asked from outside."""

import gzip
import os
import re
import shutil
import signal
import socket
import tempfile
import time
from http.client import HTTPConnection
from http.cookies import SimpleCookie
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import psycopg
import pytest

from tests import live
from tests.deploy import stack as stacks

CADDY = os.environ.get("KRING_CADDY") or shutil.which("caddy")
TOKEN = "a-token-that-opens-an-application"


@pytest.fixture(scope="module")
def stack(django_db_blocker):
    if not CADDY:
        demanded = os.environ.get("CI")
        (pytest.fail if demanded else pytest.skip)("No caddy here. As root: apt install caddy")
    folder = Path(tempfile.mkdtemp(prefix="kring-stack-"))
    folder.chmod(0o755)  # the servers of root run under another account
    with (
        pytest.MonkeyPatch.context() as monkeypatch,
        django_db_blocker.unblock(),
        live.sink(folder / "mails") as mails,
        stacks.standing(folder, CADDY, mails.port, monkeypatch) as found,
    ):
        yield found
    shutil.rmtree(folder)


def application(stack, email: str) -> tuple[str, bytes, dict[str, str]]:
    """The path, body and headers with which a stranger applies."""
    page = stack.ask(f"/guide/{stack.env['circle']}/")
    known = SimpleCookie(page.headers["Set-Cookie"])["csrftoken"].value
    headers = {
        "Cookie": f"csrftoken={known}",
        "Referer": stack.env["KRING_URL"],
        "Content-Type": "application/x-www-form-urlencoded",
    }
    body = urlencode({"email": email, "csrfmiddlewaretoken": known}).encode()
    return f"/guide/{stack.env['circle']}/apply/", body, headers


def apply(stack, email: str, **more) -> int:
    path, body, headers = application(stack, email)
    return stack.ask(path, "POST", body, **headers, **more).status


def rows(stack, sql: str) -> list:
    with psycopg.connect(stack.superuser) as line:
        return line.execute(sql).fetchall()


# --- the way in -------------------------------------------------------------------------------
def test_a_stranger_is_led_to_the_guide_over_tls(stack):
    home, guide = stack.ask("/"), stack.ask("/guide/")
    assert (home.status, home.headers["Location"]) == (302, "/guide/")
    assert guide.status == 200
    assert guide.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert "default-src 'none'" in guide.headers["Content-Security-Policy"]
    assert guide.headers["Cache-Control"] == "private, no-store"
    assert "Server" not in guide.headers
    assert all("Secure" in cookie for cookie in guide.headers.get_all("Set-Cookie"))


def test_plain_http_is_led_to_https(stack):
    with socket.create_connection(("127.0.0.1", stack.ports["http"])) as line:
        line.sendall(b"GET /guide/ HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        reply = line.makefile("rb").read().decode()
    assert reply.startswith("HTTP/1.1 308")
    assert "\r\nLocation: https://localhost/guide/" in reply


def test_static_files_are_compressed_and_never_asked_again(stack):
    page = stack.ask("/guide/").text
    sheet = stack.ask(re.search(r"/static/css/[\w.]+\.css", page)[0], Accept_Encoding="gzip")
    assert sheet.headers["Content-Encoding"] == "gzip"
    assert "immutable" in sheet.headers["Cache-Control"]
    assert b"{" in gzip.decompress(sheet.body)


def test_another_host_and_a_body_too_large_are_refused(stack):
    assert stack.ask("/guide/", Host="elsewhere.example").body == b""
    path, body, headers = application(stack, "dirk@example.org")
    assert stack.ask(path, "POST", body + b"&x=" + b"x" * 1_100_000, **headers).status == 400
    line = stack.line()
    line.putrequest("POST", path)
    line.putheader("Content-Length", "110000000")
    line.endheaders(b"x" * 300_000)
    assert line.getresponse().status == 413  # without the rest
    line.close()


# --- the machine beside it --------------------------------------------------------------------
def test_the_deployment_checks_are_silent(stack):
    said = stack.run(
        "web", *stack.command("migrate")[:2], "check", "--deploy", "--fail-level", "WARNING"
    )
    assert said == "System check identified no issues (2 silenced).\n"


def test_each_role_signs_in_by_its_password_only(stack):
    url = stack.environment("web")["DATABASE_URL"]
    with psycopg.connect(url) as line:
        assert line.execute("select current_user").fetchone() == ("kring_web",)
    for role in ("kring_owner", "kring_worker"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(url.replace("kring_web", role))


def test_a_letter_goes_through_the_worker_and_all_is_ready(stack):
    assert apply(stack, "dirk@example.org") == 302
    mail = live.Mailbox(stack.folder / "mails").wait_for("application_address", "dirk@")
    assert f"{stack.env['KRING_URL']}/application/open/" in live.text_of(mail)
    live.wait_until(lambda: rows(stack, "select from members_sweep"), what="the end of the sweep")
    time.sleep(2.1)  # a reading is kept for two seconds
    ready = stack.ask("/readyz")
    assert (ready.status, stack.ask("/healthz").status) == (200, 200)
    assert '"state": "ready", "says": []' in ready.text


def test_the_health_checks_of_the_containers_agree(stack):
    python = stack.command("migrate")[0]
    assert '"state"' in stack.run("web", python, "deploy/ready.py", str(stack.ports["web"]))
    stack.run("worker", python, "deploy/pulse.py")


def test_a_made_up_address_does_not_begin_a_new_count(stack):
    for number in range(3):
        spoofed = f"203.0.113.{number}"
        status = apply(stack, f"eva{number}@example.org", X_Forwarded_For=spoofed)
        assert status == 302
    senders = rows(stack, "select value from kring_cache where cache_key like '%mail:sender:%'")
    assert len(senders) == 1


def test_figures_are_for_inside_and_count_both_processes(stack):
    bearer = {"Authorization": f"Bearer {stack.env['KRING_METRICS_TOKEN']}"}
    assert stack.ask("/metrics", **bearer).status == 404
    assert stack.ask_web("/metrics").status == 404
    for _ in range(20):
        stack.ask_web("/healthz")
    found = stack.ask_web("/metrics", **bearer).text
    (line,) = re.findall(r'kring_requests_total.*route="healthz".* (\d+\.\d)', found)
    assert float(line) >= 20
    assert 'kring_letters{state="sent"}' in found
    assert len(list(stack.folder.glob("kring-metrics-*/counter_*.db"))) == 2


# --- what it leaves behind, and its end -------------------------------------------------------
def test_a_stopping_web_finishes_what_it_has_begun(stack):
    """And who comes then finds a short page, whose address stands in no log."""
    path, body, headers = application(stack, "late@example.org")
    line = HTTPConnection("127.0.0.1", stack.ports["web"], timeout=20)
    line.putrequest("POST", path, skip_host=True)
    place = {"Host": urlsplit(stack.env["KRING_URL"]).netloc, "X-Forwarded-Proto": "https"}
    for name, value in (headers | place | {"Content-Length": str(len(body))}).items():
        line.putheader(name, value)
    line.endheaders(body[:10])
    time.sleep(0.3)  # now a page has begun to read
    stack.running["web"].send_signal(signal.SIGTERM)
    time.sleep(0.3)
    assert stack.running["web"].poll() is None
    line.send(body[10:])
    assert line.getresponse().status == 302
    assert stack.running["web"].wait(15) == 0
    assert not list(stack.folder.glob("kring-metrics-*"))
    assert rows(stack, "select from circles_application where email = 'late@example.org'")
    assert stack.ask(f"/application/open/{TOKEN}/?x={TOKEN}").status in (502, 503)


def test_worker_and_beat_end_when_they_are_asked(stack):
    for service in ("worker", "beat"):
        stack.running[service].send_signal(signal.SIGTERM)
    assert [stack.running[service].wait(20) for service in ("worker", "beat")] == [0, 0]


def test_no_log_knows_an_address_a_token_or_a_mail(stack):
    logs = {name: stack.log(name) for name in ("web", "worker", "beat", "caddy")}
    routes = {line.get("route") for line in stacks.objects(logs["web"])}
    assert {"guide_page", "application_start", "readyz", "static"} <= routes
    tasks = {line.get("task") for line in stacks.objects(logs["worker"])}
    assert "members.tasks.deliver_letters" in tasks
    assert any("dial" in line.get("msg", "") for line in stacks.objects(logs["caddy"]))
    words = (TOKEN, "@example.org", "203.0.113", "/guide/", stack.env["circle"], "/application/")
    found = {(name, word) for name, log in logs.items() for word in words if word in log}
    secret = {
        value for name, value in stack.env.items() if re.search("SECRET|PASSWORD|TOKEN", name)
    }
    found |= {(name, "secret") for name, log in logs.items() if any(s in log for s in secret if s)}
    assert found == set()
