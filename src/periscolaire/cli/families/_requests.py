"""``periscolaire requests``: what families ask, and what the commune answers."""

from __future__ import annotations

import datetime as dt
import mimetypes
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.text import Text

from periscolaire import i18n
from periscolaire.access import StaffActor
from periscolaire.cli._desk import zone_of
from periscolaire.cli._finding import code_of, find_household, short
from periscolaire.cli._money import answer
from periscolaire.cli._output import console, emit_json, existing_file, json_option
from periscolaire.cli._show import table
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import at_option, moment, short_instant
from periscolaire.cli.families._shared import CHANNEL, messages_of, portal_option, silent_messages
from periscolaire.files import PortalSettings
from periscolaire.ids import RequestId
from periscolaire.messages import Entry, FamilyRequest, Move, RequestKind
from periscolaire.operations import NewFile
from periscolaire.ports import UnitOfWork

__all__ = ["requests"]


@click.group()
def requests() -> None:
    """Les demandes des familles : lister, lire, répondre, accepter, refuser."""


@requests.command("list")
@store_argument
@click.option("--foyer", "household", help="Seulement celles de ce foyer, closes comprises.")
@click.option("--toutes", "every", is_flag=True, help="Celles auxquelles la commune n'a plus à répondre aussi.")
@at_option
@agent_option
@json_option
def list_(base: str, household: str | None, every: bool, at: str | None, actor: StaffActor, as_json: bool) -> None:
    """Liste les demandes qui attendent la commune, la plus pressée d'abord."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        now, names, messages = moment(at, tz), Names.of(uow), silent_messages(tz)
        if household is not None:
            home = find_household(household, uow).id
            found = list(messages.requests(uow, actor, home, at=now))
        elif every:
            found = sorted((stored.model for stored in uow.requests.stream()), key=lambda one: (one.opened_at, one.id))
        else:
            found = list(messages.inbox(uow, actor))
        if as_json:
            emit_json([_plain(one) for one in found])
            return
        if not found:
            console().print("Aucune demande n'attend la commune." if not (every or household) else "Aucune demande.")
            return
        today = now.astimezone(tz).date()
        made = table("Demandes", "code", "reçue le", "foyer", "objet", "état", "à répondre avant le")
        for one in found:
            due = f"{one.due_on:%d/%m/%Y}" if one.due_on is not None and one.pending else ""
            due += " (en retard)" if one.overdue(today) else ""
            made.add_row(
                short(one.id), short_instant(one.opened_at, tz), names.household(one.household), one.subject,
                one.state.value, due,
            )  # fmt: skip
        console().print(made)


@requests.command()
@store_argument
@click.argument("request", metavar="DEMANDE")
@json_option
def show(base: str, request: str, as_json: bool) -> None:
    """Montre DEMANDE : le fil des messages, les pièces, ce qui changerait si elle était acceptée."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        one = _found(request, uow)
        if as_json:
            emit_json(_plain(one) | {"messages": [_entry(entry) for entry in one.entries]})
            return
        names, screen = Names.of(uow), console()
        screen.print(Text(f"{one.subject} — {names.household(one.household)} ({one.state.value})", style="bold"))
        for said in _about(one, names):
            screen.print(Text(said))
        for entry in one.entries:
            who = f"{entry.side.value}, note interne" if entry.internal else entry.side.value
            screen.print(Text(f"\n{short_instant(entry.at, tz)} · {who}", style="dim"))
            if entry.text:
                screen.print(Text(entry.text))
            for piece in entry.attachments:
                screen.print(Text(f"pièce : {piece.name} ({piece.size} octets)"))


@requests.command()
@store_argument
@click.argument("request", metavar="DEMANDE")
@click.option(
    "--sortie",
    "-o",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Dossier où écrire.",
)
@portal_option
@at_option
@agent_option
def files(base: str, request: str, folder: Path, portal: PortalSettings, at: str | None, actor: StaffActor) -> None:
    """Écrit dans un dossier les pièces jointes à DEMANDE."""
    with opened(base) as store, store.unit(write=False) as uow:
        _, tz = zone_of(uow)
        one, messages, now = _found(request, uow), messages_of(portal, tz), moment(at, tz)
        pieces = [piece for entry in one.entries for piece in entry.attachments]
        for number, piece in enumerate(pieces, start=1):
            _, content = messages.attachment(uow, actor, one.id, piece.blob, at=now)
            folder.mkdir(parents=True, exist_ok=True)
            target = folder / f"{number:02}-{piece.name}"
            target.write_bytes(content)
            click.echo(f"Écrit : {target}")
        if not pieces:
            click.echo("Aucune pièce jointe.")


def _replying(name: str, move: Move, help_text: str, said: str, *, needs_text: bool = False) -> None:
    """One command for each thing that staff may do with a request."""

    @requests.command(name, help=help_text)
    @store_argument
    @click.argument("request", metavar="DEMANDE")
    @click.option("--texte", "text", default="", required=needs_text, help="Ce que la famille lira.")
    @click.option("--piece", "pieces", type=existing_file, multiple=True, help="Une pièce à joindre (répétable).")
    @portal_option
    @at_option
    @agent_option
    @json_option
    def command(
        base: str, request: str, text: str, pieces: tuple[Path, ...], portal: PortalSettings, at: str | None,
        actor: StaffActor, as_json: bool,
    ) -> None:  # fmt: skip
        with opened(base) as store, store.unit() as uow:
            _, tz = zone_of(uow)
            one = _found(request, uow)
            asked = messages_of(portal, tz).reply(
                uow, actor, one.id, move, text, tuple(_file(path) for path in pieces), kind=_kind(one, portal),
                at=moment(at, tz), channel=CHANNEL,
            )  # fmt: skip
        if asked.request is None:
            _refused(asked.verdict.reasons, as_json)
        answer(as_json, _plain(asked.request or one), f"« {one.subject} » : {said}")


def _refused(reasons: tuple[Any, ...], as_json: bool) -> None:
    """Exit code 1: done, and the answer is no."""
    if as_json:
        emit_json({"refus": reasons})
    for reason in () if as_json else reasons:
        click.echo(f"Refusé : {i18n.text(reason)}", err=True)
    sys.exit(1)


_replying("take", Move.TAKE, "Prend DEMANDE en charge : la famille la voit en cours.", "prise en charge")
_replying(
    "clarify", Move.ASK_FAMILY, "Demande une précision à la famille.", "une précision est demandée", needs_text=True
)
_replying("answer", Move.ANSWER, "Répond à DEMANDE.", "réponse envoyée", needs_text=True)
_replying(
    "accept", Move.ACCEPT,
    "Accepte DEMANDE : la preuve d'une absence compte, le changement du dossier est appliqué.", "acceptée",
)  # fmt: skip
_replying("refuse", Move.REFUSE, "Refuse DEMANDE, et dit pourquoi.", "refusée", needs_text=True)
_replying("close", Move.CLOSE, "Clôt DEMANDE, une fois répondue.", "close")


def _found(text: str, uow: UnitOfWork) -> FamilyRequest:
    code = code_of(text, (stored.model.id for stored in uow.requests.stream()), "demande")
    return uow.requests.get(RequestId(code)).model


def _kind(one: FamilyRequest, portal: PortalSettings) -> RequestKind:
    """The kind under which it was asked; one that the commune no longer offers keeps its purpose."""
    known: Callable[[RequestKind], bool] = lambda kind: kind.code == one.kind  # noqa: E731  # read once, below
    return next(filter(known, portal.kinds), RequestKind(one.kind, one.subject, one.purpose))


def _file(path: Path) -> NewFile:
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return NewFile(path.name, media_type, path.read_bytes())


def _about(one: FamilyRequest, names: Names) -> list[str]:
    said = []
    if one.claim is not None:
        claim = one.claim
        said.append(
            f"absence de {names.child(claim.child)} du {claim.first:%d/%m/%Y} au {claim.last:%d/%m/%Y}"
            f"{' : ' + claim.motive if claim.motive else ''}"
        )
    elif one.child is not None:
        said.append(f"à propos de {names.child(one.child)}")
    if one.invoice is not None:
        said.append(f"à propos de la facture {one.invoice}")
    said += [f"{one.field.value} : {_word(one.before)} → {_word(one.after)}" for one in one.changes]
    return said


def _word(value: object) -> str:
    return f"{value:%d/%m/%Y}" if isinstance(value, dt.date) else "(vide)" if value in (None, "", ()) else str(value)


def _plain(one: FamilyRequest) -> dict[str, Any]:
    return {
        "demande": one.id,
        "sorte": one.kind,
        "nature": one.purpose,
        "foyer": one.household,
        "enfant": one.child if one.claim is None else one.claim.child,
        "objet": one.subject,
        "recue_le": one.opened_at,
        "a_repondre_avant_le": one.due_on,
        "etat": one.state,
        "facture": one.invoice,
    }


def _entry(entry: Entry) -> dict[str, Any]:
    pieces = [{"nom": piece.name, "octets": piece.size} for piece in entry.attachments]
    return {"le": entry.at, "de": entry.side, "texte": entry.text, "pieces": pieces, "interne": entry.internal}
