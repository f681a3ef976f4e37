"""The file of the family space: what it says, and every fault of it at once."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import jsonschema
import pytest

from periscolaire.access import CorrectionPolicy
from periscolaire.errors import BadFileError, MisuseError, UnknownFormatError
from periscolaire.files import load_portal_settings, portal_schema, read_portal_settings, reference
from periscolaire.messages import Purpose

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "le-langon" / "espace.toml"
SHORT = """format = 1
commune = "Le Langon"
adresse = "https://famille.exemple"
telephone = "02 00 00 00 00"
"""
MAIL = '[courriel]\nexpediteur = "non@exemple.fr"\ndossier = "courriels"\n'


def test_the_example_is_read_and_its_folders_are_beside_it() -> None:
    read = load_portal_settings(EXAMPLE)
    assert read.mail.folder == EXAMPLE.parent / "courriels"
    assert read.attachments == EXAMPLE.parent / "pieces-jointes"
    assert [kind.code for kind in read.kinds] == ["absence", "facture", "dossier", "autre"]
    assert read.kind("facture").contests
    assert read.correction_kind.code == "dossier"
    town, canteen = read.contacts.contacts
    assert [(one.weekday, one.opens, one.closes) for one in town.hours][:2] == [(0, 540, 720), (0, 840, 1020)]
    assert read.contacts.for_product(next(iter(canteen.products))) == (canteen,)


def test_without_kinds_there_is_one_for_each_purpose() -> None:
    read = read_portal_settings(SHORT + MAIL)
    assert {kind.purpose for kind in read.kinds} == set(Purpose)
    assert read.corrections is CorrectionPolicy.REQUEST
    with pytest.raises(MisuseError, match="celles de la commune"):
        read.kind("météo")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (SHORT, "sans « courriel »"),
        (SHORT.replace("https://", "http://") + MAIL, "https"),
        (SHORT + MAIL + 'serveur = "smtp.exemple"\n', "l'un des deux"),
        (SHORT + '[courriel]\nexpediteur = "non@exemple.fr"\n', "l'un des deux"),
        (SHORT + MAIL + 'mot_de_passe = "secret"\n', "mot_de_passe_dans"),
        (SHORT + MAIL + 'chiffrement = "aucun"\nmot_de_passe_dans = "X"\n', "sans chiffrement"),
        (SHORT + MAIL + '[[demandes]]\ncode = "a"\nlibelle = "A"\nnature = "autre"\n', "modification du dossier"),
        (SHORT + MAIL + '[[demandes]]\ncode = "a"\nlibelle = "A"\nnature = "météo"\n', "« météo »"),
        (
            SHORT + MAIL + '[[demandes]]\ncode = "a"\nlibelle = "A"\nnature = "autre"\nconteste = true\n',
            "nature « facture »",
        ),
        (SHORT + MAIL + '[[contacts]]\nnom = "M"\ncommune = "L"\nhoraires = { lundi = "17:00-9:00" }\n', "9:00-12:00"),
        (SHORT + MAIL + '[[contacts]]\nnom = "M"\ncommune = "L"\nhoraires = { lundis = "9:00-12:00" }\n', "lundi"),
    ],
)
def test_a_fault_is_told_with_what_was_expected(text: str, said: str) -> None:
    with pytest.raises(BadFileError) as caught:
        read_portal_settings(text)
    assert said in str(caught.value)


def test_every_fault_is_told_at_once_each_with_its_line() -> None:
    with pytest.raises(BadFileError) as caught:
        read_portal_settings(SHORT + MAIL + 'port = "587"\nserveurs = 1\n')
    assert [problem.where.split(",")[0] for problem in caught.value.problems] == ["ligne 8", "ligne 9"]


def test_another_format_is_refused_with_what_to_do() -> None:
    with pytest.raises(UnknownFormatError, match="Mettez periscolaire à jour"):
        read_portal_settings(SHORT.replace("format = 1", "format = 2") + MAIL)


def test_the_published_schema_and_keys_are_current() -> None:
    schema = portal_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(tomllib.loads(EXAMPLE.read_text("utf-8")), schema)
    docs = ROOT / "docs" / "reference"
    assert json.loads((docs / "espace.schema.json").read_text("utf-8")) == schema
    page = (docs / "fichier-espace.md").read_text("utf-8")
    assert page.endswith(reference(portal=True).rstrip() + "\n")
