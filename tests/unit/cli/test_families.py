"""The commands about families, on one SQLite file, as a clerk or a script meets them; no secret ever shown."""

from __future__ import annotations

import datetime as dt
import email
import email.policy
import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlparse

import pytest
from click.testing import CliRunner, Result

from periscolaire.access import FamilyActor, Secret
from periscolaire.cli._app import app
from periscolaire.cli.families._shared import accounts_of, messages_of
from periscolaire.files import load_portal_settings
from periscolaire.ids import ChildId, HouseholdId
from periscolaire.messages import AbsenceClaim
from periscolaire.operations import ActivationLink, NewFile, RequestDraft, publish_reglement, published_reglements
from periscolaire.storage import open_store

EXAMPLE = Path(__file__).parents[3] / "examples" / "le-langon"
HOME, OTHER = "F012", "F001"
MORNING = ("--le", "2025-09-01 09:00")
PASSWORD = Secret("sept petits mots sans aucun rapport entre eux")
PDF = b"%PDF-1.7 certificat"


class Town:
    """A folder with a store, the family space's file, and the mail that left."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.base, self.portal = folder / "base.sqlite", folder / "espace.toml"
        self.portal.write_text((EXAMPLE / "espace.toml").read_text("utf-8"), "utf-8")
        files = [EXAMPLE / f"{name}.csv" for name in ("foyers", "enfants", "faits")]
        assert self("import", "--creer", "--reglement", EXAMPLE / "reglement.toml", *files).exit_code == 0

    def __call__(self, *words: object, code: int = 0) -> Result:
        """Run a command on the store; ``code`` is the exit code that it must have."""
        heads = 2 if words[0] in {"family", "invitations", "accounts", "news", "requests", "contacts"} else 1
        arguments = [*words[:heads], self.base, *words[heads:]]
        portal = {"PERISCOLAIRE_ESPACE": str(self.portal)}
        result = CliRunner(env=portal).invoke(app, [str(one) for one in arguments], prog_name="periscolaire")
        assert result.exit_code == code, result.output
        return result

    def json(self, *words: object, code: int = 0) -> Any:
        return json.loads(self(*words, "--json", code=code).stdout)

    def link(self) -> dict[str, str]:
        """The parameters of the link in the last mail."""
        last = max((self.folder / "courriels").glob("*.eml"))
        body = email.message_from_bytes(last.read_bytes(), policy=email.policy.default).get_body(("plain",))
        assert body is not None
        found = re.search(r"https://\S+", body.get_content())
        assert found is not None
        return {name: values[0] for name, values in parse_qs(urlparse(found[0]).query).items()}

    def activate(self) -> FamilyActor:
        """What the family does at home with the link it was sent."""
        told = self.link()
        link = ActivationLink(told["email"], Secret(told["activationCode"]), "Michel")
        settings, store = load_portal_settings(self.portal), open_store(str(self.base))
        evening = dt.datetime(2025, 9, 1, 19, tzinfo=dt.UTC)
        with store.unit() as uow:
            accounts = accounts_of(settings, published_reglements(uow).versions[-1].calendar.tz)
            accounts.choose_password(uow, link, PASSWORD, PASSWORD, at=evening)
            screen = accounts.activation(uow, link, at=evening)
            assert screen.household is not None
            accounts.verify_adults(uow, link, screen.household.adults, at=evening)
            accounts.verify_children(uow, link, screen.children, at=evening)
            done = accounts.register(uow, link, at=evening, channel="en ligne")
        store.close()
        assert done.account is not None
        return done.account.actor

    def ask(self, actor: FamilyActor) -> None:
        """The family sends the certificate of an absence."""
        settings, store = load_portal_settings(self.portal), open_store(str(self.base))
        claim = AbsenceClaim(ChildId("E019"), dt.date(2025, 9, 15), dt.date(2025, 9, 15), "maladie", "certificat")
        draft = RequestDraft(
            settings.kind("absence"), HouseholdId(HOME), "", "Lina est malade.",
            (NewFile("certificat.pdf", "application/pdf", PDF),), claim=claim,
        )  # fmt: skip
        with store.unit() as uow:
            messages = messages_of(settings, published_reglements(uow).versions[-1].calendar.tz)
            asked = messages.ask(uow, actor, draft, at=dt.datetime(2025, 9, 15, 7, tzinfo=dt.UTC), channel="en ligne")
        store.close()
        assert asked.verdict.allowed


@pytest.fixture(scope="module")
def still(tmp_path_factory: pytest.TempPathFactory) -> Town:
    """A town in which nothing is to happen."""
    return Town(tmp_path_factory.mktemp("ville"))


@pytest.fixture
def town(tmp_path: Path) -> Town:
    return Town(tmp_path)


def test_from_the_invitation_to_the_account_and_back(town: Town) -> None:
    said = town("invitations", "send", HOME, *MORNING).output
    assert "sebastien.f012@exemple.invalid" in said
    (sent,) = town.json("invitations", "list", "--le", "2025-09-02 09:00")
    assert (sent["foyer"], sent["etat"]) == (HOME, "ouverte")
    first = town.link()
    town("invitations", "again", sent["invitation"][-6:], *MORNING)
    assert town.link() != first
    town.activate()
    assert town.json("invitations", "list")[0]["etat"] == "utilisée"
    town("invitations", "withdraw", sent["invitation"], code=2)
    (account,) = town.json("accounts", "list")
    assert (account["foyers"], account["etat"], account["bloque_jusqu_au"]) == ([HOME], "ouvert", None)
    town("accounts", "reset", account["courriel"], "--le", "2025-09-02 10:00")
    assert "token" in town.link()
    assert town.json("accounts", "list", "--le", "2025-09-02 10:10")[0]["liens_en_cours"] == 1
    assert "aucun essai" in town("accounts", "unblock", account["courriel"]).output
    town("accounts", "close", account["courriel"])
    assert town.json("accounts", "list")[0]["etat"] == "fermé"
    assert "Aucun compte ouvert" in town("accounts", "reset", account["courriel"], code=2).output


def test_everybody_is_invited_once(town: Town) -> None:
    town("invitations", "send", HOME, *MORNING)
    others = town.json("invitations", "send", "--tous", *MORNING)
    assert len(others) == 119
    assert HOME not in {one["foyer"] for one in others}
    assert town.json("invitations", "send", "--tous", *MORNING) == []


def test_no_secret_is_shown(town: Town) -> None:
    town("invitations", "send", HOME, *MORNING)
    code = town.link()["activationCode"]
    town.ask(town.activate())
    out = town.folder / "f012.json"
    shown = [
        town("family", "export", HOME, "-o", out).output,
        out.read_text("utf-8"),
        *(town(*words).output for words in (
            ("invitations", "list", "--json"), ("accounts", "list", "--json"), ("accounts", "list"),
            ("requests", "list", "--toutes", "--json"), ("audit", "--json"), ("family", "show", HOME, "--json"),
        )),
    ]  # fmt: skip
    assert any("sebastien.f012" in text for text in shown)
    for text in shown:
        assert code not in text
        assert PASSWORD.reveal() not in text
        assert "argon2" not in text
        assert "digest" not in text


def test_a_request_is_read_and_accepted(town: Town) -> None:
    town("invitations", "send", HOME, *MORNING)
    town.ask(town.activate())
    (asked,) = town.json("requests", "list", "--le", "2025-09-16 09:00")
    assert (asked["nature"], asked["etat"], asked["a_repondre_avant_le"]) == ("absence", "reçue", "2025-09-22")
    code = asked["demande"][-6:]
    shown = town("requests", "show", code).output
    for said in ("Lina est malade.", "absence de Lina Michel du 15/09/2025", "certificat.pdf"):
        assert said in shown
    town("requests", "files", code, "-o", town.folder / "pieces")
    assert (town.folder / "pieces" / "01-certificat.pdf").read_bytes() == PDF
    assert "prise en charge" in town("requests", "take", code).output
    town("requests", "clarify", code, "--texte", "De quel jour ?")
    assert town.json("requests", "accept", code, "--texte", "Bon rétablissement.")["etat"] == "acceptée"
    assert town.json("requests", "list") == []
    refused = town("requests", "answer", code, "--texte", "Encore.", code=1)
    assert "acceptée" in refused.output, "a closed request says where it stands"
    assert town.json("requests", "list", "--foyer", OTHER) == []


def test_news_are_published_for_a_school_and_withdrawn(town: Town) -> None:
    until = ("--jusqu-au", "2025-09-12")
    town(
        "news", "publish", "Photo de classe", "--texte", "**Vendredi**.", "--ecole", "École publique", *until, *MORNING
    )
    (shown,) = town.json("news", "list", *MORNING)
    assert (shown["code"], shown["public"], shown["lues"]) == ("photo-de-classe", "pour École publique", 0)
    assert town.json("news", "list", "--le", "2025-09-13 00:00") == []
    assert len(town.json("news", "list", "--toutes", "--le", "2025-09-13 00:00")) == 1
    town("news", "withdraw", "photo-de-classe", "--le", "2025-09-02 09:00")
    assert town.json("news", "list", "--le", "2025-09-02 09:00") == []


def test_the_contact_page_is_that_of_the_file(town: Town) -> None:
    assert town.json("contacts", "show") == []
    assert "2 contact" in town("contacts", "publish").output
    assert "lundi 9 h – 12 h et 14 h – 17 h" in town("contacts", "show").output


def test_papers_make_a_file_complete(town: Town) -> None:
    rules = (EXAMPLE / "reglement.toml").read_text("utf-8").replace('version = "2023-2024"', 'version = "2"', 1)
    rules = rules.replace('"2023-09-01"', '"2025-09-01"', 1) + '\n[[pieces]]\nnature = "assurance"\n'
    store = open_store(str(town.base))
    with store.unit() as uow:
        from tests.unit.operations.test_month import CLERK, NOW

        publish_reglement(rules, uow, actor=CLERK, now=NOW)
        uow.commit()
    store.close()
    on = ("--le", "2025-10-01 09:00")
    missing = town.json("family", "show", HOME, *on)
    assert missing["complet"] is False
    made = town.json("family", "document", "E019", "assurance", "--du", "2025-09-01", "--au", "2026-08-31", *on)
    assert [one["code"] for one in town.json("family", "show", HOME, *on)["manque"]] != [
        one["code"] for one in missing["manque"]
    ]
    answered = town.json("family", "consent", "E019", "photographies", "non", *on)
    assert (answered["de"], answered["accord"]) == ("E019", False)
    town("family", "document", "E019", "--code", made["piece"][-6:], "--etat", "refusée", *on)
    (paper,) = town.json("family", "show", HOME, *on)["pieces"]
    assert (paper["etat"], paper["au"]) == ("refusée", "2026-08-31")


def test_erasing_is_tried_first(town: Town) -> None:
    tried = town.json("family", "erase", HOME)
    assert tried["fait"] is False
    assert "Michel" in town("family", "show", HOME).output
    done = town.json("family", "erase", HOME, "--appliquer")
    assert (done["fait"], done["lignes"]) == (True, tried["lignes"])
    assert "Michel" not in town("family", "show", HOME).output


def test_a_purge_counts_before_it_erases(town: Town) -> None:
    town("invitations", "send", HOME, *MORNING)
    later = ("--le", "2027-01-10 09:00")
    tried = town.json("purge", *later)
    assert tried["fait"] is False
    assert {"invitations"} <= {line["genre"] for line in tried["lignes"]}
    assert len(town.json("invitations", "list")) == 1
    assert town.json("purge", "--appliquer", *later)["lignes"] == tried["lignes"]
    assert town.json("invitations", "list") == []


def test_the_trail_says_who_did_what(town: Town) -> None:
    town("invitations", "send", HOME, *MORNING, "--agent", "claire")
    (line,) = town.json("audit", "--qui", "claire", "--quoi", f"household:{HOME}")
    assert (line["action"], line["qui"], line["canal"]) == ("invite", "agent:claire", "mairie")
    assert "inviter" in town("audit", "--qui", "claire").output
    assert town.json("audit", "--qui", "claire", "--du", "2025-09-02") == []


PUPILS = """Nom élève;Prénom élève;Date naissance;Niveau;Libellé classe
Nouveau;Zélie;03/04/2017;CE2;CE2
Michel;Lina;11/04/2018;CE1;CE1
Michel;Lina;12/04/2018;CE1;CE1
Impossible;Jean;31/02/2017;CE2;CE2
"""
GUARDIANS = """Civilité Responsable;Nom responsable;Prénom responsable;Courriel;Nom de famille enfant;Prénom enfant
Mme;Nouveau;Anne;anne@exemple.fr;Nouveau;Zélie
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_people_are_reported_before_anything_is_written(town: Town, encoding: str) -> None:
    pupils, guardians = town.folder / "eleves.csv", town.folder / "responsables.csv"
    pupils.write_text(PUPILS, encoding)
    guardians.write_text(GUARDIANS, encoding)
    asked = ("people", pupils, guardians, "--ecole", "École publique", *MORNING)
    tried = town.json(*asked, code=1)
    assert [line["sort"] for line in tried["eleves"]] == ["à créer", "reconnu", "douteux", "refusé"]
    assert tried["ecrit"] is None
    shown = town(*asked, code=1).output
    for said in ("1 à créer", "--tranche", "Rien n'est écrit"):
        assert said in shown
    for wrong, said in (("4", "attendu LIGNE=ENFANT"), ("2=E001", "la ligne 2 n'est pas douteuse ; le sont 4")):
        assert said in town(*asked, "--tranche", wrong, code=2).output
    settled = ("--tranche", "4=nouveau")
    done = town.json(*asked, *settled, "--appliquer", code=1)["ecrit"]
    assert len(done["enfants_crees"]) == 2
    assert len(done["foyers_crees"]) == 1
    again = town.json(*asked, code=1)
    assert [line["sort"] for line in again["eleves"]][:1] == ["reconnu"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("invitations", "send", "F999"), "foyer « F999 » : inconnu"),
        (("invitations", "send"), "--tous"),
        (("invitations", "send", HOME, "--adulte", "Bob"), "on y trouve Sébastien Michel"),
        (("invitations", "send", HOME, "--courriel", "a@b.fr"), "--adulte"),
        (("invitations", "send", HOME, "--adulte", "Stéphanie"), "Stéphanie Michel n'a pas d'adresse"),
        (("invitations", "send", HOME, "--le", "2025-13-01 09:00"), "attendu un instant"),
        (("invitations", "withdraw", "zzzz"), "invitation « zzzz » : inconnue"),
        (("accounts", "close", "a@b.fr"), "Aucun compte ouvert"),
        (("news", "publish", "Titre"), "--texte ou --fichier"),
        (("news", "publish", "Titre", "--texte", "x", "--ecole", "Nulle"), "celles de la base : École publique"),
        (("news", "publish", "Titre", "--texte", "x", "--classe", "École publique/Z"), "celles de École publique"),
        (("news", "publish", "Titre", "--texte", "x", "--jusqu-au", "2020-01-01"), "déjà passé"),
        (("news", "withdraw", "rien"), "rien"),
        (("requests", "show", "abcd"), "demande « abcd » : inconnue"),
        (("family", "show", "Michele"), "foyer « Michele » : inconnu"),
        (("family", "document", HOME), "NATURE"),
        (("family", "document", HOME, "assurance", "--du", "2025-09-01", "--au", "2025-08-01"), "avant le début"),
        (("people", EXAMPLE / "reglement.toml", "--ecole", "x"), "colonne"),
        (("people", EXAMPLE / "enfants.csv", "--ecole", "x"), "date naissance"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_exits_with_two_and_says_why(still: Town, words: tuple[object, ...], said: str) -> None:
    assert said in still(*words, code=2).output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("check", EXAMPLE / "espace-famille.toml"), "trouvé un fichier de scénarios ; attendu un fichier de règles"),
        (("check", EXAMPLE / "reglement.toml", EXAMPLE / "espace.toml"), "trouvé un fichier de l'espace famille"),
        (("check", EXAMPLE / "espace.toml"), "attendu un fichier de règles"),
    ],
)
def test_one_sort_of_file_for_another_is_told_in_one_line(words: tuple[object, ...], said: str) -> None:
    result = CliRunner().invoke(app, [str(one) for one in words], prog_name="periscolaire")
    assert result.exit_code == 2
    assert said in result.output
    assert len(result.output.splitlines()) == 1


def test_a_place_where_nothing_can_be_written_is_told(still: Town) -> None:
    said = still("family", "export", HOME, "-o", still.folder / "nulle" / "part.json", code=2).output
    assert "part.json : introuvable, ou son dossier n'existe pas" in said


def test_a_town_without_its_file_is_told_which(town: Town) -> None:
    town.portal.unlink()
    said = town("invitations", "send", HOME, code=2).output
    assert "espace.toml" in said
    assert "--espace" in said


def test_a_missing_password_names_its_variable(town: Town) -> None:
    text = town.portal.read_text("utf-8")
    server = 'serveur = "smtp.invalid"\nutilisateur = "mairie"\nmot_de_passe_dans = "PERISCOLAIRE_TEST_SMTP"'
    town.portal.write_text(text.replace('dossier = "courriels"', server), "utf-8")
    assert "PERISCOLAIRE_TEST_SMTP" in town("invitations", "send", HOME, code=2).output


def test_a_server_that_cannot_be_reached_is_told_and_nothing_is_kept(town: Town) -> None:
    text = town.portal.read_text("utf-8")
    server = 'serveur = "127.0.0.1"\nport = 9\nchiffrement = "aucun"'
    town.portal.write_text(text.replace('dossier = "courriels"', server), "utf-8")
    assert "127.0.0.1" in town("invitations", "send", HOME, code=2).output
    assert town.json("invitations", "list") == []
