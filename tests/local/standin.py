"""`make run` with stand-ins for Django, gunicorn and Celery: only the keeping is tested here.

Every stand-in notes its start and its end in the file `notes` of the home. Touching `fail-NAME`
there makes one end.
"""

import os
import sys
from pathlib import Path
from types import SimpleNamespace

from kring.local import run

HOME = Path(os.environ["KRING_HOME"])
FRAME = f"""
import os, signal, sys, threading, time
from pathlib import Path
home = Path({str(HOME)!r})
def note(word):
    with (home / "notes").open("a") as notes:
        notes.write(f"{{name}} {{word}}\\n")
def end(*_):
    note("ends")
    sys.exit()
def wait():
    while not (home / f"fail-{{name}}").exists():
        time.sleep(0.02)
    (home / f"fail-{{name}}").unlink()
    print("something broke", flush=True)
    os._exit(3)
signal.signal(signal.SIGTERM, end)
"""
WEB = """
import http.server, socket
class Health(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass
server = http.server.HTTPServer(("", 0), Health, bind_and_activate=False)
server.socket = socket.socket(fileno=FD)
threading.Thread(target=server.serve_forever, daemon=True).start()
"""


def standin(name: str, more: str = "") -> list[str]:
    """The home stands in the command, so that what is left of it is found."""
    return ["-c", f"name = {name!r}\n{FRAME}\n{more}\nnote('starts')\nwait()", str(HOME)]


commands = SimpleNamespace(
    prepare=lambda: ["-c", "print('prepared', flush=True)"],
    web=lambda fd: standin("web", WEB.replace("FD", str(fd))),
    worker=lambda: standin("worker"),
    beat=lambda home: standin("beat"),
)
if __name__ == "__main__":
    sys.exit(run.main(commands))
