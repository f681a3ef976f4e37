"""The letters that say, before the bill, what is out of the ordinary: the same whatever command sends them."""

from __future__ import annotations

import datetime as dt

import attrs

from periscolaire.attendance import Anomaly
from periscolaire.billing import Issuer
from periscolaire.cli._store import Names
from periscolaire.cli.documents._people import addressee_of, language_of
from periscolaire.cli.documents._post import Post
from periscolaire.documents import anomaly_notice
from periscolaire.ports import UnitOfWork

__all__ = ["LettersBefore"]


@attrs.frozen
class LettersBefore:
    """The letters of one day, and how they leave."""

    issuer: Issuer
    post: Post
    on: dt.date

    def send(self, letter: tuple[Anomaly, ...], uow: UnitOfWork) -> str:
        """Write or send what one household is told; by which channel."""
        home, names = letter[0].household, Names.of(uow)
        notice = anomaly_notice(
            letter, self.issuer, addressee_of(home, uow), on=self.on, product_name=names.product,
            child_name=names.child, language=language_of(home, uow),
        )  # fmt: skip
        return self.post.send(f"avant-facture-{home}-{self.on}", notice, home, uow)
