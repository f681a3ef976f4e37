"""Every key of the family space's file: French word, English name, form, meaning, example."""

from __future__ import annotations

import datetime as dt
import re
from pathlib import Path
from typing import Any

import attrs

from periscolaire.access import (
    RETENTION,
    CorrectionPolicy,
    InvitationPolicy,
    PasswordPolicy,
    Retention,
    TryPolicy,
)
from periscolaire.calendar import Weekday
from periscolaire.errors import MisuseError
from periscolaire.files.portal._settings import AccountSettings, Encryption, MailSettings, PortalSettings
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
from periscolaire.frozen import FrozenMap
from periscolaire.households import FileField
from periscolaire.ids import ProductCode
from periscolaire.messages import (
    MEDIA_TYPES,
    AttachmentPolicy,
    Contact,
    ContactPage,
    MediaType,
    OpeningHours,
    Purpose,
    RequestKind,
)

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


_MEGABYTE = 1_000_000
_ENDINGS = {ending: media for media in MEDIA_TYPES.values() for ending in sorted(media.endings)}


def _kind(
    code: str,
    label: str,
    purpose: Purpose,
    reply_within: int | None = None,
    contests: bool = False,
    most: int = 5,
    largest: int = 5,
    types: tuple[MediaType, ...] | None = None,
) -> Any:
    if contests and purpose is not Purpose.INVOICE:
        raise MisuseError(f"« conteste » : seulement pour une demande de nature « {Purpose.INVOICE.value} »")
    accepted = MEDIA_TYPES if types is None else FrozenMap({media.name: media for media in types})
    return RequestKind(
        code, label, purpose, reply_within, AttachmentPolicy(largest * _MEGABYTE, most, accepted), contests
    )


def _accounts(
    invitation: int = 30,
    invitation_tries: int = 10,
    tries: int = 10,
    block: int = 15,
    reset: int = 30,
    device: int = 180,
    bits: int = 80,
) -> AccountSettings:
    return AccountSettings(
        PasswordPolicy(bits),
        InvitationPolicy(dt.timedelta(days=invitation), invitation_tries),
        TryPolicy(tries, block=dt.timedelta(minutes=block)),
        reset,
        device,
    )


def _contact(hours: dict[Weekday, tuple[tuple[int, int], ...]] | None = None, **values: Any) -> Contact:
    opening = tuple(OpeningHours(int(day), *span) for day, spans in (hours or {}).items() for span in spans)
    return Contact(hours=opening, **values)


def _mail(**values: Any) -> MailSettings:
    if ("folder" in values) == ("server" in values):
        raise MisuseError("« dossier » ou « serveur », l'un des deux")
    if values.get("password_in") and values.get("encryption") is Encryption.NONE:
        raise MisuseError("un mot de passe ne voyage pas sans chiffrement")
    return MailSettings(**values)


def _settings(
    contacts: tuple[Contact, ...] = (), retention: tuple[Retention, ...] = (), **values: Any
) -> PortalSettings:
    values.pop("format")
    changed = {line.record: line for line in retention}
    kept = tuple(changed.get(line.record, line) for line in RETENTION)
    settings = PortalSettings(contacts=ContactPage(contacts), retention=kept, **values)
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
        Key("fichiers", "most", IntegerForm(0, 50), "fichiers qu'un message peut porter", "2", default=5),
        Key("poids", "largest", IntegerForm(1, 100), "poids d'un fichier, en mégaoctets", "5", default=5),
        Key("types", "types", ListForm(ChoiceForm(_ENDINGS), least=1), "types de fichiers acceptés",
            '["pdf", "jpg", "png"]'),
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

ACCOUNTS = Section(
    "portal_accounts",
    "les comptes",
    "Comment un compte naît et s'ouvre. Rien n'est obligatoire.",
    (
        Key("invitation", "invitation", IntegerForm(1, 365), "jours pendant lesquels un lien d'invitation sert", "30",
            default=30),
        Key("essais_invitation", "invitation_tries", IntegerForm(1, 100), "essais faux qu'une invitation supporte",
            "10", default=10),
        Key("essais", "tries", IntegerForm(1, 10), "échecs de connexion avant d'attendre (CNIL : 10 au plus)", "10",
            default=10),
        Key("attente", "block", IntegerForm(1, 1440), "minutes à attendre ensuite", "15", default=15),
        Key("lien", "reset", IntegerForm(5, 1440), "minutes pendant lesquelles sert un lien de mot de passe", "30",
            default=30),
        Key("appareil", "device", IntegerForm(1, 730), "jours pendant lesquels un appareil est reconnu", "180",
            default=180),
        Key("mot_de_passe", "bits", IntegerForm(50, 256), "entropie demandée, en bits (CNIL : 50 au moins ici)", "80",
            default=80),
    ),
    _accounts,
)  # fmt: skip

KEEPING = Section(
    "portal_keeping",
    "une durée de conservation",
    "Une ligne du tableau des durées que la commune change, avec ce qui la fonde.",
    (
        Key("donnees", "line", ChoiceForm({line.label: line for line in RETENTION}), "la ligne du tableau",
            '"Demandes et réponses"', required=True),
        Key("mois", "months", IntegerForm(1, 1200), "durée, en mois", "12", required=True),
        Key("fondement", "source", TextForm(), "le texte ou la décision qui la fixe",
            '"délibération du 12 juin 2026, avis du délégué"', required=True),
    ),
    lambda line, months, source: attrs.evolve(line, months=months, source=source),
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
        Key("corrections_directes", "at_once", ListForm(ChoiceForm.of(FileField), of=frozenset),
            "rubriques du dossier qu'une famille corrige sans demander", '["Téléphones", "Courriel"]',
            default=frozenset()),
        Key("pieces_jointes", "attachments", CodedForm(Path, str, "un dossier"), "où sont gardées les pièces envoyées",
            '"pieces-jointes"', default=Path("pieces-jointes")),
        Key("courriel", "mail", SectionForm(MAIL), "par où partent les courriels", required=True),
        Key("demandes", "kinds", ListForm(SectionForm(KIND), least=1), "les sortes de demandes"),
        Key("contacts", "contacts", ListForm(SectionForm(CONTACT)), "la page des contacts", default=()),
        Key("comptes", "accounts", SectionForm(ACCOUNTS), "ce qu'un compte demande"),
        Key("conservation", "retention", ListForm(SectionForm(KEEPING)), "les durées que la commune change",
            default=()),
    ),
    _settings,
)  # fmt: skip
PORTAL_SECTIONS = (PORTAL_ROOT, MAIL, KIND, CONTACT, ACCOUNTS, KEEPING)
