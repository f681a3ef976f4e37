"""The words of click itself, in French, by the way that click offers: gettext's default domain."""

from __future__ import annotations

import gettext
import os
from pathlib import Path

__all__ = ["speak_french"]


def speak_french() -> None:
    """Have click say its own messages in French, unless the variable ``LANGUAGE`` asks for something else."""
    os.environ.setdefault("LANGUAGE", "fr")
    gettext.bindtextdomain("messages", str(Path(__file__).parent))
