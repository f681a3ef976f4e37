"""Ways for mail to leave: an SMTP server, a folder of files."""

from periscolaire.mail._outbox import FileOutbox
from periscolaire.mail._smtp import SmtpMailer

__all__ = ["FileOutbox", "SmtpMailer"]
