"""Reading the file of the family space: every fault of it at once, each with its line."""

from __future__ import annotations

from pathlib import Path

import attrs

from periscolaire.files.portal._keys import PORTAL_FORMAT, PORTAL_ROOT
from periscolaire.files.portal._settings import PortalSettings
from periscolaire.files.rules._rules import check_format
from periscolaire.files.toml._forms import Reading
from periscolaire.files.toml._locate import locate
from periscolaire.files.toml._text import read_text, read_toml

__all__ = ["load_portal_settings", "read_portal_settings"]


def load_portal_settings(path: Path | str) -> PortalSettings:
    """The settings of a file; the folders that it names are beside it.

    :raises BadFileError: the file says what it may not.
    :raises UnknownFormatError: the file is of a format that this release does not read.
    """
    path = Path(path)
    read = read_portal_settings(read_text(path), file=str(path))
    mail = read.mail
    if mail.folder is not None:
        mail = attrs.evolve(mail, folder=path.parent / mail.folder)
    return attrs.evolve(read, mail=mail, attachments=path.parent / read.attachments)


def read_portal_settings(text: str, *, file: str = "(texte)") -> PortalSettings:
    """The settings that ``text`` says. Raises as :func:`load_portal_settings` does."""
    raw = read_toml(text, file)
    check_format(raw, file, PORTAL_FORMAT, "l'espace famille")
    reading = Reading(file, locate(text))
    settings = PORTAL_ROOT.read(raw, (), reading)
    reading.done()
    assert isinstance(settings, PortalSettings), "no fault was noted"
    return settings
