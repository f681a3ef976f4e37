"""Write ``messages.mo`` from ``messages.po``: ``python -m periscolaire.cli.textes``."""

from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

for source in Path(__file__).parent.glob("*/LC_MESSAGES/messages.po"):
    with source.open("rb") as file, source.with_suffix(".mo").open("wb") as target:
        write_mo(target, read_po(file))
