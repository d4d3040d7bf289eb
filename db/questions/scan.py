"""Two statements that go through the figures of the whole archive: which reports may break a rule.

Made from what the forms declare: one statement with all identities within a report, one with all that is between two
years (identities, and figures whose change is striking). A whole country is so judged where the figures lie; what is
to be said of the few reports that are named, the rules say (monitor/judging). No report is left out that a rule of a
form, or `striking-change`, finds anything in; whoever is compared with whom is for the rules.
"""

from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, NamedTuple

from db.questions.equations import Striking, condition, striking
from db.schema.views import text
from parsers.identities import expand

if TYPE_CHECKING:
    from db.connection import ArchiveFile
    from parsers.form import Form

__all__ = ["Breach", "Striking", "Suspects", "breaches", "suspects"]

STRIKING_CHANGE = "striking-change"


class Breach(NamedTuple):
    """instance: the row or column of the equation, as in parsers.identities.Instance.key; the figure of a change."""

    rule: str
    agency_key: str
    year: int
    instance: str


class Suspects:
    """The numbers of reports that may break a rule; eight bytes each."""

    def __init__(self, found: Iterable[int]) -> None:
        self._found = array("q", sorted(found))

    def __len__(self) -> int:
        return len(self._found)

    def __contains__(self, report_id: int) -> bool:
        place = bisect_left(self._found, report_id)
        return place < len(self._found) and self._found[place] == report_id


class _Condition(NamedTuple):
    rule: str
    instance: str
    sql: str


def suspects(file: "ArchiveFile", limits: Striking) -> Suspects:
    """The reports that may break any rule that is looked for here."""
    found = array("q")
    with file.read() as connection:
        for statement, _ in _statements(file.forms, limits):
            found.extend(report_id for report_id, *_ in connection.execute(statement))
    return Suspects(found)


def breaches(
    file: "ArchiveFile", limits: Striking | None = None, only: Collection[str] | None = None
) -> Iterator[Breach]:
    """Each equation that is broken for certain, and each striking change (limits: None for none), in no order. only:
    of the rules of these names."""
    for statement, flagged in _statements(file.forms, limits, only):
        with file.read() as connection:
            keys = "SELECT k.key, b.year, b.flags FROM ({}) b JOIN agency_keys k ON k.no = b.agency_no"
            for key, year, flags in connection.execute(keys.format(statement)):
                form, _, marks = flags.partition(" ")
                for one, mark in zip(flagged[form], marks, strict=True):
                    if mark == "1":
                        yield Breach(one.rule, key, year, one.instance)


def _statements(
    forms: "Mapping[str, Form]", limits: Striking | None, only: Collection[str] | None = None
) -> Iterator[tuple[str, dict[str, list[_Condition]]]]:
    """The two statements, each with what its flags stand for, by form. A row is: number of the report and of the agency
    key, year, and the form with a letter for each condition."""
    within = {name: _within(form, forms) for name, form in forms.items()}
    between = {name: _between(form, forms, limits) for name, form in forms.items()}
    for conditions, spans_years in ((within, False), (between, True)):
        chosen = {form: [c for c in of if only is None or c.rule in only] for form, of in conditions.items()}
        if any(chosen.values()):
            yield _statement({form: of for form, of in chosen.items() if of}, spans_years=spans_years), chosen


def _statement(conditions: dict[str, list[_Condition]], *, spans_years: bool) -> str:
    last_year = (
        " CROSS JOIN wide y ON y.agency_no = w.agency_no AND y.year = w.year - 1 AND y.is_latest = 1"
        if spans_years
        else ""
    )
    # Only who is known by an id is the same agency as last year.
    known = " AND (SELECT k.agency_id FROM agency_keys k WHERE k.no = w.agency_no) IS NOT NULL" if spans_years else ""
    which = " OR ".join(
        f"(w.form = {text(form)} AND ({' OR '.join(f'({c.sql})' for c in of)}))" for form, of in conditions.items()
    )
    flags = " ".join(
        f"WHEN {text(form)} THEN {' || '.join(f'coalesce(({c.sql}), 0)' for c in of)}"
        for form, of in conditions.items()
    )
    return (
        f"SELECT w.report_id, w.agency_no, w.year, w.form || ' ' || CASE w.form {flags} END AS flags"
        f" FROM wide w{last_year} WHERE w.is_latest = 1 AND ({which}){known}"
    )


def _within(form: "Form", forms: "Mapping[str, Form]") -> list[_Condition]:
    return _identities(form, forms, spans_years=False)


def _between(form: "Form", forms: "Mapping[str, Form]", limits: Striking | None) -> list[_Condition]:
    changes = [_Condition(STRIKING_CHANGE, name, striking(name, limits)) for name in form.watched] if limits else []
    return [*_identities(form, forms, spans_years=True), *changes]


def _identities(form: "Form", forms: "Mapping[str, Form]", *, spans_years: bool) -> list[_Condition]:
    return [
        _Condition(instance.rule.name, instance.key, condition(form, instance, forms))
        for instance in expand(form)
        if instance.rule.spans_years is spans_years
    ]
