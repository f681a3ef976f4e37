"""What operations need of the world besides storage: the time, identifiers, mail, password hashes, bytes."""

from __future__ import annotations

import datetime as dt
import secrets
from typing import Protocol

import attrs

from periscolaire.access import Secret
from periscolaire.clock import require_aware

__all__ = ["BlobStore", "Clock", "FixedClock", "Hasher", "Mail", "Mailer", "SystemClock", "new_id", "new_secret"]

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_RANDOM_BITS = 80


class Clock(Protocol):
    """Tells the instant at which a command is received."""

    def now(self) -> dt.datetime:
        """The present instant, aware."""
        ...


@attrs.frozen
class SystemClock:
    """The clock of the machine, in UTC."""

    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


@attrs.frozen
class FixedClock:
    """A clock that stands still: for tests, scenarios and replays."""

    at: dt.datetime

    def __attrs_post_init__(self) -> None:
        require_aware(self.at)

    def now(self) -> dt.datetime:
        return self.at


def new_secret() -> Secret:
    """A new code or token of 192 random bits, safe in an address: nobody guesses it, in any number of tries."""
    return Secret(secrets.token_urlsafe(24))


def new_id() -> str:
    """A new identifier of 26 characters: the milliseconds, then 80 random bits (ULID).

    Identifiers made one after the other sort together, which keeps the pages of an index warm.
    """
    milliseconds = int(dt.datetime.now(dt.UTC).timestamp() * 1000)
    number = milliseconds << _RANDOM_BITS | secrets.randbits(_RANDOM_BITS)
    return "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


@attrs.frozen
class Mail:
    """A message to one person: plain text, with what is attached as (file name, media type, bytes).

    The text may carry a link that opens an account: it shows in no repr, hence in no log.
    """

    to: str
    subject: str
    text: str = attrs.field(repr=False)
    attachments: tuple[tuple[str, str, bytes], ...] = attrs.field(default=(), repr=False)


class Mailer(Protocol):
    """Sends mail, or puts it where somebody will."""

    def send(self, mail: Mail) -> None:
        """Hand ``mail`` over; returning means that it was accepted, not that it was read."""
        ...


class Hasher(Protocol):
    """Hashes of secrets that people choose (passwords) or receive (activation codes)."""

    def hash(self, secret: str) -> str:
        """A salted hash that carries its own parameters."""
        ...

    def verify(self, secret: str, hashed: str) -> bool:
        """Whether ``hashed`` was made from ``secret``."""
        ...

    def is_outdated(self, hashed: str) -> bool:
        """Whether ``hashed`` should be made again at the next good login."""
        ...


class BlobStore(Protocol):
    """Bytes kept by their digest: scanned proofs, printed invoices."""

    def put(self, content: bytes) -> str:
        """Keep ``content``; its SHA-256, in hexadecimal, which is its name. Putting it twice keeps it once."""
        ...

    def get(self, digest: str) -> bytes:
        """The bytes of that name.

        :raises NotFoundError: there are none.
        """
        ...

    def remove(self, digest: str) -> None:
        """Forget the bytes of that name; nothing happens if there are none."""
        ...
