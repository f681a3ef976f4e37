"""How fast limits are decided: the cached table against a naive loop of dateutil and holidays, in the same run.

``python bench/limits.py`` prints, for 60 days × 4 products × book and cancel, the time of one child; then bulk
decisions a second for one product; then both as ratios to the naive loop.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable

import attrs
import holidays
from dateutil.relativedelta import relativedelta

from periscolaire.calendar import CommuneCalendar, Span, commune_calendar, parse_open_days
from periscolaire.catalogue import Action, Answer, LimitRule, Product, epoch, instant_table, parse_limit
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import EUR, Currency
from periscolaire.reglement import Context, Request, decide_days

RULES = (
    "jeudi de la semaine précédente 12:00 ; puis la veille 10:00 : +2,00",
    "2 jours ouvrés avant 10:00",
    "48 h avant",
    "1 jour de classe avant 11:00",
)
FIRST = dt.date(2026, 1, 5)
LAST = FIRST + dt.timedelta(days=59)
AT = dt.datetime(2026, 1, 20, 9, 30, tzinfo=dt.UTC)
CALENDAR = commune_calendar(zone="B")
OPEN_DAYS = parse_open_days("jours de classe")
YEAR = Span(dt.date(2025, 9, 1), dt.date(2026, 7, 3))


@attrs.frozen
class _Rules:
    """The little of a règlement that a decision needs."""

    products: tuple[Product, ...]
    version: str = "bench"
    calendar: CommuneCalendar = CALENDAR
    currency: Currency = EUR

    def product(self, code: str) -> Product:
        return next(product for product in self.products if product.code == code)


def best(work: Callable[[], object], repeat: int = 30) -> float:
    """The shortest of ``repeat`` runs, in seconds."""
    times = []
    for _ in range(repeat):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def naive() -> int:
    """Two business days before at 10:00, recomputed each time as most code does; 480 decisions."""
    closed = holidays.country_holidays("FR", years=range(2025, 2027))
    at = AT.replace(tzinfo=None)
    allowed = 0
    for _ in range(8):
        for i in range(60):
            day, left = FIRST + relativedelta(days=i), 2
            while left:
                day -= relativedelta(days=1)
                if day.weekday() < 5 and day not in closed:
                    left -= 1
            allowed += at < dt.datetime.combine(day, dt.time(10))
    return allowed


def main() -> None:
    """Measure and print."""
    rules = [(LimitRule(parse_limit(text)),) for text in RULES]
    build = time.perf_counter()
    tables = [
        instant_table(rule, action, CALENDAR, YEAR, open_days=OPEN_DAYS)
        for rule in rules
        for action in (Action.BOOK, Action.CANCEL)
    ]
    build = time.perf_counter() - build

    def child() -> list[list[Answer]]:
        return [table.answers(FIRST, LAST, AT) for table in tables]

    products = tuple(
        Product(ProductCode(f"p{i}"), f"Produit {i}", OPEN_DAYS, booking=rule, cancellation=rule)
        for i, rule in enumerate(rules)
    )
    context = Context(_Rules(products))
    requests = [
        Request(action, ChildId("clara"), product.code, FIRST, AT)
        for product in products
        for action in (Action.BOOK, Action.CANCEL)
    ]
    whole = best(lambda: [decide_days(request, context, LAST) for request in requests])
    day = dt.date(2026, 1, 22)
    instants = [epoch(AT) + 60 * i for i in range(100_000)]
    one, slow = best(child), best(naive, 5)
    bulk = best(lambda: tables[0].answers_at(day, instants), 5)
    wide = best(lambda: [tables[0].answers(YEAR.first, YEAR.last, AT) for _ in range(300)], 5)
    days = 300 * len(YEAR)
    print(f"build the tables of 4 products and 2 actions over a year  {build * 1e3:10.1f} ms")
    print(f"60 days x 4 products x book and cancel, table             {one * 1e3:10.3f} ms")
    print(f"the same, as requests on a règlement (decide_days)        {whole * 1e3:10.3f} ms")
    print(f"60 days x 4 products x book and cancel, naive loop        {slow * 1e3:10.3f} ms   x {slow / one:.0f}")
    print(f"bulk, one day at many instants                            {len(instants) / bulk / 1e6:10.2f} M/s")
    print(f"bulk, a year of days at one instant                       {days / wide / 1e6:10.2f} M/s")


if __name__ == "__main__":
    main()
