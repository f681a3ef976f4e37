"""Blobs come back by their digest, and no name leads out of their directory."""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import pytest

from periscolaire.errors import NotFoundError
from periscolaire.ports import BlobStore
from periscolaire.storage import FileBlobs, MemoryBlobs

CONTENT = "certificat médical".encode()


@pytest.fixture(params=["memory", "files"])
def blobs(request: pytest.FixtureRequest, tmp_path: Path) -> BlobStore:
    return MemoryBlobs() if request.param == "memory" else FileBlobs(tmp_path / "blobs")


def test_bytes_come_back_by_their_digest(blobs: BlobStore) -> None:
    digest = blobs.put(CONTENT)
    assert digest == hashlib.sha256(CONTENT).hexdigest()
    assert blobs.put(CONTENT) == digest
    assert blobs.get(digest) == CONTENT


def test_what_is_removed_is_gone_and_may_be_removed_again(blobs: BlobStore) -> None:
    digest = blobs.put(CONTENT)
    blobs.remove(digest)
    blobs.remove(digest)
    with pytest.raises(NotFoundError):
        blobs.get(digest)


@pytest.mark.parametrize("name", ["", "../secret", "0" * 63, "A" * 64, "0" * 64 + "\n", "/etc/passwd"])
def test_only_a_digest_is_a_name(blobs: BlobStore, name: str, tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(CONTENT)
    with pytest.raises(NotFoundError):
        blobs.get(name)
    blobs.remove(name)
    assert (tmp_path / "secret").exists()


def test_files_are_for_their_owner_only_and_no_draft_stays(tmp_path: Path) -> None:
    digest = FileBlobs(tmp_path).put(CONTENT)
    assert FileBlobs(tmp_path).get(digest) == CONTENT
    (folder,) = tmp_path.iterdir()
    (file,) = folder.iterdir()
    assert file.name == digest
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
