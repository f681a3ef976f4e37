"""Un portail sans framework : tout ce qu'un développeur de portail appelle, dans l'ordre où une famille s'en sert.

Se lance tel quel ::

    python examples/portail_sans_framework.py

Chaque fonction ``page_…`` ou ``action_…`` est ce que ferait une vue de Django, de Flask ou de FastAPI : elle prend qui
agit et l'instant, ouvre une unité de travail, appelle la bibliothèque, et rend des valeurs simples (``dict``, ``list``,
``str``, ``int``, ``bool``, ``None``) prêtes pour un gabarit ou pour ``json.dumps``. La bibliothèque n'a ni horloge
cachée, ni session, ni réseau : l'instant et l'identité viennent toujours d'ici.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import tempfile
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from periscolaire.access import Actor, FamilyActor, Role, StaffActor
from periscolaire.billing import Invoice
from periscolaire.booking import (
    AgendaWish,
    Attribution,
    Basket,
    CheckPolicy,
    Receipt,
    SlotKey,
    basket_from_plain,
    fill,
    icalendar,
    period_view,
    to_plain,
)
from periscolaire.calendar import Span, Weekday
from periscolaire.files import load_reglement
from periscolaire.households import Child, DatedFact, Grade, Household, Member, Schooling
from periscolaire.i18n import amount, text
from periscolaire.ids import AccountId, AdultId, ChildId, HouseholdId, Key, ProductCode, SchoolCode
from periscolaire.money import Money
from periscolaire.operations import (
    accept_offer,
    booking_context,
    check_basket,
    invoice_booking,
    invoice_places,
    make_offers,
    publish_reglement,
    validate,
    waiting_position,
)
from periscolaire.ports import Store
from periscolaire.reasons import Description
from periscolaire.storage import create_store

PARIS = ZoneInfo("Europe/Paris")
FICHIER = Path(__file__).parent / "portail" / "reglement.toml"
REGLEMENT = load_reglement(FICHIER)
CANTINE, MATIN, CENTRE = (ProductCode(code) for code in ("cantine", "garderie-matin", "centre"))
MARTIN, PETIT = HouseholdId("martin"), HouseholdId("petit")
CLARA, HUGO, ZOE = ChildId("clara"), ChildId("hugo"), ChildId("zoe")
# La commune choisit : le panier vaut pour tout ce qui est possible, et sans place on attend.
POLITIQUE = CheckPolicy(whole=False, waiting=True)

en_francais = functools.partial(text, language="fr")


def le(jour: str, heure: str) -> dt.datetime:
    """Un instant à l'heure de la commune."""
    return dt.datetime.fromisoformat(f"{jour}T{heure}").replace(tzinfo=PARIS)


# 1. Qui agit ----------------------------------------------------------------------------------------------------------


def parent_connecte(session: dict[str, str]) -> FamilyActor:
    """Ce que la session de *votre* portail dit de la personne connectée, signé comme la bibliothèque l'attend.

    Les foyers sont ceux auxquels le compte est rattaché, lus chez vous : jamais dans ce que le navigateur envoie.
    (La bibliothèque sait aussi tenir les comptes : voir ``examples/espace_famille.py``.)
    """
    return FamilyActor(
        AccountId(session["compte"]), AdultId(session["adulte"]), frozenset({HouseholdId(session["foyer"])})
    )


# 2. La vue période ----------------------------------------------------------------------------------------------------


def page_semaines(
    magasin: Store, enfant: ChildId, foyer: HouseholdId, span: Span, maintenant: dt.datetime, panier: Basket
) -> dict[str, Any]:
    """Les semaines d'un enfant : chaque case dit son état, ce qui peut être fait, jusqu'à quand, à quel prix."""
    with magasin.unit(write=False) as travail:
        contexte = booking_context(
            travail, foyer, reglement=REGLEMENT, span=span, children=[enfant], channel="en ligne", policy=POLITIQUE
        )
    vue = period_view(REGLEMENT, enfant, span.first, span.last, contexte, maintenant, basket=panier)
    plain: dict[str, Any] = to_plain(vue, en_francais)
    return plain


# 3. Le panier ---------------------------------------------------------------------------------------------------------


def action_cocher(
    magasin: Store, panier: dict[str, Any], enfant: ChildId, produit: ProductCode, jour: dt.date
) -> dict[str, Any]:
    """Un clic sur une case : le panier vit dans votre session, en valeurs simples ; rien n'est écrit ailleurs."""
    case = SlotKey(enfant, produit, jour)
    with magasin.unit(write=False) as travail:
        connue = travail.reservations.find(case)
    nouveau = basket_from_plain(panier).toggle(case, connue.model if connue is not None else None)
    plain: dict[str, Any] = to_plain(nouveau)
    return plain


def action_agenda(
    magasin: Store, panier: dict[str, Any], enfants: tuple[ChildId, ...], premier: dt.date, dernier: dt.date,
    jours: frozenset[Weekday], maintenant: dt.datetime,
) -> tuple[dict[str, Any], list[str]]:  # fmt: skip
    """La vue agenda : une période et des jours de semaine remplissent le panier ; et ce qui a été laissé, pourquoi."""
    lu = basket_from_plain(panier)
    souhait = AgendaWish(enfants, (CANTINE,), premier, dernier, jours)
    with magasin.unit(write=False) as travail:
        contexte = booking_context(
            travail, lu.household, reglement=REGLEMENT, span=Span(premier, dernier), channel="en ligne"
        )
    rempli = fill(souhait, lu, REGLEMENT, contexte, maintenant)
    laisses = [f"{verdict.line.key.day:%d/%m} : {en_francais(verdict.reasons[0])}" for verdict in rempli.left_out]
    return to_plain(rempli.basket), laisses


def page_panier(magasin: Store, qui: Actor, panier: dict[str, Any], maintenant: dt.datetime) -> dict[str, Any]:
    """L'essai à blanc : ce que « Valider » ferait maintenant, ligne par ligne, avec les prix R et C à part."""
    with magasin.unit(write=False) as travail:
        resultat = check_basket(
            basket_from_plain(panier), travail, actor=qui, at=maintenant, reglement=REGLEMENT, channel="en ligne",
            policy=POLITIQUE,
        )  # fmt: skip
    estimation = resultat.estimate
    return {
        "lignes": to_plain(resultat.verdicts, en_francais),
        "unites": dict(resultat.counts),
        "a_la_reservation": amount(Money(estimation.at_reservation)),
        "a_la_consommation": amount(Money(estimation.at_consumption)),
        "peut_valider": bool(resultat.recorded),
    }


def action_valider(magasin: Store, qui: Actor, panier: dict[str, Any], jeton: str, maintenant: dt.datetime) -> Receipt:
    """« Valider » : une seule transaction. ``jeton`` vient du formulaire : un double clic ne compte qu'une fois."""
    with magasin.unit() as travail:
        return validate(
            basket_from_plain(panier), travail, actor=qui, key=Key(jeton), at=maintenant, reglement=REGLEMENT,
            channel="en ligne", policy=POLITIQUE,
        )  # fmt: skip


def action_facturer(magasin: Store, qui: Actor, recepisse: Receipt, maintenant: dt.datetime) -> list[str]:
    """Aussitôt après : la facture de ce qui se paie à la réservation (R), ou l'avoir de ce qui est annulé."""
    with magasin.unit() as travail:
        emises = invoice_booking(recepisse, travail, actor=qui, now=maintenant)
        travail.commit()
    return [facture_en_mots(une) for une in emises]


def facture_en_mots(une: Invoice) -> str:
    return f"{une.kind.value} {une.id}, {amount(Money(une.total))}"


def recepisse_en_mots(recepisse: Receipt) -> list[str]:
    """Ce que la famille garde : numéro, date, chaque ligne, jusqu'à quand elle s'annule sans frais."""
    local = REGLEMENT.calendar.local
    lignes = [en_francais(Description.of("booking.receipt", number=recepisse.number, at=local(recepisse.at)))]
    for ligne in (*recepisse.lines, *recepisse.refused):
        mots = [en_francais(Description.of(f"booking.status.{ligne.status.name.lower()}"))]
        if ligne.undoable and ligne.undo_until is not None:
            mots.append(en_francais(Description.of("booking.receipt.undo_until", until=local(ligne.undo_until))))
        mots += [en_francais(raison) for raison in ligne.reasons]
        lignes.append(f"{ligne.key.child} {ligne.key.product} {ligne.key.day:%d/%m} : {' ; '.join(mots)}")
    return lignes


# 4. Le calendrier du téléphone ----------------------------------------------------------------------------------------


def page_calendrier(magasin: Store, enfants: dict[ChildId, str], span: Span, maintenant: dt.datetime) -> str:
    """Un fichier iCalendar (``text/calendar``) : le téléphone s'y abonne et suit les annulations."""
    with magasin.unit(write=False) as travail:
        reservations = [
            stocke.model
            for enfant in enfants
            for stocke in travail.reservations.of_child(enfant, span.first, span.last)
        ]
    return icalendar(
        reservations,
        lambda case: REGLEMENT.product(case.product),
        lambda case: f"{REGLEMENT.product(case.product).name} – {enfants[case.child]}",
        REGLEMENT.calendar.tz,
        name="Périscolaire",
        at=maintenant,
        host="famille.trifouillis.exemple",
    )


# 5. La liste d'attente ------------------------------------------------------------------------------------------------


def tache_proposer_les_places(magasin: Store, jour: dt.date, maintenant: dt.datetime) -> list[str]:
    """Une tâche planifiée de la commune : chaque place libérée est proposée au premier qui attend, pour 48 heures."""
    commune = StaffActor("tache-attente", frozenset({Role.BOOK}))
    with magasin.unit() as travail:
        offres = make_offers(
            CENTRE, jour, travail, actor=commune, at=maintenant, reglement=REGLEMENT, attribution=Attribution(),
            hold=dt.timedelta(hours=48), last=REGLEMENT.calendar.instant(jour, 0),
        )  # fmt: skip
    return [f"{offre.wish.key.child} jusqu'au {REGLEMENT.calendar.local(offre.until):%d/%m %H:%M}" for offre in offres]


# Tout, dans l'ordre ---------------------------------------------------------------------------------------------------


def familles(magasin: Store) -> None:
    """Deux foyers, trois enfants : chez vous, ils viennent de vos tables, d'un import CSV ou de l'espace famille."""
    scolarite = Schooling(dt.date(2026, 9, 1), None, SchoolCode("ecole"), Grade.CE2, "CE2/CM1")
    with magasin.unit() as travail:
        for foyer, nom, enfants in ((MARTIN, "Martin", (CLARA, HUGO)), (PETIT, "Petit", (ZOE,))):
            travail.households.save(Household(foyer, nom, members=tuple(Member(enfant) for enfant in enfants)))
            for enfant in enfants:
                prenom = enfant.capitalize()
                travail.children.save(Child(enfant, nom, prenom, dt.date(2018, 3, 4), schoolings=(scolarite,)))
        quotient = DatedFact(MARTIN, "quotient", Decimal(850), dt.date(2026, 9, 1), None, le("2026-09-01", "09:00"))
        travail.dated_facts.append([quotient])
        mairie = StaffActor("mairie", frozenset({Role.ADMINISTRATOR}))
        publish_reglement(FICHIER.read_text("utf-8"), travail, actor=mairie, now=le("2026-09-01", "09:00"))
        travail.commit()


def main() -> None:
    semaine = Span(dt.date(2026, 10, 12), dt.date(2026, 10, 16))
    lundi, mercredi = semaine.first, dt.date(2026, 10, 14)
    maintenant = le("2026-10-05", "20:30")
    with tempfile.TemporaryDirectory() as dossier:
        magasin = create_store(Path(dossier) / "commune.sqlite")
        familles(magasin)
        anne = parent_connecte({"compte": "anne@exemple.fr", "adulte": "anne", "foyer": "martin"})
        paul = parent_connecte({"compte": "paul@exemple.fr", "adulte": "paul", "foyer": "petit"})

        # Le panier commence vide ; il vit en JSON dans la session du portail, et expire au bout d'une heure.
        vide = Basket.of(MARTIN, at=maintenant, lifetime=dt.timedelta(hours=1), reglement=REGLEMENT.version)
        panier: dict[str, Any] = json.loads(json.dumps(to_plain(vide)))

        vue = page_semaines(magasin, CLARA, MARTIN, semaine, maintenant, basket_from_plain(panier))
        premiere = vue["weeks"][0]["days"][0]["cells"][0]
        print(f"1. {vue['weeks'][0]['label']} : {premiere['product_name']} {premiere['state']},", end=" ")
        print(f"jusqu'au {premiere['until']}, {amount(Money(premiere['price']))}")

        panier = action_cocher(magasin, panier, CLARA, MATIN, lundi)
        panier = action_cocher(magasin, panier, CLARA, CENTRE, mercredi)
        jours = frozenset({Weekday.MONDAY, Weekday.WEDNESDAY, Weekday.THURSDAY})
        panier, laisses = action_agenda(magasin, panier, (CLARA, HUGO), lundi, semaine.last, jours, maintenant)
        print(f"2. panier : {len(panier['lines'])} lignes ; laissé : {laisses[0]}")

        essai = page_panier(magasin, anne, panier, maintenant)
        print(f"3. essai : {essai['unites']}, R {essai['a_la_reservation']}, C {essai['a_la_consommation']}")

        recepisse = action_valider(magasin, anne, panier, "jeton-1", maintenant)
        encore = action_valider(magasin, anne, panier, "jeton-1", maintenant)
        print(f"4. {recepisse.number} : {len(recepisse.lines)} lignes ; renvoyé, le même : {encore == recepisse}")
        print(f"   {recepisse_en_mots(recepisse)[1]}")
        print(f"   {', '.join(action_facturer(magasin, anne, recepisse, maintenant))}")

        agenda = page_calendrier(magasin, {CLARA: "Clara", HUGO: "Hugo"}, semaine, maintenant)
        print(f"5. calendrier : {agenda.count('BEGIN:VEVENT')} rendez-vous")

        # L'autre famille veut la même place au centre : elle attend, Anne annule, la place lui est proposée.
        attente = to_plain(Basket.of(PETIT).book(ZOE, CENTRE, mercredi))
        (ligne,) = action_valider(magasin, paul, attente, "jeton-2", maintenant).lines
        with magasin.unit(write=False) as travail:
            rang = waiting_position(ligne.key, travail, actor=paul, attribution=Attribution())
        print(f"6. {en_francais(Description.of('booking.status.' + ligne.status.name.lower()))}, rang {rang}")
        rendu = to_plain(Basket.of(MARTIN).cancel(CLARA, CENTRE, mercredi))
        annule = action_valider(magasin, anne, rendu, "jeton-3", le("2026-10-06", "09:00"))
        print(f"   {', '.join(action_facturer(magasin, anne, annule, le('2026-10-06', '09:00')))}")
        print(f"7. proposé : {tache_proposer_les_places(magasin, mercredi, le('2026-10-06', '09:05'))[0]}")
        with magasin.unit() as travail:
            acceptee = accept_offer(
                ligne.key, travail, actor=paul, at=le("2026-10-07", "07:45"), reglement=REGLEMENT, channel="en ligne"
            )
            (facture,) = invoice_places([ligne.key], travail, actor=paul, now=le("2026-10-07", "07:45"))
            travail.commit()
        print(f"8. {acceptee.state.value} ; {facture_en_mots(facture)}")
        magasin.close()


if __name__ == "__main__":
    main()
