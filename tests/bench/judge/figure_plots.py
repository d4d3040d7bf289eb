"""What is printed wrong, and what only looks so: edits of one report's figures, or of several years of one agency."""

import random
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count

from crawler.sandbox.faults import break_identity, print_blanks, print_slashes
from crawler.sandbox.figures import as_int
from crawler.sandbox.sample import Printable
from tests.bench.judge.country import FIRST, LAST, Country
from tests.bench.judge.drafts import PLATFORMS, RICH, Draft, Drafts
from tests.bench.judge.truth import Truth

APP = "applications"
DOCUMENTS = "disclosure.normative_documents"


@dataclass(frozen=True, slots=True)
class Plot:
    """kind: what it is called in the tables. share: how many of a thousand reports have it. fits: whether a report can
    have it. edit: does it; the years are those of the drafts that it touches, relative to the report's own. innocent: a
    look-alike; rule: what has to be found that figures alone do not say (see oracle.py)."""

    kind: str
    share: float
    edit: Callable[[Draft, Drafts], None]
    fits: Callable[[Draft, Drafts], bool]
    years: tuple[int, ...] = (0,)
    innocent: bool = False
    rule: str = ""


def _rich(draft: Draft, drafts: Drafts) -> bool:
    return as_int(draft.figures, f"{APP}.new.total") >= RICH


def _any(draft: Draft, drafts: Drafts) -> bool:
    return True


def _offline(draft: Draft, drafts: Drafts) -> bool:
    """Its topics are nowhere on the net, of which the report must not speak."""
    return not any("网" in topic for topic in draft.body.topics)


def _followed(draft: Draft, drafts: Drafts) -> bool:
    """The years before and after it are there, and it is not the first of its form."""
    around = [drafts.get(draft.body, draft.year + step) for step in (-1, 1)]
    return _rich(draft, drafts) and all(other is not None for other in around)


def _after_another(draft: Draft, drafts: Drafts) -> bool:
    return _rich(draft, drafts) and drafts.get(draft.body, draft.year - 1) is not None


def _add(draft: Draft, change: int, *rows: str, columns: tuple[str, ...] = ("natural_person", "total")) -> None:
    for row in rows:
        for column in columns:
            name = f"{APP}.{row}.{column}"
            draft.figures[name] = as_int(draft.figures, name) + change


def _identity(rule: str) -> Callable[[Draft, Drafts], None]:
    def edit(draft: Draft, drafts: Drafts) -> None:
        break_identity(draft.figures, rule)

    return edit


def _misprinted_total(draft: Draft, drafts: Drafts) -> None:
    """One digit of 总计 of the results is wrong: it breaks three relations at once."""
    draft.figures[f"{APP}.processed.total"] = as_int(draft.figures, f"{APP}.processed.total") + 10


def _broken_with_blanks(draft: Draft, drafts: Drafts) -> None:
    """Zeros are empty cells, and what is printed already exceeds the sum."""
    print_blanks(draft.figures)
    draft.figures[f"{APP}.granted.total"] = as_int(draft.figures, f"{APP}.processed.total") + 3


def _cannot_be_told(draft: Draft, drafts: Drafts) -> None:
    """An empty cell where a number must be: whatever is lacking may stand there."""
    draft.figures[f"{APP}.granted.natural_person"] = None
    draft.figures[f"{APP}.granted.total"] = None


def _carry_over(draft: Draft, drafts: Drafts) -> None:
    _add(draft, 2, "carried_in", "processed", "granted")


def _moved_columns(draft: Draft, drafts: Drafts) -> None:
    """Two of those carried in stand under another kind of applicant than last year; every sum holds."""
    for row, change in (("carried_in", 2), ("new", -2)):
        _add(draft, change, row, columns=("business",))
        _add(draft, -change, row, columns=("natural_person",))


def _moves(draft: Draft, drafts: Drafts) -> bool:
    enough = as_int(draft.figures, f"{APP}.carried_in.natural_person") >= 2
    return _after_another(draft, drafts) and enough and as_int(draft.figures, f"{APP}.new.business") >= 2


def _stock(draft: Draft, drafts: Drafts) -> None:
    draft.figures[f"{DOCUMENTS}.in_force"] = as_int(draft.figures, f"{DOCUMENTS}.in_force") + 3


def _form_2021(draft: Draft, drafts: Drafts) -> bool:
    return draft.form == "2021"


def _second_of_2021(draft: Draft, drafts: Drafts) -> bool:
    last = drafts.get(draft.body, draft.year - 1)
    return last is not None and draft.form == last.form == "2021"


def _impossible_stock(draft: Draft, drafts: Drafts) -> None:
    draft.figures |= {f"{DOCUMENTS}.issued": 5, f"{DOCUMENTS}.repealed": 1, f"{DOCUMENTS}.in_force": 2}


def _form_2019_with_powers(draft: Draft, drafts: Drafts) -> bool:
    return draft.form == "2019" and as_int(draft.figures, "disclosure.licensing.items_last_year") > 2


def _less_than_none(draft: Draft, drafts: Drafts) -> None:
    items = as_int(draft.figures, "disclosure.licensing.items_last_year")
    draft.figures["disclosure.licensing.items_change"] = -items - 2


def _second_of_2019(draft: Draft, drafts: Drafts) -> bool:
    last = drafts.get(draft.body, draft.year - 1)
    return last is not None and last.form == "2019" and _form_2019_with_powers(draft, drafts)


def _other_items(draft: Draft, drafts: Drafts) -> None:
    name = "disclosure.licensing.items_last_year"
    draft.figures[name] = as_int(draft.figures, name) + 7


def _backlog(draft: Draft, drafts: Drafts) -> None:
    """More is carried out than came in within the year, and all connects: at least the rest is over a year old."""
    before, after = drafts.get(draft.body, draft.year - 1), drafts.get(draft.body, draft.year + 1)
    assert before is not None and after is not None
    more = as_int(draft.figures, f"{APP}.new.total") + 9
    _add(before, more, "new", "carried_out")
    _add(draft, more, "carried_in", "carried_out")
    _add(after, more, "carried_in", "processed", "granted")


def _copied(draft: Draft, drafts: Drafts) -> None:
    last = drafts.get(draft.body, draft.year - 1)
    assert last is not None
    for name, value in last.figures.items():
        if name.startswith(f"{APP}."):
            draft.figures[name] = value


def _copies(draft: Draft, drafts: Drafts) -> bool:
    last = drafts.get(draft.body, draft.year - 1)
    return _after_another(draft, drafts) and last is not None and _rich(last, drafts) and last.form == draft.form


def _regulations(draft: Draft, drafts: Drafts) -> None:
    draft.figures |= {"disclosure.regulations.issued": 2, "disclosure.regulations.in_force": 2}


def _lacks_power(draft: Draft, drafts: Drafts) -> bool:
    return (
        draft.form == "2021" and draft.year >= 2021 and draft.body.agency.organ in ("department", "township", "street")
    )


def _blank_totals(draft: Draft, drafts: Drafts) -> None:
    for row in ("new", "carried_in", "processed", "carried_out"):
        draft.figures[f"{APP}.{row}.total"] = None


def _dashes(draft: Draft, drafts: Drafts) -> None:
    for name, value in draft.figures.items():
        if value == 0 and not name.startswith("disclosure."):
            draft.figures[name] = "—"


def _slipped(draft: Draft, drafts: Drafts) -> None:
    """An empty cell of the row of results is not there at all, so that all behind it stand one column too far left."""
    print_blanks(draft.figures)
    draft.media, draft.slipped = "html", True
    draft.variant = replace(draft.variant, litter=False, word_paste=False)


def _slips(draft: Draft, drafts: Drafts) -> bool:
    return _rich(draft, drafts) and as_int(draft.figures, f"{APP}.processed.research") == 0


def _lacking(what: int | str) -> Callable[[Draft, Drafts], None]:
    def edit(draft: Draft, drafts: Drafts) -> None:
        draft.lacks = what

    return edit


def _blank(draft: Draft, drafts: Drafts) -> None:
    print_blanks(draft.figures)


def _slash(draft: Draft, drafts: Drafts) -> None:
    print_slashes(draft.figures)


PLOTS = (
    Plot("balance of applications broken", 7, _identity("applications-balance"), _rich),
    Plot("results do not add up", 7, _identity("applications-results"), _rich),
    Plot("applicants do not add up", 7, _identity("applications-applicants"), _rich),
    Plot("a total misprinted", 5, _misprinted_total, _rich),
    Plot("broken in spite of empty cells", 4, _broken_with_blanks, _rich),
    Plot("challenges do not add up", 7, _identity("challenges-total"), _any),
    Plot("other applications carried in than out", 8, _carry_over, _after_another),
    Plot("carried in under other applicants", 5, _moved_columns, _moves),
    Plot("stock and flow of documents do not connect", 6, _stock, _second_of_2021),
    Plot("fewer documents in force than were issued", 5, _impossible_stock, _form_2021),
    Plot("fewer items than none", 3, _less_than_none, _form_2019_with_powers),
    Plot("other items last year than last year said", 4, _other_items, _second_of_2019),
    Plot("applications open for over a year", 4, _backlog, _followed, (-1, 0, 1), rule="backlog-over-a-year"),
    Plot("last year's table again", 4, _copied, _copies, (-1, 0), rule="copied-or-shifted"),
    Plot("regulations without power", 5, _regulations, _lacks_power, rule="regulations-without-power"),
    Plot("section six lacking", 5, _lacking(6), _any, rule="sections"),
    Plot("an element of section one lacking", 5, _lacking(PLATFORMS), _offline, rule="elements"),
    Plot("totals left empty", 4, _blank_totals, _rich),
    Plot("an empty cell that hides a number", 8, _cannot_be_told, _rich, innocent=True),
    Plot("blank for zero", 40, _blank, _any, innocent=True),
    Plot("slash for zero", 25, _slash, _any, innocent=True),
    Plot("dash for zero", 20, _dashes, _any, innocent=True),
    Plot("a row that slipped", 8, _slipped, _slips, innocent=True),
)  # fmt: skip


def choose_wrong_forms(country: Country) -> set[tuple[str, int]]:
    """Whose reports of which years follow the form of other years: three of a thousand, three at least."""
    chance = random.Random(f"{country.seed}:forms")
    slots = [(b.agency.id, year) for b in country.bodies for year in range(FIRST + 1, LAST + 1)
             if b.publishes and b.exists_in(year) and b.agency.organ == "department"]  # fmt: skip
    return set(chance.sample(slots, max(3, round(len(slots) * 0.004))))


def edit_figures(country: Country, drafts: Drafts, truth: Truth, taken: set[tuple[str, int]]) -> None:
    """Put all errors and look-alikes of figures into the drafts. taken: reports that have something else already."""
    chance = random.Random(f"{country.seed}:figures")
    slots = sorted(drafts.of)
    chance.shuffle(slots)
    taken = set(taken)
    for plot in PLOTS:
        wanted, at = max(3, round(len(slots) * plot.share / 1000)), count()
        for key in slots:
            draft = drafts.of[key]
            touched = {(key[0], key[1] + step) for step in plot.years}
            if touched & taken or not touched <= drafts.of.keys() or not plot.fits(draft, drafts):
                continue
            if next(at) >= wanted:
                break
            plot.edit(draft, drafts)
            taken |= touched
            if plot.innocent:
                truth.innocent(plot.kind, *key)
                continue
            truth.plots.append((plot.kind, key))
            if plot.rule:
                truth.expect(plot.rule, *key, why=plot.kind)
        chance.shuffle(slots)


def corrected(figures: dict[str, Printable]) -> dict[str, Printable]:
    """The figures as they were printed at first, before a correction: one more granted than processed."""
    wrong = dict(figures)
    break_identity(wrong, "applications-results")
    return wrong
