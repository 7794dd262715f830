"""A mail server that delivers to nobody: every accepted message becomes a file.

`make run` fills the mailbox page with it, the tests read their letters from it.
"""

import asyncio
import contextlib
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope

LARGEST = 25_000_000  # bytes


class MailSink:
    """Listens on 127.0.0.1 and writes one .eml file for each message, named by its time.

    `on_message` is called with the envelope before anything is written. It may take its time;
    when it raises, the sender hears 451 and no file is made.
    """

    def __init__(
        self,
        folder: Path,
        *,
        port: int = 0,
        on_message: Callable[[Envelope], None] | None = None,
    ):
        self.folder = Path(folder)
        self.port = port
        self.on_message = on_message
        self._last = 0
        self._lock = threading.Lock()

    def start(self) -> "MailSink":
        """Listen; afterwards `port` says where."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._socket = socket.create_server(("127.0.0.1", self.port))
        self.port = self._socket.getsockname()[1]
        self._loop = asyncio.new_event_loop()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=[started], daemon=True)
        self._thread.start()
        started.wait()
        return self

    @property
    def listens(self) -> bool:
        return self._thread.is_alive()

    def stop(self) -> None:
        """Close the port and wait for the thread; may be called again."""
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join(5)

    def __enter__(self) -> "MailSink":
        return self.start()

    def __exit__(self, *_) -> None:
        self.stop()

    async def handle_DATA(self, server, session, envelope: Envelope) -> str:
        """Take one message; aiosmtpd calls this by name."""
        try:
            await asyncio.to_thread(self._accept, envelope)
        except Exception as error:
            return f"451 4.3.0 {' '.join(str(error).split()) or type(error).__name__}"
        return "250 2.0.0 Kept"

    def _accept(self, envelope: Envelope) -> None:
        if self.on_message:
            self.on_message(envelope)
        recipients = ", ".join(envelope.rcpt_tos).encode()
        name = self._next_name()
        draft = self.folder / f".{name}"
        draft.write_bytes(b"X-Envelope-To: " + recipients + b"\r\n" + envelope.original_content)
        os.link(draft, self.folder / name)  # fails where a rename would overwrite
        draft.unlink()

    def _next_name(self) -> str:
        """A name that sorts after all earlier ones and that nothing else has."""
        with self._lock:
            self._last = max(self._last + 1, time.time_ns())
            seconds, rest = divmod(self._last, 1_000_000_000)
        moment = datetime.fromtimestamp(seconds, UTC)
        return f"{moment:%Y%m%dT%H%M%S}.{rest:09d}Z-{secrets.token_hex(4)}.eml"

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(
            self._loop.create_server(self._session, sock=self._socket)
        )
        started.set()
        try:
            self._loop.run_forever()
        finally:
            server.close()
            tasks = asyncio.all_tasks(self._loop)
            for task in tasks:
                task.cancel()
            with contextlib.suppress(Exception):
                self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
            self._loop.close()

    def _session(self) -> SMTP:
        return SMTP(
            self,
            hostname="localhost",
            ident="Kring mail sink",
            data_size_limit=LARGEST,
            enable_SMTPUTF8=True,
            loop=self._loop,
        )
