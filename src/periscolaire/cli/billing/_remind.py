"""``periscolaire remind``: who is to be reminded, level by level; the letters, and who is late."""

from __future__ import annotations

import datetime as dt

import attrs
import click

from periscolaire.access import StaffActor
from periscolaire.billing import DueReminder, Issuer
from periscolaire.calendar import Span
from periscolaire.cli._desk import zone_of
from periscolaire.cli._money import money_text, series_option, series_or_only, show_report
from periscolaire.cli._output import console, emit_json, json_option
from periscolaire.cli._store import Names, agent_option, opened, store_argument
from periscolaire.cli._when import at_option, day_of
from periscolaire.cli.documents._people import addressee_of, collection_of, language_of
from periscolaire.cli.documents._post import Post, post_options, why_not
from periscolaire.documents import reminder_letter, tone_of
from periscolaire.money import Currency
from periscolaire.operations import (
    Delivered,
    ReportKind,
    ReportWanted,
    deliver_reminders,
    issuer_of,
    reminder_levels,
    reminders_to_send,
    report,
    send_reminders,
)
from periscolaire.ports import Store, UnitOfWork
from periscolaire.reglement import Collection, ReminderLevel

__all__ = ["remind"]


@click.command()
@store_argument
@click.option("--apercu", "preview", is_flag=True, help="Montrer les relances à envoyer, sans rien enregistrer.")
@click.option(
    "--par", "channel", default="courriel", show_default=True, help="Par où elles partent, si ce n'est d'ici."
)
@click.option("--delai", "answer_days", type=click.IntRange(1), default=15, show_default=True,
              help="Jours que laisse un dernier avis.")  # fmt: skip
@post_options
@series_option
@at_option
@agent_option
@json_option
def remind(
    base: str,
    preview: bool,
    channel: str,
    answer_days: int,
    post: Post,
    series: str | None,
    at: str | None,
    actor: StaffActor,
    as_json: bool,
) -> None:
    """Relance les foyers en retard, un niveau après l'autre : ni factures contestées, ni échéanciers tenus.

    Une lettre par foyer et par niveau, dans sa langue, avec --courrier, --courriel ou --smtp ; rien n'est enregistré
    d'une lettre qui n'est pas partie. Sans eux, les relances sont seulement enregistrées, à vous de les envoyer.
    Lancée deux fois le même jour, elle ne relance personne la seconde. Code de sortie 1 si un foyer est à relancer et
    que rien n'a été enregistré (--apercu), ou si une lettre n'est pas partie.
    """
    if preview and post.active:
        raise click.UsageError("--apercu n'envoie rien : ôtez --courrier, --courriel ou --smtp")
    with opened(base) as store:
        with store.unit(write=False) as uow:
            _, tz = zone_of(uow)
            day, now = day_of(at, tz)
            code = series_or_only(series, uow)
            writer = _Letters(
                code, day, answer_days, reminder_levels(uow, day), post, issuer_of(uow), Names.of(uow).currency,
                collection_of(code, uow),
            )  # fmt: skip
        done = _done(store, writer, preview, channel, actor, now)
        with store.unit(write=False) as uow:
            if as_json:
                emit_json(_as_json(done, Names.of(uow), preview))
            else:
                _show(done, writer, preview, actor, uow)
    if done.failed or (preview and done.sent):
        raise SystemExit(1)


@attrs.frozen
class _Letters:
    """The letters of one day."""

    series: str
    on: dt.date
    answer_days: int
    levels: tuple[ReminderLevel, ...]
    post: Post
    issuer: Issuer
    currency: Currency
    collection: Collection

    def send(self, due: tuple[DueReminder, ...], uow: UnitOfWork) -> str:
        """Write or send the letter of one household and level; by which channel."""
        household, level = due[0].household, due[0].level
        letter = reminder_letter(
            due,
            tone_of(level, self.levels),
            self.issuer,
            addressee_of(household, uow),
            series=self.series,
            on=self.on,
            answer_days=self.answer_days,
            currency=self.currency,
            collection=self.collection,
            language=language_of(household, uow),
        )
        return self.post.send(f"relance-{household}-{self.on}-{level}", letter, household, uow)


def _done(
    store: Store, letters: _Letters, preview: bool, channel: str, actor: StaffActor, now: dt.datetime
) -> Delivered[DueReminder]:
    if letters.post.active:
        found = deliver_reminders(
            letters.series, store, actor=actor, on=letters.on, now=now, send=letters.send, levels=letters.levels
        )
        return Delivered(tuple(one for letter in found.sent for one in letter), found.failed)
    with store.unit(write=not preview) as uow:
        if preview:
            return Delivered(reminders_to_send(letters.series, uow, actor=actor, on=letters.on))
        sent = send_reminders(letters.series, uow, actor=actor, on=letters.on, now=now, channel=channel)
        uow.commit()
        return Delivered(sent)


def _as_json(done: Delivered[DueReminder], names: Names, preview: bool) -> dict[str, object]:
    return {
        "relances": [
            {
                "foyer": one.household,
                "facture": one.invoice,
                "niveau": one.level,
                "reste": str(names.currency.value(one.remaining)),
                "jours_de_retard": one.days_late,
            }
            for one in done.sent
        ],
        "non_parties": [{"foyer": household, "raison": why_not(why)} for household, why in done.failed],
        "enregistrees": not preview,
    }


def _show(done: Delivered[DueReminder], letters: _Letters, preview: bool, actor: StaffActor, uow: UnitOfWork) -> None:
    names, screen = Names.of(uow), console()
    for one in done.sent:
        said = f"{names.household(one.household)} : {one.invoice}, {money_text(one.remaining, names.currency)}"
        screen.print(f"relance niveau {one.level} : {said}, {one.days_late} jours", highlight=False)
    for household, why in done.failed:
        screen.print(
            f"lettre non partie : {names.household(household)} : {why_not(why)}", highlight=False, markup=False
        )
    verb = "à envoyer" if preview else "enregistrée(s)"
    screen.print(f"{len(done.sent)} relance(s) {verb}")
    if not preview and not letters.post.active and done.sent:
        screen.print("Aucune lettre n'est partie d'ici : ajoutez --courrier, --courriel ou --smtp pour les écrire.")
    span = Span(letters.on.replace(month=1, day=1), letters.on)
    show_report(report(ReportWanted(ReportKind.LATE, span, letters.series), uow, actor=actor))
