"""``python -m periscolaire``: the same as the ``periscolaire`` command."""

from periscolaire.cli import main

if __name__ == "__main__":
    main()
