"""The closed vocabulary of facts: English name, French key of the files, kind, subject, meaning.

A commune declares its own facts in its rules file (``[[faits]]``); they join this vocabulary for that règlement.
"""

from __future__ import annotations

import enum
from collections.abc import Iterable, Iterator

import attrs

from periscolaire.errors import MisuseError

__all__ = ["VOCABULARY", "FactKind", "FactSpec", "Subject", "Vocabulary"]


class FactKind(enum.Enum):
    """What a fact holds; the values are the words of ``genre`` in a declared fact."""

    BOOL = "oui ou non"
    TEXT = "texte"
    TEXTS = "textes"
    INTEGER = "nombre entier"
    DECIMAL = "nombre"
    MONEY = "montant"
    MINUTES = "durée"
    DATE = "date"
    TIME = "heure"
    WEEKDAY = "jour de semaine"


class Subject(enum.Enum):
    """Whom or what a fact is about, hence who gathers it."""

    HOUSEHOLD = "foyer"
    CHILD = "enfant"
    DAY = "jour"
    REQUEST = "demande"
    BOOKING = "réservation"
    ATTENDANCE = "présence"
    ABSENCE = "absence"
    COUNT = "compte"


@attrs.frozen
class FactSpec:
    """One fact: ``name`` (English, in code), ``key`` (French, in files), what it holds and means."""

    name: str
    key: str
    kind: FactKind
    subject: Subject
    meaning_fr: str
    meaning_en: str


@attrs.frozen
class Vocabulary:
    """The facts that a règlement may read, found by English name or by French key."""

    specs: tuple[FactSpec, ...]
    _by_name: dict[str, FactSpec] = attrs.field(init=False, repr=False, eq=False)
    _by_key: dict[str, FactSpec] = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_by_name", {spec.name: spec for spec in self.specs})
        object.__setattr__(self, "_by_key", {spec.key: spec for spec in self.specs})
        if len(self._by_name) != len(self.specs) or len(self._by_key) != len(self.specs):
            raise MisuseError("two facts of a vocabulary bear the same name")

    def __iter__(self) -> Iterator[FactSpec]:
        return iter(self.specs)

    def by_name(self, name: str) -> FactSpec | None:
        """The fact of that English name."""
        return self._by_name.get(name)

    def by_key(self, key: str) -> FactSpec | None:
        """The fact of that French key; an underscore stands for a space, so that files need no quotes."""
        return self._by_key.get(key) or self._by_key.get(key.replace("_", " "))

    def with_declared(self, specs: Iterable[FactSpec]) -> Vocabulary:
        """This vocabulary and the commune's own facts.

        :raises MisuseError: one of them bears a name that is taken.
        """
        return Vocabulary(self.specs + tuple(specs))


def _table() -> Iterator[FactSpec]:
    kind, about = FactKind, Subject
    rows: tuple[tuple[str, str, FactKind, Subject, str, str], ...] = (
        # The household
        ("quotient", "quotient", kind.DECIMAL, about.HOUSEHOLD,
         "quotient familial retenu pour ce jour", "quotient familial that applies on the day"),
        ("resources", "ressources", kind.MONEY, about.HOUSEHOLD,
         "ressources mensuelles du foyer", "monthly resources of the household"),
        ("resident", "resident", kind.BOOL, about.HOUSEHOLD,
         "le foyer habite la commune (ou y est assimilé)", "the household lives in the commune (or counts as such)"),
        ("commune", "commune", kind.TEXT, about.HOUSEHOLD,
         "commune de résidence", "commune of residence"),
        ("household_children", "enfants du foyer", kind.INTEGER, about.HOUSEHOLD,
         "nombre d'enfants à charge du foyer", "number of dependent children of the household"),
        ("arrears", "impayes", kind.MONEY, about.HOUSEHOLD,
         "somme échue et impayée du foyer", "overdue amount of the household"),
        ("file_complete", "dossier complet", kind.BOOL, about.HOUSEHOLD,
         "le dossier du foyer est complet", "the file of the household is complete"),
        ("account_balance", "solde", kind.MONEY, about.HOUSEHOLD,
         "ce qui reste du compte prépayé, réservations à facturer déduites",
         "what is left of the prepaid account, bookings still to be billed taken off"),
        ("both_parents_work", "parents actifs", kind.BOOL, about.HOUSEHOLD,
         "les deux parents travaillent (ou le parent seul)", "both parents (or the only one) work"),
        ("social_aid", "aide sociale", kind.BOOL, about.HOUSEHOLD,
         "foyer aidé par le CCAS", "household aided by the CCAS"),
        ("staff_child", "enfant d'agent", kind.BOOL, about.HOUSEHOLD,
         "enfant d'un agent de la commune", "child of a municipal employee"),
        # The child
        ("age", "age", kind.INTEGER, about.CHILD, "âge en années révolues, le jour du service",
         "age in completed years on the day of service"),
        ("level", "niveau", kind.TEXT, about.CHILD,
         "niveau : « maternelle », « élémentaire », ou plus fin (« PS », « CM2 »)",
         "level: maternelle, élémentaire, or finer"),
        ("grade", "classe de niveau", kind.TEXT, about.CHILD, "niveau fin : PS, MS, GS, CP … CM2",
         "grade: PS, MS, GS, CP … CM2"),
        ("class_name", "classe", kind.TEXT, about.CHILD, "classe (« CE2/CM1 »)", "class as named by the school"),
        ("school", "ecole", kind.TEXT, about.CHILD, "école de l'enfant", "school of the child"),
        ("site", "site", kind.TEXT, about.CHILD, "site d'accueil", "site of the service"),
        ("pai", "pai", kind.BOOL, about.CHILD,
         "projet d'accueil individualisé en vigueur", "individual care plan (PAI) in force"),
        ("own_meal", "panier repas", kind.BOOL, about.CHILD,
         "la famille fournit le repas (PAI)", "the family brings the meal"),
        ("allergy", "allergie", kind.BOOL, about.CHILD, "allergie alimentaire déclarée", "declared food allergy"),
        ("disability", "handicap", kind.BOOL, about.CHILD, "enfant en situation de handicap",
         "child with a disability"),
        ("inclusive_class", "ulis", kind.BOOL, about.CHILD,
         "élève d'un dispositif ULIS (ex-CLIS)", "pupil of an ULIS (formerly CLIS) unit"),
        ("foster_child", "enfant placé", kind.BOOL, about.CHILD,
         "enfant accueilli en famille d'accueil", "fostered child"),
        ("transported", "transporté", kind.BOOL, about.CHILD,
         "élève du transport scolaire", "pupil who takes the school bus"),
        ("diet", "regime", kind.TEXT, about.CHILD, "régime alimentaire", "diet"),
        ("documents", "pieces", kind.TEXTS, about.CHILD,
         "pièces valides au dossier le jour du service", "valid documents on file on the day"),
        ("derogations", "dérogations", kind.TEXTS, about.CHILD,
         "dérogations accordées", "derogations granted"),
        ("registered", "inscrit", kind.BOOL, about.CHILD,
         "inscrit à ce produit pour l'année", "registered for this product for the year"),
        ("registrations", "inscriptions", kind.TEXTS, about.CHILD,
         "codes des produits auxquels l'enfant est inscrit", "product codes the child is registered for"),
        ("suspended", "suspendu", kind.BOOL, about.CHILD, "exclusion temporaire en cours", "suspended on that day"),
        ("at_school", "present a l'ecole", kind.BOOL, about.CHILD,
         "présent à l'école ce jour-là", "present at school that day"),
        # The day
        ("day", "date", kind.DATE, about.DAY, "jour du service", "day of service"),
        ("weekday", "jour", kind.WEEKDAY, about.DAY, "jour de la semaine du service", "weekday of the service"),
        ("season", "saison", kind.TEXT, about.DAY,
         "« classe », « mercredi », « petites vacances » ou « été »",
         "classe, mercredi, petites vacances or été"),
        ("slot", "créneau", kind.TEXT, about.DAY, "créneau (formule horaire) concerné", "slot concerned"),
        ("school_year", "année scolaire", kind.TEXT, about.DAY, "année scolaire : « 2025-2026 »", "school year"),
        ("week_holidays", "fériés de la semaine", kind.TEXTS, about.DAY,
         "jours fériés de sa semaine, du lundi au dimanche : « lundi »",
         "public holidays of its week, from Monday to Sunday"),
        # The request
        ("channel", "canal", kind.TEXT, about.REQUEST,
         "par où la demande arrive (« en ligne », « téléphone », « mairie », « écrit »)", "channel of the request"),
        ("author", "auteur", kind.TEXT, about.REQUEST, "« famille » ou « agent »", "family or staff"),
        ("paid", "paye", kind.BOOL, about.REQUEST, "la commande est payée", "the order is paid"),
        ("order_first", "premiere commande", kind.BOOL, about.REQUEST,
         "première commande de l'année", "first order of the year"),
        ("places_left", "places restantes", kind.INTEGER, about.REQUEST,
         "places encore libres ce jour-là", "places left on that day"),
        ("days_in_week", "jours dans la semaine", kind.INTEGER, about.REQUEST,
         "jours réservés dans la semaine pour ce produit, celui-ci compris",
         "days booked in the week for the product, this one included"),
        ("same_day_products", "produits du jour", kind.TEXTS, about.REQUEST,
         "autres produits réservés pour l'enfant ce jour-là", "other products booked for the child on the day"),
        # The booking
        ("mode", "mode", kind.TEXT, about.BOOKING,
         "mode de la réservation : « annuel », « mensuel », « hebdomadaire », « occasionnel », ou un nom de la commune",
         "mode of the booking"),
        ("formula", "formule", kind.TEXT, about.BOOKING, "formule de l'inscription", "formula of the registration"),
        ("tier", "palier", kind.TEXT, about.BOOKING,
         "palier de limite par lequel la réservation a été prise", "tier through which it was booked"),
        ("booked", "réservé", kind.BOOL, about.BOOKING, "une réservation existait", "there was a booking"),
        ("late", "hors délai", kind.BOOL, about.BOOKING,
         "réservé par un palier après le premier", "booked through a tier after the first"),
        ("order_rank", "rang dans la commande", kind.INTEGER, about.BOOKING,
         "rang du jour dans sa commande", "rank of the day in its order"),
        # Attendance
        ("served", "repas servi", kind.TEXT, about.ATTENDANCE,
         "ce qui a été servi : « repas », « panier », « remplacement », « aucun »", "what was served"),
        ("arrival", "arrivée", kind.TIME, about.ATTENDANCE, "heure d'arrivée", "time of arrival"),
        ("departure", "départ", kind.TIME, about.ATTENDANCE, "heure de départ", "time of departure"),
        ("minutes", "durée", kind.MINUTES, about.ATTENDANCE, "minutes de présence", "minutes of presence"),
        ("late_minutes", "retard", kind.MINUTES, about.ATTENDANCE,
         "minutes de retard au départ", "minutes late at pick-up"),
        ("outcome", "issue", kind.TEXT, about.ATTENDANCE, "issue du jour", "outcome of the day"),
        # Absence
        ("motive", "motif", kind.TEXT, about.ABSENCE, "motif de l'absence ou de la demande", "motive"),
        ("proof", "preuve", kind.TEXT, about.ABSENCE,
         "« acceptée », « en attente », « refusée » ou « aucune »", "accepted, pending, refused or none"),
        ("proof_in_time", "preuve dans le délai", kind.BOOL, about.ABSENCE,
         "preuve reçue dans le délai du règlement", "proof received in time"),
        ("notified", "signalé", kind.BOOL, about.ABSENCE, "absence signalée par la famille", "absence notified"),
        ("notified_in_time", "signalé dans le délai", kind.BOOL, about.ABSENCE,
         "absence signalée avant la limite de la ligne", "notified before the limit of the row"),
        ("refund_requested", "remboursement demandé", kind.BOOL, about.ABSENCE,
         "la famille a demandé le remboursement", "the family asked for a refund"),
        ("absence_rank", "rang d'absence", kind.INTEGER, about.ABSENCE,
         "rang du jour dans l'épisode d'absence", "rank of the day in the absence episode"),
        ("absence_length", "longueur d'absence", kind.INTEGER, about.ABSENCE,
         "nombre de jours de l'épisode d'absence", "days of the absence episode"),
        # Ranks and totals
        ("rank", "rang", kind.INTEGER, about.COUNT,
         "rang de l'enfant dans la fratrie (voir « parmi » du tarif)", "rank of the child among siblings"),
        ("siblings", "fratrie", kind.INTEGER, about.COUNT,
         "nombre d'enfants du foyer comptés avec lui", "children of the household counted with the child"),
        ("unplanned_rank", "rang non prévu", kind.INTEGER, about.COUNT,
         "rang de la présence non prévue dans sa période", "rank of the unplanned presence in its period"),
        ("late_pickup_rank", "rang de retard", kind.INTEGER, about.COUNT,
         "rang du retard dans sa période", "rank of the late pick-up in its period"),
        ("quantity", "quantité", kind.DECIMAL, about.COUNT, "quantité facturée", "quantity charged"),
        ("days", "nombre de jours", kind.INTEGER, about.COUNT,
         "jours consommés dans la portée du tarif", "days consumed in the scope of the tariff"),
        ("days_open", "jours ouverts", kind.INTEGER, about.COUNT,
         "jours d'ouverture dans la portée du tarif", "open days in the scope of the tariff"),
        ("slots", "créneaux du jour", kind.TEXTS, about.COUNT,
         "créneaux ou produits utilisés dans la portée", "slots or products used in the scope"),
        ("attendance_ratio", "part des jours", kind.DECIMAL, about.COUNT,
         "jours consommés / jours proposés dans la portée", "days consumed / days offered in the scope"),
    )  # fmt: skip
    for row in rows:
        yield FactSpec(*row)


VOCABULARY = Vocabulary(tuple(_table()))
