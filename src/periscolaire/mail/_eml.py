"""A mail as the standard library's message: what servers and files take."""

from __future__ import annotations

from email.message import EmailMessage

from periscolaire.errors import MisuseError
from periscolaire.ports import Mail

__all__ = ["message_of"]


def message_of(mail: Mail, sender: str) -> EmailMessage:
    """``mail`` as a message from ``sender``.

    :raises MisuseError: an address or subject that would write a header of its own.
    """
    message = EmailMessage()
    try:
        message["From"] = sender
        message["To"] = mail.to
        message["Subject"] = mail.subject
    except ValueError:
        raise MisuseError("mail: an address or the subject holds a line break") from None
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's holiday message answers it
    message.set_content(mail.text)
    for name, media_type, content in mail.attachments:
        main, _, sub = media_type.partition("/")
        message.add_attachment(content, maintype=main, subtype=sub, filename=name)
    return message
