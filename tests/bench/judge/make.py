"""The whole country with all that is wrong in it, and the truth about it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from crawler.sandbox.figures import as_int
from tests.bench.judge.country import FIRST, LAST, Country, Site, make_country
from tests.bench.judge.days import beijing, crawls_of
from tests.bench.judge.drafts import Draft, Drafts, make_drafts
from tests.bench.judge.figure_plots import PLOTS, choose_wrong_forms, edit_figures
from tests.bench.judge.furniture import furnish
from tests.bench.judge.innocents import INNOCENTS
from tests.bench.judge.oracle import between, blank_totals, stock, within
from tests.bench.judge.postings import Board, Kind, Trouble
from tests.bench.judge.stage import Slot, Stage
from tests.bench.judge.time_plots import ERRORS
from tests.bench.judge.truth import Truth

# What is wrong with a portal in a season, from when to when (month, day, hour in Beijing).
_TROUBLES: dict[int, tuple[Kind, tuple[int, int, int], tuple[int, int, int]]] = {
    1: ("blocked", (1, 29, 0), (2, 11, 0)),
    4: ("dead", (1, 28, 0), (2, 21, 0)),
    7: ("half", (1, 30, 0), (2, 15, 0)),
    11: ("stale", (1, 31, 6), (2, 3, 6)),
    14: ("filter", (1, 30, 0), (2, 15, 0)),
    17: ("column-gone", (2, 1, 0), (2, 18, 0)),
}
_CYCLE = 20
_OTHER_FORM = "form of other years"
_COPIED = "copied-or-shifted"
_OF_FIGURES = {plot.rule for plot in PLOTS} | {"wrong-form"}
_MERGED_REPORTS_GONE = (3, 9)  # when a portal takes down what the merged body had published


@dataclass(slots=True)
class World:
    """country, and what its portals show; truth: what is wrong in it."""

    country: Country
    drafts: Drafts
    boards: dict[str, Board]
    truth: Truth


def make_world(seed: int, agencies: int) -> World:
    """The world of a seed: every time the same."""
    country, truth = make_country(seed, agencies), Truth()
    wrong_forms = choose_wrong_forms(country)
    drafts = make_drafts(country, wrong_forms)
    for key in sorted(wrong_forms):
        truth.plots.append((_OTHER_FORM, key))
        truth.expect("wrong-form", *key, why="it follows the form of other years")
    reorganised = _reorganise(country, drafts, truth)
    edit_figures(country, drafts, truth, wrong_forms | reorganised)
    boards = {site.id: _board(number, site) for number, site in enumerate(country.sites.values())}
    stage = Stage(country, drafts, truth, boards, wrong_forms | _edited(country, drafts, truth))
    for body in country.bodies:
        if body.agency.covered_by:
            truth.same[body.agency.id] = body.agency.covered_by
        for kind in body.kinds:
            truth.innocents.setdefault((body.agency.id, LAST), []).append(kind)
    _publish(stage)
    furnish(stage)
    unseen = stage.unreadable | _never_shown(stage)
    for name in [name for name in truth.errors if name[0] in _OF_FIGURES]:
        _, agency, year, _ = name
        if (agency, year) in unseen or (name[0] == _COPIED and (agency, year - 1) in unseen):
            del truth.errors[name]
    of_figures = {plot.kind for plot in PLOTS} | {_OTHER_FORM}
    truth.plots = [(kind, key) for kind, key in truth.plots if kind not in of_figures or key not in unseen]
    _reckon(country, drafts, truth, reorganised, unseen)
    return World(country, drafts, boards, truth)


def _edited(country: Country, drafts: Drafts, truth: Truth) -> set[tuple[str, int]]:
    """Whose figures were touched, and of which years."""
    broken = {
        key for key, draft in drafts.of.items() if any(within(draft.figures)) or any(stock(draft.figures, draft.form))
    }
    return {(key[1], key[2]) for key in truth.errors} | set(truth.innocents) | broken


def _never_shown(stage: Stage) -> set[tuple[str, int]]:
    """The reports that no crawl can have seen, since lists show so many rows only."""
    shown: set[int] = set()
    boards = [board for board in stage.boards.values() if board.newest is not None]
    for now in [at for year in range(FIRST, LAST + 1) for at in crawls_of(year)]:
        for board in boards:
            shown |= {id(row) for name in {row.list_name for row in board.rows} for row in board.shown(name, now)}
    rows = [row for board in boards for row in board.rows]
    return {stage.owner[id(row)] for row in rows if id(row) not in shown and id(row) in stage.owner}


def _reorganise(country: Country, drafts: Drafts, truth: Truth) -> set[tuple[str, int]]:
    """What a merged body had open, its successor has to carry on; nothing connects then, and nobody is to blame."""
    touched = set()
    for body in country.bodies:
        if not body.agency.successors or body.agency.to_year is None:
            continue
        year = body.agency.to_year + 1
        before = drafts.of[body.agency.id, body.agency.to_year]
        after = drafts.of[body.agency.successors[0], year]
        _take_over(before, after)
        truth.innocent("reorganisation", after.body.agency.id, year)
        touched |= {before.key, after.key}
    return touched


def _take_over(before: Draft, after: Draft) -> None:
    more = as_int(before.figures, "applications.carried_out.total") + 4
    for row in ("carried_in", "processed", "granted"):
        for column in ("natural_person", "total"):
            name = f"applications.{row}.{column}"
            after.figures[name] = as_int(after.figures, name) + more
    name = "disclosure.normative_documents.in_force"
    if after.form == "2021":
        after.figures[name] = as_int(after.figures, name) + 5


def _reckon(
    country: Country, drafts: Drafts, truth: Truth, reorganised: set[tuple[str, int]], unseen: set[tuple[str, int]]
) -> None:
    """What the printed figures break, by the vocabulary. unseen: reports that nobody has read."""
    for body in country.bodies:
        last: Draft | None = None
        for year in range(FIRST, LAST + 1):
            draft = drafts.get(body, year)
            if draft is None or draft.key in unseen:
                last = None
                continue
            breaches = [*within(draft.figures), *blank_totals(draft.figures), *stock(draft.figures, draft.form)]
            is_same_body = not (draft.key in reorganised and body.agency.predecessors)
            if last is not None and is_same_body:
                breaches += between(draft.figures, draft.form, last.figures, last.form)
            slipped = draft.slipped or (last is not None and last.slipped)
            for breach in breaches:
                rule = f"{breach.rule} (notice)" if breach.severity else breach.rule
                if draft.slipped and ".processed." in breach.figure:
                    continue  # what is printed stands in the wrong columns, and is nobody's to judge
                if slipped and breach.figure.startswith("applications."):
                    truth.allow(rule, *draft.key, breach.figure, why="another row of the table slipped")
                else:
                    truth.expect(rule, *draft.key, breach.figure, why=f"{breach.figure} does not fit")
            last = draft


def _board(number: int, site: Site) -> Board:
    board = Board(newest=18 if number % 20 == 15 else None)
    for year in range(FIRST, LAST + 1):
        if trouble := _TROUBLES.get((number * 3 + (year - FIRST) * 7) % _CYCLE):
            kind, begin, end = trouble
            moments = [beijing(date(year + 1, month, day), hour) for month, day, hour in (begin, end)]
            board.troubles.append(Trouble(kind, *moments))
    return board


def _slots(stage: Stage) -> Iterator[Slot]:
    for body in stage.country.bodies:
        site = stage.country.sites[body.agency.portal or ""]
        board = stage.boards[site.id]
        for year in range(FIRST, LAST + 1):
            if (draft := stage.drafts.get(body, year)) is not None:
                opening = beijing(date(year + 1, 1, 7), 0)
                calm = not any(t.begin.year == year + 1 for t in board.troubles)
                chance = random.Random(f"{stage.country.seed}:{body.agency.id}:{year}:time")
                yield Slot(body, year, draft, site, board, chance, calm and site.crawled_from < opening)


def _publish(stage: Stage) -> None:
    """Every report is put up, late or never, as it falls to it."""
    slots = list(_slots(stage))
    random.Random(f"{stage.country.seed}:time").shuffle(slots)
    taken: set[tuple[str, int]] = set()
    for plot in (*ERRORS, *INNOCENTS):
        wanted = max(3, round(len(slots) * plot.share / 1000))
        for slot in slots:
            if wanted and slot.key not in taken and plot.fits(stage, slot):
                plot.act(stage, slot)
                taken.add(slot.key)
                wanted -= 1
                if plot.innocent:
                    stage.truth.innocent(plot.kind, *slot.key)
                else:
                    stage.truth.plots.append((plot.kind, slot.key))
    for slot in slots:
        if slot.key not in taken:
            _ordinary(stage, slot)


def _ordinary(stage: Stage, slot: Slot) -> None:
    organ = slot.body.agency.organ
    if organ in ("township", "street") and slot.chance.random() < 0.06:
        stage.truth.innocent("owes a report without date, and publishes none", *slot.key)
        stage.unreadable.add(slot.key)
        return
    posting = stage.post(slot, slot.day_in_time())
    if slot.body.agency.to_year is not None and slot.site.layout in ("one", "two"):
        gone = beijing(date(slot.body.agency.to_year + 2, *_MERGED_REPORTS_GONE), 9)
        if gone > posting.up:
            posting.take_down(gone)
