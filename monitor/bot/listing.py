"""Findings as people read them in a chat: a line each, or all there is in a document."""

from collections.abc import Sequence

from monitor.bot.ask import Ask, Pair
from monitor.bot.visible import Row
from monitor.catalogue import say, word
from monitor.telling.messages import evidence_lines

SHORT = 8
"""So many are shown in the message; more go into a document."""
MOST = 2000


async def answer_list(ask: Ask, head: Pair, rows: Sequence[Row], *rest: Pair) -> None:
    """Findings under a headline. rest: what is to be said below them."""
    if len(rows) <= SHORT:
        await ask.answer(head, *(_line(row) for row in rows), *rest)
        return
    gap = ("\u3000", "\u3000")  # an empty line would be left out
    whole = ask.text([head, *(part for row in rows for part in (gap, *_whole(row))), *rest])
    name = f"{ask.text([head]).splitlines()[0].rstrip(':：')[:40]}.txt"
    some = [_line(row) for row in rows[:3]]
    await ask.answer(head, *some, say("bot-rest-in-document"), *rest, document=(name, whole.encode()))


def marked(row: Row) -> Pair:
    """How much a finding matters, and whether it waits for a person."""
    zh, en = word("severity", row["severity"])
    if row["held_why"] is not None:
        return say("bot-held-mark", severity_zh=zh, severity_en=en)
    return zh, en


def _line(row: Row) -> Pair:
    """A finding in a line, with its number."""
    severity, rule = marked(row), word("bot-rule", row["rule"])
    return say(
        "bot-finding-line", agency=row["agency"], year=row["year"], fingerprint=row["fingerprint"],
        severity_zh=severity[0], severity_en=severity[1], rule_zh=rule[0], rule_en=rule[1],
    )  # fmt: skip


def _whole(row: Row) -> list[Pair]:
    """A finding with its sentence and its documents."""
    evidence = [(line, line) for line in evidence_lines(row["places"])]
    return [_line(row), (row["sentence_zh"], row["sentence_en"]), *evidence]
