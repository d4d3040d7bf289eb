"""A notice says published, and we did not find it: a question."""

from db.records import Finding
from monitor.judging.season import NoticeClaim, Season
from tests.monitor.seasons_made import EARLY, NEWS, THERE, feb, found, publication, read, season

NOTICE = "https://www.example.gov.cn/tongbao.html"
ABSENT = [read(feb(-5), EARLY), *(read(feb(day), NEWS) for day in (1, 5, 6))]


def claim(has: bool | None = True, day: int = 3, link: str | None = None) -> NoticeClaim:
    return NoticeClaim(NOTICE, "cd" * 32, feb(day), "市教育局", has, link)


def made(*claims: NoticeClaim, reads=ABSENT, **changes) -> Season:
    return season(reads, changes.pop("publications", []), claims=claims, **changes)


def said(of: Season) -> list[Finding]:
    return found(of, "notice-vs-found")


def test_listed_as_published_and_not_found() -> None:
    (finding,) = said(made(claim(link="https://elsewhere.example/1.html")))
    assert (finding.severity, finding.certainty, finding.told) == ("notice", "likely", True)
    assert f"一份通报（{NOTICE}，" in finding.sentence_zh and "列明市教育局已公布2023年" in finding.sentence_zh
    assert "通报所附网址为https://elsewhere.example/1.html。" in finding.sentence_zh
    assert "有待核实" in finding.sentence_zh and "未公布" not in finding.sentence_zh
    assert finding.places[0]["sha256"] == "cd" * 32 and len(finding.places) == 1 + 3
    (plain,) = said(made(claim()))
    assert "通报所附网址" not in plain.sentence_zh


def test_one_that_says_not_published_says_nothing() -> None:
    assert said(made(claim(has=False))) == []
    assert said(made(claim(has=None))) == []
    assert said(made(claim(), claim(has=False, day=4))) == []  # they disagree
    there = [*ABSENT, read(feb(7), THERE)]
    assert said(made(claim(has=False), reads=there, publications=[publication(feb(7))])) == []


def test_found_after_all_or_not_looked_for_since() -> None:
    there = [*ABSENT, read(feb(7), THERE)]
    assert said(made(claim(), reads=there, publications=[publication(feb(7))])) == []
    assert said(made(claim(day=8))) == []  # the lists were read before it came
    assert said(made(claim(), now=feb(-1))) == []
    assert said(made(claim(), reads=ABSENT[:1])) == []
