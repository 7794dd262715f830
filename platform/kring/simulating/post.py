"""The mail server of a simulation: it keeps what it took in mind, and misbehaves as planned."""

import asyncio
import contextlib
import logging
import os
import re
import signal
from collections import Counter
from collections.abc import Callable

import psutil
from aiosmtpd.smtp import Envelope

from kring.local.mailsink import MailSink
from kring.simulating import faults
from kring.simulating.faults import Faults

logging.getLogger("mail.log").setLevel(logging.WARNING)
_MESSAGE_ID = re.compile(rb"^Message-ID: (<[^>]+>)", re.MULTILINE | re.IGNORECASE)
_HANG = 1.6  # seconds; the worker waits for one


class Post(MailSink):
    """Remembers every mail it took by its Message-ID. `hands` says which processes bring mail."""

    def __init__(self, folder, planned: Faults, hands: Callable[[], list[int]]):
        super().__init__(folder)
        self.planned, self.hands = planned, hands
        self.taken: Counter[str] = Counter()
        self.tries: Counter[str] = Counter()
        self.fates: Counter[str] = Counter()
        self.largest = 0

    async def handle_DATA(self, server, session, envelope: Envelope) -> str:
        """Take one mail, or not; aiosmtpd calls this by name."""
        content = envelope.original_content
        mail = _MESSAGE_ID.search(content)[1].decode()
        fate = self.planned.fate_of(mail, self.tries[mail])
        self.tries[mail] += 1
        self.fates[fate] += 1
        if fate == faults.LATER:
            return "451 4.3.0 Come back later"
        if fate == faults.NEVER:
            return "550 5.1.1 No such mailbox"
        if fate == faults.TAKEN or fate.endswith(faults.TAKEN):
            self.taken[mail] += 1
            self.largest = max(self.largest, len(content))
        if fate.startswith(faults.HANGS):
            await asyncio.sleep(_HANG)
        if fate.startswith(faults.KILLS):
            await asyncio.to_thread(self._kill, session.peer[1])
        if fate.startswith((faults.DROPS, faults.KILLS)):
            server.transport.abort()
        return "250 2.0.0 Kept"

    def _kill(self, port: int) -> None:
        """Kill whoever speaks from this port, before it hears another word."""
        for number in self.hands():
            with contextlib.suppress(psutil.Error, OSError):
                lines = psutil.Process(number).net_connections(kind="tcp4")
                if any(line.laddr.port == port for line in lines):
                    os.kill(number, signal.SIGKILL)
                    return
