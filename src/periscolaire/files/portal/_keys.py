"""Every key of the family space's file: French word, English name, form, meaning, example."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from periscolaire.access import CorrectionPolicy
from periscolaire.calendar import Weekday
from periscolaire.errors import MisuseError
from periscolaire.files.portal._settings import Encryption, MailSettings, PortalSettings
from periscolaire.files.toml._forms import (
    BoolForm,
    ChoiceForm,
    CodedForm,
    IntegerForm,
    Key,
    ListForm,
    MapForm,
    OneOrMoreForm,
    Section,
    SectionForm,
    TextForm,
)
from periscolaire.ids import ProductCode
from periscolaire.messages import Contact, ContactPage, OpeningHours, Purpose, RequestKind

__all__ = ["PORTAL_FORMAT", "PORTAL_ROOT", "PORTAL_SECTIONS"]

PORTAL_FORMAT = 1

_SPAN = re.compile(r"(\d{1,2})(?:h|:)(\d{2})?\s*-\s*(\d{1,2})(?:h|:)(\d{2})?")
_MINUTE = 60


def _hours(text: str) -> tuple[int, int]:
    found = _SPAN.fullmatch(text.strip())
    if found is None:
        raise MisuseError(text)
    opens, closes = (int(found[one]) * _MINUTE + int(found[one + 1] or 0) for one in (1, 3))
    if not 0 <= opens < closes <= 24 * _MINUTE:
        raise MisuseError(text)
    return opens, closes


def _written(span: tuple[int, int]) -> str:
    return "-".join(f"{minutes // _MINUTE}:{minutes % _MINUTE:02}" for minutes in span)


_HOURS = MapForm(
    OneOrMoreForm(CodedForm(_hours, _written, "des heures, comme « 9:00-12:00 »")),
    "une table jour → heures",
    ChoiceForm({day.french: day for day in Weekday}),
)


def _kind(code: str, label: str, purpose: Purpose, reply_within: int | None = None, contests: bool = False) -> Any:
    return RequestKind(code, label, purpose, reply_within, contests=contests)


def _contact(hours: dict[Weekday, tuple[tuple[int, int], ...]] | None = None, **values: Any) -> Contact:
    opening = tuple(OpeningHours(int(day), *span) for day, spans in (hours or {}).items() for span in spans)
    return Contact(hours=opening, **values)


def _mail(**values: Any) -> MailSettings:
    if ("folder" in values) == ("server" in values):
        raise MisuseError("« dossier » ou « serveur », l'un des deux")
    if values.get("password_in") and values.get("encryption") is Encryption.NONE:
        raise MisuseError("un mot de passe ne voyage pas sans chiffrement")
    return MailSettings(**values)


def _settings(contacts: tuple[Contact, ...] = (), **values: Any) -> PortalSettings:
    values.pop("format")
    settings = PortalSettings(contacts=ContactPage(contacts), **values)
    if not settings.address.startswith(("https://", "http://localhost", "http://127.0.0.1")):
        raise MisuseError(
            f"« adresse » : « {settings.address} » ; attendu une adresse en https, ses liens ouvrent un compte"
        )
    codes = [kind.code for kind in settings.kinds]
    if len(set(codes)) < len(codes):
        raise MisuseError("« demandes » : deux sortes de demandes de même code")
    if all(kind.purpose is not Purpose.FILE_CHANGE for kind in settings.kinds):
        raise MisuseError(f"« demandes » : il en faut une de nature « {Purpose.FILE_CHANGE.value} »")
    return settings


MAIL = Section(
    "portal_mail",
    "le courriel",
    "Par où partent les courriels : un dossier de fichiers .eml, ou un serveur.",
    (
        Key("expediteur", "sender", TextForm(), "l'adresse à laquelle on ne répond pas",
            '"ne-pas-repondre@le-langon.exemple"', required=True),
        Key("dossier", "folder", CodedForm(Path, str, "un dossier"), "le dossier où les écrire", '"courriels"'),
        Key("serveur", "server", TextForm(), "le serveur SMTP", '"smtp.exemple.fr"'),
        Key("port", "port", IntegerForm(1, 65535), "son port", "587", default=587),
        Key("chiffrement", "encryption", ChoiceForm.of(Encryption), "comment on lui parle", '"tls"',
            default=Encryption.STARTTLS),
        Key("utilisateur", "user", TextForm(), "l'identifiant, s'il en faut un", '"mairie"'),
        Key("mot_de_passe_dans", "password_in", TextForm(),
            "la variable d'environnement qui contient le mot de passe : il n'est jamais dans le fichier",
            '"SMTP_MOT_DE_PASSE"'),
    ),
    _mail,
)  # fmt: skip

KIND = Section(
    "portal_kind",
    "une sorte de demande",
    "Ce que les familles peuvent demander, et sous combien de jours la commune répond.",
    (
        Key("code", "code", TextForm(), "nom court", '"absence"', required=True),
        Key("libelle", "label", TextForm(), "ce que la famille lit", '"Absence et justificatif"', required=True),
        Key("nature", "purpose", ChoiceForm.of(Purpose), "ce dont il s'agit", '"absence"', required=True),
        Key("reponse_sous", "reply_within", IntegerForm(1), "jours pour répondre", "7"),
        Key("conteste", "contests", BoolForm(), "la facture en cause attend la réponse : ni relance, ni impayé", "true",
            default=False),
    ),
    _kind,
)  # fmt: skip

CONTACT = Section(
    "portal_contact",
    "un contact",
    "Qui répond, où et quand ; pour tous les services, ou pour certains.",
    (
        Key("nom", "name", TextForm(), "nom", '"Mairie"', required=True),
        Key("commune", "commune", TextForm(), "commune", '"Le Langon"', required=True),
        Key("adresse", "address", OneOrMoreForm(TextForm()), "adresse", '["1 place de l\'Église", "85370 Le Langon"]',
            default=()),
        Key("horaires", "hours", _HOURS, "heures d'ouverture", '{ lundi = "9:00-12:00" }'),
        Key("telephone", "telephone", TextForm(), "téléphone", '"02 00 00 00 00"', default=""),
        Key("courriel", "email", TextForm(), "courriel", '"mairie@le-langon.exemple"', default=""),
        Key("produits", "products", ListForm(CodedForm(ProductCode, str, "un code de produit"), of=frozenset),
            "seulement pour ces produits", '["cantine"]', default=frozenset()),
    ),
    _contact,
)  # fmt: skip

PORTAL_ROOT = Section(
    "portal",
    "le fichier de l'espace famille",
    "Ce que la commune dit d'elle aux familles, et par où elle leur écrit.",
    (
        Key("format", "format", IntegerForm(), "version du format de fichier : 1", "1", required=True),
        Key("commune", "commune", TextForm(), "nom de la commune", '"Le Langon"', required=True),
        Key("adresse", "address", TextForm(), "adresse du portail, en https", '"https://famille.le-langon.exemple"',
            required=True),
        Key("telephone", "telephone", TextForm(), "pour les questions", '"02 00 00 00 00"', required=True),
        Key("corrections", "corrections", ChoiceForm.of(CorrectionPolicy),
            "ce que devient une correction faite à la création du compte", '"appliquer"',
            default=CorrectionPolicy.REQUEST),
        Key("pieces_jointes", "attachments", CodedForm(Path, str, "un dossier"), "où sont gardées les pièces envoyées",
            '"pieces-jointes"', default=Path("pieces-jointes")),
        Key("courriel", "mail", SectionForm(MAIL), "par où partent les courriels", required=True),
        Key("demandes", "kinds", ListForm(SectionForm(KIND), least=1), "les sortes de demandes"),
        Key("contacts", "contacts", ListForm(SectionForm(CONTACT)), "la page des contacts", default=()),
    ),
    _settings,
)  # fmt: skip
PORTAL_SECTIONS = (PORTAL_ROOT, MAIL, KIND, CONTACT)
