"""A small city to attack a store, a portal or the library itself with: see :class:`CityMachine`.

Its règlement is drawn (:func:`sheets`), its life is any sequence of the real operations, and :func:`owed` computes what
every key should bear with nothing but ``if``.
"""

from periscolaire.testing.city._machine import CityMachine, city_machine
from periscolaire.testing.city._naive import Known, Owed, Stay, owed
from periscolaire.testing.city._sheet import Sheet, sheets

__all__ = ["CityMachine", "Known", "Owed", "Sheet", "Stay", "city_machine", "owed", "sheets"]
