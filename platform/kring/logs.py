"""Log lines, one object or one line each: routes, numbers and kinds of errors.

Never a text, an address, a token or a path. Our own lines are written so; of the lines of others
only the words and numbers are kept, and of every exception its type and the places it passed.
"""

import copy
import logging
import re
import sys
import time
import traceback
from contextvars import ContextVar
from numbers import Number

from pythonjsonlogger.core import RESERVED_ATTRS
from pythonjsonlogger.json import JsonFormatter

OURS = {"kring", "members", "circles", "questions"}
request_id: ContextVar[str] = ContextVar("request_id", default="")
_VALUE = re.compile(r"'[^']*'|\"[^\"]*\"|\S*[/@=]\S*")


def config(level: str, form: str) -> dict:
    """What Django and gunicorn configure logging with: everything to standard error."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": Json,
                "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s",
                "rename_fields": {"asctime": "time", "levelname": "level", "name": "logger"},
            },
            "line": {"()": Line, "fmt": "%(asctime)s %(levelname)s %(name)s %(message)s"},
        },
        "handlers": {"out": {"()": Out, "formatter": form}},
        "root": {"handlers": ["out"], "level": level},
        "loggers": {
            # Each request and each task has its own line of ours.
            "django.request": {"level": "ERROR"},
            "django.security": {"level": "CRITICAL"},
            "celery.app.trace": {"level": "CRITICAL"},
            "celery.worker.strategy": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "gunicorn.error": {"handlers": ["out"], "propagate": False},
        },
    }


def where(error: BaseException | None) -> str:
    """Say what an exception was and where it passed, with what caused it, and none of its words."""
    chain = []
    while error is not None and len(chain) < 4:
        frames = traceback.extract_tb(error.__traceback__)[-12:]
        places = "".join(f"\n    {f.filename}:{f.lineno} {f.name}" for f in frames)
        chain.append(f"{type(error).__name__}{places}")
        error = error.__cause__ or error.__context__
    return "\n  from ".join(chain)


class Out(logging.StreamHandler):
    """Standard error. A line that cannot be made is told of without its values."""

    def handleError(self, record):
        sys.stderr.write(f"A log line of {record.name}:{record.lineno} could not be written.\n")


class Sober:
    """What both forms have in common: UTC, and nothing in a line that somebody wrote."""

    converter = time.gmtime
    default_time_format = "%Y-%m-%dT%H:%M:%S"
    default_msec_format = "%s.%03dZ"

    def format(self, record):
        line = copy.copy(record)
        line.exc_text = line.stack_info = None
        if record.name.split(".")[0] not in OURS:
            _keep_the_words(line)
        if known := request_id.get():
            line.request = known
        return super().format(line)

    def formatException(self, ei):
        return where(ei[1])


class Json(Sober, JsonFormatter):
    """One JSON object a line."""


class Line(Sober, logging.Formatter):
    """One line for a reader at a terminal; what was measured follows the words."""

    def formatMessage(self, record):
        known = set(RESERVED_ATTRS) | {"taskName"}
        measured = (f"{name}={value}" for name, value in vars(record).items() if name not in known)
        return " ".join([super().formatMessage(record), *measured])


def _keep_the_words(line: logging.LogRecord) -> None:
    """Take out of somebody else's line what it was filled in with, and what it carries along."""
    for name in vars(line).keys() - set(RESERVED_ATTRS):
        delattr(line, name)
    if isinstance(line.args, dict):
        line.args = {name: _harmless(value) for name, value in line.args.items()}
    elif line.args:
        line.args = tuple(map(_harmless, line.args))
    words = line.msg if isinstance(line.msg, str) else _harmless(line.msg)
    line.msg, line.args = _VALUE.sub("…", words % line.args if line.args else words), ()


def _harmless(value):
    if isinstance(value, Number):
        return value
    return type(value).__name__ if isinstance(value, BaseException) else "…"
