"""The equations of the forms, and what is striking between two years, as SQL over the archive's wide rows.

The equations are those that parsers.identities expands from the form's TOML; this module only says them in another
language. w: the row of the report; y: that of the same agency's report of the year before. With K = (what is given on
the left) - (what is given on the right), an equation is broken for certain if K > 0 and nothing is blank on the right,
or K < 0 and nothing is blank on the left: then no non-negative filling of the blanks helps. Sums are exact below 2^63.
"""

from typing import TYPE_CHECKING, NamedTuple

from db.schema.views import quoted, text
from db.schema.wide import column_name, variant_bits

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from parsers.form import Form, Table
    from parsers.identities import Instance


class Striking(NamedTuple):
    """When a change of a count is striking; all three must hold. min_count: the larger figure is at least this. ratio:
    larger to smaller, a smaller one of 0 taken as 1. sigma: change over the square root of the sum of both."""

    min_count: int
    ratio: float
    sigma: float


def condition(form: "Form", instance: "Instance", forms: "Mapping[str, Form]") -> str:
    """SQL that is 1 where an equation is broken for certain, else 0 or null.

    forms: all forms, since last year's report may follow another one.
    """
    left, right = [_term(form, instance, name) for name in instance.left], []
    right += [_term(form, instance, name) for name in instance.right]
    right += [_Term(_last(name), f"({_last(name)} IS NULL)") for name in instance.right_last_year]
    sides = (_sum(f"coalesce({term.value}, 0)" for term in side) for side in (left, right))
    gap = " - ".join(f"({side})" for side in sides)
    if any(form.column_of(name).value == "amount" for name in (*instance.left, *instance.right)):
        gap = f"round({gap}, 6)"  # decimal amounts are kept as binary fractions
    certain = [
        # Nearly every equation holds, and most have no blank in them: that is seen at once, without looking for blanks.
        f"{_sum(term.quick for term in left)} IS NOT {_sum(term.quick for term in right)}",
        f"(({gap} > 0 AND ({_sum(term.blank for term in right)}) = 0)"
        f" OR ({gap} < 0 AND ({_sum(term.blank for term in left)}) = 0))",
    ]
    if instance.right_last_year:
        have = (f for f in forms.values() if f.figure_set.issuperset(instance.right_last_year))
        certain.append(f"y.form IN ({', '.join(text(f.name) for f in have)})")
    else:
        certain += _one_variant(form, form.tables[instance.rule.table], {*instance.left, *instance.right})
    return " AND ".join(certain)


def striking(figure: str, limits: Striking) -> str:
    """SQL that is 1 where a figure changed strikingly between two years, else 0 or null. Last year's report follows the
    same form. A hair's breadth more than the rule says, since roots are rounded."""
    now, before = _own(figure), _last(figure)
    larger, smaller = f"max({now}, {before})", f"min({now}, {before})"
    return (
        f"{larger} >= {limits.min_count} AND {larger} >= {limits.ratio!r} * max({smaller}, 1) * (1 - 1e-9)"
        f" AND 1.0 * ({now} - {before}) * ({now} - {before})"
        f" >= {limits.sigma**2!r} * ({now} + {before}) * (1 - 1e-9) AND y.form = w.form"
    )


class _Term(NamedTuple):
    """SQL for one term. value: null where it is blank; blank: 1 if it is, else 0."""

    value: str
    blank: str
    is_variant: bool = False

    @property
    def quick(self) -> str:
        """What makes the sum null where it is blank, but for rows that many reports do not print."""
        return f"coalesce({self.value}, 0)" if self.is_variant else self.value


def _term(form: "Form", instance: "Instance", figure: str) -> _Term:
    """A row of a variant that is not printed is no term; between two years nobody asks which are printed."""
    table, row, _ = figure.split(".")
    column = _own(figure)
    bits = variant_bits(form)
    if (bit := bits.get(f"{table}.{row}")) is None or instance.right_last_year:
        return _Term(column, f"({column} IS NULL)")
    any_printed = sum(1 << other for other in {bits[f"{table}.{r}"] for g in form.tables[table].variants for r in g})
    blank = f"({column} IS NULL AND (w.variants & {1 << bit} <> 0 OR w.variants & {any_printed} = 0))"
    return _Term(column, blank, is_variant=True)


def _own(figure: str) -> str:
    return f"w.{quoted(column_name(figure))}"


def _last(figure: str) -> str:
    return f"y.{quoted(column_name(figure))}"


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
