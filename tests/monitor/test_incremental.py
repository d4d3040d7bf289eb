"""Judging what has changed alone leaves what judging everything anew would leave; whoever writes marks what he changes;
and whoever is killed in between has changed nothing."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.judging.judging import RULES, Judging
from db.readings import bulk
from db.readings.packing import Reading
from db.records import Agency
from db.times import to_text
from monitor.config import Config, Thresholds, load_config
from monitor.judging.archive import Judgement, judge_archive, rules_digest
from monitor.judging.bodies import Bodies
from monitor.judging.case import Judged
from monitor.judging.reports import ArchiveJudge, judge_reports
from monitor.rules import report_rules
from parsers.form import load_forms
from parsers.report import Figure, Report
from tests.monitor.judged import judged, quiet_sample

NOW = datetime(2024, 6, 20, 4, tzinfo=UTC)
SEEN = datetime(2024, 2, 1, tzinfo=UTC)
IDS = ("990101:甲局", "990101:乙局", "990101:丙局")
YEARS = (2021, 2022, 2023)
SAMPLE = quiet_sample()
NOTHING_CARRIED = {name: 0 for name in SAMPLE.figures if name.startswith("applications.carried_")}
WRONG = {"challenges.reconsideration.total": 9}
CARRIED = {"applications.carried_in.total": 7, "applications.carried_in.natural_person": 7}
CHANGES: tuple[dict[str, int | str | None], ...] = ({}, WRONG, CARRIED, {"disclosure.licensing.decisions": 5000})


def _agency(number: int, **more: object) -> Agency:
    return Agency(IDS[number], f"某县{IDS[number][7:]}", (), "990101", "department", "no_date", **more)  # type: ignore[arg-type]


def _report(year: int, changes: dict[str, int | str | None] | None = None) -> Report:
    report = judged(SAMPLE, {**NOTHING_CARRIED, **(changes or {})}).report
    report.year = year
    return report


@cache
def _with_register() -> bytes:
    """An archive that has no report yet; to make one takes longer than to copy it."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.db"
        with Archive.open(path) as archive:
            archive.add_portal("p", "p", "trs")
            archive.import_agencies([_agency(number) for number in range(3)], whole=True)
        return path.read_bytes()


class Place:
    """An archive, and what is done with it. Each report has a document, a look and an address of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "a.db").write_bytes(_with_register())
        self.archive = Archive.open(folder / "a.db")
        (folder / "config.toml").touch()
        self.config: Config = load_config(folder / "config.toml")
        self._looks = 0

    def store(self, number: int, year: int, changes: dict[str, int | str | None], source: str = "p") -> str:
        """One more content at the address of an agency and year; the document."""
        self._looks += 1
        sha256 = self.archive.put_document(b"%d" % self._looks, media="text/html", seen_at=SEEN)
        self.read(number, year, changes, sha256, SEEN + timedelta(hours=self._looks), f"{number} {year}", source)
        return sha256

    def read(
        self, number: int, year: int, changes: dict[str, int | str | None], sha256: str, seen_at: datetime, url: str,
        source: str = "p", version: str = "1",
    ) -> None:  # fmt: skip
        self.archive.store_report(
            _report(year, changes), sha256=sha256, agency_id=IDS[number], agency="", source=source, url=url,
            seen_at=seen_at, parser_version=version, portal=None,
        )  # fmt: skip

    def readings(self) -> list[tuple[str, str, str]]:
        return self.archive.query("SELECT sha256, seen_at, url FROM readings ORDER BY seen_at")  # type: ignore[return-value]

    def judge(self, **how: bool) -> Judgement:
        return judge_archive(self.archive, self.config, [], now=NOW, touched_only=True, **how)

    def marked(self) -> set[tuple[str, int]]:
        return set(self.archive.query("SELECT agency_key, year FROM to_judge"))  # type: ignore[arg-type]

    def standing(self) -> list[tuple[object, ...]]:
        """What stands of the rules about reports."""
        rules = [rule.name for rule in report_rules()]
        return self.archive.query(
            "SELECT fingerprint, rule, agency_key, agency, year, observed, expected, sentence_zh, certainty, told"
            f" FROM findings WHERE is_open AND rule IN ({', '.join('?' * len(rules))}) ORDER BY fingerprint",
            tuple(rules),
        )

    def standing_anew(self) -> list[tuple[object, ...]]:
        """The same after everything was judged anew, in a copy."""
        with closing(sqlite3.connect(self.folder / "copy.db")) as copy:
            self.archive._connection.backup(copy)
        other = Place.__new__(Place)
        other.folder, other.config = self.folder, self.config
        with Archive.open(self.folder / "copy.db", backup=False) as other.archive:
            other.archive.judging.begin()
            other.judge()
            return other.standing()


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Place]:
    made = Place(tmp_path)
    yield made
    made.archive.close()


class Killed(BaseException):
    """The process ends here."""


agencies, years, changes = st.integers(0, 2), st.sampled_from(YEARS), st.sampled_from(CHANGES)
registers = st.tuples(
    st.sampled_from([None, 2021, 2022, 2023]), st.sampled_from([None, 2022]), st.sampled_from([(), (0,), (1,), (2,)])
)
steps = st.one_of(
    st.tuples(st.just("store"), agencies, years, changes),
    st.tuples(st.just("store"), agencies, years, changes),
    st.tuples(st.just("elsewhere"), agencies, years, changes),
    st.tuples(st.just("register"), agencies, registers),
    st.tuples(st.just("rename"), agencies, st.sampled_from(["某县某局", "某县另局"])),
    st.tuples(st.just("correct"), st.integers(0, 9), st.sampled_from([0, 9, None])),
    st.tuples(st.just("undo"), st.integers(0, 9)),
    st.tuples(st.just("moved"), st.integers(0, 9), agencies, years, changes),
    st.tuples(st.just("unread"), st.integers(0, 9), agencies),
    st.tuples(st.just("judge")),
    st.tuples(st.just("killed")),
)


def _do(place: Place, step: tuple[object, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    archive, (name, *with_) = place.archive, step
    readings = place.readings()
    figure = "challenges.reconsideration.total"
    match name, with_:
        case "store", [number, year, change]:
            place.store(number, year, change)
        case "elsewhere", [number, year, change]:
            place.store(number, year, change, source="added")
        case "register", [number, (first, last, others)]:
            before = tuple(IDS[other] for other in others if other != number)
            archive.import_agencies([_agency(number, from_year=first, to_year=last, predecessors=before)])
        case "rename", [number, said]:
            archive.import_agencies([replace(_agency(number), name=f"{said}{number}")])
        case "correct", [which, value] if which < len(readings):
            (sha256, *_) = readings[which]
            if archive.query("SELECT 1 FROM readings WHERE sha256 = ? AND report_id IS NOT NULL", (sha256,)):
                said = ("corrected", str(value)) if value is not None else ("blank", "")
                archive.corrections.make(sha256, Figure(figure, value, *said), by="甲", source="原件", at=NOW)
        case "undo", [which] if which < len(held := archive.corrections.holding()):
            archive.corrections.undo(held[which].sha256, figure, by="乙", why=None, at=NOW)
        case "moved", [which, number, year, change] if which < len(readings):
            sha256, seen_at, url = readings[which]
            moment = datetime.fromisoformat(seen_at)
            source = archive.query("SELECT source FROM readings WHERE sha256 = ?", (sha256,))[0][0]
            place.read(number, year, change, sha256, moment, url, source, version="2")
        case "unread", [which, number] if which < len(readings):
            sha256, seen_at, url = readings[which]
            source = archive.query("SELECT source FROM readings WHERE sha256 = ?", (sha256,))[0][0]
            archive.store_unread(
                sha256, source=source, url=url, kind="image_only", sentence="s", title=None, parser_version="3",
                seen_at=datetime.fromisoformat(seen_at), agency_id=IDS[number], agency=IDS[number], year=2022,
            )  # fmt: skip
        case "judge", []:
            place.judge()
        case "killed", []:
            before = archive.query("SELECT * FROM findings"), place.marked()
            is_whole = archive.judging.digest() != rules_digest(place.config.thresholds, archive.forms)
            with monkeypatch.context() as patched:
                patched.setattr(Judging, "done", _die)
                with pytest.raises(Killed):
                    place.judge()
            assert is_whole or (archive.query("SELECT * FROM findings"), place.marked()) == before


def _die(*_: object) -> None:
    raise Killed


@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(steps, min_size=3, max_size=10))
def test_what_is_judged_step_by_step_is_what_is_judged_anew(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, chosen: list[tuple[object, ...]]
) -> None:
    place = Place(tmp_path_factory.mktemp("place"))
    with place.archive:
        for step in chosen:
            _do(place, step, monkeypatch)
        place.judge()
        there = {(key, year) for key, year in place.marked() if (key, year) in _reported(place)}
        assert not there, "what has a report was judged"
        assert place.standing() == place.standing_anew()
        assert place.judge().reports == 0


def _reported(place: Place) -> set[tuple[str, int]]:
    return {(report.key, report.year) for report in place.archive.latest()}


@st.composite
def reports(draw: st.DrawFn) -> Report:
    """Of either form, with blanks, dashes, cells that slipped or could not be read, any variants."""
    year = draw(st.sampled_from([2019, 2020, *YEARS]))
    form = load_forms()["2019" if year < 2021 else "2021"]
    odd = draw(st.dictionaries(st.sampled_from(form.figure_names), st.none() | st.integers(0, 60), max_size=30))
    states = st.sampled_from(["blank", "dash", "row_absent", "unreadable"])
    hows = st.sampled_from(["printed", "printed", "realigned"])
    variants = [{f"{t.name}.{row}" for row in group} for t in form.table for group in t.variants]
    absent = set().union(*(group for group in variants if draw(st.booleans())))
    figures = {}
    for name in form.figure_names:
        value = odd.get(name, 0)
        is_amount = form.column_of(name).value == "amount"
        if name.rpartition(".")[0] in absent or value is None:
            state = "row_absent" if name.rpartition(".")[0] in absent else draw(states)
            figures[name] = Figure(
                name, None, state, None if state == "row_absent" else "", "万元" if is_amount else None
            )
        else:
            how = draw(hows) if value else "printed"
            figures[name] = Figure(name, value, how, str(value), "万元" if is_amount else None, how)
    report = _report(year)
    report.form, report.figures, report.sections = form.name, figures, []
    report.scope = draw(st.dictionaries(st.just("applications"), st.sampled_from(["全县", "本机关"])))
    return report


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(st.lists(st.tuples(reports(), st.sampled_from([*IDS[:2], None]), st.booleans()), min_size=1, max_size=6))
def test_the_scan_leaves_nothing_out(
    tmp_path_factory: pytest.TempPathFactory, stored: list[tuple[Report, str | None, bool]]
) -> None:
    """A full pass asks the sieved rules about those alone whom the scan names, and finds what a list of all finds."""
    place = Place(tmp_path_factory.mktemp("place"))
    with place.archive as archive:
        for number, (report, agency_id, is_joint) in enumerate(stored):
            sha256 = archive.put_document(b"%d" % number, media=None, seen_at=SEEN)
            archive.store_report(
                report, sha256=sha256, agency_id=agency_id, agency="某局", source="p", url=f"{number}", seen_at=SEEN,
                parser_version="1", portal=None, also=frozenset({IDS[2]} if is_joint else ()),
            )  # fmt: skip
        every = [Judged(r.agency_id, r.agency, r.year, r.sha256, r.report, r.url, r.bodies) for r in archive.latest()]
        wanted = judge_reports(every, Thresholds(), bodies=Bodies(archive.agencies()))
        found = [f for batch in ArchiveJudge(archive, Thresholds()).all() for one in batch for f in one.findings]
        assert sorted(map(repr, found)) == sorted(map(repr, wanted))


def test_one_report_has_itself_and_the_year_after_judged(place: Place) -> None:
    for number in (0, 1):
        for year in YEARS:
            place.store(number, year, {})
    assert place.judge().reports == 6 and not place.marked()
    place.store(0, 2022, CARRIED)
    assert place.marked() == {(IDS[0], 2022), (IDS[0], 2023)}
    judgement = place.judge()
    assert judgement.reports == 2
    assert {(f.rule, f.year) for f, event in judgement.events if event == "found"} >= {("carry-over", 2022)}
    assert place.judge().reports == 0


def test_every_path_marks(place: Place) -> None:
    """In the transaction in which it writes: what is undone is unmarked."""
    archive = place.archive

    def marks() -> set[tuple[str, int]]:
        found = place.marked()
        place.judge()
        assert not place.marked()
        return found

    place.judge()
    sha256 = place.store(0, 2022, WRONG)
    assert marks() == {(IDS[0], 2022), (IDS[0], 2023)}
    reading = Reading(_report(2023), sha256, IDS[1], "", "p", "p", "bulk", to_text(SEEN), "1")
    assert [one.change for one in bulk.store_reports(archive, [reading])] == ["new"]
    assert marks() == {(IDS[1], 2023), (IDS[1], 2024)}
    figure = Figure("challenges.reconsideration.total", 0, "corrected", "0")
    archive.corrections.make(sha256, figure, by="甲", source="原件", at=NOW)
    corrected = marks()
    assert {(IDS[0], 2022), (IDS[1], 2023)} <= corrected
    archive.corrections.undo(sha256, figure.name, by="甲", why=None, at=NOW)
    assert marks() == corrected
    archive.import_agencies([replace(_agency(0), name="某县别局")])
    assert marks() == {(IDS[0], 2022), (IDS[0], 2023)}
    archive.import_agencies([_agency(2, predecessors=(IDS[0],))])  # no report of its own
    assert marks() == {(IDS[0], 2022), (IDS[0], 2023)}
    archive.import_agencies([_agency(2, predecessors=(IDS[0],), from_year=2022)])
    assert marks() == {(IDS[0], 2022), (IDS[0], 2023)}
    archive.import_agencies([_agency(2)])
    assert marks() == {(IDS[0], 2022), (IDS[0], 2023)}
    archive.import_agencies([_agency(1), _agency(2)])
    assert marks() == set()
    with pytest.raises(Killed), archive.write():
        place.store(0, 2023, {})
        assert place.marked()
        raise Killed
    assert marks() == set()
    place.read(2, 2022, {}, sha256, SEEN + timedelta(hours=1), "0 2022", version="2")
    assert marks() == {(IDS[number], year) for number in (0, 2) for year in (2022, 2023)}


def test_what_cannot_be_read_any_more_stands_until_its_document_is_known_to_be_anothers(place: Place) -> None:
    sha256 = place.store(0, 2022, WRONG)
    place.judge()
    assert {row[2] for row in place.standing()} == {IDS[0]}
    at = SEEN + timedelta(hours=1)
    place.archive.store_unread(
        sha256, source="p", url="0 2022", kind="image_only", sentence="s", seen_at=at, parser_version="2", title=None
    )
    place.judge()
    assert {row[2] for row in place.standing()} == {IDS[0]}
    place.read(1, 2022, WRONG, sha256, at, "0 2022", version="3")
    place.judge()
    assert {row[2] for row in place.standing()} == {IDS[1]}


def test_other_rules_or_thresholds_judge_everything_again(place: Place) -> None:
    for year in YEARS:
        place.store(0, year, {})
    assert place.judge().reports == 3
    assert place.judge().reports == 0
    (place.folder / "config.toml").write_text("[thresholds.striking_change]\nmin_count = 1\n", "utf-8")
    place.config = load_config(place.folder / "config.toml")
    assert place.judge().reports == 3
    assert place.judge().reports == 0
    assert place.archive.judging.digest(RULES) == rules_digest(place.config.thresholds, place.archive.forms)


def test_years_of_a_body_that_was_reformed_are_not_compared(place: Place) -> None:
    for year in YEARS:
        place.store(0, year, CARRIED if year == 2022 else {})

    def found() -> set[tuple[object, object]]:
        place.judge()
        return {(row[1], row[4]) for row in place.standing() if row[1] == "carry-over"}

    assert found() == {("carry-over", 2022)}
    place.archive.import_agencies([_agency(1, predecessors=(IDS[0],), from_year=2021)])
    assert found() == set(), "merged in the year before"
    place.archive.import_agencies([_agency(1, predecessors=(IDS[0],), from_year=2019)])
    assert found() == {("carry-over", 2022)}
    place.archive.import_agencies([_agency(1, predecessors=(IDS[0],))])
    assert found() == set(), "nobody knows when"
    place.archive.import_agencies([_agency(1), _agency(0, from_year=2023)])
    assert found() == {("carry-over", 2022)}
    place.archive.import_agencies([_agency(0, from_year=2022)])
    assert found() == set()


@pytest.mark.parametrize("everything", [False, True])
def test_what_was_said_follows_an_agency_that_comes_to_be_known(tmp_path: Path, everything: bool) -> None:
    place = Place(tmp_path)
    (tmp_path / "config.toml").write_text('[telegram]\nchats = [1]\nlanguage = "zh"\n', "utf-8")
    place.config = load_config(tmp_path / "config.toml")
    archive, id_, name = place.archive, "990101:丁局", "某县丁局"
    sha256 = archive.put_document(b"1", media="text/html", seen_at=SEEN)

    def read_as(agency_id: str | None) -> None:
        archive.store_report(
            _report(2023, WRONG), sha256=sha256, agency_id=agency_id, agency=name, source="p", url="u",
            seen_at=SEEN, parser_version="1", portal=None,
        )  # fmt: skip

    def sent() -> list[str]:
        due = list(archive.outbox.each_due(NOW))
        for row in due:
            archive.outbox.mark_sent(row["id"], NOW)
        return [row["event"] for row in due]

    read_as(None)
    place.judge()
    assert sent() == ["found"] * 3
    before = [row["fingerprint"] for row in archive.findings()]
    archive.life.answer(before[0], "wrong", by="王敏", at=NOW, reason="另有说明")
    archive.life.answer(before[1], "checked", by="李强", at=NOW)
    archive.import_agencies([_agency(number) for number in range(3)] + [replace(_agency(0), id=id_, name=name)])
    read_as(id_)
    if everything:
        archive.judging.begin()
    assert [event for _, event in place.judge().events] == [], "the same findings stand"
    assert sent() == []
    assert {(row["agency_id"], row["is_open"]) for row in archive.findings()} == {(id_, True)}
    after = {row["figure"]: row["fingerprint"] for row in archive.findings()}
    assert not set(before) & set(after.values())
    said = {event.event: event for number in after.values() for event in archive.life.events(number)}
    assert (said["wrong"].made_by, said["checked"].made_by) == ("王敏", "李强")
    assert said["wrong"].claim is not None and said["wrong"].claim["agency_id"] == id_
    assert archive.query("SELECT count(*) FROM outbox WHERE fingerprint NOT IN (SELECT fingerprint FROM findings)") == [
        (0,)
    ]
    place.judge()
    assert sent() == []
    archive.close()


def test_other_rules_tell_nothing_new_of_old_years(tmp_path: Path) -> None:
    place = Place(tmp_path)
    (tmp_path / "config.toml").write_text('[telegram]\nchats = [1]\nlanguage = "zh"\n', "utf-8")
    place.config = load_config(tmp_path / "config.toml")
    archive = place.archive

    def told() -> list[tuple[str, int]]:
        of_years = "SELECT o.event, f.year FROM outbox o JOIN findings f USING (fingerprint) ORDER BY o.id"
        return archive.query(of_years)  # type: ignore[return-value]

    place.store(0, 2021, WRONG)
    place.judge()
    assert told() == [("found", 2021)] * 3, "the first judgement of an archive tells what it finds"
    for number, year in ((1, 2021), (1, 2023)):  # an older nianbao has judged these, too, and found nothing
        place.store(number, year, WRONG)
    place.store(0, 2021, {})
    with archive.write() as connection:
        connection.execute("DELETE FROM to_judge")
    archive.judging.judged(RULES, "of older rules", NOW)
    events = [(finding.year, event) for finding, event in place.judge().events]
    assert (2021, "found") in events and (2023, "found") in events, "all is recorded"
    assert set(told()[3:]) == {("found", 2023), ("gone", 2021)}, "who was told hears that it is gone"
    archive.close()
