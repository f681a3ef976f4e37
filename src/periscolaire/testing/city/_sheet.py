"""A règlement drawn at random, as a sheet of a dozen cells: said once to the engine as a rules file, once to ``if``."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import attrs
from hypothesis import strategies as st

__all__ = ["FIRST_DAY", "Sheet", "sheets"]

#: From when the first version holds.
FIRST_DAY = dt.date(2025, 9, 1)


@attrs.frozen
class Sheet:
    """What one version says; amounts in cents, 0 where there is no such thing.

    The canteen is priced by ``bands`` of quotient (upper bound, price) and ``top`` above or without one, half of it
    from the second child present (``half``), ``unplanned`` (``None``: twice the price), ``late`` more when booked on
    the very morning; ``third_party`` is borne by the CCAS. The evening care costs ``half_hour`` for each begun, and
    ``penalty`` after 18:30; the homework club ``month`` for a month; a household ``fee`` a year. An absence with an
    accepted proof is not due when ``excused``. ``unchecked`` is what a day that nobody checked counts as. With
    ``canteen_apart`` the canteen is invoiced by a régie of its own, the rest by the régie or by titres (``by_titre``).
    """

    bands: tuple[tuple[int, int], ...] = ((600, 105), (1200, 285))
    top: int = 410
    half: bool = True
    unplanned: int | None = 550
    late: int = 200
    third_party: int = 0
    half_hour: int = 110
    penalty: int = 0
    month: int = 3000
    fee: int = 0
    excused: bool = True
    canteen_prepaid: bool = False
    month_prepaid: bool = False
    unchecked: str = "attendre"
    by_titre: bool = False
    minimum: int = 0
    canteen_apart: bool = False

    @property
    def series(self) -> tuple[str, ...]:
        """The codes of its series of invoices."""
        rest = "TITRE" if self.by_titre else "REGIE"
        return ("CANTINE", rest) if self.canteen_apart else (rest,)

    def is_prepaid(self, product: str) -> bool:
        """Whether it is paid as it is booked."""
        return {"cantine": self.canteen_prepaid, "étude": self.month_prepaid}.get(product, False)

    def text(self, version: str, first_day: dt.date = FIRST_DAY) -> str:
        """The rules file that says it."""
        return _RULES.format(
            version=version,
            first=first_day,
            collection="titre" if self.by_titre else "régie",
            minimum=_units(self.minimum),
            series=_SERIES.format(rest=self.series[-1]) if self.canteen_apart else "",
            canteen_paid="R facture" if self.canteen_prepaid else "C",
            month_paid="R facture" if self.month_prepaid else "C",
            late=_units(self.late),
            bands=", ".join(f'{{ jusqu_a = {bound}, prix = "{_units(price)}" }}' for bound, price in self.bands),
            top=_units(self.top),
            half='puis = [{ fois = "0,5", si = { rang = ">= 2" } }]' if self.half else "",
            ranks='rangs = [{ parmi = "présents" }]' if self.half else "",
            unplanned="×2" if self.unplanned is None else _units(self.unplanned),
            parts=f'parts = [{{ payeur = "CCAS", montant = "{_units(self.third_party)}" }}]'
            if self.third_party
            else "",
            half_hour=_units(self.half_hour),
            month=_units(self.month),
            absence="non dû" if self.excused else "dû",
            unchecked=self.unchecked,
            fee=_FEE.format(fee=_units(self.fee)) if self.fee else "",
            penalty=_PENALTY.format(penalty=_units(self.penalty)) if self.penalty else "",
        )


def _units(cents: int) -> str:
    return f"{Decimal(cents) / 100:.2f}".replace(".", ",")


_RULES = """
format = 1
commune = "Ville éprouvée"
version = "{version}"
en_vigueur = "{first}"
zone = "B"

[facturation]
encaissement = "{collection}"
minimum = "{minimum}"
{series}
[[produits]]
code = "cantine"
jours = "lundi, mardi, jeudi, vendredi"
genre = "restauration"
paiement = "{canteen_paid}"
reservation = "la veille 10:00 ; puis le jour même 9:00 : +{late}"
annulation = "la veille 10:00 ; puis sans limite : dû"
pointage = {{ non_pointe = "{unchecked}", delai = 5 }}

[produits.prix]
selon = "quotient"
tranches = [{bands}, {{ prix = "{top}" }}]
sans = "tranche la plus haute"
{half}
{ranks}
{parts}
non_prevu = "{unplanned}"

[produits.absence]
lignes = [{{ si = {{ preuve = "acceptée" }}, effet = "{absence}" }}, {{ effet = "dû" }}]

[[produits]]
code = "garderie"
jours = "lundi, mardi, jeudi, vendredi"
genre = "accueil"
horaires = "16:30-18:30"
paiement = "C"
reservation = "la veille 18:00"
annulation = "la veille 18:00 ; puis sans limite : dû"
prix = {{ par = "30 min", a = "{half_hour}" }}
pointage = {{ non_pointe = "{unchecked}", delai = 5 }}

[produits.absence]
lignes = [{{ si = {{ preuve = "acceptée" }}, effet = "{absence}" }}, {{ effet = "dû" }}]

[[produits]]
code = "étude"
jours = "lundi, mardi, jeudi, vendredi"
genre = "accueil"
paiement = "{month_paid}"
reservation = "la veille 18:00"
annulation = "la veille 18:00"
pointage = {{ non_pointe = "{unchecked}", delai = 5 }}

[produits.prix]
prix = "{month}"
assiette = {{ quand = "mois" }}

[produits.absence]
lignes = [{{ si = {{ preuve = "acceptée" }}, effet = "{absence}" }}, {{ effet = "dû" }}]
{penalty}{fee}"""

_SERIES = """
[[facturation.series]]
code = "CANTINE"
produits = ["cantine"]
encaissement = "régie"

[[facturation.series]]
code = "{rest}"
"""

_FEE = """
[[frais]]
code = "dossier"
prix = "{fee}"
assiette = {{ qui = "foyer", quand = "année scolaire" }}
"""

_PENALTY = """
[[penalites]]
code = "retard"
declencheur = "départ après"
limite = "18:30"
prix = "{penalty}"
"""


@st.composite
def sheets(draw: st.DrawFn, like: Sheet | None = None) -> Sheet:
    """Any sheet; with ``like``, another version of that one: it collects, checks and is paid in the same way."""
    prices = draw(st.lists(st.integers(50, 600), min_size=3, max_size=3).map(sorted))
    settled: dict[str, Any] = {
        "bands": tuple(zip((600, 1200), prices[:2], strict=True)),
        "top": prices[2],
        "half": draw(st.booleans()),
        "unplanned": draw(st.sampled_from((None, 550, 725))),
        "late": draw(st.sampled_from((150, 200))),
        "half_hour": draw(st.sampled_from((95, 110))),
        "month": draw(st.sampled_from((2505, 3000))),
        "excused": draw(st.booleans()),
    }
    if like is None:
        return Sheet(
            **settled,
            third_party=draw(st.sampled_from((0, 75))),
            penalty=draw(st.sampled_from((0, 500))),
            fee=draw(st.sampled_from((0, 1250))),
            canteen_prepaid=draw(st.booleans()),
            month_prepaid=draw(st.booleans()),
            unchecked=draw(st.sampled_from(("attendre", "présent", "absent"))),
            by_titre=draw(st.booleans()),
            minimum=draw(st.sampled_from((0, 0, 1500))),
            canteen_apart=draw(st.booleans()),
        )
    changed: dict[str, Any] = {"penalty": like.penalty and like.penalty + 100, "fee": like.fee and like.fee + 250}
    return attrs.evolve(like, **settled, **changed)
