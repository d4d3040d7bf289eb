"""What takes an alert back, or adds to it: which one, when it was told, why, and that it is not to be used any more."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from db.archive import Archive
from db.finding_state import CORRECTED, FOUND, GONE
from db.records import Finding
from db.telling.events import REPLACED, TAKES_BACK, WITHDRAWN
from monitor.telling.alert import compose
from tests.monitor.alerts_made import NOW, SEEN, archive_of_alerts
from tests.monitor.judged import judged, quiet_sample


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Archive, dict[str, Finding]]]:
    with archive_of_alerts(tmp_path_factory.mktemp("taking_back")) as (archive, findings):
        kept = {f.rule: f for f in reversed(findings)}
        save(archive, *kept.values())
        yield archive, kept


def save(archive: Archive, *findings: Finding, days: float = 0, rules: Iterable[str] = ()) -> None:
    archive.save_findings(
        list(findings), judged=None, rules=set(rules), messages=lambda f, e: [], at=NOW + timedelta(days=days)
    )


@pytest.mark.parametrize("event", TAKES_BACK)
def test_it_is_as_loud_as_what_was_told(made: tuple[Archive, dict[str, Finding]], event: str) -> None:
    archive, findings = made
    for finding in findings.values():
        zh, en = (compose(archive, finding, event, of, NOW, by=finding).text.splitlines() for of in ("zh", "en"))
        told = compose(archive, finding, FOUND, "zh", NOW).text.splitlines()[0]
        assert zh[0].startswith("【") and en[0].startswith("[")
        assert told.partition("：")[2] in zh[0] and "（原提示：" in zh[0], "the headline says which it was"
        assert zh[1] == "请勿再使用或引用此前的这条提示（2024年3月1日首次发出）。"
        assert en[1] == "Please do not use or quote this earlier finding any more (first told on 1 March 2024)."
        assert zh[2].startswith("原因：") and en[2].startswith("Why: ")
        assert zh[3] == f"原提示全文：{finding.sentence_zh}" and zh[-1] == f"编号：{finding.fingerprint}"


def test_it_quotes_what_was_told_and_not_what_was_read_since(tmp_path: Path) -> None:
    with archive_of_alerts(tmp_path) as (archive, findings):
        finding = next(f for f in findings if f.rule == "missing")
        save(archive, finding)
        told = compose(archive, finding, FOUND, "zh", NOW).text.splitlines()[0].partition("：")[2]
        read_since = [
            {**p, "place": {**p["place"], "read_at": "2024-04-10T02:00:00+00:00"}} for p in finding.places[-1:]
        ]
        now = replace(finding, places=finding.places + read_since, sentence_zh="截至2024年4月10日仍未查到。")
        save(archive, now, days=1)
        assert compose(archive, now, FOUND, "zh", NOW).text.splitlines()[0].endswith("截至2024年4月10日未查到")
        text = compose(archive, now, GONE, "zh", NOW).text
        assert f"（原提示：{told}）" in text and f"原提示全文：{finding.sentence_zh}" in text and "4月10日" not in text


def test_why_it_was_withdrawn(made: tuple[Archive, dict[str, Finding]]) -> None:
    archive, findings = made
    finding = findings["blank-total"]
    texts = []

    def say(finding: Finding, event: str) -> list[object]:
        texts.append(compose(archive, finding, event, "both", NOW).text)
        return []

    reason = "第3页表格跨页，王敏已电话13812345678核实\u202e。"
    archive.life.answer(finding.fingerprint, "wrong", by="王敏", at=NOW, reason=reason, messages=say)  # type: ignore[arg-type]
    (text,) = texts
    assert "原因：经人核对，认为此项提示不成立；理由：第3页表格跨页，某人已电话[电话]核实。" in text
    assert "a person who checked it calls it wrong; reason: 第3页" in text and "王敏" not in text


def test_a_reason_too_long_for_a_caption_is_in_the_document(made: tuple[Archive, dict[str, Finding]]) -> None:
    archive, findings = made
    finding = findings["missing"]
    archive.life.answer(finding.fingerprint, "wrong", by="王敏", at=NOW, reason="缘由" * 1200)
    said = compose(archive, finding, WITHDRAWN, "both", NOW)
    assert said.document is not None and "缘由" * 1200 in said.document[1] and "缘由缘由" not in said.text
    assert "原因：经人核对，认为此项提示不成立。" in said.text and "请勿再使用" in said.text


def test_why_it_is_gone(made: tuple[Archive, dict[str, Finding]]) -> None:
    archive, findings = made
    finding = findings["applications-balance"]
    assert "具体缘由未逐一查明" in compose(archive, finding, GONE, "zh", NOW).text
    place = finding.places[0]
    mended = judged(quiet_sample()).report
    archive.store_report(
        mended, sha256=archive.put_document(b"mended", media="text/html", seen_at=NOW), agency_id=finding.agency_id,
        agency=finding.agency, source="linjiang", url=place["source"], seen_at=SEEN + timedelta(days=20),
        parser_version="1", portal="linjiang",
    )  # fmt: skip
    assert "所涉报告此后有了新的内容" in compose(archive, finding, GONE, "zh", NOW).text
    assert (
        "报告已查到，或已并入其他机关的报告，或该机关已不需单独公布"
        in compose(archive, findings["missing"], GONE, "zh", NOW).text
    )
    assert "联系有关机关之后，报告内容已有更新" in compose(archive, finding, CORRECTED, "zh", NOW).text


def test_what_takes_its_place(made: tuple[Archive, dict[str, Finding]]) -> None:
    archive, findings = made
    missing, late = findings["missing"], findings["late"]
    zh = compose(archive, missing, REPLACED, "zh", NOW, by=late).text
    assert f"原因：该报告已查到；现以新的提示（编号：{late.fingerprint}）为准。" in zh
    en = compose(archive, late, REPLACED, "en", NOW, by=missing).text
    assert f"there is now a new finding (number: {missing.fingerprint}), which takes its place." in en
    assert "现以新的提示" in zh and missing.fingerprint in zh


def test_since_when_it_was_told(made: tuple[Archive, dict[str, Finding]]) -> None:
    """Since it was last gone; and not on the day on which it was held."""
    archive, findings = made
    finding = findings["sections"]
    save(archive, days=1, rules=["sections"])
    save(archive, finding, days=2)
    assert "（2024年3月3日首次发出）" in compose(archive, finding, GONE, "zh", NOW).text
    other = replace(finding, figure="section.5")
    archive.save_findings(
        [other], judged=set(), rules=set(), messages=lambda f, e: [], at=NOW, hold=lambda f: "many at once"
    )
    archive.life.release([other.fingerprint], by="王敏", reason="看过", at=NOW + timedelta(days=4))
    assert "（2024年3月5日首次发出）" in compose(archive, other, GONE, "zh", NOW).text
    never = replace(finding, figure="section.4")
    assert "请勿再使用或引用此前的这条提示。" in compose(archive, never, GONE, "zh", NOW).text


def test_what_the_agency_answered(made: tuple[Archive, dict[str, Finding]]) -> None:
    archive, findings = made
    finding = findings["carry-over"]
    sha256 = archive.put_document("答复".encode(), media="text/plain", seen_at=NOW)
    archive.life.answer(
        finding.fingerprint, "answered", by="王敏", at=NOW, reason="称两年口径不同。", sha256=sha256
    )  # fmt: skip
    lines = compose(archive, finding, "answered", "zh", NOW).text.splitlines()
    assert lines[0].startswith("【机关已答复】") and "（所涉提示：与上一年度报告的数字不一致）" in lines[0]
    assert "答复情况：称两年口径不同" in lines and f"答复存档 SHA-256：{sha256[:16]}" in lines
    assert "请勿再使用" not in "".join(lines)
