"""Days, hours and instants as a clerk types and reads them."""

from __future__ import annotations

import calendar
import datetime as dt
import re
from collections.abc import Callable
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

import click

from periscolaire.calendar import Span
from periscolaire.clock import instant

__all__ = ["HEURE", "JOUR", "JOURS", "at_option", "before", "day_of", "days_text", "moment", "month", "short_instant"]

F = TypeVar("F", bound=Callable[..., Any])
_TIMED = re.compile(r"(\S+?)[ T](\d{1,2})[:h](\d{2})")


def _read_day(text: str) -> dt.date:
    if found := re.fullmatch(r"(\d{1,2})/(\d{1,2})/(\d{4})", text):
        return dt.date(int(found[3]), int(found[2]), int(found[1]))
    return dt.date.fromisoformat(text)


def _day(text: str) -> dt.date:
    try:
        return _read_day(text)
    except ValueError:
        raise click.BadParameter(f"« {text} » ; attendu un jour, comme 2026-10-12 ou 12/10/2026") from None


class _Day(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A day: ``2026-10-12`` or ``12/10/2026``."""

    name = "jour"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.date:
        return value if isinstance(value, dt.date) else _day(str(value))


class _Days(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """A day, or two days with ``..`` between them: both are in it."""

    name = "jours"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Span:
        if isinstance(value, Span):
            return value
        first, dots, last = str(value).partition("..")
        begins = _day(first)
        ends = _day(last) if dots else begins
        if ends < begins:
            raise click.BadParameter(f"« {value} » finit avant de commencer")
        return Span(begins, ends)


class _Time(click.ParamType):  # type: ignore[type-arg]  # generic in the newest click only
    """An hour: ``16:30`` or ``16h30``."""

    name = "heure"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dt.time:
        if isinstance(value, dt.time):
            return value
        try:
            return dt.time.fromisoformat(str(value).strip().lower().replace("h", ":").rjust(5, "0"))
        except ValueError:
            raise click.BadParameter(f"« {value} » ; attendu une heure, comme 16:30") from None


HEURE = _Time()
JOUR = _Day()
JOURS = _Days()


def at_option(command: F) -> F:
    """``--le``: at which instant it happens; now, by default."""
    return click.option(
        "--le",
        "at",
        metavar="INSTANT",
        help="À quel instant : 2026-10-08 12:00 ou 08/10/2026 12:00, à l'heure de la commune. Par défaut, maintenant.",
    )(command)


def moment(text: str | None, tz: ZoneInfo) -> dt.datetime:
    """The instant of ``--le``; a wall time without a zone is the commune's.

    :raises click.BadParameter: it is no instant.
    """
    if text is None:
        return dt.datetime.now(dt.UTC)
    day, hour, minute = found.groups() if (found := _TIMED.fullmatch(text.strip())) else (text.strip(), "0", "0")
    try:
        time = dt.time(int(hour), int(minute))
        return instant(_read_day(day), time.hour * 60 + time.minute, tz)
    except ValueError:
        pass  # perhaps with its zone, or its seconds
    try:
        found_at = dt.datetime.fromisoformat(text.strip())
    except ValueError:
        raise click.BadParameter(
            f"« {text} » ; attendu un instant, comme 2026-10-08 12:00 ou 08/10/2026 12:00", param_hint="--le"
        ) from None
    return found_at if found_at.tzinfo is not None else found_at.replace(tzinfo=tz)


def day_of(text: str | None, tz: ZoneInfo) -> tuple[dt.date, dt.datetime]:
    """The day of ``--le`` for what is done as of a day, and when it is recorded: at that instant, or now for a day that
    was typed alone and has begun.

    :raises click.BadParameter: it is no instant.
    """
    at, now = moment(text, tz), dt.datetime.now(dt.UTC)
    local = at.astimezone(tz)
    return local.date(), max(at, now) if local.time() == dt.time() else at


def month(_: click.Context, __: click.Parameter, text: str | None) -> Span | None:
    """A month written ``2025-11`` or ``11/2025`` as its closed span of days."""
    if text is None:
        return None
    year, number = 0, 0
    if found := re.fullmatch(r"([1-9]\d{3})-(\d{2})", text):
        year, number = int(found[1]), int(found[2])
    elif found := re.fullmatch(r"(\d{1,2})/([1-9]\d{3})", text):
        year, number = int(found[2]), int(found[1])
    if not 1 <= number <= 12:
        raise click.BadParameter(f"« {text} » ; attendu un mois, comme 2025-11 ou 11/2025")
    return Span(dt.date(year, number, 1), dt.date(year, number, calendar.monthrange(year, number)[1]))


def days_text(first: dt.date, last: dt.date) -> str:
    """``le 03/11/2025``, or ``du 03/11/2025 au 07/11/2025``."""
    return f"le {first:%d/%m/%Y}" if first == last else f"du {first:%d/%m/%Y} au {last:%d/%m/%Y}"


def short_instant(at: dt.datetime, tz: ZoneInfo) -> str:
    """``jeu. 08/10 12:00``, by the commune's clock."""
    local = at.astimezone(tz)
    return f"{_SHORT[local.weekday()]} {local:%d/%m %H:%M}"


def before(at: dt.datetime, tz: ZoneInfo) -> str:
    """Until when, as people say it: « avant jeu. 08/10 12:00 », or « jusqu'au mer. 07/10 inclus » at midnight."""
    local = at.astimezone(tz)
    if (local.hour, local.minute) == (0, 0):
        eve = local.date() - dt.timedelta(days=1)
        return f"jusqu'au {_SHORT[eve.weekday()]} {eve:%d/%m} inclus"
    return f"avant {short_instant(at, tz)}"


_SHORT = ("lun.", "mar.", "mer.", "jeu.", "ven.", "sam.", "dim.")
