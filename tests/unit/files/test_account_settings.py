"""The file of the family account: what it says becomes policies, and what it may not say is told with its line."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from periscolaire.access import RETENTION, CorrectionPolicy
from periscolaire.errors import BadFileError
from periscolaire.files import read_portal_settings
from periscolaire.households import FileField
from periscolaire.messages import Purpose
from periscolaire.operations import Accounts, Messages
from periscolaire.storage import MemoryBlobs
from periscolaire.testing.accounts import MemoryOutbox, QuickHasher

LEAST = """format = 1
commune = "X"
adresse = "https://x.exemple"
telephone = "01"
courriel = { expediteur = "x@x.exemple", dossier = "courriels" }
"""
WHOLE = (
    LEAST
    + """
corrections = "demander"
corrections_directes = ["Téléphones", "Courriel"]

[comptes]
invitation = 10
essais_invitation = 3
essais = 5
attente = 20
lien = 60
appareil = 90
mot_de_passe = 100

[[demandes]]
code = "absence"
libelle = "Absence et justificatif"
nature = "absence"
reponse_sous = 7
fichiers = 2
poids = 1
types = ["pdf", "jpg"]

[[demandes]]
code = "contestation"
libelle = "Contester une facture"
nature = "facture"
conteste = true

[[demandes]]
code = "dossier"
libelle = "Modification du dossier"
nature = "modification du dossier"

[[conservation]]
donnees = "Demandes et réponses"
mois = 12
fondement = "délibération du 12 juin 2026"
"""
)
PARIS = ZoneInfo("Europe/Paris")


def test_what_the_file_says_becomes_the_policies() -> None:
    settings = read_portal_settings(WHOLE)
    accounts = Accounts.of(settings, PARIS, QuickHasher(), MemoryOutbox())
    assert accounts.portal.address == "https://x.exemple"
    assert accounts.corrections is CorrectionPolicy.REQUEST
    assert accounts.at_once == {FileField.PHONES, FileField.EMAIL}
    assert (accounts.tries.tries, accounts.tries.block) == (5, dt.timedelta(minutes=20))
    assert (accounts.invitations.lifetime, accounts.invitations.tries) == (dt.timedelta(days=10), 3)
    assert (accounts.reset_minutes, accounts.device_days, accounts.passwords.bits) == (60, 90, 100)
    assert accounts.correction_kind.code == "dossier"
    absence, contest, _ = settings.kinds
    assert (absence.purpose, absence.reply_within, absence.attachments.most) == (Purpose.ABSENCE, 7, 2)
    assert absence.attachments.check("a.png", "image/png", b"\x89PNG\r\n\x1a\n").reasons
    assert absence.attachments.check("a.pdf", "application/pdf", b"%PDF-" + b"x" * 1_000_000).reasons
    assert contest.contests
    changed = [(line.record, line.months) for line in settings.retention if line not in RETENTION]
    assert changed == [("requests", 12)]
    assert len(settings.retention) == len(RETENTION)
    assert Messages.of(settings, PARIS, MemoryOutbox(), MemoryBlobs()).portal == accounts.portal


def test_nothing_more_than_who_it_is_need_be_said() -> None:
    settings = read_portal_settings(LEAST)
    assert (settings.contacts.contacts, settings.retention) == ((), RETENTION)
    accounts = Accounts.of(settings, PARIS, QuickHasher(), MemoryOutbox())
    assert accounts == Accounts(
        accounts.hasher, accounts.mailer, accounts.portal, correction_kind=accounts.correction_kind
    )


@pytest.mark.parametrize(
    ("text", "where"),
    [
        (LEAST + "couleur = 1\n", "ligne 6"),
        (LEAST + "[comptes]\nessais = 11\n", "ligne 7"),
        (LEAST + "[comptes]\nmot_de_passe = 40\n", "ligne 7"),
        (LEAST + 'corrections_directes = ["Telephone"]\n', "ligne 6"),
        (LEAST + '[[demandes]]\ncode = "a"\nlibelle = "A"\nnature = "autre"\nconteste = true\n', "demandes[1]"),
        (LEAST + '[[demandes]]\ncode = "a"\nlibelle = "A"\nnature = "autre"\ntypes = ["exe"]\n', "ligne 10"),
        (LEAST + '[[conservation]]\ndonnees = "Tout"\nmois = 1\nfondement = "x"\n', "ligne 7"),
        (LEAST + '[[conservation]]\ndonnees = "Invitations"\nmois = 1\n', "conservation[1]"),
    ],
)
def test_what_it_may_not_say_is_told_where_it_stands(text: str, where: str) -> None:
    with pytest.raises(BadFileError) as caught:
        read_portal_settings(text, file="espace.toml")
    (problem,) = caught.value.problems
    assert where in problem.where
    assert problem.expected
    assert "expected" not in problem.expected
    assert "invoices" not in problem.expected
