"""How letters leave: written for the post, put in an outbox, or sent through a server; one household at a time."""

from __future__ import annotations

import functools
import importlib.util
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs
import click

from periscolaire import i18n
from periscolaire.access import Secret
from periscolaire.cli._output import Word
from periscolaire.cli.documents._writing import write_document
from periscolaire.documents import Document, as_html, as_pdf, as_text
from periscolaire.errors import MisuseError, PeriscolaireError
from periscolaire.households import Household
from periscolaire.ids import HouseholdId
from periscolaire.mail import FileOutbox, SmtpMailer
from periscolaire.ports import Mail, Mailer, UnitOfWork

__all__ = ["Post", "post_options", "why_not"]

#: The password of the server never stands on a command line, which others can read.
_PASSWORD = "PERISCOLAIRE_SMTP_MOT_DE_PASSE"  # the name of a variable


@attrs.frozen
class Post:
    """Where letters go. ``folder`` takes pages for the post, ``mailer`` sends to those who have an address.

    Who has no address gets a page when there is a folder; otherwise nothing leaves, and that is an error.
    """

    folder: Path | None = None
    form: str = "pdf"
    mailer: Mailer | None = None

    @property
    def active(self) -> bool:
        """Whether anything leaves at all."""
        return self.folder is not None or self.mailer is not None

    def send(self, name: str, document: Document, household: HouseholdId, uow: UnitOfWork, *more: Document) -> str:
        """Send the letter to the household, ``more`` documents attached; by which channel it left.

        :raises MisuseError: no address, and no folder for the post.
        """
        stored = uow.households.find(household)
        addresses = _addresses(stored.model) if stored is not None else ()
        channel = ""
        if self.mailer is not None and addresses:
            attached = tuple(_attached(one, name, rank) for rank, one in enumerate(more or (document,)))
            subject = f"{document.issuer.commune} – {document.title}"
            for address in addresses:
                self.mailer.send(Mail(address, subject, as_text(document), attached))
            channel = "courriel"
        if self.folder is not None and (self.mailer is None or not addresses):
            write_document(document, (self.folder / f"{name}.{self.form}",))
            for rank, one in enumerate(more, start=1):
                write_document(one, (self.folder / f"{name}-{rank}.{self.form}",))
            channel = "courrier"
        if not channel:
            raise MisuseError(
                f"household {household}: no e-mail address", code="letter.no_address", household=household
            )
        return channel


def _addresses(household: Household) -> tuple[str, ...]:
    return tuple(dict.fromkeys(adult.email for adult in household.adults if adult.email))


def _attached(document: Document, name: str, rank: int) -> tuple[str, str, bytes]:
    """The document as PDF; as a page, where nothing here makes PDFs."""
    stem = f"{name}-{rank}" if rank else name
    if importlib.util.find_spec("typst") is None:
        return f"{stem}.html", "text/html", as_html(document).encode()
    return f"{stem}.pdf", "application/pdf", as_pdf(document)


def post_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """``--courrier``, ``--courriel``, ``--smtp``: how the letters of a command leave; the command gets ``post``."""

    @click.option(
        "--courrier", "folder", type=click.Path(file_okay=False, path_type=Path),
        help="Dossier où écrire les lettres à poster (celles des foyers sans adresse, s'il y a aussi des courriels).",
    )  # fmt: skip
    @click.option(
        "--forme", "form", type=Word(["pdf", "html", "txt"]), default="pdf", show_default=True,
        help="La forme des lettres à poster.",
    )  # fmt: skip
    @click.option(
        "--courriel", "outbox", type=click.Path(file_okay=False, path_type=Path),
        help="Dossier où poser les courriels (.eml), pour les envoyer autrement.",
    )  # fmt: skip
    @click.option(
        "--smtp", "server", metavar="HOTE[:PORT]",
        help=f"Serveur par où envoyer les courriels (STARTTLS ; mot de passe dans {_PASSWORD}).",
    )  # fmt: skip
    @click.option("--expediteur", "sender", help="L'adresse d'où partent les courriels.")
    @click.option("--utilisateur", "user", help="L'identifiant sur le serveur.")
    @functools.wraps(command)
    def with_post(
        *arguments: Any,
        folder: Path | None,
        form: str,
        outbox: Path | None,
        server: str | None,
        sender: str | None,
        user: str | None,
        **options: Any,
    ) -> Any:
        return command(*arguments, post=Post(folder, form, _mailer(outbox, server, sender, user)), **options)

    return with_post


def _mailer(outbox: Path | None, server: str | None, sender: str | None, user: str | None) -> Mailer | None:
    if outbox is not None and server is not None:
        raise click.UsageError("--courriel ou --smtp : pas les deux")
    if outbox is not None:
        return FileOutbox(outbox, sender) if sender else FileOutbox(outbox)
    if server is None:
        return None
    if sender is None:
        raise click.UsageError("--smtp demande --expediteur")
    host, _, port = server.partition(":")
    if port and not port.isdigit():
        raise click.BadParameter(f"« {server} » ; attendu HOTE ou HOTE:PORT, comme smtp.mairie.fr:587")
    password = os.environ.get(_PASSWORD)
    return SmtpMailer(
        host, sender, int(port or 587), "tls" if port == "465" else "starttls", user,
        Secret(password) if password else None,
    )  # fmt: skip


def why_not(error: Exception) -> str:
    """Why a letter did not leave, in words."""
    return i18n.text(error) if isinstance(error, PeriscolaireError) else str(error)
