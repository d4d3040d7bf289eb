"""What an alert has to say of a finding, fact by fact: each whole, and how soon it goes where there is little room."""

from datetime import date
from typing import Any, Literal, NamedTuple

from db.archive import Archive
from db.records import Agency, Finding
from monitor.calendar import beijing_day, late_by
from monitor.catalogue import word
from monitor.catalogue.figures import figure_words
from monitor.duties import BEFORE_2019, LOCAL, DatedDuty, due_of, local_date
from monitor.judging.rule import ReportRule
from monitor.judging.time_words import holiday_words
from monitor.life.marks import rule_dict
from monitor.rules import rules
from monitor.telling import evidence
from monitor.telling.quoted import Document, cells_of, documents_of, form_of, scope_lines
from monitor.telling.wording import (
    Both,
    Words,
    day,
    has,
    joined,
    labelled,
    line,
    minute,
    one_line,
    pair,
    without_full_stop,
    words,
)

_LEGAL = ("art49_department", "art49_government", BEFORE_2019.name, "law")
_LONGEST_ON_TOP = 110  # Chinese characters of a rule's sentence that stands by itself, without a shorter one


class Fact(NamedTuple):
    """One thing that an alert says, in lines that belong together.

    rank: how soon it goes into the document where there is little room: the higher, the sooner. brief: what stands in
    its place, as `use` has it: where it has no room, beside any document, or always, since it is a list.
    """

    said: Both
    rank: int
    brief: Both | None = None
    use: Literal["without-room", "beside-document", "always"] = "without-room"


class Known(NamedTuple):
    """What of the archive goes into an alert. withheld: the documents that are on the takedown list."""

    documents: list[Document]
    agency: Agency | None
    supervisor: str | None
    withheld: frozenset[str]


def gather(archive: Archive, finding: Finding) -> Known:
    """Ask the archive for what an alert about a finding quotes: a few rows."""
    documents = documents_of(archive, finding)
    agency = archive.agency(finding.agency_id)
    supervisor = archive.agency(agency.supervisor) if agency and agency.supervisor else None
    without = evidence.withheld(archive, finding)
    return Known(documents, agency, supervisor.name if supervisor else None, without)


def class_of(finding: Finding) -> str:
    """To which class of claims a finding belongs, as the catalogue names it: class-<class>."""
    if finding.kind == "identity":
        return "arithmetic"
    if finding.kind == "time":
        return "local" if finding.basis == LOCAL else "legal" if finding.basis in _LEGAL else "observed"
    if finding.kind in ("narrative", "text"):
        return "textual"
    if finding.kind == "oddity":
        return "figures" if finding.figures else "textual"
    if finding.kind == "change":
        return "change"
    return "observed" if finding.basis == "observation" else "form"


def tail_of(finding: Finding) -> Words:
    """What the finding is about in few words, for its headline; ("", "") where the catalogue has none."""
    key = f"tail-{_key(finding)}"
    if finding.rule == "late" and finding.basis == LOCAL:
        key = "tail-late-local"
    if finding.rule == "missing":
        last = evidence.last_read(finding)
        return words(key, **day("day", beijing_day(last))) if last else ("", "")
    if not has(key):
        key = "tail-identity"
        if finding.kind != "identity":
            return "", ""
    return words(key)


def claim_facts(finding: Finding, known: Known) -> list[Fact]:
    """What is claimed: class and certainty, the rule's sentence or a shorter one, what was found and expected."""
    kind, certainty = words(f"class-{class_of(finding)}"), word("certainty", finding.certainty)
    short, is_whole = short_of(finding)
    said = [short]
    # A sentence of the rule gives both itself.
    if not is_whole and (found := _found(finding, known)):
        said.insert(1 if finding.kind in ("time", "form") else 0, Fact(found, 2))
    class_words = line("alert-class", **pair("class", kind), **pair("certainty", certainty))
    return [Fact(class_words, 3), *said, *_deadline(finding)]


def short_of(finding: Finding) -> tuple[Fact, bool]:
    """What stands on top of an alert, and whether that is the whole sentence of the rule."""
    whole = Fact(Both(one_line(finding.sentence_zh), one_line(finding.sentence_en)), 2)
    key = f"short-{_key(finding)}"
    if finding.certainty != "certain" and has(f"{key}-likely"):
        key = f"{key}-likely"
    if finding.rule == "revised" and not finding.figures:
        key = "short-revised-prose"
    if not has(key) and finding.kind == "identity":
        key = "short-identity"
    last = evidence.last_read(finding)
    if not has(key) or len(finding.sentence_zh) <= _LONGEST_ON_TOP or (finding.rule == "missing" and not last):
        return whole, True
    moment = minute(last) if last else ""
    short = line(key, moment_zh=moment, moment_en=moment)
    # Beside a document the lists that it speaks of may stand there.
    filed = line(f"{key}-filed", moment_zh=moment, moment_en=moment) if has(f"{key}-filed") else None
    return Fact(short, 2, filed, "beside-document" if filed else "without-room"), False


def evidence_facts(archive: Archive, finding: Finding, known: Known) -> list[Fact]:
    """On what it rests: the cells, the documents, the reads, each with its copy and times."""
    facts = []
    if cells := cells_of(finding, known.documents, is_withheld=bool(known.withheld)):
        facts.append(Fact(cells.full, 5, cells.brief, "always" if cells.brief else "without-room"))
    if not known.withheld and (scopes := scope_lines(known.documents)):
        facts.append(Fact(joined(scopes), 7))
    of_documents = evidence.document_entries(archive, finding, known.documents, known.withheld)
    for entries in (of_documents, evidence.gone_entries(finding), evidence.read_entries(archive, finding)):
        if entries:
            is_long = len(entries) > evidence.MOST_ENTRIES
            some = (
                Fact(joined(entries), 3, evidence.some_of(entries), "always") if is_long else Fact(joined(entries), 3)
            )
            facts.append(some)
    return facts


def ground_facts(archive: Archive, finding: Finding, known: Known) -> list[Fact]:
    """What it rests on in law, what else may explain it, and who supervises the agency."""
    rule = rules().get(finding.rule)
    about = rule_dict(rule, finding.basis)
    article = about["article"] and (about["article"]["zh"], about["article"]["en"])
    if article and finding.basis == "law":
        facts = [Fact(line("alert-basis", **pair("basis", article)), 4)]
    elif isinstance(rule, ReportRule) and finding.basis == "observation":
        facts = [Fact(line("alert-basis-report"), 4)]
    else:
        facts = [Fact(_basis(archive, finding, known), 4)]
    if article and finding.basis not in _LEGAL:
        facts.append(Fact(line("alert-article", **pair("article", article)), 6))
    if finding.kind == "time" and finding.basis in _LEGAL and known.agency and known.agency.duty_source:
        facts.append(Fact(line("alert-duty", source=known.agency.duty_source), 6))
    for key, excluded, rank in (("alert-untested", False, 6), ("alert-tested", True, 8)):
        some = [one for one in about["innocent"] if one["excluded"] is excluded]
        if some:
            facts.append(Fact(line(key, **pair("list", _listed(some))), rank))
    if known.supervisor:
        facts.append(Fact(line("alert-supervisor", name=known.supervisor), 6))
    return facts


def number_fact(finding: Finding) -> Fact:
    """Under which number it is answered."""
    return Fact(labelled("label-number", finding.fingerprint), 0)


def _key(finding: Finding) -> str:
    """The name of a rule in the catalogue; of one that says different things, with what it says."""
    if finding.rule == "inaccessible":
        return f"inaccessible-{(finding.figure or '').partition('.')[2]}"
    return finding.rule


def _listed(some: list[dict[str, Any]]) -> Words:
    """Sentences of a rule as one."""
    zh = "；".join(without_full_stop(one["zh"]) for one in some)
    english = (without_full_stop(one["en"]) for one in some)
    return zh, "; ".join(text[:1].lower() + text[1:] for text in english)


def _found(finding: Finding, known: Known) -> Both | None:
    """What was found and what was expected, in a line; None where the sentence of the rule says it better."""
    if finding.rule in ("backdated", "withdrawn", "inaccessible"):
        return _found_days(finding)
    form = form_of(known.documents)
    if form is None or finding.figure not in form.figure_set:
        return None
    key = f"found-{finding.rule}"
    if not has(key):
        if finding.kind != "identity":
            return None
        key = "found-identity"
    zh, en = figure_words(finding.figure, form)
    return line(
        key,
        figure_zh=zh,
        figure_en=f"{en} ({zh})",
        observed=finding.observed,
        expected=str(finding.expected).removeprefix("<= "),
        last_year=finding.year - 1,
    )


def _found_days(finding: Finding) -> Both | None:
    key = f"found-{finding.rule}"
    if not finding.observed:
        return None
    days = {"observed": finding.observed, "expected": finding.expected}
    given = {name: date.fromisoformat(value) for name, value in days.items() if value}
    return line(key, **{k: v for name, of in given.items() for k, v in day(name, of).items()})


def _deadline(finding: Finding) -> list[Fact]:
    """By when it was due, and how long after that what happened; with the days off among those days."""
    key = f"deadline-{finding.rule}"
    if not has(key) or not finding.expected:
        return []
    due = date.fromisoformat(str(finding.expected))
    if finding.rule == "missing":
        last = evidence.last_read(finding)
        then = beijing_day(last) if last else due
    else:
        then = date.fromisoformat(str(finding.observed))
    late = late_by(due, then)
    if late.days == 0:
        return [Fact(line("deadline-only", **day("due", due)), 3)]
    off = words(
        ("deadline-off" if late.off else "deadline-no-off") if late.known else "deadline-off-unknown", off=late.off
    )
    days = (f"{late.days}天", f"{late.days} {'day' if late.days == 1 else 'days'}")
    said = line(key, **pair("days", days), **day("due", due), **day("day", then), off_zh=off[0], off_en=f" {off[1]}")
    holiday = holiday_words(due)
    facts = [Fact(said, 3)]
    if holiday[0]:
        facts.append(Fact(Both(*holiday), 4))
    return facts


def _basis(archive: Archive, finding: Finding, known: Known) -> Both:
    basis = word("basis", finding.basis)
    if finding.basis == LOCAL:
        duty = _local(archive, finding, known.agency)
        given = (duty.source_zh, duty.source_en) if duty else basis
        return line("alert-basis-local", **pair("basis", given))
    form = form_of(known.documents)
    if finding.basis == "printed" and form is not None and finding.year in form.years:
        return line("alert-basis-form", **pair("basis", basis), form=form.prescribed_by)
    return line("alert-basis", **pair("basis", basis))


def _local(archive: Archive, finding: Finding, agency: Agency | None) -> DatedDuty | None:
    """The local document that sets the date that a finding is about."""
    if agency is None:
        return None
    local = archive.almanac.local_rules()
    given: dict[str, Any] = {"region_code": agency.region_code, "organ": agency.organ, "local": local}
    found = due_of(agency.duty, finding.year, **given)
    return found if found is not None and found.name == LOCAL else local_date(agency.duty, finding.year, **given)
