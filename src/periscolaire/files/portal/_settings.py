"""What the commune says of its family space, as one value."""

from __future__ import annotations

import enum
from pathlib import Path

import attrs

from periscolaire.access import CorrectionPolicy
from periscolaire.errors import MisuseError
from periscolaire.messages import ContactPage, Purpose, RequestKind

__all__ = ["Encryption", "MailSettings", "PortalSettings"]


class Encryption(enum.Enum):
    """How mail travels to the server; the values are the words of the file."""

    STARTTLS = "starttls"
    TLS = "tls"
    NONE = "aucun"


@attrs.frozen
class MailSettings:
    """Where mail goes: into ``folder``, or to ``server``; one of the two.

    The password is never in the file: ``password_in`` names the environment variable that holds it.
    """

    sender: str
    folder: Path | None = None
    server: str | None = None
    port: int = 587
    encryption: Encryption = Encryption.STARTTLS
    user: str | None = None
    password_in: str | None = None


_KINDS = tuple(
    RequestKind(purpose.value, label, purpose, 7)
    for purpose, label in (
        (Purpose.RESERVATION, "Une réservation"),
        (Purpose.INVOICE, "Une facture"),
        (Purpose.ABSENCE, "Une absence et son justificatif"),
        (Purpose.DOCUMENT, "Un document"),
        (Purpose.FILE_CHANGE, "Un changement dans le dossier"),
        (Purpose.OTHER, "Une autre question"),
    )
)


@attrs.frozen
class PortalSettings:
    """``attachments`` is the folder where files that families send are kept."""

    commune: str
    address: str
    telephone: str
    mail: MailSettings
    attachments: Path = Path("pieces-jointes")
    corrections: CorrectionPolicy = CorrectionPolicy.REQUEST
    kinds: tuple[RequestKind, ...] = _KINDS
    contacts: ContactPage = ContactPage()  # noqa: RUF009  # immutable: one shared default is meant

    def kind(self, code: str) -> RequestKind:
        """The kind of request of that code.

        :raises MisuseError: the commune has none.
        """
        for kind in self.kinds:
            if kind.code == code:
                return kind
        known = ", ".join(kind.code for kind in self.kinds)
        raise MisuseError(f"sorte de demande « {code} » ; celles de la commune : {known}")

    @property
    def correction_kind(self) -> RequestKind:
        """Under which kind corrections of a file are put to the commune."""
        return next(kind for kind in self.kinds if kind.purpose is Purpose.FILE_CHANGE)
