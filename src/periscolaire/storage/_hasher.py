"""Passwords through argon2, the memory-hard function that ANSSI and the CNIL recommend (extra ``[accounts]``)."""

from __future__ import annotations

import attrs
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

__all__ = ["Argon2Hasher"]


@attrs.frozen
class Argon2Hasher:
    """argon2id. ``memory`` counts KiB, ``passes`` and ``lanes`` are argon2's time cost and parallelism.

    By default 64 MiB, 3 passes, 4 lanes: the second recommended option of RFC 9106 (§ 4). A stored hash carries the
    parameters it was made with; one made with others is outdated and made again at the next good sign-in.
    """

    passes: int = 3
    memory: int = 65_536
    lanes: int = 4
    _hasher: PasswordHasher = attrs.field(init=False, repr=False, eq=False)

    def __attrs_post_init__(self) -> None:
        object.__setattr__(self, "_hasher", PasswordHasher(self.passes, self.memory, self.lanes))

    def hash(self, secret: str) -> str:
        """A salted hash that carries its own parameters."""
        return self._hasher.hash(secret)

    def verify(self, secret: str, hashed: str) -> bool:
        """Whether ``hashed`` was made from ``secret``; a text that is no argon2 hash was made from nothing."""
        try:
            return self._hasher.verify(hashed, secret)
        except (VerificationError, InvalidHashError):
            return False

    def is_outdated(self, hashed: str) -> bool:
        """Whether ``hashed`` was made with other parameters."""
        return self._hasher.check_needs_rehash(hashed)
