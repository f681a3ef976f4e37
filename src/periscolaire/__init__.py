"""Réservation et facturation périscolaires : rules in, decisions and invoices out, each with its reasons.

The rooms of the house, from the ground up; an upper room may import the rooms below it:

==============  ======================================================================
``errors``      the whole tree of exceptions, drawn
``frozen``      an immutable, hashable mapping
``money``       amounts in minor units, currencies, named roundings, sum-conserving splits
``clock``       aware instants, wall times of a commune
``ids``         identifiers as ``NewType`` over ``str``
``reasons``     code + typed parameters: why something is so
``calendar``    day kinds, school years, weeks, holiday periods, public holidays
``facts``       typed facts (known, unknown, expired) and the conditions on them
``catalogue``   products, limits, gates, effects
``households``  families, adults, children, custody, quotient
``pricing``     tariffs: (facts, tariff) -> price with its steps
``reglement``   the whole règlement as one dated value; ``decide``; its linter
``booking``     views, registrations, basket, validation, places, waiting list
``attendance``  what happened against what was booked -> outcome
``billing``     charges, invoices, corrections, payments, reports
``messages``    news and requests
``access``      accounts and who may do what
``treasury``    what the comptable public and the bank receive
``ports``       what operations need of the world
``i18n``        French and English texts for every code
``storage``     repositories: in memory, SQL
``files``       rules, scenario and CSV files
``documents``   PDF and spreadsheets
``mail``        SMTP and file outbox
``operations``  use cases: the only place where things happen in order
``scenarios``   runs a scenario file against a règlement
``cli``         the ``periscolaire`` command
``testing``     Hypothesis strategies, oracles, conformance suites
==============  ======================================================================

Importing the root imports none of them.
"""

__version__ = "0.1.0"
