"""``periscolaire family document`` and ``consent``: what comes into a household's file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import click

from periscolaire.access import StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import find_child, find_household
from periscolaire.cli._money import answer
from periscolaire.cli._output import Word, existing_file, json_option
from periscolaire.cli._store import agent_option, opened, store_argument
from periscolaire.cli._when import JOUR, at_option, moment
from periscolaire.cli.families._shared import CHANNEL, blobs_of, known_portal_option
from periscolaire.errors import MisuseError, NotFoundError
from periscolaire.files import PortalSettings
from periscolaire.households import Consent, Document, DocumentStatus, SubjectId, latest_documents
from periscolaire.ids import FactId
from periscolaire.operations import record_consents, record_documents
from periscolaire.ports import UnitOfWork, new_id

__all__ = ["consent", "document", "paper_as_json"]


@click.command()
@store_argument
@click.argument("subject", metavar="FOYER_OU_ENFANT")
@click.argument("kind", metavar="[NATURE]", required=False)
@click.option("--du", "first", type=JOUR, help="Premier jour de validité (par défaut, celui de --le).")
@click.option("--au", "last", type=JOUR, help="Dernier jour, compris (par défaut, sans fin).")
@click.option(
    "--etat", "status", type=Word([one.value for one in DocumentStatus]), default=DocumentStatus.ACCEPTED.value,
    show_default=True, help="Ce que la commune en fait.",
)  # fmt: skip
@click.option("--code", help="Une pièce déjà rangée, dont l'état change.")
@click.option("--fichier", "file", type=existing_file, help="Le document numérisé, à garder.")
@known_portal_option
@at_option
@agent_option
@json_option
def document(
    base: str, subject: str, kind: str | None, first: dt.date | None, last: dt.date | None, status: str,
    code: str | None, file: Path | None, portal: PortalSettings | None, at: str | None, actor: StaffActor,
    as_json: bool,
) -> None:  # fmt: skip
    """Range une pièce (assurance, vaccination, pai…) dans un dossier, ou change l'état d'une pièce (--code)."""
    with opened(base) as store, store.unit() as uow:
        _, tz = zone_of(uow)
        now = moment(at, tz)
        owner = find_subject(subject, uow)
        known = [one for one in latest_documents(uow.documents.of(owner)) if code in (one.id, one.id[-6:])]
        if code is not None and not known:
            raise NotFoundError(f"pièce « {code} » : inconnue dans ce dossier")
        if code is None and kind is None:
            raise MisuseError("NATURE : quelle pièce (assurance, vaccination…), ou --code d'une pièce déjà rangée")
        before = known[0] if known else None
        blob = before.blob if before else None
        if file is not None:
            if portal is None:
                raise MisuseError("--fichier demande --espace : ce fichier dit où garder les pièces")
            blob = blobs_of(portal).put(file.read_bytes())
        begins = first or (before.first_day if before else now.astimezone(tz).date())
        ends = last or (before.last_day if before else None)
        if ends is not None and ends < begins:
            raise MisuseError(f"pièce valable du {begins:%d/%m/%Y} au {ends:%d/%m/%Y} : la fin est avant le début")
        label = file.name if file is not None else before.label if before else ""
        made = Document(
            before.id if before else FactId(new_id()), owner, kind or (before.kind if before else ""), begins, ends,
            DocumentStatus(status), now, label=label, blob=blob,
        )  # fmt: skip
        record_documents((made,), uow, actor=actor, at=now, channel=CHANNEL)
        uow.commit()
    until = f" jusqu'au {made.last_day:%d/%m/%Y}" if made.last_day is not None else ""
    answer(as_json, paper_as_json(made), f"Pièce {made.id[-6:]} ({made.kind}) : {made.status.value}{until}")


@click.command()
@store_argument
@click.argument("subject", metavar="FOYER_OU_ENFANT")
@click.argument("kind", metavar="NATURE")
@click.argument("given", metavar="oui|non", type=Word(["oui", "non"]))
@at_option
@agent_option
@json_option
def consent(base: str, subject: str, kind: str, given: str, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Note ce qu'une famille a répondu à une demande d'accord (photographies, sorties…) ; la dernière compte."""
    with opened(base) as store, store.unit() as uow:
        _, tz = zone_of(uow)
        now = moment(at, tz)
        made = Consent(find_subject(subject, uow), kind, given == "oui", now, actor.label)
        record_consents((made,), uow, actor=actor, at=now, channel=CHANNEL)
        uow.commit()
    document = {"de": made.subject, "nature": made.kind, "accord": made.given, "le": made.at}
    answer(as_json, document, f"{made.kind} : {given}, pour {made.subject}")


def find_subject(text: str, uow: UnitOfWork) -> SubjectId:
    """A household or a child, whichever bears that code or name."""
    try:
        return find_household(text, uow).id
    except NotFoundError:
        return find_child(text, uow).id


def paper_as_json(paper: Document) -> dict[str, Any]:
    """A document, as scripts read it."""
    return {
        "piece": paper.id,
        "de": paper.subject,
        "nature": paper.kind,
        "du": paper.first_day,
        "au": paper.last_day,
        "etat": paper.status,
        "fichier": paper.label,
    }
