"""The measured truth as a page, docs/quality.md, and as a table for the terminal."""

import textwrap
from collections import Counter
from collections.abc import Iterator, Mapping

from rich.console import Console
from rich.table import Table

from tests.bench.judge.make import World
from tests.bench.judge.play import Played
from tests.bench.judge.score import COMPLETE, PRECISE, PRECISION, RECALL, RuleScore, Score
from tests.bench.judge.truth import Truth

_HEADINGS = (
    "rule", "severity", "in the book", "told", "certain", "shown only", "false", "not found", "precision", "recall",
)  # fmt: skip
_SEVERITIES = (("error",), ("error", "warning"), ("notice",))


def show(score: Score) -> None:
    """Print the table, and which goals are not met."""
    table = Table(title="What the rules told, held against the truth", title_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading)
    for rule in score.rules.values():
        table.add_row(*_cells(rule))
    Console(width=150).print(table)
    for names in _SEVERITIES:
        print(_over_all(score, names))
    for said in score.shortfalls() or ["All goals are met."]:
        print(said)


def show_faults(score: Score, truth: Truth, most: int) -> None:
    """Print what is false and what was not found, some of each rule, with what was done to the report."""
    for rule in score.rules.values():
        for false in rule.false[:most]:
            finding = false.finding
            about = f"{finding.agency_id} {finding.year} {finding.figure or ''}"
            print(f"FALSE {rule.rule} {finding.severity} {finding.certainty} {about}: {false.circumstances}")
            print(f"      {finding.sentence_en}")
        for key in (rule.lacking if rule.rule in COMPLETE else rule.missed)[:most]:
            _, agency, year, figure = key
            about = f"{agency} {year} {figure or ''}"
            print(f"MISSED {rule.rule} {about}: {truth.errors[key]} ({truth.circumstances(agency, year)})")
            if weaker := rule.weaker.get(key):
                print(f"      {weaker.certainty}: {weaker.sentence_en}")


def markdown(world: World, played: Played, score: Score) -> str:
    """The page."""
    return "\n".join(_lines(world, played, score)) + "\n"


def _lines(world: World, played: Played, score: Score) -> Iterator[str]:
    country, truth = world.country, world.truth
    yield from ("# How right the rules are", "")
    yield from ("Measured, and written by `make bench-judge`: do not edit this page.", "")
    said = _ABOUT.format(
        seed=country.seed,
        agencies=len(country.bodies),
        portals=len(country.sites),
        reports=played.reports,
        visits=played.visits,
    )
    yield from _wrapped(said)
    yield from ("", "```console", "$ make bench-judge")
    yield from ("$ .venv/bin/python -m tests.bench.judge --agencies 60", "```", "")
    yield from _wrapped("The second plays a small one, and prints what is false and what was not found, one by one.")
    yield from ("", "## What was told", "", f"| {' | '.join(_HEADINGS)} |", "| --- " * len(_HEADINGS) + "|")
    for rule in score.rules.values():
        if rule.told or rule.expected:
            name, *cells = _cells(rule)
            yield f"| `{name}` | {' | '.join(cells)} |"
    yield ""
    yield from (f"- {_over_all(score, names)}" for names in _SEVERITIES)
    yield f"- held back, many of a kind having come at once: {len(played.held)} of all these"
    yield ""
    yield from _wrapped(_MEANING)
    yield from ("", "## Goals", "")
    yield from _item(f"nothing told as certain is false: {', '.join(f'`{name}`' for name in PRECISE)};")
    yield from _item(f"precision over all errors at least {PRECISION};")
    yield from _item(f"recall at least {RECALL}: {', '.join(f'`{name}`' for name in COMPLETE)}.")
    shortfalls = score.shortfalls()
    yield from ("", "All are met." if not shortfalls else "Not met:", "")
    if shortfalls:
        yield from (line for said in shortfalls for line in _item(said))
        yield ""
    yield from _faults(score, truth)
    yield from ("## Errors that were put in", "", *_counted(truth.put_in()), "")
    yield from _wrapped("One error may break several figures, and each of them is a finding.")
    yield from ("", "## Look-alikes", "", *_counted(truth.look_alikes()), "")
    yield from _wrapped(_PORTALS)
    troubles = Counter(_TROUBLES[trouble.kind] for board in world.boards.values() for trouble in board.troubles)
    yield from ("", *_counted(troubles), "", "## What this does not measure", "")
    for said in _WEAK:
        yield from _item(said)


def _faults(score: Score, truth: Truth) -> Iterator[str]:
    """What is false and what was not found, by rule and by what had been done to the report."""
    false = Counter((rule.rule, one.circumstances) for rule in score.rules.values() for one in rule.false)
    if false:
        yield from ("## What is false, and what had been done to the report", "")
        for (name, said), number in sorted(false.items()):
            yield from _item(f"`{name}`, {number}: {said}")
        yield ""
    missed: Counter[tuple[str, str]] = Counter()
    for rule in score.rules.values():
        for key in rule.lacking if rule.rule in COMPLETE else rule.missed:
            missed[rule.rule, truth.circumstances(key[1], key[2])] += 1
    if missed:
        yield from ("## What was not found", "")
        for (name, said), number in sorted(missed.items()):
            yield from _item(f"`{name}`, {number}: {said}")
        yield ""


def _cells(rule: RuleScore) -> list[str]:
    short = rule.lacking if rule.rule in COMPLETE else rule.missed
    counts = (rule.expected, rule.told, rule.certain, rule.shown, len(rule.false), len(short))
    return [rule.rule, rule.severity, *map(str, counts), _share(rule.precision), _share(rule.recall)]


def _over_all(score: Score, severities: tuple[str, ...]) -> str:
    told, false = score.told(*severities)
    return (
        f"{' and '.join(severities)}: {told} told, {false} of them false, precision {_share(1 - false / (told or 1))}"
    )


def _share(share: float | None) -> str:
    if share is None:
        return ""
    return "1" if share == 1 else f"{share:.4f}"


def _counted(counts: Mapping[str, int]) -> Iterator[str]:
    yield from ("| kind | number |", "| --- | --- |")
    yield from (f"| {kind} | {number} |" for kind, number in counts.items())


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(" ".join(text.split()), 118, break_on_hyphens=False)


def _item(text: str) -> list[str]:
    return textwrap.wrap(f"- {text}", 118, subsequent_indent="  ", break_on_hyphens=False)


_TROUBLES = {
    "blocked": "every request was refused from two days before the deadline to eleven days after it",
    "dead": "no answer came for three weeks around the deadline",
    "half": "half of each list came for two weeks, and it was seen that the rest lacked",
    "stale": "lists were shown as they had been up to three days before",
    "filter": "half of the agencies were left out of the lists without a word for two weeks",
    "column-gone": "lists had moved, and the portal's file had the old addresses for two weeks",
}
_ABOUT = """
A pretend country (seed {seed}) of {agencies:,} agencies on {portals} portals plays five years of seasons, the reporting
years 2019 to 2023. {reports:,} reports are read by the real readers, written as pages, text, Excel, Word and PDF files;
the {visits:,} visits are synthesised, not crawled. The archive is judged eight times in each season, as `nianbao run`
does. Agencies and portals err in known ways and in known number, and look-alikes stand beside the errors. The country
is written from the vocabulary and knows nothing of the rules; which figures disagree, it reckons for itself.
"""
_MEANING = """
*In the book*: findings that must be made. *Told*: sent, or to be sent, at any moment; what was told and taken back
later counts. *Shown only*: in the archive, never sent. *False*: told, and not in the book. A finding is known by its
rule, agency and year, and where a rule judges every figure, by its figure. *Not found* and *recall*: of the rules with
a goal for it, what was not told; of all others, what was neither told nor shown. A notice claims nothing; those that
are not in the book count as false here all the same.
"""
_PORTALS = (
    "Portals fail, too: some are crawled for the first time after a deadline, some are rebuilt with other addresses and"
    " without their oldest reports, some show the newest rows only. Seasons of a portal in which"
)
_WEAK = (
    "The country errs as its author thought of. Real portals err in other ways, too.",
    "Its documents are cleaner than real ones. How well real ones are read is another measure.",
    "Visits are synthesised: what a crawl makes of a bad portal is measured by its own tests.",
    "Nobody answers: what people say of findings, and what follows from it, is not played here.",
)
