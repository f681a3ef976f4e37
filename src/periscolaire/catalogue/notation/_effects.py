"""Reading effects and counters: ``+2,00 par commande``, ``accepté jusqu'au 5e, ensuite refus``."""

from __future__ import annotations

from decimal import Decimal

import attrs

from periscolaire.catalogue._effects import (
    ACCEPT,
    Band,
    Counter,
    Effect,
    Multiple,
    OtherTariff,
    Per,
    PriceForm,
    Replacement,
    Reset,
    Scope,
    Surcharge,
    Verb,
)
from periscolaire.catalogue.notation._tokens import Walker
from periscolaire.catalogue.notation._words import PER_FORMS, RESET_FORMS, VERB_FORMS
from periscolaire.errors import MisuseError

__all__ = ["EffectReader"]

_SCOPES = {
    "par jour": Scope.DAY,
    "par repas": Scope.DAY,
    "par commande": Scope.ORDER,
    "pour toute la commande": Scope.ORDER,
    "par famille": Scope.HOUSEHOLD,
    "par foyer": Scope.HOUSEHOLD,
}


_MORE = (
    "+", "plus", "majoration de", "majoration", "majore de", "majoree de", "supplement de", "supplement",
    "tarif majore de", "prix majore de",
)  # fmt: skip


@attrs.frozen
class EffectReader:
    """Reads what a tier does."""

    walker: Walker

    def effect_or_counter(self) -> tuple[Effect, Counter | None]:
        """An effect, or the effects by rank of a counter."""
        walker = self.walker
        bands = [(self.effect(), self._up_to())]
        while walker.take(", ensuite", "ensuite") or (
            bands[-1][1] is not None and walker.take(", puis au dela", ", au dela", ", au - dela", ",")
        ):
            bands.append((self.effect(), self._up_to()))
        if len(bands) == 1 and bands[0][1] is None and not walker.sees(", compteur", "compteur"):
            return bands[0][0], None
        name, per, reset = self._counter_tail()
        rank, made = 1, []
        for index, (effect, last) in enumerate(bands):
            made.append(Band(rank, effect))
            if last is None:
                if index != len(bands) - 1:
                    raise walker.failure(("accepté jusqu'au 5e, ensuite refus",))
            elif last < rank or index == len(bands) - 1:
                raise walker.failure(("accepté jusqu'au 5e, ensuite refus",))
            else:
                rank = last + 1
        return ACCEPT, Counter(name, tuple(made), per, reset)

    def _up_to(self) -> int | None:
        walker = self.walker
        if walker.take("jusqu' au", "jusqu' a la", "les"):
            token = walker.peek()
            digits = "".join(c for c in token.norm if c.isdigit())
            if token.sort in ("rank", "number") and digits:
                walker.index += 1
                walker.take("premiers", "premieres", "fois")
                return int(digits)
            raise walker.failure(("jusqu'au 5e",))
        return None

    def _counter_tail(self) -> tuple[str, Per, Reset]:
        walker = self.walker
        walker.take(",")
        name = "compteur"
        if walker.take("compteur"):
            token = walker.peek()
            if token.sort not in ("quoted", "word"):
                raise walker.failure(('compteur "repas" par enfant par année scolaire',))
            walker.index += 1
            name = _unquoted(token.raw)
        per, reset = Per.CHILD, None
        while True:
            walker.take(",")
            if (found := walker.pick(PER_FORMS)) is not None:
                per = found
            elif (again := walker.pick(RESET_FORMS)) is not None:
                reset = again
            else:
                break
        if reset is None:  # never a bare « par an » (LIMITS A17)
            raise walker.failure(("par mois", "par année scolaire", "par année civile"))
        return name, per, reset

    def effect(self) -> Effect:
        """A verb, a price form or both, a share, a scope, « acquise »."""
        walker = self.walker
        verb, share = self._shared()
        if verb is None:
            verb = walker.pick(VERB_FORMS)
        if verb in (Verb.DUE, Verb.NOTHING):
            start = walker.index
            walker.take("a hauteur de", "a")
            if walker.peek().sort == "number" and walker.peek(1).norm == "%":
                said = self._percent()  # « remboursé à 30 % » leaves 70 % due
                verb, share = Verb.DUE, said if verb is Verb.DUE else 1 - said
            elif verb is Verb.DUE and walker.peek().sort == "number":
                walker.index += 1
                raise walker.failure(("dû 50 %",))
            else:
                walker.index = start
        walker.take("avec", "a")
        price = self._price()
        if verb is None and price is None:
            raise walker.failure(("+2,00", "x2", 'tarif "tardif"', "demande", "refus"))
        scope = walker.pick(_SCOPES)
        kept = walker.take("acquise", "acquis", "conservee")
        try:
            return Effect(verb or Verb.ACCEPT, price, scope or Scope.DAY, share, kept)
        except MisuseError:
            walker.index -= 1
            raise walker.failure(("dû 50 %", "+2,00 acquise")) from None

    def sees_share(self) -> bool:
        """Whether « 50 % dû », « la moitié due » or a lone amount stands here."""
        walker = self.walker
        return walker.sees("la moitie", "moitie") > 0 or (
            walker.peek().sort == "number" and walker.peek(1).norm in ("%", "€", "euros", "euro")
        )

    def _shared(self) -> tuple[Verb | None, Decimal | None]:
        """``50 % dû``, ``la moitié remboursée``: the share, then what becomes of it."""
        walker = self.walker
        if not self.sees_share() or walker.peek(1).norm in ("€", "euros", "euro"):
            return None, None
        share = Decimal("0.5") if walker.take("la moitie", "moitie") else self._percent()
        walker.take("du prix", "du montant", "du tarif", "du repas")
        walker.take("est", "reste", "sont")
        verb = walker.pick(VERB_FORMS)
        if verb is Verb.DUE:
            return verb, share
        if verb is Verb.NOTHING:
            return Verb.DUE, 1 - share
        raise walker.failure(("dû 50 %", "+50 %"))

    def _percent(self) -> Decimal:
        share = _decimal(self.walker.peek().norm) / 100
        self.walker.index += 2
        return share

    def _price(self) -> PriceForm | None:
        walker = self.walker
        if walker.peek().sort == "number":  # « 10 € »: more, or instead?
            lone = walker.peek().norm.replace(".", ",")
            raise walker.failure((f"+{lone}", f"tarif {lone}"))
        if walker.peek().norm in ("x", "*", "×") or walker.sees("fois"):
            walker.index += 1
            return Multiple(self._decimal())
        if walker.take("double"):
            return Multiple(Decimal(2))
        if not walker.sees(*_MORE) and walker.take("tarif", "prix", "au tarif", "au prix de", "tarif de"):
            token = walker.peek()
            if token.sort == "number":
                amount = self._decimal()
                walker.take("€", "euros", "euro")
                return Replacement(amount)
            if walker.take("double", "x2"):
                return Multiple(Decimal(2))
            if token.sort in ("word", "quoted"):
                walker.index += 1
                return OtherTariff(_unquoted(token.raw))
            raise walker.failure(('tarif "tardif"', "tarif 3,90"))
        plus = walker.take(*_MORE)
        if plus:
            walker.take(*_MORE)
        if not plus:
            return None
        amount = self._decimal()
        if walker.take("%"):
            return Multiple(1 + amount / 100)
        walker.take("€", "euros", "euro")
        return Surcharge(amount)

    def _decimal(self) -> Decimal:
        token = self.walker.peek()
        if token.sort != "number":
            raise self.walker.failure(("2,00",))
        self.walker.index += 1
        return _decimal(token.norm)


def _decimal(norm: str) -> Decimal:
    return Decimal(norm.replace(",", "."))


def _unquoted(raw: str) -> str:
    return raw.strip('"«»“” ')
