"""Files that come in by a form: only where a page says that it takes one, only of somebody who is
signed in or of whom the page says so, up to its size, straight into a folder that nobody is
served from."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import (
    FileUploadHandler,
    SkipFile,
    StopUpload,
    TemporaryFileUploadHandler,
)
from django.http import HttpRequest


def is_signed_in(request: HttpRequest) -> bool:
    return bool(request.session.get(SESSION_KEY))


def takes_file(most: int, *, of: Callable[[HttpRequest], bool] = is_signed_in) -> Callable:
    """Let a view take a file of at most so many bytes, of those of whom `of` says yes."""

    def mark(view: Callable) -> Callable:
        view.most_bytes, view.takes_of = most, of
        return view

    return mark


def was_too_large(request: HttpRequest) -> bool:
    """Say whether a file of this request was dropped for its size."""
    return getattr(request, "too_large", False)


class Incoming(TemporaryUploadedFile):
    """A file on its way: on the disk where it will stay, gone when the request ends."""

    def __init__(self, name, content_type, size, charset, content_type_extra=None):
        folder = settings.FILES / "incoming"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = tempfile.NamedTemporaryFile(dir=folder)  # noqa: SIM115 (closed with the request)
        UploadedFile.__init__(self, file, name, content_type, size, charset, content_type_extra)


class Handler(TemporaryFileUploadHandler):
    """The one handler of uploads. Drops what nobody asked for, stops what is too large."""

    chunk_size = 256 * 1024

    def new_file(self, *args, **kwargs):
        match = self.request.resolver_match
        self.most = getattr(match and match.func, "most_bytes", 0)
        if not self.most or not match.func.takes_of(self.request):
            raise SkipFile
        self.taken = 0
        FileUploadHandler.new_file(self, *args, **kwargs)
        self.file = Incoming(self.file_name, self.content_type, 0, self.charset)

    def receive_data_chunk(self, raw_data, start):
        self.taken += len(raw_data)
        if self.taken > self.most:
            self.request.too_large = True
            self.file.close()
            raise StopUpload
        super().receive_data_chunk(raw_data, start)


def keep(uploaded: TemporaryUploadedFile, path: Path) -> None:
    """Move an uploaded file to its place, for this process's user alone."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    uploaded.flush()
    os.chmod(uploaded.temporary_file_path(), 0o600)
    os.replace(uploaded.temporary_file_path(), path)
