"""What commands about families share: the file of the family space, who is meant, short codes, dry runs."""

from __future__ import annotations

import os
import smtplib
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import attrs
import click

from periscolaire.access import Secret
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.files import Encryption, PortalSettings, load_portal_settings
from periscolaire.mail import FileOutbox, SmtpMailer
from periscolaire.operations import Accounts, Messages, Portal
from periscolaire.ports import Mail, Mailer
from periscolaire.storage import FileBlobs, MemoryBlobs

__all__ = [
    "CHANNEL",
    "accounts_of",
    "apply_option",
    "blobs_of",
    "known_portal_option",
    "messages_of",
    "portal_option",
    "silent_messages",
]

F = TypeVar("F", bound=Callable[..., Any])
#: By which way the commune acts here, as the audit trail says it.
CHANNEL = "mairie"
_FILE = "espace.toml"


def portal_option(command: F) -> F:
    """``--espace``: the file of the family space."""
    return _portal_option(command, needed=True)


def known_portal_option(command: F) -> F:
    """``--espace``, for what is of use without it: ``None`` where there is no such file."""
    return _portal_option(command, needed=False)


def _portal_option(command: F, *, needed: bool) -> F:
    def load(_: click.Context, __: click.Parameter, path: Path) -> PortalSettings | None:
        if path.is_file():
            return load_portal_settings(path)
        if not needed and path == Path(_FILE):
            return None
        raise NotFoundError(
            f"{path} : fichier de l'espace famille introuvable ; donnez-le par --espace (ses clés : "
            "periscolaire schema --espace --cles)"
        )

    return click.option(
        "--espace", "portal", type=click.Path(dir_okay=False, path_type=Path), default=_FILE, show_default=True,
        envvar="PERISCOLAIRE_ESPACE", callback=load, help="Fichier de l'espace famille : adresse, courriel, demandes.",
    )(command)  # fmt: skip


def apply_option(command: F) -> F:
    """``--appliquer``: what is shown without it is done."""
    return click.option("--appliquer", "apply", is_flag=True, help="Faire, et non seulement montrer.")(command)


# -- the portal's services --------------------------------------------------------------------------------------------


def accounts_of(settings: PortalSettings, tz: ZoneInfo) -> Accounts:
    """The accounts of the commune: its mail, its address, its policies."""
    try:
        from periscolaire.storage import Argon2Hasher
    except ModuleNotFoundError as error:  # the only place of the command line that needs this extra
        raise MisuseError("les comptes demandent leur option : pip install 'periscolaire[accounts]'") from error
    return Accounts.of(settings, tz, Argon2Hasher(), _mailer(settings))


def messages_of(settings: PortalSettings, tz: ZoneInfo) -> Messages:
    """The news and requests of the commune."""
    return Messages.of(settings, tz, _mailer(settings), blobs_of(settings))


def silent_messages(tz: ZoneInfo) -> Messages:
    """News, and reading requests: no mail leaves, no file is kept, so nothing of the family space's file is needed."""
    return Messages(FileOutbox(Path(os.devnull)), Portal("", "https://", "", tz), MemoryBlobs())


def blobs_of(settings: PortalSettings) -> FileBlobs:
    """Where the files that families sent are kept."""
    return FileBlobs(settings.attachments)


def _mailer(settings: PortalSettings) -> Mailer:
    mail = settings.mail
    if mail.folder is not None:
        return FileOutbox(mail.folder, mail.sender)
    password = None
    if mail.password_in is not None:
        if mail.password_in not in os.environ:
            raise MisuseError(
                f"variable d'environnement {mail.password_in} : absente ; elle doit contenir le mot de passe"
            )
        password = Secret(os.environ[mail.password_in])
    encryption = "none" if mail.encryption is Encryption.NONE else mail.encryption.value
    return _Server(SmtpMailer(mail.server or "", mail.sender, mail.port, encryption, mail.user, password))


@attrs.frozen
class _Server:
    """A mail server whose failures are told to a clerk."""

    mailer: SmtpMailer

    def send(self, mail: Mail) -> None:
        """Hand ``mail`` over.

        :raises MisuseError: the server cannot be reached, or refuses.
        """
        try:
            self.mailer.send(mail)
        except (OSError, smtplib.SMTPException) as error:
            where = f"{self.mailer.host}:{self.mailer.port}"
            raise MisuseError(f"le courriel pour {mail.to} n'est pas parti : serveur {where} : {error}") from error
