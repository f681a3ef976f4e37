"""Use case of the commune's CSV files: all of them in one unit of work, or nothing."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import attrs

from periscolaire.access import Actor, Operation, audit, require
from periscolaire.booking import Line, SlotKey
from periscolaire.catalogue import Action
from periscolaire.errors import BadFileError, MisuseError, Problem
from periscolaire.files import (
    CSV_TABLES,
    RequestRow,
    read_csv,
)
from periscolaire.ids import Key
from periscolaire.operations._people_rows import facts_of_rows, people_of_rows
from periscolaire.operations._recording import record_facts, record_people
from periscolaire.operations._reglements import published_reglements
from periscolaire.operations.attendance._presences import keep_presences
from periscolaire.operations.attendance._proofs import record_proofs
from periscolaire.operations.attendance._rows import presences_of_rows, proofs_of_rows
from periscolaire.operations.booking._requests import BookingRequest, decide_requests
from periscolaire.operations.money._payments import record_payments
from periscolaire.operations.money._rows import payments_of_rows
from periscolaire.ports import RecordedDecision, UnitOfWork, new_id
from periscolaire.reglement import Reglement, Reglements

__all__ = ["ImportedFiles", "import_files", "read_files"]


@attrs.frozen
class ImportedFiles:
    """What was imported: ``counts`` by file, the decisions made, and the files that were imported before.

    ``doubtful`` are the presences that something stands against (hours, a day without the service): see
    :func:`~periscolaire.operations.door_warnings`.
    """

    counts: Mapping[str, int]
    decisions: tuple[RecordedDecision, ...] = ()
    known: tuple[str, ...] = ()
    doubtful: int = 0


def read_files(
    files: Mapping[str, Path | bytes], uow: UnitOfWork, reglements: Reglements
) -> dict[str, tuple[Any, ...]]:
    """The rows of ``files`` (by usual name: ``foyers``, ``enfants`` …), checked against one another and the store.

    :raises BadFileError: with every fault of every file.
    :raises MisuseError: a name that is not one of :data:`~periscolaire.files.CSV_TABLES`.
    """
    unknown = files.keys() - CSV_TABLES.keys()
    if unknown:
        raise MisuseError(
            f"files {', '.join(sorted(unknown))}: expected some of {', '.join(CSV_TABLES)}",
            code="operation.unknown_files",
            found=tuple(sorted(unknown)),
            expected=tuple(CSV_TABLES),
        )
    problems: list[Problem] = []
    found: dict[str, tuple[Any, ...]] = {}
    households = {str(stored.model.id) for stored in uow.households.stream()}
    children = {str(stored.model.id) for stored in uow.children.stream()}
    known: dict[str, Collection[str]] = {
        "produit": {product.code for version in reglements.versions for product in version.products},
        "fait": {spec.key for version in reglements.versions for spec in version.vocabulary},
    }
    for name, table in CSV_TABLES.items():
        if name not in files:
            continue
        references = {**known, "foyer": households, "enfant": children, "foyer ou enfant": households | children}
        try:
            rows = read_csv(table, files[name], name=f"{name}.csv", known=references)
        except BadFileError as error:
            problems += error.problems
            rows = ()
        found[name] = rows
        if name == "foyers":
            households |= {row.household for row in rows}
        elif name == "enfants":
            children |= {row.child for row in rows}
    if problems:
        raise BadFileError(problems)
    return found


def import_files(
    files: Mapping[str, Path | bytes],
    uow: UnitOfWork,
    *,
    actor: Actor,
    now: dt.datetime,
    make_id: Callable[[], str] = new_id,
) -> ImportedFiles:
    """Record what ``files`` say: people, facts, requests (decided in order of their instants), checks, proofs, money.

    A file with the very same bytes is imported once. Does not commit: the caller does, when all went well.

    :raises AccessDeniedError: the actor may not import.
    :raises BadFileError: with every fault of every file; nothing is then recorded.
    :raises NotFoundError: no règlement is published.
    """
    require(actor, Operation.IMPORT_PEOPLE)
    reglements = published_reglements(uow)
    contents = {name: source if isinstance(source, bytes) else _bytes(source) for name, source in files.items()}
    keys = {name: Key(f"import:{name}:{hashlib.sha256(content).hexdigest()}") for name, content in contents.items()}
    known = tuple(name for name, key in keys.items() if uow.keys.find(key, name) is not None)
    new = {name: content for name, content in contents.items() if name not in known}
    reglement = reglements.versions[-1]
    rows = read_files(new, uow, reglements)
    counts = {name: len(found) for name, found in rows.items()}

    def of(name: str) -> tuple[Any, ...]:
        return rows.get(name, ())

    said = people_of_rows(of("foyers"), of("enfants"), uow, actor=actor, reglement=reglement)
    facts = (*said.facts, *facts_of_rows(of("faits"), actor=actor, reglement=reglement))
    if said.households or said.children:
        record_people(said.households, said.children, uow, actor=actor, at=now, channel="fichier")
    if facts:
        record_facts(facts, uow, actor=actor, at=now, channel="fichier")
    # Each asks for its own right: whoever imports people need not be allowed to book, check or collect.
    requests = [_request(row, reglement) for row in of("demandes")]
    decisions = decide_requests(requests, uow, actor=actor, make_id=make_id) if requests else ()
    presences = presences_of_rows(of("pointages"), uow, reglements, actor=actor, now=now, make_id=make_id)
    kept = keep_presences(presences, uow, actor=actor) if presences else ()
    proofs = proofs_of_rows(of("justificatifs"), uow, reglements, actor=actor, now=now, make_id=make_id)
    if proofs:
        record_proofs(proofs, uow, actor=actor)
    payments = payments_of_rows(of("encaissements"), uow, reglement, actor=actor, now=now)
    if payments:
        record_payments(payments, uow, actor=actor, now=now)
    for name in new:
        uow.keys.record(keys[name], name, str(counts[name]), now)
    if new:
        detail = ",".join(f"{name}:{counts[name]}" for name in new)
        uow.audit.append([audit(actor, Operation.IMPORT_PEOPLE, "commune", now, channel="fichier", detail=detail)])
    return ImportedFiles(counts, decisions, known, sum(bool(one.warnings) for one in kept))


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        problem = Problem(path.name, "fichier", f"illisible ({error.strerror})", "un fichier CSV")
        raise BadFileError([problem]) from error


_ACTIONS = {"réserver": Action.BOOK, "annuler": Action.CANCEL}


def _request(row: RequestRow, reglement: Reglement) -> BookingRequest:
    key = SlotKey(row.child, row.product, row.day, row.slot)
    line = Line(_ACTIONS[row.action], key, motive=row.motive, mode=row.mode)
    return BookingRequest(line, row.at.at(reglement.calendar.tz), row.channel, f"demandes.csv:{row.line}")
