"""Many at once are held and the maintainers told; a few, or many over time, are not."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.archive import Archive
from db.bursts import Origin, Sizes
from monitor.config import Mass
from monitor.life.guard import MassGuard
from monitor.life.mass import Group, bursts, groups_of, widest
from tests.monitor.life_archive import NOON, Desk, agencies, desk, finding

SIZES = Sizes({"liuxi": 60, "linjiang": 500}, {"trs": 560}, {"7": 1000})
LIMITS = Mass(min_count=10, share=0.1)


@pytest.mark.parametrize(
    ("by", "name", "count", "is_burst"),
    [
        ("portal", "liuxi", 10, True),
        ("portal", "liuxi", 9, False),
        ("portal", "linjiang", 50, True),
        ("portal", "linjiang", 49, False),
        ("platform", "trs", 56, True),
        ("platform", "trs", 55, False),
        ("parser", "7", 100, True),
        ("parser", "7", 99, False),
        ("portal", "unknown", 10, True),
    ],
)
def test_both_thresholds_must_be_reached(by: str, name: str, count: int, is_burst: bool) -> None:
    group = Group("withdrawn", by, name)  # type: ignore[arg-type]
    found = bursts(Counter({group: count}), SIZES, LIMITS)
    assert list(found) == ([group] if is_burst else [])


def test_groups() -> None:
    origin = Origin("liuxi", "trs", "7")
    assert list(groups_of("missing", origin)) == [
        Group("missing", "portal", "liuxi"),
        Group("missing", "platform", "trs"),
    ]
    assert Group("revised", "parser", "7") in list(groups_of("revised", origin))
    assert list(groups_of("carry-over", origin)) == [], "arithmetic does not come from a site"
    assert list(groups_of("missing", Origin(None, None, None))) == []
    assert widest(groups_of("missing", origin), {}) is None


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Desk]:
    made = desk(tmp_path)
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 60), ("临江", "trs", 60), ("青石", "jpage", 60)])
        yield made


def _many(count: int, portal: str = "柳溪", rule: str = "withdrawn", start: int = 0) -> list:
    return [finding(rule, portal, number) for number in range(start, start + count)]


def _judge(made: Desk, *batches: list, day: float = 0, quiet=None) -> int:
    """Judge batches, each saved by itself, as judge_archive does; how many were held at the end."""
    now = NOON + timedelta(days=day)
    guard = MassGuard(made.archive, made.config, now, quiet=quiet)
    for findings in batches:
        made.archive.save_findings(
            findings, judged={one.key for one in findings}, rules={"withdrawn", "missing", "late", "revised"},
            messages=_messages(made, quiet), at=now, hold=guard.hold(findings),
        )  # fmt: skip
    guard.finish()
    return len(list(made.archive.life.held()))


def _messages(made: Desk, quiet):
    from monitor.telling.teller import Teller

    return Teller(made.archive, made.config, NOON, quiet=quiet).messages


def test_many_of_one_portal_are_held_and_told_to_the_maintainers_once(made: Desk) -> None:
    assert _judge(made, _many(12)) == 12
    assert made.waiting() == 0
    (row,) = made.archive.outbox.each_due(NOON)
    assert (row["subscriber"], "柳溪" in row["text"], "12" in row["text"]) == ("7", True, True)
    assert "nianbao release --held --portal 柳溪" in row["text"]
    assert _judge(made, _many(12), day=1) == 12
    assert _judge(made, _many(14), day=2) == 14, "what comes after them is held, too"
    assert len(made.heard()) == 1, "the maintainers were told"
    assert all("柳溪" in row["held_why"] for row in made.archive.life.held())


def test_a_few_are_told_at_once(made: Desk) -> None:
    assert _judge(made, _many(9)) == 0
    assert made.waiting() == 9
    assert made.heard()
    assert _judge(made, _many(18), day=1) == 0, "nine more on another day are no mass"
    assert made.waiting() == 9


def test_what_was_saved_before_it_was_a_mass_is_held_before_it_is_sent(made: Desk) -> None:
    assert _judge(made, _many(9), _many(9, "临江")) == 18, "no portal has too many; their platform has"
    assert made.waiting() == 0
    assert ["trs" in line for line in made.heard()] == [True]


def test_other_platforms_and_rules_are_not_held_with_them(made: Desk) -> None:
    assert _judge(made, _many(12), _many(5, "青石"), [finding("carry-over", "柳溪", n) for n in range(12)]) == 12
    assert made.waiting() == 5 + 12


def test_killed_before_it_was_known_it_is_held_by_the_next(made: Desk) -> None:
    now = NOON
    guard = MassGuard(made.archive, made.config, now)
    for findings in (_many(9), _many(9, "临江")):
        made.archive.save_findings(
            findings, judged=set(), rules={"withdrawn"}, messages=_messages(made, None), at=now,
            hold=guard.hold(findings),
        )  # fmt: skip
    assert made.waiting() == 9, "killed here: nothing was sent, since sending comes after"
    with Archive.open(made.archive.path) as again:
        MassGuard(again, made.config, NOON + timedelta(days=3)).finish()
    assert made.waiting() == 0
    assert len(made.heard()) == 1


def test_what_a_person_released_is_told_and_not_held_again(made: Desk) -> None:
    _judge(made, _many(12))
    made.heard()
    numbers = [row["fingerprint"] for row in made.archive.life.held(portal="柳溪")]
    assert list(made.archive.life.held(portal="临江")) == []
    released = made.archive.life.release(
        numbers, by="王敏", reason="看过", at=NOON + timedelta(days=1), messages=_messages(made, None)
    )
    assert len(released) == made.waiting() == 12
    assert _judge(made, _many(12), day=2) == 0, "a person has looked at these"
    assert len(made.heard()) == 12


def test_a_first_load_is_no_mass(made: Desk) -> None:
    assert _judge(made, _many(12), quiet=lambda agency, year: year == 2023) == 0
    assert (made.waiting(), made.heard()) == (0, [])
    assert _judge(made, _many(12), day=1) == 0, "nor is it one the day after"


def test_without_chats_they_are_held_as_well(tmp_path: Path) -> None:
    made = desk(tmp_path, 'archive = "a.db"\n')
    with made.archive:
        agencies(made.archive, [("柳溪", "trs", 60), ("临江", "trs", 60)])
        assert _judge(made, _many(9), _many(9, "临江")) == 18
        assert made.heard() == []


def test_revised_by_one_parser_on_many_platforms(made: Desk) -> None:
    sha256s = [made.archive.put_document(str(number).encode(), media=None, seen_at=NOON) for number in range(12)]
    with made.archive.write() as connection:
        connection.executemany(
            "INSERT INTO readings (source, url, sha256, seen_at, parser_version, kind) VALUES ('s', ?, ?, ?, '7', 'x')",
            [(str(n), sha256, NOON.isoformat()) for n, sha256 in enumerate(sha256s)],
        )
    places = [[{"year": 2023, "sha256": sha256, "figure": None, "place": None}] for sha256 in sha256s]
    found = [finding("revised", ("柳溪", "临江", "青石")[n % 3], n, places=places[n]) for n in range(12)]
    assert _judge(made, found[:6], found[6:]) == 12
    assert any("解析器版本 7" in line for line in made.heard())
