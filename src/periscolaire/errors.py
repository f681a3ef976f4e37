"""Every exception of the package, drawn as one tree.

::

    PeriscolaireError
    ├── MisuseError             the caller broke a stated rule of the API (naive datetime, channel not given)
    ├── NotFoundError           no such record, product, child
    ├── ConflictError           somebody else changed it first, or a key was used for something else
    ├── AccessDeniedError       this actor may not do this
    ├── BadFileError            a rules, scenario or CSV file says what it may not: all problems together
    ├── NotationError           a word of the compact notation is not understood
    ├── UnknownYearError        the calendar does not know this school year: load it
    ├── UndecidedError          the règlement says ``à décider`` here, and somebody asked
    └── UnknownFormatError      a file or store was written in a format this version does not read

A refusal that a family may meet is never an exception: it is a value with its reasons (see
:mod:`periscolaire.reasons`).

``str(error)`` is for developers, in English. What a clerk may meet carries a code with parameters as well, as a
reason does, and :func:`periscolaire.i18n.text` puts it in the clerk's words.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import attrs

__all__ = [
    "AccessDeniedError",
    "BadFileError",
    "ConflictError",
    "MisuseError",
    "NotFoundError",
    "NotationError",
    "PeriscolaireError",
    "Problem",
    "UndecidedError",
    "UnknownFormatError",
    "UnknownYearError",
]


class PeriscolaireError(Exception):
    """Root of all errors of the package.

    ``code`` names the sentence that people read and ``parameters`` fill it; the code is empty where the message
    itself is for people already, or where only a developer can meet the error.
    """

    code: str
    parameters: Mapping[str, object]

    def __init__(self, message: str = "", /, *, code: str = "", **parameters: object) -> None:
        super().__init__(message)
        self.code = code
        self.parameters = parameters


class MisuseError(PeriscolaireError, ValueError):
    """The caller broke a rule of the API: the message says what was found and what was expected."""


class NotFoundError(PeriscolaireError, LookupError):
    """A record that was named does not exist."""


class ConflictError(PeriscolaireError):
    """The record changed since it was read, or an idempotency key was used for another content."""


class AccessDeniedError(PeriscolaireError):
    """This actor may not do this; the message never tells whether the target exists."""


@attrs.frozen
class Problem:
    """One fault of a file.

    ``where`` is the path of the value (``produits[2].reservation``) or ``ligne 14, colonne jour``;
    ``found`` and ``expected`` are in French, as shown to a clerk.
    """

    file: str
    where: str
    found: str
    expected: str

    def __str__(self) -> str:
        return f"{self.file} : {self.where} : trouvé {self.found} ; attendu {self.expected}"


class BadFileError(PeriscolaireError, ValueError):
    """A file cannot be read: carries every :class:`Problem` found, never only the first."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))

    def __reduce__(self) -> tuple[type[BadFileError], tuple[tuple[Problem, ...]]]:
        return type(self), (self.problems,)


class NotationError(PeriscolaireError, ValueError):
    """The compact notation holds a word that is not understood.

    ``word`` is that word, ``position`` its index in ``text``, ``suggestions`` the nearest known forms.
    """

    def __init__(self, text: str, word: str, position: int, suggestions: Iterable[str] = ()) -> None:
        self.text = text
        self.word = word
        self.position = position
        self.suggestions = tuple(suggestions)
        near = " ou ".join(f"« {form} »" for form in self.suggestions)
        super().__init__(f"« {text} » : {self.complaint}" + (f" ; formes proches : {near}" if near else ""))

    @property
    def complaint(self) -> str:
        """What is wrong, in French: a word, or something missing at the end."""
        return "la fin manque" if self.word == "(fin)" else f"« {self.word} » n'est pas compris"

    def __reduce__(self) -> tuple[type[NotationError], tuple[str, str, int, tuple[str, ...]]]:
        return type(self), (self.text, self.word, self.position, self.suggestions)


class UnknownYearError(PeriscolaireError, LookupError):
    """The day is outside the school years that the calendar knows; the message says how to load more."""


class UndecidedError(PeriscolaireError):
    """The règlement leaves this value ``à décider``: nothing is guessed."""


class UnknownFormatError(PeriscolaireError):
    """The file or store carries a format version that this release does not read."""
