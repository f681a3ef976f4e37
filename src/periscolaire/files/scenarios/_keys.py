"""Every key of a scenario file: French word, English name, form, meaning, example."""

from __future__ import annotations

from periscolaire.billing import Means
from periscolaire.catalogue import Scope, Verb
from periscolaire.files.rules._conditions import FACTS
from periscolaire.files.rules._values import DECIMAL, MOMENT, TIME
from periscolaire.files.scenarios._forms import DayForm, InstantForm, OrNoneForm, TierNameForm
from periscolaire.files.scenarios._model import (
    Audience,
    ScenarioAdult,
    ScenarioChild,
    ScenarioCustody,
    ScenarioFamily,
)
from periscolaire.files.scenarios._steps import audience, expectation, known_facts, step
from periscolaire.files.toml._forms import (
    BoolForm,
    ChoiceForm,
    DateForm,
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
from periscolaire.households import Civility, Grade

__all__ = ["SCENARIO_FORMAT", "SCENARIO_ROOT", "SCENARIO_SECTIONS"]

SCENARIO_FORMAT = 1


def _one_of(*words: str) -> ChoiceForm:
    return ChoiceForm({word: word for word in words})


#: What ``effet`` may expect: the verbs, and the ways of being accepted at another price.
EFFECTS = (
    "accepté",
    "majoration",
    "autre tarif",
    "autre prix",
    *(verb.value for verb in Verb if verb is not Verb.ACCEPT),
    "reporté",
    "à décider",
    "facturée",
    "proposée",
)
#: What ``etat`` may print.
REPORTS = ("encaissements", "restes à recouvrer", "retards", "relevé", "remboursements dus")
#: The screens of the activation, with their two other buttons, and those of the account, by the labels of the guide.
ACTIVATION = ("compte famille", "responsables", "enfants", "s'enregistrer", "précédent", "annuler")
SCREENS = ("mes réservations", "mon panier", "mes factures", "mes actualités", "mes demandes")
#: What becomes of a request: by the commune, and by the family.
MOVES = (
    "prendre en charge",
    "demander une précision",
    "répondre",
    "accepter",
    "refuser",
    "clore",
    "ajouter",
    "retirer",
)
#: What a family may write about.
KINDS = ("réservation", "facture", "absence", "document", "modification du dossier", "autre")
_COUNTERS = MapForm(IntegerForm(0), "une table compteur → nombre d'usages")
_SUMS = MapForm(DECIMAL, "une table famille → montant")
_LEVELS = MapForm(IntegerForm(1), "une table famille → niveau")
_DATES = MapForm(DateForm(), "une table événement → date")
_WORDS = MapForm(TextForm(), "une table nom → texte")
_CORRECTIONS = MapForm(MapForm(TextForm(), "une table rubrique → texte"), "une table personne → { rubrique = texte }")

EXPECTED = Section(
    "expected",
    "ce qui est attendu",
    "Ce que l'étape doit donner ; ce qui n'est pas écrit n'est pas vérifié.",
    (
        Key("autorise", "allowed", BoolForm(), "accepté, même avec une majoration", "true"),
        Key("effet", "effect", ChoiceForm({word: word for word in EFFECTS}), "l'effet", '"majoration"'),
        Key("refus", "refusals", OneOrMoreForm(TextForm()), "les raisons, ou le nom d'une condition",
            '"limite dépassée"'),
        Key("limite", "limit", OrNoneForm(MOMENT), "la limite en cause", '"2026-10-08 12:00"'),
        Key("prochaine", "next", OrNoneForm(DateForm()), "le premier jour encore ouvert ensuite", '"2026-10-13"'),
        Key("prochaine_demande", "next_request", OrNoneForm(DateForm()), "le premier jour que l'on peut demander"),
        Key("palier", "tier", TierNameForm(), "le palier utilisé", "2"),
        Key("rang", "rank", IntegerForm(1), "le rang du compteur", "11"),
        Key("montant", "amount", DECIMAL, "le supplément", '"2,00"'),
        Key("fois", "times", DECIMAL, "le multiple", '"2"'),
        Key("tarif", "tariff", TextForm(), "l'autre tarif appliqué", '"exceptionnel"'),
        Key("portee", "scope", ChoiceForm.of(Scope), "à quoi l'effet s'applique", '"par commande"'),
        Key("prix", "price", DECIMAL, "le prix, majoration comprise", '"5,40"'),
        Key("du", "due", DECIMAL, "ce que la famille doit", '"4,40"'),
        Key("facture", "charged", BoolForm(), "quelque chose est dû", "false"),
        Key("a_decider", "undecided", BoolForm(), "le règlement ne décide pas du prix", "true"),
        Key("issue", "outcome", TextForm(), "l'issue du jour", '"non prévu"'),
        Key("suite", "follow_up", TextForm(), "la suite d'une pénalité, ou « aucune »", '"exclusion possible"'),
        Key("effet_le", "effective", DateForm(), "le jour où la déclaration ou la démarche s'applique", '"2026-03-01"'),
        Key("couvre", "covers", ListForm(DateForm(), least=2), "premier et dernier jour de ce qui est décidé",
            '["2025-11-01", "2025-11-30"]'),
        Key("places_a", "served", ListForm(TextForm()), "les enfants qui ont une place, dans l'ordre", '["Clara"]'),
        Key("jours_dus", "due_days", ListForm(DateForm()), "les jours dus, parmi ceux de l'étape", '["2025-09-11"]'),
        Key("factures", "invoices", _SUMS, "ce qui est facturé à chaque famille (un avoir est négatif)",
            '{ Martin = "8,20" }'),
        Key("corrections", "corrected", IntegerForm(0), "combien de lignes en corrigent d'autres", "1"),
        Key("en_attente", "pending", IntegerForm(0), "combien de jours ne peuvent pas encore être facturés", "0"),
        Key("reste", "left", DECIMAL, "ce que la famille doit ensuite", '"4,10"'),
        Key("credit", "credit", DECIMAL, "ce que la commune lui doit ensuite", '"0,00"'),
        Key("niveaux", "levels", _LEVELS, "le niveau de relance de chaque famille relancée", "{ Martin = 1 }"),
        Key("total", "total", DECIMAL, "le total de l'état", '"8,20"'),
        Key("ecran", "screen", _one_of("compte famille", "responsables", "enfants", "s'enregistrer", "bonjour"),
            "l'écran de la création de compte où la famille arrive", '"responsables"'),
        Key("courriels", "mails", _WORDS, "les courriels partis : adulte → objet",
            '{ Alice = "Le Langon : créez votre compte famille" }'),
        Key("semaines", "weeks", ListForm(TextForm()), "les semaines affichées",
            '["Semaine 38 du 18/09/2023 au 22/09/2023"]'),
        Key("cases", "boxes", _WORDS, "ce que montrent les cases : jour → état", '{ 2023-09-18 = "dans le panier" }'),
        Key("panier", "basket", ListForm(TextForm()), "ce que dit le panier", '["Votre panier est vide"]'),
        Key("a_payer", "to_pay", _SUMS, "les factures en attente de paiement : numéro → reste", "{}"),
        Key("soldees", "settled", ListForm(TextForm()), "les factures soldées, la dernière d'abord",
            '["REGIE-2023-000001"]'),
        Key("actualites", "news", ListForm(TextForm()), "les actualités affichées, dans l'ordre",
            '["Photo de classe"]'),
        Key("non_lues", "unread", IntegerForm(0), "combien ne sont pas lues", "1"),
        Key("demandes", "requests", _WORDS, "les demandes du foyer : numéro → état", '{ D1 = "acceptée" }'),
    ),
    expectation,
)  # fmt: skip

CHILD = Section(
    "scenario_child",
    "un enfant",
    "Un enfant d'une famille fictive.",
    (
        Key("prenom", "name", TextForm(), "prénom", '"Clara"', required=True),
        Key("faits", "facts", FACTS, "faits de l'enfant", '{ niveau = "élémentaire" }', default=FrozenMap()),
        Key("naissance", "birth_date", DateForm(), "date de naissance", '"2015-03-14"'),
        Key("ecole", "school", TextForm(), "école", '"école du Langon"'),
        Key("niveau", "grade", ChoiceForm.of(Grade), "niveau", '"CE2"'),
        Key("classe", "class_name", TextForm(), "classe, telle que l'école la nomme", '"CE2/CM1"'),
    ),
    lambda facts=None, **values: ScenarioChild(facts=known_facts(facts), **values),
)

ADULT = Section(
    "scenario_adult",
    "un adulte",
    "Un responsable des enfants : le premier est « responsable 1 ».",
    (
        Key("prenom", "name", TextForm(), "prénom", '"Alice"', required=True),
        Key("nom", "family_name", TextForm(), "nom, si ce n'est pas celui de la famille", '"Durand"'),
        Key("civilite", "civility", ChoiceForm.of(Civility), "civilité", '"Madame"'),
        Key("courriel", "email", TextForm(), "adresse électronique", '"alice@exemple.fr"'),
    ),
    ScenarioAdult,
)

CUSTODY = Section(
    "scenario_custody",
    "une garde",
    "Un enfant d'une autre famille, qui vit ici une semaine sur deux.",
    (
        Key("enfant", "child", TextForm(), "l'enfant, par son prénom", '"Léa"', required=True),
        Key("famille", "of", TextForm(), "l'autre famille", '"Martin"', required=True),
        Key("semaines", "even", ChoiceForm({"paires": True, "impaires": False}), "les semaines passées ici",
            '"paires"', required=True),
    ),
    ScenarioCustody,
)  # fmt: skip

FAMILY = Section(
    "scenario_family",
    "une famille",
    "Une famille fictive.",
    (
        Key("nom", "name", TextForm(), "nom", '"Martin"', required=True),
        Key("faits", "facts", FACTS, "faits du foyer", '{ quotient = "600", resident = true }', default=FrozenMap()),
        Key("adultes", "adults", ListForm(SectionForm(ADULT)), "les responsables", default=()),
        Key("enfants", "children", ListForm(SectionForm(CHILD)), "les enfants", default=()),
        Key("gardes", "custodies", ListForm(SectionForm(CUSTODY)), "les enfants de parents séparés, l'autre semaine",
            default=()),
    ),
    lambda facts=None, **values: ScenarioFamily(facts=known_facts(facts), **values),
)  # fmt: skip

AUDIENCE = Section(
    "scenario_audience",
    "un public",
    "À qui s'adresse une actualité : une seule de ces clés.",
    (
        Key("ecoles", "schools", ListForm(TextForm(), least=1), "les familles de ces écoles", '["école du Langon"]'),
        Key("produits", "products", ListForm(TextForm(), least=1), "celles qui y sont inscrites", '["cantine"]'),
        Key("familles", "families", ListForm(TextForm(), least=1), "ces familles", '["Martin"]'),
    ),
    audience,
)

_CODE = TextForm("un code, comme « cantine »")

STEP = Section(
    "step",
    "une étape",
    "Ce que quelqu'un fait, et ce qui doit s'ensuivre.",
    (
        Key("exemple", "examples", OneOrMoreForm(TextForm()), "identifiants des exemples vérifiés", '"le-langon#1"',
            default=()),
        Key("note", "note", TextForm(), "explication libre"),
        Key("le", "at", InstantForm(), "quand la demande arrive, à l'heure de la commune", '"2026-10-08 12:00"'),
        Key("enfant", "child", TextForm(), "pour qui : prénom, ou prénom et nom", '"Clara"'),
        Key("famille", "family", TextForm(), "quelle famille", '"Martin"'),
        Key("reserver", "reserver", _CODE, "réserver ce produit", '"cantine"'),
        Key("annuler", "annuler", _CODE, "annuler ce produit", '"cantine"'),
        Key("modifier", "modifier", _CODE, "modifier ce produit", '"cantine"'),
        Key("prix_de", "prix_de", _CODE, "demander le prix de ce produit, de ce tarif ou de ce carnet", '"cantine"'),
        Key("presence", "presence", _CODE, "l'enfant vient", '"cantine"'),
        Key("absence", "absence", _CODE, "l'enfant réservé ne vient pas", '"cantine"'),
        Key("penalite", "penalite", _CODE, "appliquer cette pénalité", '"retard"'),
        Key("frais", "frais", _CODE, "appliquer ces frais", '"adhesion"'),
        Key("declarer", "declared", FACTS, "la famille déclare des faits", '{ quotient = "900" }'),
        Key("demander", "demander", _CODE, "faire cette démarche", '"prélèvement"'),
        Key("attribuer", "attribuer", _CODE, "donner les places de ce produit", '"cantine"'),
        Key("justificatif", "justificatif", TextForm(), "la famille remet ce document (« preuve » dit la décision)",
            '"certificat médical"'),
        Key("facturer", "facturer", DayForm(), "émettre les factures de ce mois", '"2026-10"'),
        Key("payer", "payer", DECIMAL, "la famille paie cette somme", '"8,20"'),
        Key("rejeter", "rejeter", TextForm(), "la banque rejette ce paiement, par son « numero »", '"P1"'),
        Key("rembourser", "rembourser", DECIMAL, "la commune rend cette somme à la famille", '"2,00"'),
        Key("relancer", "relancer", BoolForm(), "relancer les familles en retard", "true"),
        Key("etat", "etat", ChoiceForm({word: word for word in REPORTS}), "éditer un état, du premier au dernier jour",
            '"encaissements"'),
        Key("inviter", "inviter", TextForm(), "la commune invite cet adulte à créer son compte", '"Alice"'),
        Key("reinviter", "reinviter", TextForm(), "elle lui envoie un autre code ; l'ancien ne sert plus", '"Alice"'),
        Key("desinviter", "desinviter", TextForm(), "elle retire son invitation", '"Alice"'),
        Key("activer", "activer", _one_of(*ACTIVATION), "la famille passe un écran de la création de compte",
            '"compte famille"'),
        Key("se_connecter", "se_connecter", TextForm(), "cet adulte se connecte", '"Alice"'),
        Key("mot_de_passe_oublie", "mot_de_passe_oublie", TextForm(), "cet adulte demande un lien", '"Alice"'),
        Key("nouveau_mot_de_passe", "nouveau_mot_de_passe", TextForm(), "il en choisit un autre par le dernier lien",
            '"une autre phrase de sept mots bien choisis"'),
        Key("voir", "voir", _one_of(*SCREENS), "l'adulte regarde cet écran", '"mes factures"'),
        Key("cocher", "cocher", _CODE, "l'adulte clique les cases de ce service", '"cantine"'),
        Key("agenda", "agenda", _CODE, "« Vue Agenda » : ce service au panier, du premier au dernier jour de « pour »",
            '"cantine"'),
        Key("valider", "valider", BoolForm(), "« Valider » le panier", "true"),
        Key("vider", "vider", BoolForm(), "« Vider » le panier", "true"),
        Key("publier", "publier", TextForm(), "la commune publie une actualité de ce titre", '"Photo de classe"'),
        Key("lire", "lire", TextForm(), "l'adulte lit cette actualité", '"Photo de classe"'),
        Key("ecrire", "ecrire", _one_of(*KINDS), "l'adulte adresse une demande à la commune", '"absence"'),
        Key("repondre", "repondre", _one_of(*MOVES), "ce que la commune, ou l'adulte, fait d'une demande",
            '"accepter"'),
        Key("payer_en_ligne", "payer_en_ligne", TextForm(), "l'adulte paie cette facture en ligne, ou « toutes »",
            '"toutes"'),
        Key("adulte", "adult", TextForm(), "qui agit dans l'espace famille : prénom, ou prénom et nom", '"Alice"'),
        Key("nom_de_famille", "family_name", TextForm(), "le nom de famille tapé", '"Martin"'),
        Key("code", "code", _one_of("reçu", "ancien", "faux"), "le code d'activation présenté", '"faux"',
            default="reçu"),
        Key("mot_de_passe", "password", TextForm(), "le mot de passe tapé", '"sept mots sans aucun rapport entre eux"'),
        Key("confirmation", "confirmation", TextForm(), "le même, tapé de nouveau (par défaut, sans faute)",
            '"sept mots"'),
        Key("corrections", "corrections", _CORRECTIONS, "ce que la famille corrige : personne → rubrique → valeur",
            '{ Alise = { "Prénom" = "Alice" } }', default=FrozenMap()),
        Key("texte", "text", TextForm(), "le texte d'une actualité ou d'une demande", '"Léa est malade."'),
        Key("piece", "attachment", TextForm(), "la pièce jointe, par son nom", '"certificat.pdf"'),
        Key("public", "audience", SectionForm(AUDIENCE), "à qui s'adresse l'actualité (par défaut, à toutes)",
            '{ ecoles = ["école du Langon"] }', default=Audience()),
        Key("jusqu_au", "until", DateForm(), "dernier jour où l'actualité est affichée", '"2023-09-30"'),
        Key("banque", "bank", _one_of("payé", "refusé", "abandonné"), "ce qu'il advient du paiement en ligne",
            '"refusé"', default="payé"),
        Key("enfants", "children", ListForm(TextForm(), least=1),
            "pour plusieurs enfants, l'aîné d'abord (avec attribuer : dans l'ordre d'arrivée)",
            '["Clara", "Guilhem"]', default=()),
        Key("pour", "days", OneOrMoreForm(DayForm()),
            "jour de service, ou mois ; une liste de jours donne le total", '"2026-10-12"'),
        Key("vers", "instead", DateForm(), "jour demandé à la place (modifier)", '"2026-10-13"'),
        Key("creneau", "slot", TextForm(), "créneau", '"soir-1"'),
        Key("canal", "channel", TextForm(), "par où", '"en ligne"'),
        Key("auteur", "author", TextForm(), "famille ou agent", '"agent"', default="famille"),
        Key("motif", "motive", TextForm(), "motif", '"maladie"'),
        Key("preuve", "proof", TextForm(), "état de la preuve", '"acceptée"'),
        Key("preuve_le", "proof_at", InstantForm(), "quand la preuve est reçue"),
        Key("signale_le", "notified_at", InstantForm(), "quand l'absence est signalée", '"2026-01-12 08:30"'),
        Key("moyen", "means", ChoiceForm({means.value: means.value for means in Means}), "moyen de paiement",
            '"chèque"'),
        Key("numero", "number", TextForm(), "numéro du paiement, ou de la demande", '"P1"'),
        Key("serie", "series", TextForm(),
            "la série de factures (par défaut la première du règlement ; toutes, pour facturer)", '"CANTINE"'),
        Key("produits", "products", ListForm(TextForm("un code de produit")), "ne facturer que ces produits",
            '["cantine"]', default=()),
        Key("mode", "mode", TextForm(), "mode de la réservation existante", '"occasionnel"'),
        Key("palier", "tier", TextForm(), "palier par lequel elle a été prise", '"urgent"'),
        Key("reserve", "booked", BoolForm(), "une réservation existe", "true"),
        Key("arrivee", "arrival", TIME, "heure d'arrivée", '"07:45"'),
        Key("depart", "departure", TIME, "heure de départ", '"18:50"'),
        Key("faits", "facts", FACTS, "autres faits, pour cette étape", "{ pai = true }", default=FrozenMap()),
        Key("compteurs", "counters", _COUNTERS, "usages déjà comptés", '{ "repas tardifs" = 9 }', default=FrozenMap()),
        Key("evenements", "events", _DATES, "dates d'ancres", '{ "la première réservation" = "2025-09-08" }',
            default=FrozenMap()),
        Key("places_restantes", "places_left", IntegerForm(0), "places encore libres", "1"),
        Key("deja_reserves", "booked_places", IntegerForm(0), "enfants déjà réservés ce jour-là", "60"),
        Key("derogations", "derogations", ListForm(TextForm(), of=frozenset), "conditions levées (ou « limite »)",
            default=frozenset()),
        Key("preparation", "preparation", BoolForm(), "étape qui prépare les suivantes et n'attend rien", "true",
            default=False),
        Key("attendu", "expected", SectionForm(EXPECTED), "ce qui doit s'ensuivre"),
    ),
    lambda **values: step(values),
)  # fmt: skip

SCENARIO_ROOT = Section(
    "scenario",
    "le fichier de scénarios",
    "Des étapes à jouer contre un règlement.",
    (
        Key("format", "format", IntegerForm(), "version du format de fichier : 1", "1", required=True),
        Key("titre", "title", TextForm(), "titre", '"La cantine du Langon"'),
        Key("familles", "families", ListForm(SectionForm(FAMILY)), "les familles", default=()),
        Key("etapes", "steps", ListForm(SectionForm(STEP), least=1), "les étapes, dans l'ordre", required=True),
    ),
    lambda **values: values,
)
SCENARIO_SECTIONS = (SCENARIO_ROOT, FAMILY, ADULT, CHILD, CUSTODY, STEP, AUDIENCE, EXPECTED)
