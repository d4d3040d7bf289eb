"""What an alert says: of every rule's findings, in every language, whole facts within a phone screen."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.archive import Archive
from db.finding_state import FOUND
from db.records import Finding, Visit
from db.telling.events import TAKES_BACK, TELLS
from monitor.catalogue import load_catalogue
from monitor.config import Language
from monitor.judging.case import Judged
from monitor.rules import rules
from monitor.telling.alert import Said, compose, facts_of
from monitor.telling.facts import class_of, tail_of
from monitor.telling.fitting import MOST_LINES, MOST_OF_BOTH, MOST_OF_CAPTION, MOST_OF_ONE, rendered, units
from monitor.telling.quoted import MOST_CELLS
from monitor.telling.wording import line
from tests.monitor.alerts_made import NOW, SEEN, archive_of_alerts, every_sentence, keep
from tests.monitor.judged import judged, quiet_sample
from tests.monitor.test_gold_findings import STEMS, found_in

LANGUAGES: tuple[Language, ...] = ("zh", "en", "both")
EVENTS = (*TELLS, *TAKES_BACK, "answered", "held")
FORBIDDEN = re.compile(
    r"错误|违法|违规|抄袭|拒不|未公布|造假|illegal|violat|plagiar|falsif|failed to publish|error", re.IGNORECASE
)
UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
ODD = "<b>某\u202e局</b>\u200b&amp;\x1b[31m{agency}"


class Made:
    """An archive and what was found in it; too long to be shown by hypothesis, which shows what is a dataclass."""

    def __init__(self, archive: Archive, findings: list[Finding]) -> None:
        self.archive = archive
        self.findings = findings


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Made]:
    with archive_of_alerts(tmp_path_factory.mktemp("alerts")) as (archive, findings):
        yield Made(archive, findings)


def said_of(archive: Archive, finding: Finding, event: str, language: Language) -> Said:
    """The alert, which is whole, within its limits, and says nothing odd."""
    said = compose(archive, finding, event, language, NOW, by=finding)
    document = said.document[1] if said.document else ""
    assert units(said.text) <= (MOST_OF_CAPTION if document else MOST_OF_BOTH if language == "both" else MOST_OF_ONE)
    for text in (said.text, document):
        assert not UNSAFE.search(text)
        assert "None" not in text and not re.search(r"\{(?!agency\})", text)
    assert not any(re.search(r"[:：]\s*$", one) and "· " not in two for one, two in _pairs(said.text))
    facts = facts_of(archive, finding, event, finding)
    every = rendered(facts.said(), language)
    whole = {one for fact in facts.every() for said in (fact.said, fact.brief) if said for one in _lines(said)}
    whole |= set(line("document-pointer"))
    assert set(filter(None, said.text.splitlines())) <= whole, "no fact is cut"
    if document:
        assert every in document
        assert line("document-pointer")[language == "en"] in said.text
    else:
        assert said.text == every
        blocks = said.text.split("\n\n") if language == "both" else [said.text]
        assert all(sum(map(bool, block.splitlines())) <= MOST_LINES for block in blocks)
    assert finding.fingerprint in said.text
    return said


def _lines(said: tuple[str, ...]) -> list[str]:
    return [one for text in said for one in text.splitlines()]


def _pairs(text: str) -> list[tuple[str, str]]:
    lines = text.splitlines()
    return list(zip(lines, [*lines[1:], ""], strict=False))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_rules_findings(made: Made, language: Language) -> None:
    archive, findings = made.archive, made.findings
    assert {f.rule for f in findings} >= {rule.name for rule in rules().values() if rule.told}
    for finding in findings:
        for event in EVENTS:
            said = said_of(archive, finding, event, language)
            assert said.document is None, f"{finding.rule} has room"
            assert not FORBIDDEN.search(said.text), said.text
            headline = said.text.partition("\n")[0]
            assert finding.agency in headline and str(finding.year) in headline
            assert (finding.sentence_zh if language != "en" else finding.sentence_en) in said.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_of_every_rule(made: Made, language: Language) -> None:
    for finding in every_sentence():
        assert not FORBIDDEN.search(said_of(made.archive, finding, FOUND, language).text)


def test_each_rule_that_may_be_told_has_few_words_of_its_own() -> None:
    keys = load_catalogue().keys()
    for rule in rules().values():
        if rule.told and rule.kind != "identity":
            assert any(key == f"tail-{rule.name}" or key.startswith(f"tail-{rule.name}-") for key in keys), rule.name
    of_rules = {key.partition("-")[2] for key in keys if key.startswith(("tail-", "short-"))}
    known = {*rules(), "identity"}
    assert all(any(key == name or key.startswith(f"{name}-") for name in known) for key in of_rules)


LONG = "某省某市某区" * 10  # 60 characters
ADDRESS = "https://www.example.gov.cn/" + "a" * 173


# Of any length up to some 1,000 characters.
WILD = st.builds(
    lambda text, many: text * many,
    st.text("某市局ab<&>\"'\u202e\u200f\x1b\n\t :：😀", max_size=60),
    st.integers(1, 18),
)


def long_ones(finding: Finding) -> Finding:
    """The same with a long name and long addresses, in its sentences too."""
    places = []
    for place in finding.places:
        at = dict(place.get("place") or {})
        at |= {name: ADDRESS for name in ("column", "address") if name in at}
        places.append(place | {"place": at or None} | ({"source": ADDRESS} if place.get("source") else {}))
    zh, en = (text.replace(finding.agency, LONG) for text in (finding.sentence_zh, finding.sentence_en))
    zh, en = (re.sub(r"https?://[\w./-]+", ADDRESS, text) for text in (zh, en))
    return replace(finding, agency=LONG, sentence_zh=zh, sentence_en=en, places=places)


@pytest.mark.parametrize("language", LANGUAGES)
def test_long_names_and_addresses(made: Made, language: Language) -> None:
    archive, findings = made.archive, made.findings
    for finding in map(long_ones, findings):
        for event in (FOUND, "gone", "replaced", "answered"):
            said = said_of(archive, finding, event, language)
            assert LONG in said.text.partition("\n")[0]


@pytest.mark.parametrize("language", LANGUAGES)
def test_lists_beyond_some_lines_are_in_the_document(made: Made, language: Language) -> None:
    archive, findings = made.archive, made.findings
    missing = next(f for f in findings if f.rule == "missing")
    place = next(p for p in missing.places if "read_at" in p["place"])
    columns = [f"https://www.example.gov.cn/{number}/{'a' * 150}" for number in range(30)]
    places = [place | {"place": place["place"] | {"column": column}} for column in columns]
    said = said_of(archive, replace(missing, places=places), FOUND, language)
    assert said.document is not None
    assert said.document[0].endswith(f"_{missing.fingerprint}.txt")
    assert all(column in said.document[1] for column in columns)


@pytest.mark.parametrize("language", LANGUAGES)
def test_thirty_cells(made: Made, language: Language) -> None:
    archive, findings = made.archive, made.findings
    finding = next(f for f in findings if f.rule == "applications-results")
    report = judged(quiet_sample())
    names = [name for name in report.report.figures if name.startswith("applications.")][:30]
    figures = {name: report.report.figures[name]._replace(value=7, text="7", state="printed") for name in names}
    report.report.figures = report.report.figures | figures
    places = [report.place(name) for name in names]
    wide = replace(finding, figures=names, figure=names[0], places=places, sentence_en="Thirty.", sentence_zh="三十。")
    said = said_of(archive, keep(archive, wide, {report.sha256: report}), FOUND, language)
    assert len(names) > MOST_CELLS and said.document is not None
    assert said.document[1].count("7；" if language != "en" else "7; ") >= 29
    assert ("另有25格见附件" if language != "en" else "25 more cells in the attached file") in said.text


@settings(max_examples=60, deadline=None)
@given(
    number=st.integers(0, 1000), language=st.sampled_from(LANGUAGES), event=st.sampled_from(EVENTS), address=WILD,
    name=WILD, zh=WILD, en=WILD,
)  # fmt: skip
def test_whatever_was_fetched(
    made: Made,
    number: int,
    language: Language,
    event: str,
    address: str,
    name: str,
    zh: str,
    en: str,
) -> None:
    """Names, addresses and sentences of any length and of any characters: no fact is cut, nothing is repainted."""
    archive, findings = made.archive, made.findings
    finding = findings[number % len(findings)]
    source = f"https://www.example.gov.cn/{address}"
    places = [p | ({"source": source} if p.get("source") else {}) for p in finding.places]
    odd = replace(
        finding, agency=f"机关{name}", places=places, sentence_zh=f"句{zh}。", sentence_en=f"A sentence {en}."
    )  # fmt: skip
    said = compose(archive, odd, event, language, NOW, by=odd)
    assert units(said.text) <= (MOST_OF_CAPTION if said.document else MOST_OF_BOTH)
    every = said.text + (said.document[1] if said.document else "")
    assert not UNSAFE.search(every) and "None" not in every
    facts = facts_of(archive, odd, event, odd)
    whole = {one for fact in facts.every() for said in (fact.said, fact.brief) if said for one in _lines(said)}
    assert set(filter(None, said.text.splitlines())) <= whole | set(line("document-pointer"))
    for fact in facts.every():
        is_once = language == "both" and fact.said.both and fact.said.both in every
        assert is_once or fact.said.zh in every or language == "en"
        assert is_once or fact.said.en in every or language == "zh"


def test_html_and_directions_are_no_commands(made: Made) -> None:
    archive, findings = made.archive, made.findings
    said = said_of(archive, replace(findings[0], agency=ODD), FOUND, "zh")
    assert "<b>某 局</b> &amp; [31m{agency}" in said.text  # as it came, and escaped by the channel


def test_classes(made: Made) -> None:
    of = {f.rule: class_of(f) for f in made.findings}
    assert of["applications-balance"] == of["carry-over"] == "arithmetic"
    assert of["late"] == "legal" and of["withdrawn"] == of["inaccessible"] == "observed"
    assert of["foreign-text"] == "textual" and of["sections"] == "form" and of["revised"] == "change"
    assert {class_of(f) for f in made.findings if f.rule == "missing"} == {"legal", "local"}


def test_what_an_alert_of_a_missing_report_says(made: Made) -> None:
    archive, findings = made.archive, made.findings
    finding = next(f for f in findings if f.rule == "missing" and f.basis != "local")
    lines = compose(archive, finding, FOUND, "zh", NOW).text.splitlines()
    assert lines[0] == "【重点提示】临江市教育局 2023年年度报告：截至2024年2月6日未查到"
    assert lines[1] == "类别：法定期限；把握程度：确定"
    assert "期限：2024年1月31日（含当日）。至2024年2月6日末次读取已过6天（其中休息日、节假日1天）。" in lines
    assert "栏目：https://www.example.gov.cn/nb/" in lines
    assert "完整读取3次：2024-02-01 10:00 至 2024-02-06 10:00（北京时间）" in lines
    assert "依据：《中华人民共和国政府信息公开条例》（2019年修订）第四十九条第一款" in lines
    assert "公布义务出处：政府信息公开条例第四十九条" in lines
    assert "未能排除：在其他网站或栏目、政府公报上公布。" in lines
    assert "主管机关：临江市人民政府办公室" in lines
    assert lines[-1] == f"编号：{finding.fingerprint}"


def test_a_local_date_is_not_said_to_be_that_of_the_law(made: Made) -> None:
    archive, findings = made.archive, made.findings
    for finding in (f for f in findings if f.basis == "local"):
        text = compose(archive, finding, FOUND, "zh", NOW).text
        assert "类别：地方规定的日期" in text and "公布义务出处" not in text and "相关条文" not in text
        assert "依据：临江市关于年度报告的通知（https://www.example.gov.cn/tz）；系地方规定的日期" in text
    assert (
        tail_of(next(f for f in findings if f.rule == "late" and f.basis == "local"))[0] == "首次查到晚于地方规定的日期"
    )


def test_what_an_alert_of_figures_says(made: Made) -> None:
    archive, findings = made.archive, made.findings
    finding = next(f for f in findings if f.rule == "applications-balance")
    both = compose(archive, finding, FOUND, "both", NOW).text
    assert "“三、（七）总计·总计”印为735，由其余各数推算应为780。" in both
    assert '"III, (7) total of results, total (三、（七）总计·总计)" is printed as 735' in both
    assert both.count("· 三、本年新收政府信息公开申请数量·总计：732") == 1, "the cells are quoted once for both"
    sha256 = finding.places[0]["sha256"]
    seen = "查看 seen 3×：2024-02-09 10:05 – 2024-02-20 10:05（北京时间 Beijing time）"
    assert f"存档 SHA-256 / Archived copy：{sha256[:16]}，{seen}" in both
    assert sha256 not in both


def test_whom_the_figures_cover_and_what_is_withheld(tmp_path: Path) -> None:
    with archive_of_alerts(tmp_path) as (archive, findings):
        finding = next(f for f in findings if f.rule == "applications-balance")
        report = judged(quiet_sample(), {"applications.carried_out.total": 3})
        report.report.scope = {"applications": "含所属\u202e事业单位", "disclosure": "不相关"}
        total = "applications.new.total"
        report.report.figures[total] = report.report.figures[total]._replace(text="７３２")
        scoped = replace(finding, places=[p | {"sha256": report.sha256} for p in finding.places], sentence_en="Scoped.")
        scoped = keep(archive, scoped, {report.sha256: report})
        text = compose(archive, scoped, FOUND, "zh", NOW).text
        assert "2023年报告载明的统计范围：“含所属 事业单位”" in text and "不相关" not in text
        assert "·总计：７３２" in text, "as it is printed"
        sha256 = scoped.places[0]["sha256"]
        archive.takedowns.add(sha256, reason="个人信息", asked_by="某人", at=SEEN)
        text = compose(archive, scoped, FOUND, "zh", NOW).text
        assert scoped.places[0]["source"] not in text and "来源（2023年报告）：应请求撤下，不载网址" in text
        assert "含所属" not in text and "·总计：732" in text, "figures stay, and what was printed around them does not"


def test_a_file_that_was_added_was_not_seen_anywhere_by_us(tmp_path: Path) -> None:
    url = "file:///r.html"
    with Archive.open(tmp_path / "a.db") as archive:
        sha256 = archive.put_document(b"x", media=None, seen_at=SEEN)
        archive.add_visit(Visit(None, url, "added", SEEN, None, "ok", sha256=sha256))
        places = [{"year": 2023, "sha256": sha256, "source": url, "figure": None, "place": None}]
        finding = Finding("sections", "form", "warning", "likely", "printed", None, "甲局", 2023, None, [], None, None,
                          "一", "one", places)  # fmt: skip
        said = [compose(archive, finding, FOUND, language, NOW).text for language in LANGUAGES]
    assert "由人工导入的文件，所记时间" in said[0] and "a file added by a person, dated" in said[1]
    assert "人工导入 added by a person" in said[2]
    assert not any("查看" in text or "seen" in text for text in said)


def test_a_file_that_was_added_says_no_folder(made: Made) -> None:
    archive, findings = made.archive, made.findings
    finding = next(f for f in findings if f.rule == "sections")
    places = [p | {"source": "file:///data/somebody/reports/odd.html"} for p in finding.places]
    text = compose(archive, replace(finding, places=places), FOUND, "both", NOW).text
    assert "somebody" not in text and "odd.html" in text


@pytest.mark.parametrize("stem", STEMS)
def test_the_real_reports(shared_reports: Path, tmp_path: Path, stem: str) -> None:
    from parsers.read import read_report

    (path,) = (path for path in shared_reports.glob(f"{stem}.*") if not path.name.endswith(".gold.json"))
    report = read_report(path.read_bytes())
    assert report.agency is not None and report.year is not None
    with Archive.open(tmp_path / "a.db") as archive:
        archive.add_portal("linjiang", "临江市人民政府", "static_list")
        for finding in found_in(shared_reports, stem):
            given = Judged(finding.agency_id, finding.agency, report.year, "ab" * 32, report, path.name)
            kept = keep(archive, finding, {"ab" * 32: given}, stem)
            for language in LANGUAGES:
                said = said_of(archive, kept, FOUND, language)
                assert said.document is None and not FORBIDDEN.search(said.text)
                if finding.figures:
                    assert (
                        f"As printed in the {report.year} report" in said.text or "所印（按格式行列标题）" in said.text
                    )
