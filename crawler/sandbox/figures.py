"""Figures of an agency over the years: every identity of the vocabulary holds, within a report and between two."""

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from crawler.sandbox.forms import APPLICANTS, CHALLENGE_ROWS, OTHER_THREE, OUTCOMES, RESULT_ROWS
from crawler.sandbox.sample import Printable

COLUMNS = (*APPLICANTS, "total")
_APPLICANT_SHARES = (84, 8, 1, 2, 4, 1)
_RESULT_SHARES = {
    "granted": 40, "partly_granted": 10, "refused_third_party": 4, "refused_internal": 3, "refused_process": 3,
    "refused_enforcement_file": 3, "refused_admin_query": 2, "unavailable_not_held": 18, "unavailable_not_ready": 4,
    "unavailable_unclear": 3, "dismissed_petition": 5, "dismissed_repeat": 2, "other_not_corrected": 2, "other_rest": 1,
}  # fmt: skip
_OUTCOME_SHARES = (70, 8, 12, 10)


@dataclass(slots=True)
class Profile:
    """What kind of agency this is, and what it takes over from one year into the next.

    applications: new ones in a usual year. powers: it licenses, fines and coerces. stock: normative documents in
    force, regulations never. counts of `pinned`: year -> new applications, where they are not left to chance.
    """

    applications: int
    powers: bool
    cases: int
    stock: int
    fees: float = 0.0
    pinned: Mapping[int, int] = field(default_factory=dict)
    carried: dict[str, int] = field(default_factory=dict)
    items: dict[str, int] = field(default_factory=dict)


def apportion(count: int, shares: Sequence[int]) -> list[int]:
    """`count` split in proportion to `shares`, whole numbers that add up to it (largest remainder)."""
    whole = sum(shares)
    if not whole:
        return [0] * len(shares)
    parts = [count * share // whole for share in shares]
    by_rest = sorted(range(len(shares)), key=lambda i: (-(count * shares[i] % whole), i))
    for i in by_rest[: count - sum(parts)]:
        parts[i] += 1
    return parts


def next_year(profile: Profile, year: int, form: str, chance: random.Random) -> dict[str, Printable]:
    """The figures of the next reporting year; `profile` is moved on to its end.

    Keys are those that the form prints (2021: the three rows other_*). Values are integers, but for fees and
    procurement in form 2019: the latter's amount is printed as "251000元".
    """
    figures: dict[str, Printable] = {}
    _disclosure(figures, profile, year, form, chance)
    _applications(figures, profile, year, form, chance)
    _challenges(figures, year, chance)
    return figures


def one_other_row(figures: dict[str, Printable]) -> dict[str, Printable]:
    """The same figures with 其他处理 printed as one row."""
    merged = {name: value for name, value in figures.items() if not name.startswith("applications.other_")}
    for column in COLUMNS:
        merged[f"applications.other.{column}"] = sum(
            as_int(figures, f"applications.{row}.{column}") for row in OTHER_THREE
        )
    return merged


def as_int(figures: Mapping[str, Printable], name: str) -> int:
    """A count, 0 where the cell is empty or holds other text."""
    value = figures.get(name)
    return value if isinstance(value, int) else 0


def _disclosure(figures: dict[str, Printable], profile: Profile, year: int, form: str, chance: random.Random) -> None:
    issued = chance.choice((0, 0, 0, 1, 2)) if profile.stock else 0
    repealed = min(chance.choice((0, 0, 0, 1)), profile.stock)
    profile.stock += issued - repealed
    if profile.powers:
        profile.cases = max(1, round(profile.cases * chance.uniform(0.94, 1.07)))
        profile.fees = round(profile.fees * chance.uniform(0.95, 1.06), 2)
    licensing = profile.cases if profile.powers else 0
    # Were penalties but a share of the licences, a year with as many licences would look like a copy of the one before.
    penalties = licensing // 3 + year % 3 if licensing else 0
    decisions = {"licensing": licensing, "penalties": penalties, "coercion": licensing // 20}
    table = "disclosure"
    if form == "2021":
        for column, count in (("issued", issued), ("repealed", repealed), ("in_force", profile.stock)):
            figures[f"{table}.regulations.{column}"] = 0
            figures[f"{table}.normative_documents.{column}"] = count
        figures |= {f"{table}.{row}.decisions": count for row, count in decisions.items()}
        figures[f"{table}.fees.amount"] = profile.fees or 0
        return
    for column, count in (("made", issued), ("published", issued), ("total_published", profile.stock)):
        figures[f"{table}.regulations.{column}"] = 0
        figures[f"{table}.normative_documents.{column}"] = count
    decisions["other_services"] = licensing // 8
    for row in ("licensing", "other_services", "penalties", "coercion", "fees"):
        before = profile.items.setdefault(row, chance.randint(5, 60) if profile.powers else 0)
        change = chance.choice((-1, 0, 0, 0, 2)) if before else 0
        profile.items[row] = before + change
        figures[f"{table}.{row}.items_last_year"] = before
        figures[f"{table}.{row}.items_change"] = f"+{change}" if change > 0 else change
        if row in decisions:
            figures[f"{table}.{row}.decisions"] = decisions[row]
    figures[f"{table}.procurement.projects"] = chance.randint(0, 9)
    figures[f"{table}.procurement.amount"] = f"{chance.randint(20, 900) * 1000}元"


def _new_applications(profile: Profile, year: int, chance: random.Random) -> int:
    if year in profile.pinned:
        return profile.pinned[year]
    if profile.applications < 8:
        return max(0, profile.applications + chance.choice((-1, 0, 0, 1)))
    profile.applications = round(profile.applications * chance.uniform(0.93, 1.08))
    return profile.applications


def _applications(figures: dict[str, Printable], profile: Profile, year: int, form: str, chance: random.Random) -> None:
    counts: dict[str, dict[str, int]] = {}
    new = apportion(_new_applications(profile, year, chance), _APPLICANT_SHARES)
    counts["new"] = dict(zip(APPLICANTS, new, strict=True))
    counts["carried_in"] = {column: profile.carried.get(column, 0) for column in APPLICANTS}
    open_ = [counts["new"][column] + counts["carried_in"][column] for column in APPLICANTS]
    carried = apportion(min(sum(open_), round(sum(open_) * chance.uniform(0.02, 0.07))), open_)
    counts["carried_out"] = dict(zip(APPLICANTS, carried, strict=True))
    profile.carried = dict(counts["carried_out"])
    counts["processed"] = {c: open_[i] - carried[i] for i, c in enumerate(APPLICANTS)}
    rows = (*RESULT_ROWS, *OTHER_THREE)
    shares = [_RESULT_SHARES.get(row, 0) for row in rows]
    parts = {column: apportion(count, shares) for column, count in counts["processed"].items()}
    # Were results but shares of what was processed, two years of as many applications would look like copies.
    moved, to = min(year % 3, max(0, parts["natural_person"][0] - 1)), rows.index("dismissed_petition")
    parts["natural_person"][0] -= moved
    parts["natural_person"][to] += moved
    for number, row in enumerate(rows):
        counts[row] = {column: parts[column][number] for column in APPLICANTS}
    for row, by_column in counts.items():
        figures |= {f"applications.{row}.{column}": count for column, count in by_column.items()}
        figures[f"applications.{row}.total"] = sum(by_column.values())
    if form == "2019":
        merged = one_other_row(figures)
        figures.clear()
        figures.update(merged)


def _challenges(figures: dict[str, Printable], year: int, chance: random.Random) -> None:
    processed = as_int(figures, "applications.processed.total")
    for row, per_thousand in zip(CHALLENGE_ROWS, (30, 8, 5), strict=True):
        outcomes = apportion(round(processed * per_thousand / 1000 * chance.uniform(0.9, 1.1)), _OUTCOME_SHARES)
        moved = min(year % 3, outcomes[0])  # or two years of as many cases would look like copies
        outcomes[0], outcomes[2] = outcomes[0] - moved, outcomes[2] + moved
        figures |= {f"challenges.{row}.{name}": count for name, count in zip(OUTCOMES, outcomes, strict=True)}
        figures[f"challenges.{row}.total"] = sum(outcomes)
