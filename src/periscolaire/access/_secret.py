"""Secrets: a value that no repr, log, error or export shows, and the digest under which it is kept."""

from __future__ import annotations

import hashlib
import hmac
from typing import NoReturn

__all__ = ["Secret", "digest", "matches"]


class Secret:
    """A code, token or password in transit: shown nowhere, never stored, never pickled.

    ``==`` takes the same time whatever differs; :meth:`reveal` is the only way to the text, so that a search of the
    source finds every place that uses it.
    """

    __slots__ = ("__text",)

    def __init__(self, text: str) -> None:
        self.__text = text

    def reveal(self) -> str:
        """The text itself: for a hasher, or for the message that carries it to its owner."""
        return self.__text

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self.__text.encode(), other.reveal().encode())

    def __hash__(self) -> int:
        return hash((Secret, digest(self)))

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __format__(self, spec: str) -> str:
        return repr(self)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a secret is never pickled nor copied")


def digest(secret: Secret, purpose: str = "") -> str:
    """SHA-256 of a random code, bound to its ``purpose``: what is stored of it.

    A fast digest is right here and only here: codes and tokens hold 128 random bits or more, nobody can try them all.
    What people choose (passwords) goes through the :class:`~periscolaire.ports.Hasher` port instead.
    """
    return hashlib.sha256(f"{purpose}\x00{secret.reveal()}".encode()).hexdigest()


def matches(secret: Secret, stored: str, purpose: str = "") -> bool:
    """Whether ``stored`` is the digest of ``secret``, compared in constant time."""
    return hmac.compare_digest(digest(secret, purpose), stored)
