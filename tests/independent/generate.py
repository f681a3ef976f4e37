"""Writes the fictitious CSV files of ``examples/le-langon``: the people and what they do are invented.

``python -m tests.independent.generate``, from the root, writes them again, always the same. They are made to stand on
both sides of every limit: the last second of a Monday and the first of a Tuesday, 72 hours to the second, closed days,
duplicates, cancellations of nothing, unplanned presences, absences with proofs accepted, pending and refused,
quotients that change, are missing or belong to a foster child, payments that are exact, partial, excessive or missing.
"""

from __future__ import annotations

import csv
import datetime as dt
import random
from pathlib import Path
from zoneinfo import ZoneInfo

from tests.independent import recompute

FOLDER = Path(__file__).parents[2] / "examples" / "le-langon"
PARIS = ZoneInfo("Europe/Paris")
DRAW = random.Random(85420)  # the commune's postcode: any fixed seed would do
LAST_NAMES = """Martin Bernard Thomas Petit Robert Richard Durand Dubois Moreau Laurent Simon Michel Lefebvre Leroy
Roux David Bertrand Morel Fournier Girard Bonnet Dupont Lambert Fontaine Rousseau Vincent Muller Lefèvre Faure André
Mercier Blanc Guérin Boyer Garnier Chevalier François Legrand Gauthier Garcia Perrin Robin Clément Morin Nicolas Henry
Roussel Mathieu Gautier Masson Marchand Duval Denis Dumont Marie Lemaire Noël Meyer Dufour Meunier Brun Blanchard
Giraud Joly Rivière Lucas Brunet Gaillard Barbier Arnaud Martinez Gérard Roche Renard Schmitt Roy Leroux Colin Vidal
Caron Picard Roger Fabre Aubert Lemoine Renaud Dumas Lacroix Olivier Philippe Bourgeois Pierre Benoît Rey Leclerc
Payet Rolland Leclercq Guillaume Lecomte Lopez Jean Dupuy Guillot Hubert Berger Carpentier Sánchez Dupuis Moulin Louis
Deschamps Huet Vasseur Perez Boucher Fleury Royer Klein Jacquet Adam Paris Poirier Marty""".split()
FIRST_NAMES = """Jade Louise Emma Alice Ambre Alba Rose Romy Anna Mia Lina Julia Léna Chloé Léa Inès Zoé Agathe
Juliette Clara Gabriel Raphaël Léo Louis Noah Arthur Jules Adam Maël Lucas Liam Isaac Gabin Eden Sacha Hugo Naël Aaron
Paul Malo Guilhem Élise Manon Camille Sarah Eva Nina Ethan Tom Nathan Théo Axel Robin Martin Yanis Noé Marius Oscar
Rayan""".split()
PARENTS = "Sophie Julien Céline Nicolas Aurélie Sébastien Émilie Guillaume Stéphanie Mathieu Marion Thomas".split()
TITLES = dict(zip(PARENTS, ["Madame", "Monsieur"] * 6, strict=True))
PLAIN = {name: name.lower().replace("é", "e") for name in PARENTS}
LEVELS = ["PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2"]
CLASSES = {"PS": "PS/MS", "MS": "PS/MS", "GS": "GS", "CP": "CP", "CE1": "CE1/CE2", "CE2": "CE1/CE2", "CM1": "CM1/CM2"}
DAYS = [day for n in range(30) if recompute.is_open(day := recompute.FIRST + dt.timedelta(days=n))]
SECOND = dt.timedelta(seconds=1)


def local(timestamp: float) -> dt.datetime:
    return dt.datetime.fromtimestamp(timestamp, PARIS)


def people() -> tuple[list[dict[str, str]], list[dict[str, str]], list[dict[str, str]]]:
    households: list[dict[str, str]] = []
    children: list[dict[str, str]] = []
    facts: list[dict[str, str]] = []
    sizes = [1] * 60 + [2] * 42 + [3] * 16 + [4] * 2
    DRAW.shuffle(sizes)
    for number, size in enumerate(sizes, start=1):
        code, name = f"F{number:03}", LAST_NAMES[number - 1]
        one, two = DRAW.sample(PARENTS, 2)
        second = DRAW.random() < 0.8
        quotient = first_quotient(number)
        households.append(
            {
                "foyer": code,
                "nom": name,
                "civilite_1": TITLES[one],
                "prenom_1": one,
                "courriel_1": f"{PLAIN[one]}.{code.lower()}@exemple.invalid",
                "civilite_2": TITLES[two] if second else "",
                "prenom_2": two if second else "",
                "ville": "Le Langon",
                "resident": "oui",
                "quotient": quotient,
                "depuis": "2025-09-01",
            }
        )
        if number in (6, 30, 67):  # recorded in October: applies from November
            facts.append(later_quotient(code, "3200" if number == 30 else "840", "2025-10-16 10:05"))
        if number in (9, 49):  # recorded in November: applies from December only
            facts.append(later_quotient(code, "610", "2025-11-05 14:30"))
        for level_index in sorted(DRAW.sample(range(len(LEVELS)), size), reverse=True):
            level = LEVELS[level_index]
            born = dt.date(2022 - level_index, DRAW.randint(1, 12), DRAW.randint(1, 28))
            children.append(
                {
                    "enfant": f"E{len(children) + 1:03}",
                    "foyer": code,
                    "nom": name,
                    "prenom": FIRST_NAMES[DRAW.randrange(len(FIRST_NAMES))],
                    "naissance": born.isoformat(),
                    "ecole": "École publique",
                    "niveau": level,
                    "classe": CLASSES.get(level, level),
                }
            )
    foster = children[77]["enfant"]  # the quotient of the child's own family (règlement)
    facts.append(later_quotient(foster, "410", "2025-08-20 09:00"))
    return households, children, facts


def first_quotient(number: int) -> str:
    if number in (18, 41, 59, 72, 91, 104, 111):
        return ""  # never given: the top band
    edges = {4: "1500", 10: "1501", 13: "3000", 20: "3001", 26: "0", 34: "1500,99"}
    spread = [DRAW.randint(300, 1490), DRAW.randint(600, 2900), DRAW.randint(900, 4200)]
    return edges.get(number, str(DRAW.choice(spread)))


def later_quotient(subject: str, value: str, recorded: str) -> dict[str, str]:
    return {
        "sujet": subject,
        "fait": "quotient",
        "valeur": value,
        "du": recorded[:10],
        "enregistre_le": recorded,
        "source": "CAF",
    }


def requests(children: list[dict[str, str]]) -> tuple[list[dict[str, str]], dict[str, set[dt.date]]]:
    made: list[dict[str, str]] = []
    wanted: dict[str, set[dt.date]] = {}

    def ask(at: dt.datetime, child: str, action: str, day: dt.date, channel: str = "en ligne") -> None:
        made.append(
            {
                "instant": at.isoformat(timespec="seconds"),
                "enfant": child,
                "action": action,
                "produit": "cantine",
                "jour": day.isoformat(),
                "canal": channel,
            }
        )

    def morning(day: dt.date) -> dt.datetime:
        return dt.datetime.combine(day, dt.time(DRAW.randint(7, 21), DRAW.randint(0, 59), DRAW.randint(0, 59)), PARIS)

    for index, row in enumerate(children):
        child = row["enfant"]
        weekdays = DRAW.choice([{0, 1, 3, 4}, {0, 1, 3, 4}, {0, 1, 3, 4}, {0, 3}, {1, 4}, {0, 1, 4}])
        days = [day for day in DAYS if day.weekday() in weekdays]
        wanted[child] = set(days)
        if index % 5:  # four families in five order the whole month at once
            start = morning(dt.date(2025, 10, DRAW.randint(13, 27)))
            for position, day in enumerate(days):
                ask(start + position * SECOND, child, "réserver", day)
        else:  # the others week by week, some just before the limit, some just after
            for monday in sorted({day - dt.timedelta(days=day.weekday()) for day in days}):
                limit = local(recompute.booking_limit(monday))
                late = DRAW.random()
                at = (
                    limit - SECOND * DRAW.choice([1, 40, 9000])
                    if late < 0.7
                    else limit + SECOND * DRAW.choice([0, 60, 30_000])
                )
                for day in days:
                    if day - dt.timedelta(days=day.weekday()) == monday:
                        ask(at, child, "réserver", day)
        for day in days:
            draw = DRAW.random()
            limit = local(recompute.absence_limit(day))
            if draw < 0.035:
                ask(
                    limit - SECOND * DRAW.choice([1, 7200, 50_000]),
                    child,
                    "annuler",
                    day,
                    DRAW.choice(["en ligne", "mairie"]),
                )
            elif draw < 0.055:
                ask(limit + SECOND * DRAW.choice([0, 3600, 100_000]), child, "annuler", day, "téléphone")
        if index % 40 == 11:
            ask(morning(dt.date(2025, 10, 24)), child, "réserver", dt.date(2025, 11, 11))  # public holiday
        if index % 40 == 17:
            ask(morning(dt.date(2025, 11, 3)), child, "réserver", dt.date(2025, 11, 12))  # a Wednesday
        if index % 50 == 23:
            ask(morning(dt.date(2025, 10, 14)), child, "réserver", dt.date(2025, 10, 30))  # holidays
        if index % 40 == 29:
            ask(morning(dt.date(2025, 11, 15)), child, "réserver", dt.date(2025, 11, 13))  # that day is over
        if index % 40 == 31 and days:
            ask(morning(dt.date(2025, 10, 27)).replace(hour=22, minute=30), child, "réserver", days[-1])  # sent twice
        if index % 40 == 37:
            free = next(day for day in DAYS if day not in days) if len(days) < len(DAYS) else None
            if free:
                ask(morning(dt.date(2025, 10, 29)), child, "annuler", free)  # nothing was booked
        if index % 25 == 9:
            free = next((day for day in DAYS[6:] if day not in days), None)
            if free:
                ask(dt.datetime.combine(free, dt.time(8, 40), PARIS), child, "réserver", free, "téléphone")  # same day
    made.sort(key=lambda row: dt.datetime.fromisoformat(row["instant"]))
    return made, wanted


def attendance(children: list[dict[str, str]]) -> tuple[list[dict[str, str]], list[dict[str, str]]]:
    checks: list[dict[str, str]] = []
    proofs: list[dict[str, str]] = []
    write("pointages.csv", [], ["enfant", "produit", "jour", "present", "pointe_le"])
    write("justificatifs.csv", [], ["enfant", "du", "au", "nature", "etat", "recu_le", "motif"])
    booked = {key for key, outcome in recompute.recompute(FOLDER).outcome.items() if outcome != "late cancellation"}
    cancelled = {key for key, outcome in recompute.recompute(FOLDER).outcome.items() if outcome == "late cancellation"}
    ill: dict[str, list[dt.date]] = {}
    for row in children:
        if DRAW.random() < 0.09:
            start = DRAW.randrange(len(DAYS) - 3)
            ill[row["enfant"]] = DAYS[start : start + DRAW.randint(1, 4)]
    for day in DAYS:
        for row in children:
            key = (row["enfant"], day)
            if key in booked:
                came = day not in ill.get(row["enfant"], []) and DRAW.random() > 0.012
            elif key in cancelled:
                came = DRAW.random() < 0.05
                if not came:
                    continue
            elif DRAW.random() < 0.02:
                came = True
            else:
                continue
            checks.append(
                {
                    "enfant": row["enfant"],
                    "produit": "cantine",
                    "jour": day.isoformat(),
                    "present": "oui" if came else "non",
                    "pointe_le": f"{day.isoformat()} 12:40",
                }
            )
    for index, (child, days) in enumerate(sorted(ill.items())):
        if index % 4 == 3:
            continue  # no proof was ever given
        proofs.append(
            {
                "enfant": child,
                "du": days[0].isoformat(),
                "au": days[-1].isoformat(),
                "nature": "certificat médical" if index % 5 else "justificatif administratif",
                "etat": "refusée" if index % 7 == 2 else "en attente" if index % 7 == 5 else "acceptée",
                "recu_le": f"{days[-1] + dt.timedelta(days=DRAW.randint(0, 6))} 18:00",
                "motif": "maladie" if index % 5 else "administratif",
            }
        )
    return checks, proofs


def payments(households: list[dict[str, str]]) -> list[dict[str, str]]:
    due = recompute.recompute(FOLDER).by_household
    made: list[dict[str, str]] = []
    means = ["prélèvement", "carte", "chèque", "espèces", "virement", "carte"]
    for index, household in enumerate(households):
        code = household["foyer"]
        owed = due.get(code, 0)
        if not owed or index % 9 == 4:
            continue
        paid = {2: owed // 2, 7: owed + 500}.get(index % 13, owed)
        paid_on = dt.date(2025, 12, 5) + dt.timedelta(days=DRAW.randint(0, 20))
        for part in [paid] if index % 17 != 3 else [paid // 3, paid - paid // 3]:
            made.append(
                {
                    "paiement": f"P{len(made) + 1:04}",
                    "foyer": code,
                    "montant": f"{part // 100},{part % 100:02}",
                    "moyen": means[index % len(means)],
                    "instant": f"{paid_on} {DRAW.randint(9, 16):02}:{DRAW.randint(0, 59):02}",
                }
            )
    return made


def write(name: str, rows: list[dict[str, str]], header: list[str] | None = None) -> None:
    with (FOLDER / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=header or list(rows[0]), delimiter=";", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    households, children, facts = people()
    write("foyers.csv", households)
    write("enfants.csv", children)
    write("faits.csv", facts)
    write("demandes.csv", requests(children)[0])
    checks, proofs = attendance(children)
    write("pointages.csv", checks)
    write("justificatifs.csv", proofs)
    write("encaissements.csv", payments(households))


if __name__ == "__main__":
    main()
