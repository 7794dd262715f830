"""Makes .venv from requirements.lock, and makes it again when the lock has changed.

Runs with the machine's own Python, before anything is installed, so it imports only the
standard library and says in a sentence what is missing.
"""

import fcntl
import hashlib
import importlib.util
import os
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements.lock"
STAMP = VENV / "made-from"
UV = "uv>=0.9,<1"


def say(text):
    """Show a line of progress at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def wanted():
    """What the stamp says when the environment fits: this lock, in this folder."""
    return f"{hashlib.sha256(LOCK.read_bytes()).hexdigest()} {VENV}\n"


def fits():
    """Whether the environment was made from this lock, here, and its Python is still there."""
    return STAMP.exists() and STAMP.read_text() == wanted() and PYTHON.exists()


def check_python():
    """Stop with a sentence when this Python cannot make the environment."""
    if sys.version_info < (3, 11):  # noqa: UP036 (any Python may run this)
        version = ".".join(map(str, sys.version_info[:2]))
        sys.exit(
            f"Kring needs Python 3.11 or newer; this is {version}. Try: make PYTHON=python3.11"
        )
    if importlib.util.find_spec("ensurepip") is None or importlib.util.find_spec("venv") is None:
        sys.exit("Python cannot make environments here. As root: apt-get install python3-venv")


def run(*command):
    """Run quietly; show what was said only when it failed."""
    quiet = {
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_ROOT_USER_ACTION": "ignore",
        "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy"),
    }
    if not os.access(Path.home(), os.W_OK):
        quiet |= {"PIP_NO_CACHE_DIR": "1", "UV_NO_CACHE": "1"}
    environment = {k: v for k, v in os.environ.items() if k not in {"PYTHONPATH", "PYTHONHOME"}}
    done = subprocess.run(
        [str(part) for part in command],
        env={**environment, **quiet},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        sys.exit(f"{done.stdout.strip()}\nThe environment could not be made; the reason is above.")


def make():
    """Make the environment, or bring an existing one up to the lock."""
    check_python()
    began = time.monotonic()
    moved = STAMP.exists() and not STAMP.read_text().endswith(f" {VENV}\n")
    if moved or not PYTHON.exists():
        say("Making the environment (.venv), once.")
        run(sys.executable, "-m", "venv", "--clear", VENV)
    else:
        say("Bringing the environment (.venv) up to date.")
    STAMP.unlink(missing_ok=True)
    if not (VENV / "bin" / "uv").exists():
        run(PYTHON, "-m", "pip", "install", "--quiet", UV)
    install = [PYTHON, "-m", "uv", "pip", "install", "--quiet", "--python", PYTHON]
    run(*install, "--require-hashes", "-r", LOCK)
    STAMP.write_text(wanted())
    say(f"The environment is ready ({time.monotonic() - began:.0f} s).")


if __name__ == "__main__":
    if not fits():
        with LOCK.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two makes at once: the second finds it done
            if not fits():
                make()
