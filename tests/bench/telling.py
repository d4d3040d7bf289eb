"""Telling: what it takes to find who is to hear of findings and to queue the messages, and what a long outbox costs.

    python -m tests.bench.telling

Both beside the least that SQLite takes for the same rows. What the messages say is made beforehand: it is not measured.
"""

import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import NamedTuple

from db.archive import Archive
from db.finding_state import FOUND
from db.records import Agency, Finding, Message
from db.schema.to_schema_5 import text_digest
from db.telling import writing
from db.telling.records import Filter
from db.times import to_text
from monitor.config import Config, load_config
from monitor.telling.alert import Said
from monitor.telling.messages import TELEGRAM
from monitor.telling.teller import Teller
from tests.bench.measure import Result, show

FINDINGS, SUBSCRIBERS, AGENCIES = 10_000, 500, 3_000
A_YEAR, WAITING, A_FEW = 1_000_000, 300, 50
NOW = datetime(2024, 4, 1, 1, tzinfo=UTC)
_FIRST_CHAT = 1000

_ORGANS = ("department", "government", "office", "township", "street")
_RULES = (("carry-over", "identity"), ("missing", "time"), ("late", "time"), ("blank-total", "form"),
          ("revised", "change"), ("copied-text", "text"))  # fmt: skip
_SEVERITIES = ("notice", "warning", "error")
_TEXTS = "INSERT INTO message_texts (id, digest, text, document_name, document) VALUES (?, ?, ?, ?, ?)"
_ROWS = (
    "INSERT INTO outbox (subscriber, channel, fingerprint, event, text_id, next_try, created_at)"
    " VALUES (?, ?, ?, ?, ?, ?, ?)"
)


class _Country(NamedTuple):
    """An archive to be copied, with chats and agencies; the findings that are told in it, and in which words."""

    archive: Path
    config: Config
    findings: list[Finding]
    texts: dict[tuple[str, str], str]


def results() -> list[Result]:
    """Of both goals."""
    with tempfile.TemporaryDirectory() as folder:
        return [queueing(Path(folder)), a_year(Path(folder))]


def queueing(folder: Path, passes: int = 5) -> Result:
    """Who is to hear of each finding, and the messages written down in one transaction, as when they are found."""
    country = _country(folder)
    texts, rows = _bare(country)

    def ours(archive: Archive) -> None:
        with archive.write() as connection:
            teller = Teller(archive, country.config, NOW, compose=_said_beforehand(country))
            for finding in country.findings:
                writing.tell(connection, teller.messages(finding, FOUND), to_text(NOW), is_known=False)

    def bare(archive: Archive) -> None:
        with archive.write() as connection:
            connection.executemany(_TEXTS, texts)
            connection.executemany(_ROWS, rows)

    mine, base = [], []
    for _ in range(passes):
        mine.append(_taken(country, ours, len(rows)))
        base.append(_taken(country, bare, len(rows)))
    ratio = statistics.median(a / b for a, b in zip(mine, base, strict=True))
    what = f"{FINDINGS:,} findings to {SUBSCRIBERS} chats, {len(rows):,} messages queued"
    return Result(
        what, statistics.median(mine) * 1e3, "bare executemany", statistics.median(base) * 1e3, ratio,
        "at most 3x", ratio <= 3,
    )  # fmt: skip


def a_year(folder: Path, passes: int = 21) -> Result:
    """A pass over what waits, beside a million messages that were sent: what is due, and a few of them sent."""
    with Archive.open(folder / "short.db") as short, Archive.open(folder / "long.db") as long:
        for archive, many in ((short, 1000), (long, A_YEAR)):
            _fill(archive, many)
        times: dict[Archive, list[float]] = {short: [], long: []}
        for number in range(passes + 1):
            for archive, taken in times.items():
                started = time.thread_time()
                _pass(archive, number)
                taken.append(time.thread_time() - started)
        mine, base = times[long][1:], times[short][1:]  # the first one warms up
    ratio = statistics.median(a / b for a, b in zip(mine, base, strict=True))
    return Result(
        f"a pass over the outbox, {A_YEAR:,} messages sent", statistics.median(mine) * 1e3, "1,000 sent",
        statistics.median(base) * 1e3, ratio, "at most 1.5x", ratio <= 1.5,
    )  # fmt: skip


def _pass(archive: Archive, number: int) -> None:
    """A few new messages are put, found to be due, and sent; what waits for people goes on waiting."""
    new = [Message(str(chat), TELEGRAM, f"notice {number}", "said", f"text {number}") for chat in range(A_FEW)]
    archive.outbox.put(new, NOW)
    due = archive.outbox.due(NOW)
    assert len(due) == A_FEW
    for row in archive.outbox.rows(due):
        assert archive.outbox.begin(row, NOW)
        archive.outbox.mark_sent(row["id"], NOW, "1")


def _fill(archive: Archive, sent: int) -> None:
    """So many messages that were sent, and some that wait for a finding that was found and is not there yet."""
    moment = to_text(NOW)
    with archive.write() as connection:
        connection.executemany(
            _TEXTS, ((n, text_digest(f"{n}"), f"{n} {'字' * 400}", None, None) for n in range(1, sent // 20 + 1))
        )
        rows = ((str(n % 500), TELEGRAM, f"{n // 500:016x}", FOUND, n // 20 + 1, moment, moment) for n in range(sent))
        connection.executemany(_ROWS, rows)
        connection.execute("UPDATE outbox SET state = 'sent', sent_at = next_try, remote_id = '7', attempts = 1")
        archive.save_findings([], judged=None, rules=set(), messages=lambda f, e: [], at=NOW)
    held = [_finding(Random(number), number) for number in range(WAITING)]
    archive.save_findings(
        held, judged=set(), rules={"x"}, at=NOW,
        messages=lambda f, e: [Message("7", TELEGRAM, f.fingerprint, e, f.sentence_en)],
    )  # fmt: skip
    with archive.write() as connection:
        connection.execute("UPDATE findings SET held_why = 'many'")


def _taken(country: _Country, job: Callable[[Archive], None], messages: int) -> float:
    """CPU seconds of a job in an archive of its own."""
    path = country.archive.with_name("copy.db")
    shutil.copyfile(country.archive, path)
    with Archive.open(path) as archive:
        started = time.thread_time()
        job(archive)
        taken = time.thread_time() - started
        ((written,),) = archive.query("SELECT count(*) FROM outbox")
        assert written == messages, (written, messages)
    for rest in path.parent.glob("copy.db*"):
        rest.unlink()
    return taken


def _bare(country: _Country) -> tuple[list[tuple[object, ...]], list[tuple[object, ...]]]:
    """The rows that telling writes, read from an archive in which it was done."""
    path = country.archive.with_name("told.db")
    shutil.copyfile(country.archive, path)
    with Archive.open(path) as archive:
        teller = Teller(archive, country.config, NOW, compose=_said_beforehand(country))
        with archive.write() as connection:
            for finding in country.findings:
                writing.tell(connection, teller.messages(finding, FOUND), to_text(NOW), is_known=False)
        texts = archive.query("SELECT id, digest, text, document_name, document FROM message_texts ORDER BY id")
        rows = archive.query(
            "SELECT subscriber, channel, fingerprint, event, text_id, next_try, created_at FROM outbox ORDER BY id"
        )
    return texts, rows


def _said_beforehand(country: _Country) -> Callable[..., Said]:
    texts = country.texts

    def said(
        archive: Archive, finding: Finding, event: str, language: str, now: datetime, *, by: Finding | None = None
    ) -> Said:
        return Said(texts[finding.sentence_en, language], None)

    return said


def _country(folder: Path) -> _Country:
    desks = [str(_FIRST_CHAT + number) for number in range(0, SUBSCRIBERS, 2)]
    settings = f'archive = "a.db"\n[telegram]\nlanguage = "zh"\nchats = [{", ".join(desks)}]\n'
    (folder / "config.toml").write_text(settings, "utf-8")
    config = load_config(folder / "config.toml")
    random = Random(7)
    with Archive.open(config.archive) as archive:
        archive.import_agencies([_agency(number) for number in range(AGENCIES)])
        with archive.write():
            archive.subscribers.sync(TELEGRAM, desks, [], NOW)
            for chat in desks:
                archive.subscribers.unsubscribe(TELEGRAM, chat, None)
            for number in range(SUBSCRIBERS):
                _subscribe(archive, random, number)
    findings = [_finding(random, number) for number in range(FINDINGS)]
    text = "某县某局2023年政府信息公开工作年度报告第三部分表格所列数据之间的关系。" * 20
    texts = {
        (f.sentence_en, language): f"{f.sentence_en} {language}\n{text}" for f in findings for language in ("zh", "en")
    }
    return _Country(config.archive, config, findings, texts)


def _agency(number: int) -> Agency:
    code = _code(number)
    return Agency(f"{code}:第{number}局", f"第{number}局", region_code=code, organ=_ORGANS[number % len(_ORGANS)])


def _code(number: int) -> str:
    """One of 31 provinces, of 10 cities in each, of 10 counties in each of these."""
    return f"{11 + number % 31}{1 + number // 31 % 10:02}{1 + number // 310 % 10:02}"


def _finding(random: Random, number: int) -> Finding:
    agency = _agency(random.randrange(AGENCIES))
    rule, kind = random.choice(_RULES)
    return Finding(
        rule, kind, random.choice(_SEVERITIES), "certain", "law", agency.id, agency.name, 2023,
        f"t1.r{number}.total", [], 1, 2, "一句。", f"Sentence {number}.",
    )  # fmt: skip


def _subscribe(archive: Archive, random: Random, number: int) -> None:
    """Half of them are desks, some of which want everything; the others want a place, an agency, or some sorts of
    findings in a place."""
    chat, code = str(_FIRST_CHAT + number), _code(random.randrange(AGENCIES))
    archive.subscribers.arrive(TELEGRAM, chat, kind="group", title=f"第{number}群", at=NOW)
    if number % 4 == 0:
        archive.subscribers.set_language(TELEGRAM, chat, "en")
    rule, kind = random.choice(_RULES)
    wanted = [
        Filter(place=code[: random.choice((2, 4, 6))]),
        Filter(agency_id=_agency(random.randrange(AGENCIES)).id),
        Filter(place=f"{code[:2]}0000", kind=kind),
        Filter(organ=random.choice(_ORGANS), severity="error", place=code[:4]),
        Filter(rule=rule, place=code[:2], severity="warning"),
        Filter(kind="identity", severity="error", organ="township"),
        Filter(),
    ]
    for one in random.sample(wanted[:-2], 2) if number % 25 else wanted[-1:]:
        archive.subscribers.subscribe(TELEGRAM, chat, one, NOW)
    if number % 10 == 1:
        archive.subscribers.subscribe(TELEGRAM, chat, wanted[-2], NOW)


def main() -> int:
    found = results()
    show(found, "Telling")
    return 0 if all(result.met for result in found) else 1


if __name__ == "__main__":
    sys.exit(main())
