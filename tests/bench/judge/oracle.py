"""What is broken in printed figures, by the definitions of vocabulary.md alone: an own, slow reckoning beside the
rules, so that what they say can be held against it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from crawler.sandbox.sample import Printable

APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other")
RESULTS = (
    "granted", "partly_granted",
    "refused_state_secret", "refused_law_forbids", "refused_security", "refused_third_party", "refused_internal",
    "refused_process", "refused_enforcement_file", "refused_admin_query",
    "unavailable_not_held", "unavailable_not_ready", "unavailable_unclear",
    "dismissed_petition", "dismissed_repeat", "dismissed_publication", "dismissed_excessive", "dismissed_reconfirm",
    "other", "other_not_corrected", "other_fee_unpaid", "other_rest",
)  # fmt: skip
CASES = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
OUTCOMES = ("upheld", "corrected", "other", "pending")
ITEMS = ("licensing", "other_services", "penalties", "coercion", "fees")
Figures = Mapping[str, Printable]


class Breach(NamedTuple):
    """A rule that is broken at a figure. severity: "" for that of the rule; "notice" where only columns moved."""

    rule: str
    figure: str
    severity: str = ""


def number(printed: Printable) -> int | None:
    """The count that a cell prints; None where it prints none."""
    if isinstance(printed, str):
        digits = printed.strip().lstrip("+")
        return int(digits) if digits.lstrip("-").isdigit() else None
    return None if printed is None else int(printed)


def _broken(figures: Figures, left: Iterable[str], right: Iterable[str]) -> bool:
    """Whether no filling of the empty cells with zero or more makes both sides equal. A row that is not printed is no
    term."""
    sides = [[figures[name] for name in side if name in figures] for side in (left, right)]
    known = [sum(value for cell in side if (value := number(cell)) is not None) for side in sides]
    open_left, open_right = (any(number(cell) is None for cell in side) for side in sides)
    if open_left and open_right:
        return False
    if open_left:
        return known[0] > known[1]
    return known[0] < known[1] if open_right else known[0] != known[1]


def within(figures: Figures) -> Iterator[Breach]:
    """The identities of one report that are broken for certain."""
    for column in (*APPLICANTS, "total"):

        def cell(row: str, column: str = column) -> str:
            return f"applications.{row}.{column}"

        if _broken(figures, [cell("new"), cell("carried_in")], [cell("processed"), cell("carried_out")]):
            yield Breach("applications-balance", cell("processed"))
        if _broken(figures, [cell("processed")], [cell(row) for row in RESULTS]):
            yield Breach("applications-results", cell("processed"))
    for row in ("new", "carried_in", *RESULTS, "processed", "carried_out"):
        total = f"applications.{row}.total"
        if total in figures and _broken(figures, [total], [f"applications.{row}.{c}" for c in APPLICANTS]):
            yield Breach("applications-applicants", total)
    for row in CASES:
        total = f"challenges.{row}.total"
        if _broken(figures, [total], [f"challenges.{row}.{c}" for c in OUTCOMES]):
            yield Breach("challenges-total", total)


def blank_totals(figures: Figures) -> Iterator[Breach]:
    """Rows whose total is empty beside numbers that are not zero."""
    rows: list[tuple[str, str, tuple[str, ...]]] = [("challenges", row, OUTCOMES) for row in CASES]
    rows += [("applications", row, APPLICANTS) for row in ("new", "carried_in", *RESULTS, "processed", "carried_out")]
    for table, row, columns in rows:
        total = f"{table}.{row}.total"
        others = (number(figures.get(f"{table}.{row}.{column}")) for column in columns)
        if total in figures and number(figures[total]) is None and any(others):
            yield Breach("blank-total", total)


def stock(figures: Figures, form: str) -> Iterator[Breach]:
    """Stocks of one report that cannot be."""

    def value(name: str) -> int | None:
        return number(figures.get(f"disclosure.{name}"))

    if form == "2021":
        for row in ("regulations", "normative_documents"):
            issued, repealed, in_force = (value(f"{row}.{c}") for c in ("issued", "repealed", "in_force"))
            if None not in (issued, repealed, in_force) and in_force < issued - repealed:  # type: ignore[operator]
                yield Breach("stock-impossible", f"disclosure.{row}.in_force")
        return
    for row in ITEMS:
        before, change = value(f"{row}.items_last_year"), value(f"{row}.items_change")
        if before is not None and change is not None and before + change < 0:
            yield Breach("stock-impossible", f"disclosure.{row}.items_change")


def between(this: Figures, form: str, last: Figures, last_form: str) -> Iterator[Breach]:
    """What does not connect between two years running."""
    yield from _carried(this, last)
    if form == last_form == "2021":
        for row in ("regulations", "normative_documents"):
            name = f"disclosure.{row}"
            cells = [number(this.get(f"{name}.{c}")) for c in ("in_force", "repealed", "issued")]
            before = number(last.get(f"{name}.in_force"))
            if None not in (*cells, before) and cells[0] + cells[1] != cells[2] + before:  # type: ignore[operator]
                yield Breach("normative-stock", f"{name}.in_force")
    if form == last_form == "2019":
        for row in ITEMS:
            name = f"disclosure.{row}"
            was = [number(last.get(f"{name}.{c}")) for c in ("items_last_year", "items_change")]
            now = number(this.get(f"{name}.items_last_year"))
            before = None if None in was else was[0] + was[1]  # type: ignore[operator]
            # Less than none cannot be carried on: that is last year's breach.
            if now is not None and before is not None and before >= 0 and before != now:
                yield Breach("stock-impossible", f"{name}.items_last_year")


def _carried(this: Figures, last: Figures) -> Iterator[Breach]:
    """One breach for the row: of its total, else of a column; where only columns moved, a notice."""
    broken = []
    for column in ("total", *APPLICANTS):
        now = number(this.get(f"applications.carried_in.{column}"))
        before = number(last.get(f"applications.carried_out.{column}"))
        if now is not None and before is not None and now != before:
            broken.append(column)
    totals = [number(this.get("applications.carried_in.total")), number(last.get("applications.carried_out.total"))]
    if broken:
        moved = "total" not in broken and None not in totals
        yield Breach("carry-over", f"applications.carried_in.{broken[0]}", "notice" if moved else "")
