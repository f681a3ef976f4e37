"""``periscolaire check``: lints a rules file and plays scenario files against it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from periscolaire import i18n
from periscolaire.cli._output import emit_json, existing_file, json_option, language_option
from periscolaire.files import line_of, load_reglement, load_scenario, locate, print_path
from periscolaire.pricing import Severity
from periscolaire.reglement import Finding, Reglement, lint
from periscolaire.scenarios import Report, report_text, run_scenario

__all__ = ["check"]

_COLOURS = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.INFORMATION: "blue"}


@click.command()
@click.argument("rules", metavar="REGLES", type=existing_file)
@click.argument("scenarios", metavar="[SCENARIOS]...", nargs=-1, type=existing_file)
@click.option("--publier", "live", is_flag=True, help="Refuser aussi ce qui reste « à décider » ou « non dit ».")
@click.option("--silence", "quiet", is_flag=True, help="Ne montrer ni les avertissements ni les informations.")
@language_option
@json_option
def check(rules: Path, scenarios: tuple[Path, ...], live: bool, quiet: bool, language: str, as_json: bool) -> None:
    """Vérifie un fichier de règles, puis joue des scénarios contre lui.

    Code de sortie : 0 tout va bien ; 1 une erreur dans les règles ou une étape qui ne donne pas ce qui est attendu ;
    2 un fichier illisible.
    """
    reglement = load_reglement(rules)
    findings = lint(reglement, live=live)
    reports = [run_scenario(load_scenario(path, reglement), reglement) for path in scenarios]
    if as_json:
        emit_json(_as_json(rules, reglement, findings, reports))
    else:
        shown = [found for found in findings if not quiet or found.severity is Severity.ERROR]
        _show(rules, reglement, shown, language)
        for report in reports:
            click.echo(report_text(report, language))
    failed = any(found.severity is Severity.ERROR for found in findings)
    sys.exit(1 if failed or not all(report.agrees for report in reports) else 0)


def _show(rules: Path, reglement: Reglement, findings: list[Finding], language: str) -> None:
    lines = locate(rules.read_text(encoding="utf-8-sig"))
    for found in findings:
        path = _in_file(reglement, found.path)
        line = line_of(path, lines)
        where = print_path(path) if line is None else f"ligne {line}, {print_path(path)}"
        mark = click.style(found.severity.value, fg=_COLOURS[found.severity], bold=True)
        click.echo(f"{mark} : {where} : {i18n.text(found.description, language)}")
    errors = sum(found.severity is Severity.ERROR for found in findings)
    warnings = sum(found.severity is Severity.WARNING for found in findings)
    click.echo(f"{rules} : {errors} erreur(s), {warnings} avertissement(s)")


def _in_file(reglement: Reglement, path: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """A path of the pricing room (``tarifs``, code, ``versions``, n, …) as the file has it."""
    if len(path) < 2 or path[0] != "tarifs" or not isinstance(path[1], str):
        return path
    code = path[1]
    for index, product in enumerate(reglement.products):
        if product.code == code and product.code not in reglement.product_tariffs:
            return ("produits", index, "prix", *(step for step in path[4:] if step != "prix"))
    inline: set[str] = {held.code for held in reglement.products if held.code not in reglement.product_tariffs}
    named: list[str] = [tariff.code for tariff in reglement.tariffs if tariff.code not in inline]
    return ("tarifs", named.index(code), *path[4:]) if code in named else ("tarifs",)


def _as_json(rules: Path, reglement: Reglement, findings: tuple[Finding, ...], reports: list[Report]) -> Any:
    return {
        "fichier": rules,
        "version": reglement.version,
        "constats": [
            {
                "gravite": found.severity.value,
                "chemin": print_path(_in_file(reglement, found.path)),
                "constat": found.description,
            }
            for found in findings
        ],
        "scenarios": [
            {
                "fichier": report.scenario.file,
                "conforme": report.agrees,
                "etapes": [
                    {
                        "numero": step.number,
                        "ligne": step.step.line,
                        "exemples": step.step.examples,
                        "conforme": step.agrees,
                        "ecarts": step.disagreements,
                        "raisons": step.why,
                    }
                    for step in report.steps
                ],
            }
            for report in reports
        ],
    }
