"""SMTP that remembers how far a hand-over came: only after 354 may a letter have arrived."""

from django.core.mail.backends.smtp import EmailBackend

GO_ON = 354  # the server's word to send the content; its next reply says what became of it


class _Watched:
    """A server connection; `began` is True from that word until the next."""

    began = False

    def getreply(self):
        code, words = super().getreply()
        self.began = code == GO_ON
        return code, words


class Server(EmailBackend):
    """Django's SMTP backend on such a connection."""

    @property
    def connection_class(self):
        return type("Connection", (_Watched, super().connection_class), {})
