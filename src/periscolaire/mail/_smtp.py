"""Mail through an SMTP server, with the standard library alone."""

from __future__ import annotations

import smtplib
import ssl
from email.message import EmailMessage

import attrs

from periscolaire.access import Secret
from periscolaire.errors import MisuseError
from periscolaire.mail._eml import message_of
from periscolaire.ports import Mail

__all__ = ["SmtpMailer"]


@attrs.frozen
class SmtpMailer:
    """Sends each mail over its own connection, always encrypted unless ``encryption`` is ``"none"``.

    ``encryption`` is ``"starttls"`` (port 587), ``"tls"`` (port 465) or ``"none"`` (a relay of the same machine);
    ``timeout`` counts seconds. A failure is the standard library's own (``smtplib.SMTPException``, ``OSError``): the
    caller's transaction rolls back, and nothing was promised.

    :raises MisuseError: another ``encryption``, or a password that would travel in clear.
    """

    host: str
    sender: str
    port: int = 587
    encryption: str = "starttls"
    user: str | None = None
    password: Secret | None = attrs.field(default=None, repr=False)
    timeout: int = 30

    def __attrs_post_init__(self) -> None:
        if self.encryption not in ("starttls", "tls", "none"):
            raise MisuseError(f"encryption {self.encryption!r}: expected starttls, tls or none")
        if self.password is not None and self.encryption == "none":
            raise MisuseError("SMTP: a password never travels without encryption")

    def send(self, mail: Mail) -> None:
        """Hand ``mail`` to the server."""
        message = message_of(mail, self.sender)
        if self.encryption == "tls":
            with smtplib.SMTP_SSL(
                self.host, self.port, timeout=self.timeout, context=ssl.create_default_context()
            ) as server:
                self._deliver(server, message)
            return
        with smtplib.SMTP(self.host, self.port, timeout=self.timeout) as server:
            if self.encryption == "starttls":
                server.starttls(context=ssl.create_default_context())
            self._deliver(server, message)

    def _deliver(self, server: smtplib.SMTP, message: EmailMessage) -> None:
        if self.user is not None and self.password is not None:
            server.login(self.user, self.password.reveal())
        server.send_message(message)
