"""What the commune says of its family space, as one value."""

from __future__ import annotations

import enum
from pathlib import Path

import attrs

from periscolaire.access import RETENTION, CorrectionPolicy, InvitationPolicy, PasswordPolicy, Retention, TryPolicy
from periscolaire.errors import MisuseError
from periscolaire.households import FileField
from periscolaire.messages import ContactPage, Purpose, RequestKind

__all__ = ["AccountSettings", "Encryption", "MailSettings", "PortalSettings"]


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


@attrs.frozen
class AccountSettings:
    """How accounts are made and opened. ``reset_minutes`` is how long a link of forgotten password works,
    ``device_days`` how long a device that signed in is known again.
    """

    passwords: PasswordPolicy = PasswordPolicy()  # noqa: RUF009  # immutable policies: shared defaults are meant
    invitations: InvitationPolicy = InvitationPolicy()  # noqa: RUF009
    tries: TryPolicy = TryPolicy()  # noqa: RUF009
    reset_minutes: int = 30
    device_days: int = 180


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
    """``attachments`` is the folder where files that families send are kept.

    ``at_once`` are the fields of a file that a family corrects without asking, whatever ``corrections`` says;
    ``retention`` is the whole table, with the lines that the commune changed.
    """

    commune: str
    address: str
    telephone: str
    mail: MailSettings
    attachments: Path = Path("pieces-jointes")
    corrections: CorrectionPolicy = CorrectionPolicy.REQUEST
    kinds: tuple[RequestKind, ...] = _KINDS
    contacts: ContactPage = ContactPage()  # noqa: RUF009  # immutable: one shared default is meant
    at_once: frozenset[FileField] = frozenset()
    accounts: AccountSettings = AccountSettings()
    retention: tuple[Retention, ...] = RETENTION

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
