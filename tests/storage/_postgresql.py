"""A PostgreSQL server of our own for the tests: made in a temporary directory, reached by a socket only."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


def binaries() -> Path | None:
    """Where ``initdb`` and ``postgres`` are, the newest first."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), reverse=True)
    on_path = shutil.which("postgres")
    candidates = [*found, *([Path(on_path)] if on_path else [])]
    return next((path.parent for path in candidates if (path.parent / "initdb").exists()), None)


def unprivileged() -> dict[str, int] | None:
    """As whom the server runs, since it refuses to run as root; ``None`` when root finds nobody to run it."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid}
    return None


@contextlib.contextmanager
def server(folder: Path, owner: dict[str, int]) -> Iterator[str]:
    """A running server; the address to complete with the name of a database."""
    home = Path(tempfile.mkdtemp(prefix="pg", dir="/tmp"))  # a socket's path is short
    if owner:
        os.chown(home, owner["user"], owner["group"])
    programs = {"cwd": home, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "env": {"LC_ALL": "C.UTF-8"}}
    # Sorted as French people sort, so that what must sort by code point has to say so.
    sorting = ["--encoding=UTF8", "--locale-provider=icu", "--icu-locale=fr"]
    initdb = [str(folder / "initdb"), "-D", "data", "-U", "postgres", "--auth=trust", "--no-sync"]
    subprocess.run([*initdb, *sorting], check=True, **programs, **owner)  # type: ignore[call-overload]  # plain kwargs
    postgres = [str(folder / "postgres"), "-D", "data", "-k", str(home), "-F", "-c", "listen_addresses="]
    process = subprocess.Popen(postgres, **{**programs, "stderr": subprocess.DEVNULL}, **owner)  # type: ignore[call-overload]  # plain kwargs
    try:
        ready = [str(folder / "pg_isready"), "-q", "-h", str(home)]
        for _ in range(200):
            if subprocess.run(ready, check=False).returncode == 0:
                break
            time.sleep(0.05)
        yield f"postgresql://postgres@/{{}}?host={home}"
    finally:
        process.send_signal(signal.SIGINT)  # fast shutdown
        process.wait(30)
        shutil.rmtree(home, ignore_errors=True)
