"""The ``periscolaire`` command: for clerks and for scripts.

Exit codes: 0 done; 1 done, and the answer is "no" (a check that disagrees, a règlement with errors, a request
refused); 2 nothing was done (a bad file, a wrong argument, a record that does not exist). Every command that shows
something takes ``--json``.
"""

import sys

__all__ = ["main"]


def main() -> None:
    """Run the command line; the only place that needs the ``cli`` extra."""
    try:
        from periscolaire.cli._app import app
    except ModuleNotFoundError as error:
        if error.name not in {"click", "rich"}:
            raise
        sys.exit("The command line needs its extra: pip install 'periscolaire[cli]'")
    app()
