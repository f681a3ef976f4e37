"""Facturer un mois, sans la ligne de commande : le script qu'une commune recopie et adapte.

Six temps, chacun une fonction : charger, vérifier, préparer, comparer au mois dernier, émettre, exporter. Se lance avec
``periscolaire`` seul, sur la commune d'exemple ::

    python examples/facturer_un_mois.py

Rien n'est écrit hors d'un dossier temporaire ; le magasin est en mémoire. Chez vous, remplacez :func:`magasin` par
``create_store("commune.sqlite")`` la première fois, ``open_store("commune.sqlite")`` ensuite.
"""

from __future__ import annotations

import calendar
import datetime as dt
import tempfile
from pathlib import Path

from periscolaire.access import Role, StaffActor
from periscolaire.billing import Invoice, Issuer, compare, describe_pending, receipts_table
from periscolaire.calendar import Span
from periscolaire.documents import Addressee, as_html, invoice_document, report_document
from periscolaire.files import invoices_csv, report_csv
from periscolaire.i18n import amount, text
from periscolaire.ids import ChildId, ProductCode
from periscolaire.money import EUR, Money
from periscolaire.operations import (
    PreparedRun,
    find_anomalies,
    import_files,
    issue_run,
    ledger,
    prepare_run,
    publish_reglement,
    published_reglements,
    receipts_report,
)
from periscolaire.ports import Store, UnitOfWork
from periscolaire.storage import MemoryStore

COMMUNE = Path(__file__).parent / "le-langon"
#: Qui agit : son nom est gardé avec chaque fait. Un régisseur n'a pas besoin de plus que ces rôles.
REGISSEUR = StaffActor("régisseur", frozenset({Role.BILL, Role.COLLECT, Role.READ}))
#: L'import des dossiers et la publication des règles sont à l'administrateur.
ADMINISTRATEUR = StaffActor("mairie", frozenset({Role.ADMINISTRATOR}))


def mois(annee: int, numero: int) -> Span:
    """Un mois, premier et dernier jour compris."""
    return Span(dt.date(annee, numero, 1), dt.date(annee, numero, calendar.monthrange(annee, numero)[1]))


def euros(somme: int) -> str:
    """Les sommes sont des centimes entiers partout ; elles ne deviennent des euros que pour être lues."""
    return amount(Money(somme, EUR))


def magasin(maintenant: dt.datetime) -> Store:
    """Un magasin neuf, avec le règlement : une version publiée n'est plus jamais modifiée."""
    store = MemoryStore()
    with store.unit() as uow:
        publish_reglement((COMMUNE / "reglement.toml").read_text("utf-8"), uow, actor=ADMINISTRATEUR, now=maintenant)
        uow.commit()
    return store


def charger(store: Store, noms: tuple[str, ...], maintenant: dt.datetime) -> None:
    """1. Charger les fichiers de la commune : tout, ou rien. Un fichier déjà lu n'est pas lu deux fois."""
    with store.unit() as uow:
        lus = import_files({nom: COMMUNE / f"{nom}.csv" for nom in noms}, uow, actor=ADMINISTRATEUR, now=maintenant)
        uow.commit()  # sans cette ligne, rien de ce qui précède n'existe
    print(", ".join(f"{nombre} {nom}" for nom, nombre in lus.counts.items()))


def verifier(uow: UnitOfWork, periode: Span, le: dt.date) -> None:
    """2. Vérifier le pointage : présents non réservés, réservés absents, jours que personne n'a pointés."""
    trouvees = find_anomalies(periode, uow, actor=REGISSEUR, on=le)
    for nature in {anomalie.kind for anomalie in trouvees}:
        print(f"  {sum(anomalie.kind is nature for anomalie in trouvees)} × {nature.value}")


def preparer(uow: UnitOfWork, periode: Span, emis_le: dt.date) -> PreparedRun:
    """3. Préparer les factures : rien n'est numéroté, rien n'est écrit ; on peut recommencer autant qu'on veut."""
    prepare = prepare_run(periode, uow, actor=REGISSEUR, issued_on=emis_le)
    print(f"  {len(prepare.drafts)} documents, {euros(sum(brouillon.total for brouillon in prepare.drafts))}")
    for attente in prepare.pending:  # ce qui ne peut pas encore être facturé, et pourquoi
        print("  en attente :", text(describe_pending(attente)))
    for brouillon in prepare.drafts:
        for remarque in brouillon.remarks:
            if remarque.error:
                print("  erreur :", text(remarque.reason))
    return prepare


def comparer(uow: UnitOfWork, prepare: PreparedRun, emises: Span) -> None:
    """4. Comparer au mois dernier : les plus grands écarts d'abord, c'est là que se voient les erreurs de saisie."""
    avant = [stored.model for stored in uow.invoices.stream() if emises.first <= stored.model.issued_on <= emises.last]
    for ecart in compare(prepare.drafts, avant)[:5]:
        print(f"  {ecart.payer} : {euros(ecart.before)} le mois dernier, {euros(ecart.now)} ce mois-ci")


def emettre(uow: UnitOfWork, prepare: PreparedRun, maintenant: dt.datetime) -> tuple[Invoice, ...]:
    """5. Émettre : les numéros se suivent sans trou, les avoirs soldent ce qu'ils peuvent. Définitif après commit."""
    factures = issue_run(prepare, uow, actor=REGISSEUR, now=maintenant)
    uow.commit()
    print(f"  {len(factures)} documents émis")
    return factures


def exporter(uow: UnitOfWork, factures: tuple[Invoice, ...], periode: Span, dossier: Path) -> None:
    """6. Exporter : un CSV pour le tableur, une page par facture pour les familles, l'état pour le comptable."""
    noms = {
        produit.code: produit.name for version in published_reglements(uow).versions for produit in version.products
    }

    def produit(code: ProductCode) -> str:
        return noms[code]

    def enfant(code: ChildId) -> str:
        trouve = uow.children.get(code).model
        return f"{trouve.first_name} {trouve.family_name}"

    mairie = Issuer("Mairie du Langon", "Restaurant scolaire")
    dossier.mkdir(parents=True, exist_ok=True)
    table = invoices_csv(factures, child_name=enfant, product_name=produit)
    (dossier / "factures.csv").write_text(table, encoding="utf-8-sig", newline="")
    for facture in factures:
        foyer = uow.households.get(facture.payer).model
        destinataire = Addressee(", ".join(adulte.full_name for adulte in foyer.adults) or foyer.name)
        feuille = invoice_document(facture, mairie, destinataire, product_name=produit, child_name=enfant)
        (dossier / f"{facture.id}.html").write_text(as_html(feuille), encoding="utf-8")  # ou as_pdf, as_text
    recettes = receipts_table(
        receipts_report(periode, uow, actor=REGISSEUR), periode.first, periode.last, product_name=produit
    )
    (dossier / "encaissements.csv").write_text(report_csv(recettes), encoding="utf-8-sig", newline="")
    page = as_html(report_document(recettes, mairie, printed_on=periode.last))
    (dossier / "encaissements.html").write_text(page, encoding="utf-8")
    # Le total de l'état est celui du grand livre : la loi que la commune doit pouvoir montrer.
    encaisse = -sum(
        ecriture.amount
        for ecriture in ledger(uow, actor=REGISSEUR)
        if ecriture.kind.value == "encaissé" and periode.first <= ecriture.day <= periode.last
    )
    assert recettes.totals["total"] == encaisse
    print(f"  {len(list(dossier.iterdir()))} fichiers ; encaissé : {euros(encaisse)}")


def facturer(
    store: Store, periode: Span, emis_le: dt.date, maintenant: dt.datetime, dossier: Path
) -> tuple[Invoice, ...]:
    """Le mois d'un régisseur. Une seule transaction : une coupure au milieu ne laisse ni trou ni double."""
    print(f"Facturation de {periode.first:%m/%Y}")
    with store.unit() as uow:
        verifier(uow, periode, emis_le)
        prepare = preparer(uow, periode, emis_le)
        comparer(uow, prepare, periode)  # les factures du mois dernier ont été émises ce mois-ci
        if any(brouillon.blocked for brouillon in prepare.drafts):
            raise SystemExit("des brouillons sont en erreur : rien n'est émis")
        factures = emettre(uow, prepare, maintenant)
        exporter(uow, factures, periode, dossier)
    return factures


def main(dossier: Path) -> None:
    """Novembre, facturé le 1er décembre ; puis décembre, où les justificatifs arrivés après font des avoirs."""
    decembre = dt.datetime(2025, 12, 1, 8, tzinfo=dt.UTC)
    store = magasin(decembre)
    charger(store, ("foyers", "enfants", "faits", "demandes", "pointages"), decembre)
    facturer(store, mois(2025, 11), decembre.date(), decembre, dossier / "novembre")

    janvier = dt.datetime(2026, 1, 2, 8, tzinfo=dt.UTC)
    charger(store, ("encaissements", "justificatifs"), janvier)
    avoirs = facturer(store, mois(2025, 12), janvier.date(), janvier, dossier / "decembre")
    assert all(ligne.corrects for avoir in avoirs for ligne in avoir.lines)  # chaque avoir dit ce qu'il corrige

    # Relancer la même facturation n'émet rien : ce qui devrait être facturé l'a été.
    assert facturer(store, mois(2025, 12), janvier.date(), janvier, dossier / "encore") == ()


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as temporaire:
        main(Path(temporaire))
