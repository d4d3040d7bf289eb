"""What stands in the lists beside the reports: explanations, forms about websites, calls to write reports, and notices
of which units have published."""

import random
import zlib
from collections.abc import Sequence
from datetime import date
from html import escape

from tests.bench.judge.country import FIRST, LAST, Site
from tests.bench.judge.days import beijing
from tests.bench.judge.postings import Board, Content, Row
from tests.bench.judge.stage import Slot, Stage


def furnish(stage: Stage) -> None:
    """Put it all up."""
    claimed: dict[tuple[str, int], list[Slot]] = {}
    for slot in stage.claimed:
        claimed.setdefault((slot.site.id, slot.year), []).append(slot)
    for site in stage.country.sites.values():
        board = stage.boards[site.id]
        for year in range(FIRST, LAST + 1):
            _rows(site, board, year)
            units = claimed.get((site.id, year), [])
            if units or zlib.crc32(f"{site.id}:{year}".encode()) % 4 == 0:
                _notice(stage, site, board, year, units)


def _list(site: Site, year: int) -> str:
    return {"one": "all", "years": str(year)}.get(site.layout, "department")


def _add(board: Board, list_name: str, title: str, day: date, path: str, body: str) -> None:
    up = beijing(day, 9)
    head = f'<head><meta charset="utf-8"><title>{escape(title)}</title></head>'
    page = f"<html>{head}<body><h1>{escape(title)}</h1>{body}</body></html>".encode()
    board.rows.append(Row(list_name, title, day.isoformat(), up, [(up, path)]))
    board.serve(path, up, Content(lambda now: page))


def _rows(site: Site, board: Board, year: int) -> None:
    name, target = site.place.name, _list(site, year)
    entries = [
        (f"关于做好{year}年政府信息公开工作年度报告编制和发布工作的通知", (1, 3), "<p>请各单位按时发布。</p>"),
        (f"{name}人民政府网站工作年度报表（{year}年度）", (1, 20), "<p>报表见网站首页。</p>"),
    ]
    if zlib.crc32(site.id.encode()) % 4 == 0:
        entries.append((f"{name}{year}年法治政府建设年度报告", (3, 20), "<p>任务均已完成。</p>"))
    shown = (row.title for row in board.rows if row.since < beijing(date(year + 1, 4, 2), 9))
    if any(f"{name}人民政府{year}年" in title for title in shown):
        entries.append(
            (f"一图读懂：{name}人民政府{year}年政府信息公开工作年度报告", (4, 2), "<p>以图片说明主要内容。</p>")
        )
    for number, (title, (month, day), body) in enumerate(entries):
        _add(board, target, title, date(year + 1, month, day), f"{year + 1}/f{number}.html", body)


def _notice(stage: Stage, site: Site, board: Board, year: int, claimed: Sequence[Slot]) -> None:
    """Which departments have published by then; true but for those that are only claimed."""
    day = date(year + 1, 2, 8)
    chance = random.Random(f"{stage.country.seed}:{site.id}:{year}:notice")
    path = f"{year + 1}/notice.html"
    shown = {row.title for row in board.rows if row.is_shown(beijing(day, 7))}
    units = [
        body.agency.name
        for body in stage.country.bodies
        if body.agency.portal == site.id and body.agency.organ == "department"
        and (draft := stage.drafts.get(body, year)) is not None and draft.title in shown and not body.joint
    ]  # fmt: skip
    units += [slot.body.agency.name for slot in claimed]
    chance.shuffle(units)
    rows = "".join(
        f"<tr><td>{number}</td><td>{escape(unit)}</td><td>已公布</td></tr>"
        for number, unit in enumerate(units, start=1)
    )
    body = (
        f"<p>{year}年度政府信息公开工作年度报告的公布情况如下。</p>"
        f"<table><tbody><tr><td>序号</td><td>单位名称</td><td>公布情况</td></tr>{rows}</tbody></table>"
    )
    title = f"关于{year}年政府信息公开工作年度报告公布情况的通报"
    _add(board, _list(site, year), title, day, path, body)
