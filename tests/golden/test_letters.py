"""Letters and receipts as they were last looked at: the text of the mail and the page, in both languages.

To renew them after a change that was looked at: ``PERISCOLAIRE_GOLDEN=1 pytest tests/golden``.
"""

from __future__ import annotations

import datetime as dt
import os
from pathlib import Path
from typing import Any

import attrs
import pytest

from periscolaire.attendance import Anomaly, AnomalyKind
from periscolaire.billing import (
    Collector,
    DueReminder,
    Instance,
    Invoice,
    InvoiceKind,
    InvoiceLine,
    Issuer,
    Means,
    Quittance,
    Series,
    Standing,
    missing_mentions,
)
from periscolaire.booking import SlotKey
from periscolaire.documents import (
    Addressee,
    Document,
    Tone,
    anomaly_notice,
    as_html,
    as_pdf,
    as_text,
    invoice_document,
    invoice_notice,
    quittance_document,
    reminder_letter,
    tone_of,
)
from periscolaire.errors import MisuseError
from periscolaire.files import load_issuer
from periscolaire.ids import ChildId, HouseholdId, InvoiceId, PaymentId, ProductCode
from periscolaire.reglement import Collection, ReminderLevel

HERE = Path(__file__).parent / "letters"
ISSUER = load_issuer(Path(__file__).parents[2] / "examples" / "le-langon" / "emetteur.toml")
TO = Addressee("Marion Muller, Nicolas Muller", ("12 rue du Port", "85370 Le Langon"))
HOME, CHILD, CANTEEN = HouseholdId("F027"), ChildId("E055"), ProductCode("cantine")
ON = dt.date(2026, 2, 25)
DUE = (
    DueReminder(InvoiceId("REGIE-2025-000027"), HOME, 2, 4915, 56),
    DueReminder(InvoiceId("REGIE-2026-000004"), HOME, 2, 1230, 25),
)
TITRES = attrs.evolve(
    ISSUER,
    authority="Mme Jeanne Martin",
    capacity="maire",
    collectors=(
        Collector(
            "TITRE",
            payfip="012345",
            accountant="Service de gestion comptable de Fontenay-le-Comte",
            accountant_lines=("2 rue Rabelais", "85200 Fontenay-le-Comte"),
            budget="article 7067",
            court="le tribunal administratif de Nantes",
        ),
    ),
)


def slot(day: int, kind: AnomalyKind = AnomalyKind.BOOKED_ABSENT) -> Anomaly:
    return Anomaly(kind, SlotKey(CHILD, CANTEEN, dt.date(2025, 11, day)), HOME, dt.date(2025, 12, 7))


def many_lines(count: int = 60) -> Invoice:
    """Sixty lines, some taken back, of children with long names."""
    lines = tuple(
        InvoiceLine(
            number,
            CANTEEN,
            ChildId(f"enfant {number % 4}") if number % 5 else None,
            (Instance(dt.date(2025, 11, 1) + dt.timedelta(days=number % 28)),),
            -1 if number % 9 == 0 else 1,
            390,
            -390 if number % 9 == 0 else 390,
        )
        for number in range(1, count + 1)
    )
    return Invoice(
        InvoiceId("TITRE-2025-000001"), "TITRE", 2025, 1, InvoiceKind.INVOICE, HOME, dt.date(2025, 11, 1),
        dt.date(2025, 11, 30), dt.date(2025, 12, 1), dt.date(2025, 12, 31), lines, sum(one.amount for one in lines),
    )  # fmt: skip


def documents(language: str) -> dict[str, Document]:
    invoice = many_lines(6)
    receipt = Quittance("REGIE", 12, PaymentId("P0007"), HOME, ON, 4980, Means.CHEQUE, ((DUE[0].invoice, 4915),))
    return {
        **{
            f"relance-{tone.value}": reminder_letter(DUE, tone, ISSUER, TO, series="REGIE", on=ON, language=language)
            for tone in Tone
        },
        "avant-facture": anomaly_notice(
            [slot(3), slot(4), slot(6), slot(10, AnomalyKind.PRESENT_UNBOOKED), slot(11, AnomalyKind.UNCHECKED)],
            ISSUER,
            TO,
            on=dt.date(2025, 11, 30),
            product_name=lambda code: "Restaurant scolaire",
            child_name=lambda code: "Élise Muller",
            language=language,
        ),
        "facture-disponible": invoice_notice(invoice, Standing(500, 0, 0, invoice.total - 500), ISSUER, TO,
                                             language=language),
        "quittance": quittance_document(receipt, ISSUER, TO, language=language),
        "quittance-annulee": quittance_document(receipt, ISSUER, TO, cancelled_on=ON, language=language),
        "avis-des-sommes-a-payer": invoice_document(
            invoice, TITRES, TO, collection=Collection.TITRE, language=language
        ),
    }  # fmt: skip


NAMES = tuple(documents("fr"))


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_letter_is_as_it_was_looked_at(name: str, language: str) -> None:
    document = documents(language)[name]
    written = f"{document.title}\n\n{as_text(document)}"
    kept = HERE / f"{name}-{language}.txt"
    if os.environ.get("PERISCOLAIRE_GOLDEN"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(written, encoding="utf-8")
    assert written == kept.read_text(encoding="utf-8")
    assert all(len(line) <= 78 for line in written.splitlines()[1:])


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("name", NAMES)
def test_a_letter_says_the_same_on_paper(name: str, language: str) -> None:
    pytest.importorskip("typst", reason="the PDF needs the extra « documents »")
    document = documents(language)[name]
    page = as_html(document)
    assert f'<html lang="{language}">' in page
    assert page.count("<h1>") == 1
    assert as_pdf(document).startswith(b"%PDF-")


def test_sixty_lines_go_over_pages_and_add_up() -> None:
    pytest.importorskip("typst", reason="the PDF needs the extra « documents »")
    invoice = many_lines()
    document = invoice_document(
        invoice,
        TITRES,
        Addressee(
            "M. et Mme de La Rochefoucauld-Montbazon du Plessis-Bellière de Saint-Hilaire", ("1 rue " + "x" * 90,)
        ),
        child_name=lambda code: f"Marie-Antoinette-Éléonore de La Rochefoucauld-Montbazon ({code})",
        product_name=lambda code: "Accueil périscolaire du soir avec étude surveillée et goûter",
    )
    assert as_pdf(document).count(b"/Type /Page\n") > 1 or as_pdf(document).count(b"/Type/Page") > 1
    page = as_html(document)
    assert page.count('scope="rowgroup"') == 5
    assert "−3,90" in page
    assert "-3,90" not in page


@pytest.mark.parametrize(
    ("gone", "mention"),
    [
        (("authority",), "authority"),
        (("capacity",), "capacity"),
        (("telephone", "email"), "contact"),
        (("accountant",), "accountant"),
        (("budget",), "budget"),
        (("court",), "court"),
    ],
)
def test_a_mention_that_a_titre_must_bear_is_missed(gone: tuple[str, ...], mention: str) -> None:
    titre = Series("TITRE", Collection.TITRE)
    assert missing_mentions(TITRES, titre) == ()
    own: dict[str, Any] = {name: "" for name in gone if hasattr(TITRES, name)}
    of_series: dict[str, Any] = {name: "" for name in gone if name not in own}
    poorer = attrs.evolve(TITRES, **own, collectors=(attrs.evolve(TITRES.collectors[0], **of_series),))
    assert [one.code for one in missing_mentions(poorer, titre)] == [f"issuer.missing.{mention}"]


def test_a_titre_says_all_that_it_must() -> None:
    written = as_text(documents("fr")["avis-des-sommes-a-payer"]).replace("\N{NO-BREAK SPACE}", " ").replace("\n", " ")
    for said in (
        "Mme Jeanne Martin, maire", "le tribunal administratif de Nantes", "deux mois", "article L1617-5", "L252 A",
        "article 7067, exercice 2025", "référence TITRE2025000001", "identifiant 012345", "F027",
        "Service de gestion comptable", "31/12/2025",
    ):  # fmt: skip
        assert said in written


def test_a_regie_names_its_act() -> None:
    assert missing_mentions(ISSUER, Series("REGIE")) == ()
    assert [one.code for one in missing_mentions(Issuer("Mairie", telephone="1"), Series("REGIE"))] == [
        "issuer.missing.regie"
    ]
    with pytest.raises(MisuseError, match="one collector a series"):
        attrs.evolve(ISSUER, collectors=(*ISSUER.collectors, *ISSUER.collectors))


def test_the_tone_follows_the_ladder() -> None:
    ladder = [ReminderLevel(one, 15 * one) for one in (1, 2, 3, 4)]
    assert [tone_of(one, ladder) for one in (1, 2, 3, 4)] == [Tone.FIRST, Tone.AGAIN, Tone.AGAIN, Tone.LAST]
    assert tone_of(1, ladder[:1]) is Tone.FIRST


def test_a_letter_is_to_one_household_about_something() -> None:
    other = attrs.evolve(DUE[0], household=HouseholdId("F001"))
    for due in ((), (DUE[0], other)):
        with pytest.raises(MisuseError):
            reminder_letter(due, Tone.FIRST, ISSUER, TO, series="REGIE", on=ON)
    with pytest.raises(MisuseError):
        anomaly_notice([slot(3, AnomalyKind.UNCHECKED)], ISSUER, TO, on=ON)
