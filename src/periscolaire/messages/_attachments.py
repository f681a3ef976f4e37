"""What may be attached to a request: metadata here, bytes behind a port, types and sizes as data."""

from __future__ import annotations

import attrs

from periscolaire.errors import MisuseError
from periscolaire.frozen import FrozenMap
from periscolaire.reasons import Reason, Verdict

__all__ = ["MEDIA_TYPES", "Attachment", "AttachmentPolicy", "MediaType"]


@attrs.frozen
class MediaType:
    """A type of file: what its name may end with, and the bytes it begins with."""

    name: str
    endings: frozenset[str]
    beginnings: tuple[bytes, ...]


_TYPES = (
    MediaType("application/pdf", frozenset({"pdf"}), (b"%PDF-",)),
    MediaType("image/jpeg", frozenset({"jpg", "jpeg"}), (b"\xff\xd8\xff",)),
    MediaType("image/png", frozenset({"png"}), (b"\x89PNG\r\n\x1a\n",)),
)
#: What is accepted unless the commune says otherwise.
MEDIA_TYPES: FrozenMap[str, MediaType] = FrozenMap({media.name: media for media in _TYPES})


@attrs.frozen
class Attachment:
    """A file that came with a message; ``blob`` is its name in the store of bytes, ``size`` counts bytes."""

    name: str
    media_type: str
    size: int
    blob: str

    def __attrs_post_init__(self) -> None:
        if self.size < 0:
            raise MisuseError(f"attachment of {self.size} bytes")


@attrs.frozen
class AttachmentPolicy:
    """Types, greatest size in bytes and greatest number of files of one message."""

    largest: int = 5_000_000
    most: int = 5
    types: FrozenMap[str, MediaType] = MEDIA_TYPES

    def check(self, name: str, media_type: str, content: bytes, already: int = 0) -> Verdict:
        """Whether a file may be attached to a message that holds ``already`` others; all reasons together.

        Codes: ``attachment.too_many``, ``attachment.empty``, ``attachment.too_large``, ``attachment.type_refused``,
        ``attachment.not_what_it_says`` (its name or first bytes are of another type), ``attachment.name_refused``.
        """
        reasons: list[Reason] = []
        if already >= self.most:
            reasons.append(Reason.of("attachment.too_many", most=self.most))
        if not content:
            reasons.append(Reason.of("attachment.empty", name=_shown(name)))
        if len(content) > self.largest:
            reasons.append(
                Reason.of("attachment.too_large", name=_shown(name), size=len(content), largest=self.largest)
            )
        if _shown(name) != name or not name.strip(". "):
            reasons.append(Reason.of("attachment.name_refused", name=_shown(name)))
        media = self.types.get(media_type)
        if media is None:
            allowed = tuple(sorted(ending for kind in self.types.values() for ending in kind.endings))
            reasons.append(Reason.of("attachment.type_refused", name=_shown(name), allowed=allowed))
        elif content and not (
            name.rpartition(".")[2].lower() in media.endings and content.startswith(media.beginnings)
        ):
            reasons.append(Reason.of("attachment.not_what_it_says", name=_shown(name), media_type=media_type))
        return Verdict(not reasons, tuple(reasons))


def _shown(name: str) -> str:
    """The name without what could lead out of a folder or hide its end, and not endless."""
    return "".join(letter for letter in name if letter.isprintable() and letter not in '/\\:*?"<>|')[:120]
