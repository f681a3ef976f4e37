"""A folder instead of a server: demonstrations, tests, and communes whose mail leaves by another way."""

from __future__ import annotations

from pathlib import Path

import attrs

from periscolaire.mail._eml import message_of
from periscolaire.ports import Mail

__all__ = ["FileOutbox"]


@attrs.frozen
class FileOutbox:
    """Writes each mail as a numbered ``.eml`` file, which any mail program opens.

    The files hold what was sent, activation links included: keep the folder as private as a mailbox. They are
    written for their owner alone (mode 600 where the system knows modes).
    """

    folder: Path
    sender: str = "ne-pas-repondre@commune.invalid"

    def send(self, mail: Mail) -> None:
        """Write ``mail`` beside those that are there; two writers never take one name."""
        self.folder.mkdir(parents=True, exist_ok=True)
        content = message_of(mail, self.sender).as_bytes()
        number = len(self.sent()) + 1
        while True:
            path = self.folder / f"{number:06d}.eml"
            try:
                path.touch(mode=0o600, exist_ok=False)
            except FileExistsError:
                number += 1
                continue
            path.write_bytes(content)
            return

    def sent(self) -> tuple[Path, ...]:
        """The files written so far, in order."""
        return tuple(sorted(self.folder.glob("[0-9]*.eml")))
