"""The identities of the forms as SQL over the archive's latest reports.

The equations are those that parsers.identities expands from the form's TOML; this module only evaluates them where
the figures lie, so that a whole country is judged in one scan for each form and rule. With
K = (what is given on the left) - (what is given on the right), an equation is broken for certain if K > 0 and nothing
is blank on the right, or K < 0 and nothing is blank on the left: then no non-negative filling of the blanks helps.
"""

from typing import TYPE_CHECKING

from db.schema.views import quoted, text
from db.schema.wide import column_name, variant_bits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from db.archive import Archive
    from parsers.form import Form, Table
    from parsers.identities import Instance

Broken = tuple[str, int, str]


def broken(archive: "Archive", rule: str) -> list[Broken]:
    """(agency key, year, instance) of every equation of a rule that is broken for certain, in order.

    instance: the row or column of the equation, as in parsers.identities.Instance.key. Judges the latest report of
    each agency and year; an equation between two years needs the same agency in the register, and last year's figures
    in last year's form.
    """
    from parsers.identities import expand

    found: set[Broken] = set()
    for form in archive.forms.values():
        instances = [instance for instance in expand(form) if instance.rule.name == rule]
        if not instances:
            continue
        for key, year, flags in archive.query(select(form, instances, archive.forms)):
            found.update(
                (key, year, instance.key) for instance, flag in zip(instances, flags, strict=True) if flag == "1"
            )
    return sorted(found)


def select(form: "Form", instances: "list[Instance]", forms: "Mapping[str, Form]") -> str:
    """SQL that gives agency key, year and one letter for each equation ("1": broken) of the reports that break any.

    instances: equations of this form. forms: all forms, since last year's report may follow another one.
    """
    conditions = [f"({condition(form, instance, forms)})" for instance in instances]
    spans_years = any(instance.right_last_year for instance in instances)
    # Only who is known by an id is the same agency as last year.
    last_year = (
        " JOIN agency_keys a ON a.no = w.agency_no AND a.agency_id IS NOT NULL"
        " JOIN wide y ON y.agency_no = w.agency_no AND y.year = w.year - 1 AND y.is_latest = 1"
    )
    return (
        f"SELECT k.key, b.year, b.flags FROM (SELECT w.agency_no, w.year, {' || '.join(conditions)} AS flags"
        f" FROM wide w{last_year if spans_years else ''} WHERE w.is_latest = 1 AND w.form = {text(form.name)}"
        f" AND ({' OR '.join(conditions)})) b JOIN agency_keys k ON k.no = b.agency_no"
    )


def condition(form: "Form", instance: "Instance", forms: "Mapping[str, Form]") -> str:
    """SQL that is 1 where an equation is broken for certain, else 0.

    w: the figures of the report; y: those of the year before.
    """
    left, right = [_term(form, name) for name in instance.left], [_term(form, name) for name in instance.right]
    right += [_last_year_term(name) for name in instance.right_last_year]
    gap = f"({_sum(given for given, _ in left)}) - ({_sum(given for given, _ in right)})"
    if any(form.column_of(name).value == "amount" for name in (*instance.left, *instance.right)):
        gap = f"round({gap}, 6)"  # decimal amounts are kept as binary fractions
    certain = [
        f"(({gap} > 0 AND ({_sum(blank for _, blank in right)}) = 0)"
        f" OR ({gap} < 0 AND ({_sum(blank for _, blank in left)}) = 0))"
    ]
    if instance.right_last_year:
        have = (f for f in forms.values() if f.figure_set.issuperset(instance.right_last_year))
        certain.append(f"coalesce(y.form IN ({', '.join(text(f.name) for f in have)}), 0)")
    certain += _one_variant(form, form.tables[instance.rule.table], {*instance.left, *instance.right})
    return " AND ".join(certain)


def _term(form: "Form", figure: str) -> tuple[str, str]:
    """SQL for (what is given, 1 if it is blank) of one term. A row of a variant that is not printed is no term."""
    table, row, _ = figure.split(".")
    column = f"w.{quoted(column_name(figure))}"
    blank = f"({column} IS NULL)"
    bits = variant_bits(form)
    if (bit := bits.get(f"{table}.{row}")) is not None:
        any_printed = sum(
            1 << other for other in {bits[f"{table}.{r}"] for g in form.tables[table].variants for r in g}
        )
        blank = f"({column} IS NULL AND (w.variants & {1 << bit} <> 0 OR w.variants & {any_printed} = 0))"
    return f"coalesce({column}, 0)", blank


def _last_year_term(figure: str) -> tuple[str, str]:
    column = f"y.{quoted(column_name(figure))}"
    return f"coalesce({column}, 0)", f"({column} IS NULL)"


def _one_variant(form: "Form", table: "Table", terms: set[str]) -> list[str]:
    """Where a report prints more than one variant, an equation with a variant row in it cannot be told."""
    rows = {name.split(".")[1] for name in terms}
    if rows.isdisjoint(row for group in table.variants for row in group):
        return []
    bits = variant_bits(form)
    printed = (f"(w.variants & {1 << bits[f'{table.name}.{group[0]}']} <> 0)" for group in table.variants)
    return [f"{_sum(printed)} <= 1"]


def _sum(terms: "Iterable[str]") -> str:
    return " + ".join(terms) or "0"
