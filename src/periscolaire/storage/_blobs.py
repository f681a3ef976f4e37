"""Bytes kept by their digest: in memory, or as files of a directory."""

from __future__ import annotations

import hashlib
import os
import re
import tempfile
from pathlib import Path

import attrs

from periscolaire.errors import NotFoundError

__all__ = ["FileBlobs", "MemoryBlobs"]

_DIGEST = re.compile(r"[0-9a-f]{64}")


@attrs.frozen
class MemoryBlobs:
    """Blobs that live as long as the process."""

    _kept: dict[str, bytes] = attrs.field(factory=dict, init=False, repr=False)

    def put(self, content: bytes) -> str:
        """Keep ``content``; its SHA-256."""
        digest = hashlib.sha256(content).hexdigest()
        self._kept[digest] = content
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of that name.

        :raises NotFoundError: there are none.
        """
        try:
            return self._kept[digest]
        except KeyError:
            raise NotFoundError(f"blob {digest!r}", code="store.no_file_kept", digest=digest) from None

    def remove(self, digest: str) -> None:
        """Forget the bytes of that name; nothing happens if there are none."""
        self._kept.pop(digest, None)


@attrs.frozen
class FileBlobs:
    """Blobs as files under ``directory``, spread over 256 sub-directories; readable by their owner only."""

    directory: Path

    def _path(self, digest: str) -> Path:
        # A digest comes from outside: nothing else may become part of a path.
        if not _DIGEST.fullmatch(digest):
            raise NotFoundError(f"blob {digest!r}", code="store.no_file_kept", digest=digest)
        return self.directory / digest[:2] / digest

    def put(self, content: bytes) -> str:
        """Keep ``content``; its SHA-256. A file appears whole or not at all."""
        digest = hashlib.sha256(content).hexdigest()
        path = self._path(digest)
        if path.exists():
            return digest
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, draft = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
        return digest

    def get(self, digest: str) -> bytes:
        """The bytes of that name.

        :raises NotFoundError: there are none.
        """
        try:
            return self._path(digest).read_bytes()
        except FileNotFoundError:
            raise NotFoundError(f"blob {digest!r}", code="store.no_file_kept", digest=digest) from None

    def remove(self, digest: str) -> None:
        """Forget the bytes of that name; nothing happens if there are none."""
        if _DIGEST.fullmatch(digest):
            self._path(digest).unlink(missing_ok=True)
