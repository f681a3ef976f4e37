"""L'espace famille, de l'invitation à la facture soldée et à la demande répondue : le guide de l'usager en Python.

Ce qu'un portail appelle derrière chaque écran, dans l'ordre où une famille les voit. Se lance avec
``periscolaire[accounts]`` ::

    python examples/espace_famille.py

Rien ne sort de la machine : les courriels sont des fichiers d'un dossier temporaire, le magasin est en mémoire. Le même
récit, sans Python, est dans ``examples/le-langon/espace-famille.toml``.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlparse

import attrs

from periscolaire.access import FamilyActor, Role, Secret, StaffActor
from periscolaire.billing import OnlineEvent, OnlineEventKind
from periscolaire.booking import Basket, basket_words, period_view
from periscolaire.calendar import Span
from periscolaire.files import load_portal_settings
from periscolaire.households import Adult, Child, Civility, Grade, Household, Member, Schooling
from periscolaire.i18n import amount, text
from periscolaire.ids import AdultId, ChildId, FactId, HouseholdId, Key, ProductCode, SchoolCode
from periscolaire.mail import FileOutbox
from periscolaire.messages import AbsenceClaim, Move, News, OfSchools
from periscolaire.money import EUR, Money
from periscolaire.operations import (
    Accounts,
    ActivationLink,
    DoorLine,
    DoorList,
    Messages,
    NewFile,
    PayOnline,
    Portal,
    RequestDraft,
    bill,
    booking_context,
    check_basket,
    check_door_list,
    contact_page,
    family_invoices,
    notify_online_payment,
    publish_contacts,
    publish_reglement,
    published_reglements,
    start_online_payment,
    validate,
)
from periscolaire.ports import UnitOfWork
from periscolaire.reglement import Reglement
from periscolaire.storage import Argon2Hasher, MemoryBlobs, MemoryStore

LE_LANGON = Path(__file__).parent / "le-langon"
#: Ce que la commune dit d'elle à ses familles : adresse du portail, sortes de demandes, contacts.
REGLAGES = load_portal_settings(LE_LANGON / "espace.toml")
#: Un portail donne à chaque agent les rôles de son poste ; celui-ci les a tous, pour que l'exemple reste court.
MAIRIE = StaffActor("accueil", frozenset({Role.ADMINISTRATOR}))
FOYER, ALICE, LEA = HouseholdId("martin"), AdultId("alice"), ChildId("lea")
ECOLE, CANTINE = SchoolCode("école du Langon"), ProductCode("cantine")
MOT_DE_PASSE = Secret("sept petits mots sans aucun rapport entre eux")
LUNDI, MARDI = dt.date(2023, 9, 18), dt.date(2023, 9, 19)


class Commune:
    """Le magasin et les services que le portail garde d'une page à l'autre."""

    def __init__(self, courriels: FileOutbox) -> None:
        self.magasin, self.courriels = MemoryStore(), courriels
        with self.magasin.unit() as travail:
            publish_reglement(
                (LE_LANGON / "reglement.toml").read_text(encoding="utf-8"), travail, actor=MAIRIE,
                now=dt.datetime(2023, 9, 1, tzinfo=dt.UTC),
            )  # fmt: skip
            travail.commit()
            self.reglement: Reglement = published_reglements(travail).versions[-1]
        fuseau = self.reglement.calendar.tz
        portail = Portal(REGLAGES.commune, REGLAGES.address, REGLAGES.telephone, fuseau)
        self.comptes = Accounts(
            Argon2Hasher(), courriels, portail, corrections=REGLAGES.corrections,
            correction_kind=REGLAGES.correction_kind,
        )  # fmt: skip
        self.messages = Messages(courriels, portail, MemoryBlobs())

    def travail(self) -> UnitOfWork:
        """Une unité de travail : une page du portail, tout ou rien."""
        return self.magasin.unit()

    def le(self, jour: str, heure: str) -> dt.datetime:
        """Un instant à l'heure de la commune."""
        return dt.datetime.fromisoformat(f"{jour}T{heure}").replace(tzinfo=self.reglement.calendar.tz)

    def lien_recu(self) -> dict[str, str]:
        """Les paramètres du lien que porte le dernier courriel."""
        message = email.message_from_bytes(self.courriels.sent()[-1].read_bytes(), policy=email.policy.default)
        corps = message.get_body(("plain",))
        trouve = re.search(r"https://\S+", corps.get_content() if corps is not None else "")
        assert trouve is not None, "le dernier courriel porte un lien"
        return {nom: valeurs[0] for nom, valeurs in parse_qs(urlparse(trouve[0]).query).items()}


def euros(centimes: int) -> str:
    """Les sommes sont des centimes entiers partout ; elles ne deviennent des euros que pour être lues."""
    return amount(Money(centimes, EUR))


def inviter(commune: Commune) -> ActivationLink:
    """La commune connaît le foyer, et invite la responsable 1. Le lien du courriel est tout ce qu'elle reçoit."""
    alice = Adult(ALICE, "MARTIN", "Alise", Civility.MADAME, email="alice@exemple.fr")
    classe = Schooling(dt.date(2023, 9, 4), None, ECOLE, Grade.CE2, "CE2/CM1")
    with commune.travail() as travail:
        travail.children.save(Child(LEA, "MARTIN", "Léa", dt.date(2015, 3, 14), schoolings=(classe,)))
        travail.households.save(Household(FOYER, "MARTIN", (alice,), (Member(LEA),)))
        travail.commit()
    with commune.travail() as travail:
        commune.comptes.invite(travail, MAIRIE, FOYER, ALICE, at=commune.le("2023-09-04", "09:00"), channel="mairie")
    recu = commune.lien_recu()
    print("1. courriel d'invitation, avec un lien :", ", ".join(sorted(recu)))
    return ActivationLink(recu["email"], Secret(recu["activationCode"]), "Martin")


def creer_le_compte(commune: Commune, lien: ActivationLink) -> FamilyActor:
    """Compte famille, responsables, enfants, s'enregistrer : quatre écrans, un état que l'on peut reprendre."""
    comptes, soir = commune.comptes, commune.le("2023-09-04", "20:30")
    with commune.travail() as travail:
        ecran = comptes.choose_password(travail, lien, Secret("cantine"), Secret("cantine"), at=soir)
        print("2. mot de passe refusé :", text(ecran.refusals[0]))
    with commune.travail() as travail:
        ecran = comptes.choose_password(travail, lien, MOT_DE_PASSE, MOT_DE_PASSE, at=soir)
        assert ecran.household is not None, "le bon code ouvre l'écran suivant"
    with commune.travail() as travail:  # « RESPONSABLE 1 » : la famille corrige son prénom
        corriges = tuple(attrs.evolve(adulte, first_name="Alice") for adulte in ecran.household.adults)
        ecran = comptes.verify_adults(travail, lien, corriges, at=soir)
    with commune.travail() as travail:  # « ENFANTS DU FOYER »
        comptes.verify_children(travail, lien, ecran.children, at=soir)
    with commune.travail() as travail:
        ecran = comptes.register(travail, lien, at=soir, channel="en ligne")
        print("3. bonjour, votre compte espace famille a bien été créé ; correction en attente de la mairie")
    # Le code n'a servi qu'une fois ; le mot de passe, lui, ouvre.
    with commune.travail() as travail:
        assert comptes.activation(travail, lien, at=soir).step is None
    with commune.travail() as travail:
        reponse = comptes.sign_in(travail, "Alice@exemple.fr", MOT_DE_PASSE, at=soir, channel="en ligne")
        assert reponse.account is not None
        return reponse.account.actor


def reserver(commune: Commune, parent: FamilyActor) -> None:
    """« Mes réservations » : la vue période, le panier, « Valider »."""
    reglement, soir = commune.reglement, commune.le("2023-09-04", "20:45")
    panier = Basket.of(FOYER)
    with commune.travail() as travail:
        contexte = booking_context(travail, FOYER, reglement=reglement, span=Span(LUNDI, MARDI), channel="en ligne")
        vue = period_view(reglement, LEA, LUNDI, MARDI, contexte, soir, basket=panier)
        print("4.", vue.weeks[0].label, "–", text(basket_words(panier, reglement)[0]))
        panier = panier.book(LEA, CANTINE, LUNDI).book(LEA, CANTINE, MARDI)
        calcul = check_basket(panier, travail, actor=parent, at=soir, reglement=reglement, channel="en ligne")
        contenu = " ; ".join(text(ligne) for ligne in basket_words(panier, reglement))
        print(f"   {contenu} ({euros(calcul.estimate.at_consumption)} à la consommation)")
    with commune.travail() as travail:  # la clé est celle de l'envoi : renvoyé, le panier ne compte qu'une fois
        recepisse = validate(
            panier, travail, actor=parent, key=Key("panier-1"), at=soir, reglement=reglement, channel="en ligne"
        )
        print(f"   récépissé {recepisse.number} : {len(recepisse.lines)} réservations, {len(recepisse.refused)} refus")


def venir_ou_non(commune: Commune, parent: FamilyActor) -> None:
    """Léa vient le mardi. Le lundi elle était malade : la famille envoie le certificat, la mairie l'accepte."""
    for jour, presente in ((LUNDI, False), (MARDI, True)):
        with commune.travail() as travail:
            pointe = DoorList(CANTINE, jour, (DoorLine(LEA, presente),))
            check_door_list(pointe, travail, actor=MAIRIE, now=commune.le(jour.isoformat(), "13:30"))
            travail.commit()
    sorte = REGLAGES.kind("absence")
    certificat = NewFile("certificat.pdf", "application/pdf", b"%PDF-1.7 certificat")
    motif = AbsenceClaim(LEA, LUNDI, LUNDI, "maladie", "certificat médical")
    with commune.travail() as travail:
        demande = commune.messages.ask(
            travail, parent, RequestDraft(sorte, FOYER, "", "Léa est malade.", (certificat,), claim=motif),
            at=commune.le("2023-09-18", "18:00"), channel="en ligne",
        ).request  # fmt: skip
        assert demande is not None
    with commune.travail() as travail:
        commune.messages.reply(
            travail, MAIRIE, demande.id, Move.ACCEPT, "Bon rétablissement à Léa.", kind=sorte,
            at=commune.le("2023-09-19", "10:00"), channel="mairie",
        )  # fmt: skip
    with commune.travail() as travail:
        vues = commune.messages.requests(travail, parent, FOYER, at=commune.le("2023-09-19", "18:00"))
        vue = next(une for une in vues if une.id == demande.id)
        print(f"5. demande « {vue.subject} » {vue.state.value} : « {vue.entries[-1].text} »")


def facturer(commune: Commune, parent: FamilyActor) -> None:
    """« Mes factures » : en attente de paiement, payée en ligne, puis dans l'historique."""
    with commune.travail() as travail:
        emission = commune.le("2023-10-02", "09:00")
        septembre = Span(dt.date(2023, 9, 1), dt.date(2023, 9, 30))
        bill(septembre, travail, actor=MAIRIE, issued_on=emission.date(), now=emission)
        travail.commit()
    soir = commune.le("2023-10-03", "20:00")
    with commune.travail() as travail:
        (attendue,) = family_invoices(FOYER, travail, actor=parent, at=soir).waiting
        print("6.", text(attendue.words))
        voulu = PayOnline(FOYER, attendue.invoice.series, (attendue.invoice.id,))
        paiement = start_online_payment(voulu, travail, actor=parent, now=soir)
        travail.commit()
    with commune.travail() as travail:  # le portail demande au service de paiement ce qu'il en est, puis le note
        reponse = OnlineEvent(FactId("r1"), paiement.reference, OnlineEventKind.PAID, soir, paiement.amount)
        notify_online_payment(reponse, travail, actor=MAIRIE, now=soir)
        travail.commit()
    with commune.travail() as travail:
        vues = family_invoices(FOYER, travail, actor=parent, at=soir)
        print(f"   {text(vues.settled[0].words)} Reste à payer : {euros(vues.due)}")


def informer(commune: Commune, parent: FamilyActor) -> None:
    """« Mes actualités » et « Contacts »."""
    matin = commune.le("2023-10-04", "09:00")
    with commune.travail() as travail:
        nouvelle = News(
            "photo", "Photo de classe", "La photo est **vendredi**.", matin, None, OfSchools(frozenset({ECOLE}))
        )
        commune.messages.publish(travail, MAIRIE, nouvelle, at=matin, channel="mairie")
        publish_contacts(REGLAGES.contacts, travail, actor=MAIRIE, at=matin, channel="mairie")
        travail.commit()
    with commune.travail() as travail:
        commune.messages.mark_read(travail, parent, FOYER, "photo", at=matin)
        (ligne,) = commune.messages.news(travail, parent, FOYER, at=matin)
        lue = "lue" if ligne.read else "non lue"
        print(f"7. actualité « {ligne.news.title} », {lue} : {ligne.news.text.html()}")
        print("8. contact :", contact_page(travail).for_product(CANTINE)[0].name)


def main() -> None:
    with tempfile.TemporaryDirectory() as dossier:
        commune = Commune(FileOutbox(Path(dossier)))
        parent = creer_le_compte(commune, inviter(commune))
        reserver(commune, parent)
        venir_ou_non(commune, parent)
        facturer(commune, parent)
        informer(commune, parent)


if __name__ == "__main__":
    main()
