"""How long each kind of record is kept, from when, on what ground, and what then becomes of it: data to be checked.

The ground is the GDPR (articles 5-1-e, 6 and 30) with the French texts named line by line. Where no text was found
that gives a number the line says so: the commune confirms it with its data protection officer and its departmental
archives, whose visa every elimination of public archives needs (code du patrimoine, L212-2 and L212-3). What the CNIL
had written for these very services (NS-058, délibération n° 2015-433 du 10 décembre 2015) has had no force since
25 May 2018; it is a guide to what may be asked, and sets no number here.
"""

from __future__ import annotations

import enum

import attrs

__all__ = ["RETENTION", "Fate", "Retention", "Since"]


class Since(enum.Enum):
    """From when a duration counts; the values are the words of the printed table."""

    LAST_SERVICE = "dernier service rendu à l'enfant"
    FISCAL_YEAR = "clôture de l'exercice"
    ENTRY = "enregistrement"
    END_OF_SCHOOL_YEAR = "fin de l'année scolaire"
    EXPIRY = "fin de validité"
    LAST_USE = "dernière utilisation"
    CLOSED = "clôture de la demande"


class Fate(enum.Enum):
    """What becomes of a record at the end."""

    ERASE = "effacement"
    ANONYMISE = "anonymisation"
    ARCHIVE = "élimination sous visa des archives"


@attrs.frozen
class Retention:
    """One line. ``record`` is the name of the journal or set of records in the store; ``months`` of keeping."""

    record: str
    label: str
    months: int
    since: Since
    fate: Fate
    source: str


_DPO = (
    "proposition, faute de durée trouvée dans un texte : à confronter aux préconisations DGP/SIAF/2014/006 du "
    "22 septembre 2014 (archives des communes), avec le délégué à la protection des données"
)
_BOOKS = "instruction DAF/DPACI/RES/2008/008 du 5 mai 2008 (documents comptables des ordonnateurs) : 10 ans"
_LOGS = "CNIL, délibération n° 2021-122 du 14 octobre 2021 (journalisation) : six mois à un an"

#: The table as shipped; a commune may shorten or, with a ground, lengthen a line.
RETENTION: tuple[Retention, ...] = (
    Retention("households", "Foyer, responsables, coordonnées", 24, Since.LAST_SERVICE, Fate.ANONYMISE, _DPO),
    Retention("children", "Enfant, scolarité, personnes autorisées", 24, Since.LAST_SERVICE, Fate.ANONYMISE, _DPO),
    Retention("custodies", "Garde alternée (qui paie quel jour)", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("documents", "Pièces (assurance, PAI, vaccination)", 12, Since.EXPIRY, Fate.ERASE, _DPO),
    Retention("consents", "Autorisations", 12, Since.END_OF_SCHOOL_YEAR, Fate.ERASE, _DPO),
    Retention("dated_facts", "Quotient et autres faits du tarif", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("amendments", "Jours que touche un dossier corrigé", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("registrations", "Inscriptions", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("wishes", "Souhaits en liste d'attente", 12, Since.END_OF_SCHOOL_YEAR, Fate.ERASE, _DPO),
    Retention("booking_receipts", "Récépissés de réservation", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("booking_changes", "Réservations et annulations", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("decisions", "Décisions rendues aux familles", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("presences", "Pointage", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("absence_notices", "Absences signalées", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("proofs", "Justificatifs d'absence (décision)", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("suspensions", "Exclusions temporaires", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("closures", "Fermetures pour des enfants désignés", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("anomalies", "Anomalies de pointage annoncées", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("appeals", "Recours sur le pointage", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("incidents", "Faits qui entraînent une pénalité", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("penalty_decisions", "Pénalités confirmées ou levées", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("kind_entries", "Soldes en nature (carnets, reports)", 120, Since.FISCAL_YEAR, Fate.ANONYMISE, _BOOKS),
    Retention("invoices", "Factures, avoirs, titres", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("openings", "Reports à nouveau", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("allocations", "Imputations des encaissements", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("payments", "Encaissements", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("quittances", "Quittances", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("cash_moves", "Fonds de caisse, déficits et excédents", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("deposit_slips", "Bordereaux de versement", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("desk_closings", "Arrêtés de caisse", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("rejections", "Rejets de paiement", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("refunds", "Remboursements", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("write_offs", "Remises, non-valeurs, transmissions", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("reminders", "Relances", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("payment_plans", "Échéanciers de paiement", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("disputes", "Contestations de factures", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("online_payments", "Paiements en ligne", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("online_events", "Réponses du service de paiement", 120, Since.FISCAL_YEAR, Fate.ARCHIVE, _BOOKS),
    Retention("requests", "Demandes et réponses", 24, Since.CLOSED, Fate.ERASE, _DPO),
    Retention("read_marks", "Actualités lues", 12, Since.ENTRY, Fate.ERASE, _DPO),
    Retention("accounts", "Compte famille", 24, Since.LAST_USE, Fate.ERASE, _DPO),
    Retention("invitations", "Invitations", 12, Since.EXPIRY, Fate.ERASE, _DPO),
    Retention("activations", "Créations de compte inachevées", 1, Since.ENTRY, Fate.ERASE, _DPO),
    Retention("tokens", "Liens à usage unique", 1, Since.EXPIRY, Fate.ERASE, _DPO),
    Retention("try_counters", "Essais de connexion", 1, Since.LAST_USE, Fate.ERASE, _DPO),
    Retention("audit", "Journal des actions", 12, Since.ENTRY, Fate.ERASE, _LOGS),
)
