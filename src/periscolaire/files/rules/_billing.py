"""``[facturation]`` of a rules file: the series of documents, what is too small, what becomes of credits."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from periscolaire.files.rules._values import DECIMAL
from periscolaire.files.toml._forms import (
    ChoiceForm,
    IntegerForm,
    Key,
    ListForm,
    Section,
    SectionForm,
    TextForm,
)
from periscolaire.files.toml._locate import Path
from periscolaire.ids import ProductCode, RegieCode
from periscolaire.reglement import BillingPolicy, Collection, CustodyPrice, Cycle, Refund, SeriesPolicy, UncheckedDays

__all__ = ["BILLING", "BILLING_SECTIONS", "billing_amounts"]


def _series(products: tuple[str, ...] | None = None, regie: str | None = None, **rest: Any) -> SeriesPolicy:
    return SeriesPolicy(
        products=None if products is None else tuple(ProductCode(code) for code in products),
        regie=None if regie is None else RegieCode(regie),
        **rest,
    )


SERIES = Section(
    "series",
    "une série de factures",
    "Les factures d'une régie, ou d'un budget, numérotées à part chaque année. Ce qu'elle ne dit pas est ce que dit "
    "la facturation.",
    (
        Key("code", "code", TextForm(), "code de la série, au début de chaque numéro", '"CANTINE"', required=True),
        Key("produits", "products",
            ListForm(TextForm("un code de produit, de pénalité, de frais ou de carnet"), least=1),
            "ce qu'elle facture (absent : tout ce qu'aucune autre ne nomme)", '["cantine", "garderie"]'),
        Key("sites", "sites", ListForm(TextForm(), least=1), "seulement pour les enfants de ces sites (fait « site »)",
            '["Les Tilleuls"]'),
        Key("regie", "regie", TextForm(), "code de la régie qui encaisse", '"R12"'),
        Key("encaissement", "collection", ChoiceForm.of(Collection), "par la régie, ou par titre", '"titre"'),
        Key("delai_de_paiement", "due_days", IntegerForm(0), "jours pour payer", "20"),
        Key("minimum", "minimum", DECIMAL, "montant en dessous duquel on ne facture pas encore", '"15,00"'),
        Key("avoirs", "refund", ChoiceForm.of(Refund), "ce que devient un avoir", '"sur demande"'),
        Key("reference", "reference", TextForm(), "acte de création de la régie"),
    ),
    _series,
)  # fmt: skip

BILLING = Section(
    "billing",
    "la facturation",
    "Rythme, délai de paiement, montant minimal, encaissement, avoirs, séries de factures.",
    (
        Key("rythme", "cycle", ChoiceForm.of(Cycle), "rythme des factures", '"mois"', default=Cycle.MONTH),
        Key("delai_de_paiement", "due_days", IntegerForm(0), "jours pour payer (par défaut 30)", "30"),
        Key("minimum", "minimum", DECIMAL,
            "montant en dessous duquel on ne facture pas encore (absent : rien pour une régie, 15 € pour des titres)",
            '"15,00"'),
        Key("encaissement", "collection", ChoiceForm.of(Collection), "par la régie, ou par titre", '"régie"',
            default=Collection.REGIE),
        Key("avoirs", "refund", ChoiceForm.of(Refund), "ce que devient un avoir", '"facture suivante"',
            default=Refund.NEXT_INVOICE),
        Key("moyens", "means", ListForm(TextForm()), "moyens de paiement admis", '["chèque", "carte"]', default=()),
        Key("non_pointes", "unchecked", ChoiceForm.of(UncheckedDays),
            "une famille dont des jours restent à pointer : ces jours sont signalés, ou rien n'est émis pour elle",
            '"bloquer"', default=UncheckedDays.REPORT),
        Key("garde", "custody", ChoiceForm.of(CustodyPrice),
            "parents qui partagent un jour : à chacun son prix, ou un prix partagé au centime",
            '"quotient d\'un foyer désigné"', default=CustodyPrice.EACH),
        Key("series", "series", ListForm(SectionForm(SERIES)), "les séries, quand il y en a plusieurs", default=()),
        Key("reference", "reference", TextForm(), "article du règlement"),
    ),
    BillingPolicy,
)  # fmt: skip

BILLING_SECTIONS = (BILLING, SERIES)


def billing_amounts(policy: BillingPolicy) -> Iterator[tuple[Path, Decimal | None]]:
    """The amounts of the policy, by their paths."""
    yield ("facturation", "minimum"), policy.minimum
    for index, one in enumerate(policy.series):
        yield ("facturation", "series", index, "minimum"), one.minimum
