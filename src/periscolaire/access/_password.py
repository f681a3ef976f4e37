"""What a password must be, by the French recommendations; exact, without a float.

- CNIL, délibération n° 2022-100 du 21 juillet 2022 (JO du 16 octobre 2022): 80 bits of entropy for a password alone
  (12 characters of four kinds, or 14 of three, or a phrase of seven words), 50 bits where access is restricted after
  failures; no renewal at fixed dates. A special character is one of 37, as in the CNIL's own count.
- ANSSI, *Recommandations relatives à l'authentification multifacteur et aux mots de passe*, v2.0 (8 October 2021):
  no upper limit that people meet, refuse common passwords and what is known of the person, store with a memory-hard
  function (argon2).
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

import attrs

from periscolaire.access._secret import Secret
from periscolaire.reasons import Reason, Verdict

__all__ = ["COMMON_WORDS", "PasswordPolicy"]

#: Sizes of the four kinds of characters, as the CNIL counts them.
_LOWER = _UPPER = 26
_DIGITS = 10
_SPECIAL = 37

#: Words that people put first: a password may hold one only if what is left is strong enough without it.
COMMON_WORDS = frozenset(
    {
        "azerty", "azertyuiop", "qwerty", "qwertz", "motdepasse", "password", "passw0rd", "cantine", "garderie",
        "periscolaire", "ecole", "mairie", "commune", "soleil", "doudou", "loulou", "chouchou", "marseille",
        "bonjour", "jetaime", "iloveyou", "admin", "famille", "espacefamille", "123456", "1234567", "12345678",
        "123456789", "1234567890", "000000", "111111", "abcdef", "abc123", "azerty123",
    }
)  # fmt: skip


@attrs.frozen
class PasswordPolicy:
    """``bits`` of entropy at least; 80 by default, 50 is the CNIL's floor where failed tries are limited (they are).

    ``longest`` protects the hasher from a text of megabytes; ``distinct`` refuses « aaaaaaaaaaaa… ».
    """

    bits: int = 80
    distinct: int = 6
    longest: int = 256
    forbidden: frozenset[str] = COMMON_WORDS

    def check(self, password: Secret, known: Iterable[str] = ()) -> Verdict:
        """Whether ``password`` will do; ``known`` is what anybody may know of the person (e-mail, names).

        Codes: ``password.too_long``, ``password.too_weak``, ``password.repeated``, ``password.guessable``.
        No parameter ever repeats what was typed.
        """
        text = password.reveal()
        if len(text) > self.longest:
            return Verdict(False, (Reason.of("password.too_long", longest=self.longest),))
        reasons: list[Reason] = []
        if not _strong(text, self.bits):
            reasons.append(Reason.of("password.too_weak", bits=self.bits))
        elif not _strong(self._without_known(text, known), self.bits):
            reasons.append(Reason.of("password.guessable"))
        if len(set(text)) < self.distinct:
            reasons.append(Reason.of("password.repeated", distinct=self.distinct))
        return Verdict(not reasons, tuple(reasons))

    def _without_known(self, text: str, known: Iterable[str]) -> str:
        """``text`` without the words that an attacker tries first."""
        parts = {part for word in known for part in _plain(word).replace("@", " ").replace(".", " ").split()}
        left = _plain(text)
        # Kept character for character with ``text`` so that the kinds of what is left can be counted.
        if len(left) != len(text):
            left = text.casefold() if len(text.casefold()) == len(text) else text
        kept = text
        for word in sorted(self.forbidden | {part for part in parts if len(part) >= 4}, key=len, reverse=True):
            while (at := left.find(word)) >= 0:
                left = left[:at] + left[at + len(word) :]
                kept = kept[:at] + kept[at + len(word) :]
        return kept


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFD", text)
    return "".join(letter for letter in decomposed if not unicodedata.combining(letter)).casefold()


def _strong(text: str, bits: int) -> bool:
    """Whether ``log2(alphabet ** length)``, to the nearest bit, reaches ``bits``; in integers.

    To the nearest bit, because the CNIL's own first example (12 characters of 99) holds 79.55.
    """
    alphabet = 0
    if any("a" <= letter <= "z" for letter in text):
        alphabet += _LOWER
    if any("A" <= letter <= "Z" for letter in text):
        alphabet += _UPPER
    if any("0" <= letter <= "9" for letter in text):
        alphabet += _DIGITS
    if any(not (letter.isascii() and letter.isalnum()) for letter in text):
        alphabet += _SPECIAL
    return bool(text) and int(alphabet) ** (2 * len(text)) >= 1 << (2 * bits - 1)
