"""Published, and hard to read or to find: pictures alone, dead files, addresses that no list shows."""

from dataclasses import replace

import pytest

from db.records import Finding
from monitor.judging.season import Look, Publication, Season
from tests.monitor.seasons_made import (
    LIST,
    ME,
    MORE,
    NEWS,
    PAGE,
    PEER,
    THERE,
    YEAR,
    feb,
    found,
    publication,
    read,
    season,
)

FILE, OTHER_FILE = (f"https://www.example.gov.cn/nb/jyj{end}" for end in (".pdf", ".docx"))
SHOWN = [read(feb(day), THERE) for day in (1, 5)]


def looks(url: str, *days: int, outcome: str = "ok", kind: str = "attachment") -> tuple[Look, ...]:
    return tuple(Look(url, kind, feb(day, 11), outcome, None, None) for day in days)


def document(url: str, kind: str | None, seen: tuple[Look, ...] = (), **changes) -> Publication:
    seen = seen or looks(url, 1, 8)
    return publication(feb(1), url=url, page_url=PAGE, kind=kind, looks=seen, **{"owner": ME} | changes)


def said(*publications: Publication, reads=(), **changes) -> list[Finding]:
    return found(season(list(reads) or SHOWN, publications, **changes), "inaccessible")


def kinds(findings: list[Finding]) -> list[tuple[str | None, str, str]]:
    return [(f.figure, f.severity, f.certainty) for f in findings]


def page(*files: str, day: int = 14, **changes) -> Publication:
    """A page that links files and is no report itself."""
    return document(PAGE, "no-tables", looks(PAGE, 1, day, kind="detail"), files=files, **changes)


IMAGE = [("access.image", "notice", "certain")]
DEAD = [("access.attachment", "warning", "certain")]
UNLISTED = [("access.list", "notice", "likely")]


# Pictures


def test_pictures_alone() -> None:
    (finding,) = said(document(FILE, "image-only"))
    assert kinds([finding]) == IMAGE and finding.told
    assert f"已公布，所见文件均为图片或扫描件，不含可读取的文字：{FILE}。" in finding.sentence_zh
    assert kinds(said(page(FILE), document(FILE, "image-only"))) == IMAGE


@pytest.mark.parametrize("kind", [None, "unsupported", "encrypted", "truncated", "too-large"])
def test_a_scan_beside_what_may_be_text_is_no_picture_alone(kind: str | None) -> None:
    assert kinds(said(document(FILE, "image-only"), document(OTHER_FILE, kind))) == []


def test_our_limit_is_not_the_agencys_fault() -> None:
    assert kinds(said(document(FILE, "unsupported"))) == []
    assert kinds(said(page(FILE, OTHER_FILE), document(FILE, "image-only"))) == []  # nobody has obtained the other
    gone = page(FILE, OTHER_FILE)
    gone = replace(gone, looks=(*gone.looks, *looks(OTHER_FILE, 2, outcome="gone")))
    assert kinds(said(gone, document(FILE, "image-only"))) == IMAGE


def test_a_picture_that_was_seen_once_is_to_be_confirmed() -> None:
    (finding,) = said(document(FILE, "image-only", last_seen_at=feb(1), first_seen_at=feb(1)))
    assert (finding.confirmed, finding.told) == (False, False)


# Dead files


def with_file(*seen: Look, **changes) -> Publication:
    made = page(FILE, **changes)
    return replace(made, looks=tuple(sorted((*made.looks, *seen), key=lambda look: look.at)))


def test_a_page_whose_file_is_gone_on_three_days() -> None:
    (finding,) = said(with_file(*looks(FILE, 8, 9, 10, outcome="gone")))
    assert kinds([finding]) == DEAD and finding.told
    assert (
        f"其附件（{FILE}）自2024年2月8日11时00分至2024年2月10日11时00分（北京时间）在3个不同日期" in finding.sentence_zh
    )
    assert "未公布" not in finding.sentence_zh
    assert kinds(said(with_file(*looks(FILE, 8, 9, outcome="gone")))) == []


@pytest.mark.parametrize("outcome", ["blocked", "failed", "unknown"])
def test_a_file_that_does_not_answer_is_not_gone(outcome: str) -> None:
    assert kinds(said(with_file(*looks(FILE, 8, 9, 10, outcome=outcome)))) == []
    assert kinds(said(with_file(*looks(FILE, 8, 9, outcome="gone"), *looks(FILE, 10, outcome=outcome)))) == []


def test_a_file_that_comes_back_or_another_that_is_there() -> None:
    dead = looks(FILE, 8, 9, 10, outcome="gone")
    assert kinds(said(with_file(*dead, *looks(FILE, 11)))) == []
    other = replace(with_file(*dead), files=(FILE, OTHER_FILE))
    assert kinds(said(other)) == []  # nobody knows yet
    assert kinds(said(with_file(*dead), document(OTHER_FILE, None))) == []
    assert kinds(said(with_file(*dead), document(OTHER_FILE, "image-only"))) == IMAGE


def test_a_file_that_was_read_and_is_gone_while_its_page_stays() -> None:
    seen = (*looks(FILE, 1), *looks(PAGE, 1, kind="detail"), *looks(FILE, 8, 9, 10, outcome="gone"))
    stays = document(FILE, None, (*seen, *looks(PAGE, 10, kind="detail")))
    assert kinds(said(stays)) == DEAD
    assert kinds(said(document(FILE, None, seen))) == []  # nobody has looked at the page since
    went = (*seen, *looks(PAGE, 10, kind="detail", outcome="gone"))
    assert kinds(said(document(FILE, None, went))) == []  # that may be withdrawn


# Addresses that no list shows

DROPPED = [*SHOWN, *(read(feb(day), NEWS) for day in (8, 9, 15))]
NOW = feb(20)


def there(**changes) -> Publication:
    return publication(feb(1), **{"owner": ME, "looks": looks(PAGE, 1, 6, 16, kind="detail")} | changes)


def test_it_answers_and_no_list_shows_it() -> None:
    (finding,) = said(there(), reads=DROPPED, now=NOW)
    assert kinds([finding]) == UNLISTED and "此前曾列于栏目" in finding.sentence_zh
    (finding,) = said(there(source="county"), reads=DROPPED[2:], now=NOW)
    assert kinds([finding]) == UNLISTED and "均未列出该报告" in finding.sentence_zh
    added = there(source="added", looks=(), first_seen_at=feb(1), last_seen_at=feb(16))
    assert kinds(said(added, reads=DROPPED[2:], now=NOW)) == UNLISTED
    by_hand = replace(added, url="file:///a.html")
    assert kinds(said(by_hand, reads=DROPPED[2:], now=NOW)) == []


def test_too_few_reads_or_bad_ones() -> None:
    assert kinds(said(there(), reads=DROPPED[:-1], now=NOW)) == []
    bad = [*DROPPED[:-1], replace(DROPPED[-1], good=False)]
    assert kinds(said(there(), reads=bad, now=NOW)) == []
    assert kinds(said(there(), reads=DROPPED, now=NOW, columns=[LIST, MORE])) == []


def test_a_week_of_it() -> None:
    three_days = [*SHOWN, *(read(feb(day), NEWS) for day in (12, 13, 14))]
    assert kinds(said(there(), reads=three_days, now=NOW)) == []


def test_a_filter_or_an_old_copy() -> None:
    others = {(f"320800:{number}", YEAR) for number in range(9)}
    full = [read(feb(day), THERE | others) for day in (1, 5)]
    part = [read(feb(day), NEWS | set(sorted(others)[:4])) for day in (8, 9, 15)]
    assert kinds(said(there(), reads=[*full, *part], now=NOW)) == []
    whole = [read(feb(day), NEWS | others) for day in (8, 9, 15)]
    assert kinds(said(there(), reads=[*full, *whole], now=NOW)) == UNLISTED
    assert kinds(said(there(), reads=[*full, *whole, read(feb(16), NEWS)], now=NOW)) == []


def test_a_list_of_the_newest_rows_lets_go_of_all() -> None:
    newest = [*SHOWN, *(read(feb(day), {(PEER, YEAR)}) for day in (8, 9, 15))]
    assert kinds(said(there(), reads=newest, now=NOW)) == []


def test_it_must_have_answered_since() -> None:
    assert kinds(said(there(looks=looks(PAGE, 1, 6, kind="detail")), reads=DROPPED, now=NOW)) == []
    gone = (*looks(PAGE, 1, 6, 16, kind="detail"), *looks(PAGE, 17, outcome="gone"))
    assert kinds(said(there(looks=gone), reads=DROPPED, now=NOW)) == []


def test_listed_again_under_another_name_or_in_another_season() -> None:
    assert kinds(said(there(), reads=[*DROPPED, read(feb(16), THERE)], now=NOW)) == []
    unclear = [*DROPPED[:-1], replace(DROPPED[-1], unresolved=frozenset([YEAR]))]
    assert kinds(said(there(), reads=unclear, now=NOW)) == []
    assert kinds(said(there(), reads=DROPPED, now=feb(20).replace(year=2025))) == []


def test_the_three_are_findings_of_their_own() -> None:
    made: Season = season(SHOWN, [document(FILE, "image-only")])
    (image,) = found(made, "inaccessible")
    (dead,) = said(with_file(*looks(FILE, 8, 9, 10, outcome="gone")))
    (left,) = said(there(), reads=DROPPED, now=NOW)
    assert len({image.fingerprint, dead.fingerprint, left.fingerprint}) == 3
