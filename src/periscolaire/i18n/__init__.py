"""French and English words for every code: the only room that writes sentences.

A :class:`~periscolaire.reasons.Reason` or :class:`~periscolaire.reasons.Description` is a code with typed parameters;
:func:`text` looks its template up in the catalogue of the language (``textes/<language>/<room>.po``, plain gettext
files that any translator's tool opens) and writes each parameter as people of that language expect: dates, hours and
amounts through Babel. Instants are written at the wall time of their own time zone, so the domain hands them over in
the commune's.

Templates hold ``{name}`` placeholders; four format words choose a form:

===================================================  =============================================
``{n:plural|jour|jours}``                            singular or plural, as the language counts
``{flag:choice|avec|sans}``                          the first when true, else the second
``{day:short}``, ``{day:weekday}``, ``{day:month}``  ``08/10/2026``, ``jeudi``, ``octobre 2026``
``{value:bare}``                                     a list joined by commas without « et »
===================================================  =============================================
"""

from periscolaire.i18n._engine import LANGUAGES, amount, catalogue, text, write

__all__ = ["LANGUAGES", "amount", "catalogue", "text", "write"]
