"""L'espace famille, du courriel d'invitation à la demande répondue : le guide de l'usager, joué d'un bout à l'autre.

Se lance sans rien installer d'autre que ``periscolaire[accounts]`` ::

    python examples/espace_famille.py

Rien ne sort de la machine : les courriels sont des fichiers d'un dossier temporaire, le magasin est en mémoire.
"""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import re
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, urlparse
from zoneinfo import ZoneInfo

import attrs

from periscolaire.access import CorrectionPolicy, Role, Secret, StaffActor
from periscolaire.booking import Basket, SlotKey
from periscolaire.files import load_reglement
from periscolaire.households import Adult, Child, Civility, Grade, Household, Member, Schooling
from periscolaire.i18n import text
from periscolaire.ids import AdultId, ChildId, HouseholdId, Key, ProductCode, SchoolCode
from periscolaire.mail import FileOutbox
from periscolaire.messages import AbsenceClaim, Move, News, OfSchools, Purpose, RequestKind
from periscolaire.operations import (
    Accounts,
    ActivationLink,
    Messages,
    NewFile,
    Portal,
    RequestDraft,
    validate,
)
from periscolaire.reglement import Reglements
from periscolaire.storage import Argon2Hasher, MemoryBlobs, MemoryStore

PARIS = ZoneInfo("Europe/Paris")
REGLEMENT = Path(__file__).parent / "le-langon" / "reglement.toml"
FOYER, LEA, CANTINE = HouseholdId("martin"), ChildId("lea"), ProductCode("cantine")


def le(jour: str, heure: str) -> dt.datetime:
    """Un instant à l'heure de la commune."""
    return dt.datetime.fromisoformat(f"{jour}T{heure}").replace(tzinfo=PARIS)


def lien_recu(courriels: FileOutbox) -> dict[str, str]:
    """Les paramètres du lien que porte le dernier courriel."""
    message = email.message_from_bytes(courriels.sent()[-1].read_bytes(), policy=email.policy.default)
    corps = message.get_body(("plain",))
    assert corps is not None
    trouve = re.search(r"https://\S+", corps.get_content())
    assert trouve is not None
    return {nom: valeurs[0] for nom, valeurs in parse_qs(urlparse(trouve[0]).query).items()}


def main() -> None:
    reglement = load_reglement(REGLEMENT)
    magasin, pieces = MemoryStore(), MemoryBlobs()
    with tempfile.TemporaryDirectory() as dossier:
        courriels = FileOutbox(Path(dossier))
        portail = Portal("Le Langon", "https://famille.le-langon.exemple", "02 00 00 00 00", PARIS)
        comptes = Accounts(Argon2Hasher(), courriels, portail, corrections=CorrectionPolicy.APPLY)
        messages = Messages(courriels, portail, pieces, reglements=Reglements((reglement,)))
        agent = StaffActor("accueil", frozenset({Role.ADMINISTER}))

        # La commune connaît le foyer ; elle invite la responsable 1.
        alice = Adult(AdultId("alice"), "MARTIN", "Alise", Civility.MADAME, email="alice@exemple.fr")
        scolarite = Schooling(dt.date(2023, 9, 4), None, SchoolCode("ecole"), Grade.CE2, "CE2/CM1")
        lea = Child(LEA, "MARTIN", "Léa", dt.date(2015, 3, 14), schoolings=(scolarite,))
        with magasin.unit() as travail:
            travail.children.save(lea)
            travail.households.save(Household(FOYER, "MARTIN", (alice,), (Member(LEA),)))
            travail.commit()
        with magasin.unit() as travail:
            comptes.invite(travail, agent, FOYER, alice.id, at=le("2023-09-04", "09:00"), channel="mairie")
        print("1. courriel d'invitation :", ", ".join(sorted(lien_recu(courriels))))

        # Compte famille, responsables, enfants, s'enregistrer : quatre écrans, un état que l'on peut reprendre.
        recu = lien_recu(courriels)
        lien = ActivationLink(recu["email"], Secret(recu["activationCode"]), "Martin")
        mot_de_passe = Secret("sept mots sans aucun rapport entre eux")
        soir = le("2023-09-04", "20:30")
        with magasin.unit() as travail:
            ecran = comptes.choose_password(travail, lien, Secret("cantine"), Secret("cantine"), at=soir)
            print("2. mot de passe refusé :", text(ecran.refusals[0]))
        with magasin.unit() as travail:
            comptes.choose_password(travail, lien, mot_de_passe, mot_de_passe, at=soir)
        with magasin.unit() as travail:
            corrigee = attrs.evolve(alice, first_name="Alice")
            comptes.verify_adults(travail, lien, (corrigee,), at=soir)
        with magasin.unit() as travail:
            comptes.verify_children(travail, lien, (lea,), at=soir)
        with magasin.unit() as travail:
            ecran = comptes.register(travail, lien, at=soir, channel="en ligne")
            assert ecran.account is not None
        with magasin.unit() as travail:
            prenom = travail.households.get(FOYER).model.adults[0].first_name
            print(f"3. bonjour {prenom}, votre compte espace famille a bien été créé")

        # Le code n'a servi qu'une fois ; le mot de passe, lui, ouvre.
        with magasin.unit() as travail:
            assert comptes.activation(travail, lien, at=soir).step is None
        with magasin.unit() as travail:
            reponse = comptes.sign_in(travail, "Alice@exemple.fr", mot_de_passe, at=soir, channel="en ligne")
            assert reponse.account is not None
            parent = reponse.account.actor

        # Premier panier : la cantine du lundi et du mardi de la semaine suivante.
        lundi, mardi = dt.date(2023, 9, 18), dt.date(2023, 9, 19)
        panier = Basket.of(FOYER).book(LEA, CANTINE, lundi).book(LEA, CANTINE, mardi)
        with magasin.unit() as travail:
            recepisse = validate(
                panier, travail, actor=parent, key=Key("panier-1"), at=soir, reglement=reglement, channel="en ligne"
            )
        print(f"4. panier validé : {len(recepisse.lines)} réservations, {len(recepisse.refused)} refus")

        # Une actualité pour l'école, lue une fois.
        with magasin.unit() as travail:
            nouvelle = News(
                "photo", "Photo de classe", "La photo est **vendredi**.", soir, None,
                OfSchools(frozenset({SchoolCode("ecole")})),
            )  # fmt: skip
            messages.publish(travail, agent, nouvelle, at=soir, channel="mairie")
            messages.mark_read(travail, parent, FOYER, "photo", at=soir)
            (ligne,) = messages.news(travail, parent, FOYER, at=soir)
            print(
                f"5. actualité « {ligne.news.title} », lue : {'oui' if ligne.read else 'non'}, {ligne.news.text.html()}"
            )

        # Léa est malade : le certificat envoyé attend, puis la mairie l'accepte et la journée n'est plus due.
        absence = RequestKind("absence", "Absence et justificatif", Purpose.ABSENCE, reply_within=7)
        certificat = NewFile("certificat.pdf", "application/pdf", b"%PDF-1.7 certificat")
        motif = AbsenceClaim(LEA, lundi, lundi, "maladie", "certificat médical")
        with magasin.unit() as travail:
            demande = messages.ask(
                travail, parent, RequestDraft(absence, FOYER, "", "Léa est malade.", (certificat,), claim=motif),
                at=le("2023-09-18", "08:00"), channel="en ligne",
            )  # fmt: skip
            assert demande.request is not None
        with magasin.unit() as travail:
            messages.reply(
                travail, agent, demande.request.id, Move.ACCEPT, "Bon rétablissement à Léa.", kind=absence,
                at=le("2023-09-19", "10:00"), channel="mairie",
            )  # fmt: skip
        with magasin.unit() as travail:
            (vue,) = messages.requests(travail, parent, FOYER, at=le("2023-09-19", "18:00"))
            jour = travail.consumptions.find(SlotKey(LEA, CANTINE, lundi))
            assert jour is not None
            print(f"6. demande {vue.state.value} : « {vue.entries[-1].text} » ; preuve du 18/09 : {jour.proof.value}")


if __name__ == "__main__":
    main()
