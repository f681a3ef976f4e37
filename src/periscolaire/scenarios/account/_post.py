"""What a scenario has instead of the world: a letter box that is read at once, a hash that lasts a few seconds."""

from __future__ import annotations

import hashlib
import re
from urllib.parse import parse_qs, urlparse

import attrs

from periscolaire.access import Secret
from periscolaire.ports import Mail

__all__ = ["LetterBox", "PassingHasher"]

_LINK = re.compile(r"https://\S+")


@attrs.frozen
class LetterBox:
    """Keeps every mail, and the codes and links that they carry, by address."""

    mails: list[Mail] = attrs.field(factory=list)
    codes: dict[str, list[Secret]] = attrs.field(factory=dict, repr=False)
    links: dict[str, tuple[str, Secret]] = attrs.field(factory=dict, repr=False)

    def send(self, mail: Mail) -> None:
        """Open the mail on arrival."""
        self.mails.append(mail)
        found = _LINK.search(mail.text)
        query = parse_qs(urlparse(found[0]).query) if found is not None else {}
        if "activationCode" in query:
            self.codes.setdefault(mail.to, []).append(Secret(query["activationCode"][0]))
        elif "token" in query:
            self.links[mail.to] = (query["token"][0], Secret(query["code"][0]))


class PassingHasher:
    """Enough for a store that is forgotten at the end of the scenario, and needs no extra: never for an account.

    A real one is :class:`periscolaire.storage.Argon2Hasher`.
    """

    def hash(self, secret: str) -> str:
        """A digest."""
        return hashlib.sha256(secret.encode()).hexdigest()

    def verify(self, secret: str, hashed: str) -> bool:
        """Whether it is the digest of ``secret``."""
        return self.hash(secret) == hashed

    def is_outdated(self, hashed: str) -> bool:
        """Never."""
        return False
