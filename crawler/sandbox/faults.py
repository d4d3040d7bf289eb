"""The faults that are put into the country, each breaking one rule only, and the innocent cases that look like faults.

How the identity faults are made, so that no other identity breaks with them:
- applications-balance: one application more in `processed` and in `granted`, for natural persons and in total. Rows and
  sums agree, the balance of the two columns does not.
- applications-results: one more in `granted` alone, for natural persons and in total. `processed` is no longer the sum.
- applications-applicants: one natural person's application moved from `granted` to `refused_law_forbids`, the totals of
  the two rows left as they were. Every column holds, the two rows do not add up.
- challenges-total: the total of `litigation_direct` is one too high.
- carry-over: two more in `carried_in`, `processed` and `granted`; the report holds by itself, last year's does not fit.
- normative-stock: three more in `in_force`.
A cell of `applications` belongs to a column and to a row, so the first three and carry-over break their identity in two
places each; each place is one entry of the truth, and both have the same `fault`.
"""

from dataclasses import dataclass

from crawler.sandbox.figures import as_int
from crawler.sandbox.sample import Printable

IDENTITY_FAULTS = (
    "applications-balance",
    "applications-results",
    "applications-applicants",
    "challenges-total",
    "carry-over",
    "normative-stock",
)
FAULTS = (*IDENTITY_FAULTS, "missing", "striking-change", "wrong-form", "sections", "late")
# Look-alikes of departments; further ones are the silent town and the body covered by another's report.
INNOCENT = ("blank-zero", "slash", "small-change", "build-date")
STRIKING_FROM, STRIKING_TO = 12, 840


@dataclass(frozen=True, slots=True)
class Truth:
    """One finding that must be made. figure: the one that the rule is about, None where it is about the report.

    fault: the number of the injected fault; entries with the same number are one fault seen at two places.
    """

    rule: str
    agency_id: str
    agency: str
    year: int
    figure: str | None
    note: str
    fault: int


@dataclass(frozen=True, slots=True)
class Innocent:
    """Something that looks like a fault and must not be told."""

    kind: str
    agency_id: str
    agency: str
    year: int
    note: str


def break_identity(figures: dict[str, Printable], rule: str) -> dict[str, str]:
    """Break one identity of a report's figures in place; {figure that the rule is about: what was done}.

    Raises ValueError where the figures are too small for it.
    """
    table = "applications"
    if rule == "applications-balance":
        _add(
            figures, 1, [f"{table}.{row}.{c}" for row in ("processed", "granted") for c in ("natural_person", "total")]
        )
        return {f"{table}.processed.{c}": "one more processed than received" for c in ("natural_person", "total")}
    if rule == "applications-results":
        _add(figures, 1, [f"{table}.granted.{c}" for c in ("natural_person", "total")])
        return {f"{table}.processed.{c}": "one more granted than processed" for c in ("natural_person", "total")}
    if rule == "applications-applicants":
        _add(figures, -1, [f"{table}.granted.natural_person"])
        _add(figures, 1, [f"{table}.refused_law_forbids.natural_person"])
        return {
            f"{table}.{row}.total": "one application stands in the wrong row"
            for row in ("granted", "refused_law_forbids")
        }
    if rule == "challenges-total":
        _add(figures, 1, ["challenges.litigation_direct.total"])
        return {"challenges.litigation_direct.total": "total misprinted, one too high"}
    if rule == "carry-over":
        rows = ("carried_in", "processed", "granted")
        _add(figures, 2, [f"{table}.{row}.{c}" for row in rows for c in ("natural_person", "total")])
        return {f"{table}.carried_in.{c}": "two more carried in than out" for c in ("natural_person", "total")}
    if rule == "normative-stock":
        _add(figures, 3, ["disclosure.normative_documents.in_force"])
        return {"disclosure.normative_documents.in_force": "three more in force than the flow allows"}
    raise ValueError(f"unknown identity {rule!r}; known are {', '.join(IDENTITY_FAULTS)}")


def print_blanks(figures: dict[str, Printable]) -> None:
    """Zeros of applications and challenges printed as empty cells, as some agencies do."""
    for name, value in figures.items():
        if value == 0 and not name.startswith("disclosure."):
            figures[name] = None


def print_slashes(figures: dict[str, Printable]) -> None:
    """`/` for powers that the agency lacks, and for challenges that there were none of."""
    for name, value in figures.items():
        if value == 0 and (name.startswith("challenges.") or name.endswith((".decisions", "fees.amount"))):
            figures[name] = "/"


def _add(figures: dict[str, Printable], count: int, names: list[str]) -> None:
    for name in names:
        if as_int(figures, name) + count < 0:
            raise ValueError(f"{name} is {figures.get(name)!r}; {count} cannot be added")
        figures[name] = as_int(figures, name) + count
