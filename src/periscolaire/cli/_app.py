"""The root of the command line: subcommands are imported only when they are called."""

from __future__ import annotations

import errno
import importlib
import keyword
import re
import sys
from typing import Any, Final, NoReturn

import click

from periscolaire import __version__
from periscolaire.cli.textes import in_french, speak_french
from periscolaire.errors import PeriscolaireError

__all__ = ["COMMANDS", "GROUPS", "app"]

speak_french()

#: Heading of the help → command → (the module of :mod:`periscolaire.cli` that holds it, what it does in a few words).
#: A command is found there under its own name (``-`` read as ``_``, and a ``_`` after a word of Python).
GROUPS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "Commencer": {
        "demo": ("demo._demo", "Jouer un mois d'une commune, du règlement aux restes à recouvrer"),
        "init": ("rules._init", "Préparer les fichiers d'une commune : règlement, émetteur, tableaux"),
        "import": ("rules._import", "Remplir une base : le règlement, puis les fichiers CSV"),
    },
    "Préparer les règles": {
        "check": ("rules._check", "Vérifier un fichier de règles, jouer des scénarios"),
        "sheet": ("rules._rules_files", "Passer de la feuille de paramètres (CSV, XLSX) aux règles, ou l'inverse"),
        "table": ("rules._rules_files", "Imprimer les limites d'un service : « lundi ← jeudi 12:00 »"),
        "schema": ("rules._rules_files", "Donner le schéma JSON d'un fichier, ou toutes ses clés"),
    },
    "Réserver": {
        "week": ("booking._week", "Voir les semaines d'un enfant : réservé, possible, jusqu'à quand"),
        "reserve": ("booking._reserve", "Réserver un service pour un enfant"),
        "cancel": ("booking._reserve", "Annuler des réservations"),
        "waiting": ("booking._waiting", "Demandes et liste d'attente : voir, servir, accorder, refuser"),
        "registrations": ("booking._registrations", "Lister les inscriptions et leurs jours habituels"),
        "school-year": ("booking._school_year", "Passer à l'année scolaire suivante"),
    },
    "Pointer": {
        "orders": ("attendance._orders", "Compter les repas pour la cuisine"),
        "door-list": ("attendance._door_list", "Éditer la feuille de pointage"),
        "attend": ("attendance._attend", "Pointer un jour, corriger, lire une tablette"),
        "absence": ("attendance._absence", "Absences signalées : enregistrer, reprendre, lister"),
        "proof": ("attendance._proof", "Justificatifs : déposer, accepter, refuser"),
        "closure": ("attendance._closure", "Fermetures : grève, sortie, pour tous ou pour certains"),
        "suspension": ("attendance._suspension", "Exclusions temporaires : décider, lever"),
        "anomalies": ("attendance._anomalies", "Avant la facture : signaler aux familles, contestations"),
    },
    "Facturer et encaisser": {
        "bill": ("billing._bill", "Facturer un mois"),
        "reprise": ("billing._reprise", "Reprendre des jours facturés par de nouvelles règles"),
        "invoices": ("billing._invoices", "Voir et exporter les factures"),
        "explain": ("billing._explain", "Dire pourquoi : une réponse, une ligne de facture"),
        "ledger": ("billing._ledger", "Relevé de compte d'un foyer"),
        "penalty": ("billing._penalty", "Pénalités : confirmer, lever, signaler un incident"),
        "pay": ("billing._pay", "Enregistrer ce qui est reçu, rejeté, annulé ou rendu"),
        "tickets": ("billing._tickets", "Carnets de tickets : vendre, voir ce qu'il en reste"),
        "online": ("billing._online", "Paiements en ligne : où ils en sont"),
        "remind": ("billing._remind", "Relancer les foyers en retard"),
        "plan": ("billing._plan", "Échéanciers : accorder, rompre, suivre"),
        "dispute": ("billing._dispute", "Factures contestées : ouvrir, clore"),
        "write-off": ("billing._write_off", "Non-valeur ou remise gracieuse"),
        "transfer": ("billing._write_off", "Transmettre des impayés au comptable public"),
        "desk": ("billing._cash", "La caisse : ce qu'elle tient, son fonds, ses versements"),
        "close-desk": ("billing._close_desk", "Arrêter la caisse, numéroter les quittances"),
    },
    "Familles": {
        "people": ("families._people", "Importer élèves et responsables (ONDE, CSV), après un compte rendu"),
        "family": ("families._family", "Dossier d'un foyer : voir, pièces, export, effacement"),
        "invitations": ("families._invitations", "Inviter à créer un compte, renvoyer, retirer"),
        "accounts": ("families._accounts", "Comptes des familles : état, lien, blocage, fermeture"),
        "news": ("families._news", "Actualités : publier, lister, retirer"),
        "requests": ("families._requests", "Demandes des familles : lire, répondre, accepter, refuser"),
        "contacts": ("families._contacts", "Page des contacts"),
        "purge": ("families._purge", "Effacer ce qui a été gardé assez longtemps"),
        "audit": ("families._audit", "Journal des actions : qui a fait quoi"),
    },
    "Documents": {
        "notify": ("documents._notify", "Prévenir les familles : avant la facture, puis quand elle est là"),
        "document": ("documents._document", "Écrire ce qu'une famille reçoit : page, PDF, courriel"),
        "report": ("documents._report", "Donner un état : terminal, page, PDF, CSV, JSON, XLSX"),
    },
}

#: Command → the module that holds it.
COMMANDS: Final[dict[str, str]] = {
    name: module for commands in GROUPS.values() for name, (module, _) in commands.items()
}


_NEGATIVE: Final = re.compile(r"-\d+(?:[.,]\d+)?€?")


class _Lazy(click.Group):
    """Imports a subcommand when it is asked for; turns the package's errors into a message and exit code 2."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module = importlib.import_module(f"periscolaire.cli.{COMMANDS[cmd_name]}")
        name = cmd_name.replace("-", "_")
        command = getattr(module, f"{name}_" if keyword.iskeyword(name) else name)
        assert isinstance(command, click.Command)
        return in_french(command)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """What no command takes is told before click reads « -5,00 » as an option."""
        if negative := next(filter(_NEGATIVE.fullmatch, args), None):
            raise click.UsageError(f"« {negative} » : un nombre négatif ; attendu un montant ou un nombre positif", ctx)
        return super().parse_args(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The commands under their headings; nothing is imported for it."""
        width = max(map(len, COMMANDS))
        for heading, commands in GROUPS.items():
            with formatter.section(f"{heading} "):
                formatter.write_dl([(name.ljust(width), words) for name, (_, words) in commands.items()])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except PeriscolaireError as error:
            i18n = importlib.import_module("periscolaire.i18n")  # Babel: only when there is something to say
            _fail(i18n.text(error))
        except OSError as error:
            if error.filename is None:  # not about a file: click's business, or a fault of ours
                raise
            _fail(f"{error.filename} : {_OF_SYSTEM.get(error.errno or 0, error.strerror or str(error))}")


#: What the system says of a file that somebody named, in the words of the rest.
_OF_SYSTEM: Final[dict[int, str]] = {
    errno.ENOENT: "introuvable, ou son dossier n'existe pas",
    errno.ENOTDIR: "son dossier n'en est pas un",
    errno.EISDIR: "c'est un dossier, non un fichier",
    errno.EACCES: "accès refusé",
    errno.EPERM: "accès refusé",
    errno.EROFS: "le disque est en lecture seule",
    errno.ENOSPC: "il n'y a plus de place sur le disque",
}


def _fail(words: str) -> NoReturn:
    click.echo(f"{click.style('erreur', fg='red', bold=True)} : {words}", err=True)
    sys.exit(2)


@click.group(
    cls=_Lazy,
    options_metavar="[OPTIONS]",
    subcommand_metavar="COMMANDE [...]",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Chaque commande explique ses options : periscolaire COMMANDE --help",
)
@click.version_option(__version__, message="%(prog)s %(version)s")
def app() -> None:
    """Réserver, contrôler et facturer la cantine, la garderie et les centres de loisirs d'une commune."""
