"""Reading tiers: « la veille 10:00 ; puis sans limite : +2,00, selon places »."""

from __future__ import annotations

import attrs

from periscolaire.catalogue._effects import ACCEPT
from periscolaire.catalogue._limits import Hours, Limit, NoLimit
from periscolaire.catalogue._rules import Tier
from periscolaire.catalogue.notation._effects import EffectReader
from periscolaire.catalogue.notation._phrases import BEYOND, PLACES
from periscolaire.catalogue.notation._tables import TableReader
from periscolaire.catalogue.notation._tokens import Walker
from periscolaire.catalogue.notation._words import VERB_FORMS

__all__ = ["TierReader"]


@attrs.frozen
class TierReader:
    """Reads tiers: limits, and what each does."""

    limits: TableReader

    @property
    def walker(self) -> Walker:
        """The one walker of the text."""
        return self.limits.walker

    @property
    def effects(self) -> EffectReader:
        """The reader of effects, at the same place of the text."""
        return EffectReader(self.walker)

    def tiers(self) -> tuple[Tier, ...]:
        """All tiers, to the end of the text."""
        walker = self.walker
        tiers = [self._tier()]
        while True:
            if walker.take(";", "."):
                if walker.done:
                    break
                self._beyond()
            elif not (walker.take(", puis", ", sinon", "puis", "sinon")):
                start = walker.index
                walker.take(",")
                if not self._beyond(*BEYOND):
                    walker.index = start
                    break
            tiers.append(self._tier())
        return tuple(tiers)

    def _beyond(self, *words: str) -> bool:
        """« puis », « sinon », « au-delà : », « passé ce délai, »: what comes before the next tier."""
        walker = self.walker
        found = walker.take(*(words or (*BEYOND, "puis", "ensuite", "sinon", "apres", "hors delai")))
        if found:
            walker.take(":", ",")
        return found

    def _tier(self) -> Tier:
        walker = self.walker
        if self._sees_effect_alone():  # « … ; sinon demande »
            effect, counter = self.effects.effect_or_counter()
            return Tier(NoLimit(), effect, self._places(), None, counter)
        found = self.limits.limit()
        limit: Limit = NoLimit() if isinstance(found, Hours) else found
        hours = found if isinstance(found, Hours) else None
        if hours is None and walker.take(", aux heures", "aux heures"):
            hours = self.limits.channel_hours()
        places = self._places()
        effect, counter = ACCEPT, None
        if walker.take(":", "=") or self._sees_effect():
            effect, counter = self.effects.effect_or_counter()
        return Tier(limit, effect, places or self._places(), hours, counter)

    def _places(self) -> bool:
        walker = self.walker
        start = walker.index
        walker.take(",")
        if walker.take(*PLACES):
            return True
        walker.index = start
        return False

    def _sees_effect_alone(self) -> bool:
        walker = self.walker
        if walker.peek().norm == "du":  # « dû » is an effect, « du » opens a window
            return "û" in walker.peek().raw.lower()
        if self.effects.sees_share():
            return True
        return walker.peek().norm in ("+", "x", "×") or walker.sees("tarif", "prix", "majoration", *VERB_FORMS) > 0

    def _sees_effect(self) -> bool:
        """« la veille 10:00, +2,00 »: an effect after a comma, without its colon."""
        walker = self.walker
        start = walker.index
        walker.take(",")
        token = walker.peek()
        if token.norm == "+" or walker.sees("majoration", "majore", "tarif"):
            return True
        walker.index = start
        return False
