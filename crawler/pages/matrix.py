"""Tables whose links say nothing by themselves: years above, agencies at the side, and in cells 2023年, 查看 or √.

Also lists of agencies' names under 2023年政府信息公开年报, and rows without a year under the heading of one. What such
a link leads to is said around it; here it is put together, to read like any other title: agency, year, report.
"""

import re
from collections.abc import Iterator
from itertools import islice
from typing import NamedTuple

from selectolax.lexbor import LexborHTMLParser, LexborNode

from crawler.pages import Link
from crawler.pages.rows import SAYS_NOTHING, folded
from parsers.title_kinds import is_group
from parsers.titles import read_title

_MOST_TABLES = 50
_MOST_ROWS = 1000
_MOST_CELLS = 60
_HEAD_ROWS = 3
_LOOKED_AT = 8  # rows that tell whether a table is a matrix
_YEAR = re.compile(r"(20[0-3]\d)\s*年?\s*(?:度)?(?:政府信息公开)?(?:工作)?(?:年报|年度报告|报告)?")
_HEADED = re.compile(
    r"[\[(【●■◆▪\s]*(20[0-3]\d)\s*年?(?:度)?(?:政府信息公开)?(?:工作)?(?:年报|年度报告|报告)?[\])】:：\s]*"
)
_TICK = re.compile(r"[√✓✔☑●○◎✅▲★有是]|已公开|已发布|年报|年度报告|报告|链接|20\d\d年?(?:度)?(?:年报|报告)?")
_WORDS = re.compile(r"(?:(?:政府|政务)?信息|政务)公开(?:工作)?(?:年度工作报告|工作年度报告|年度报告|工作报告|年报)")
_NAME = re.compile(r"[\u4e00-\u9fff（）()、·]{2,30}")
_ORGAN = re.compile(
    r"(?:政府|局|委|委员会|厅|办|办公室|院|中心|镇|乡|街道|办事处|苏木|园区|开发区|高新区|管委会|处|队|站|公司|集团|[省市县区州盟旗])$"
)
_LAST_OF_ORGANS = frozenset("府局委会厅办室院心镇乡道处木区队站司团省市县州盟旗")
_NUMBER = re.compile(r"\d{0,4}")
_SAID_OF_PAGE = "caption, h1, h2, h3, h4, title, meta[name]"
_FEWEST_NAMES = 3  # links of a list of names
_HEADING_TAGS = frozenset(
    ("h1", "h2", "h3", "h4", "h5", "h6", "dt", "caption", "th", "p", "div", "span", "strong", "b")
)


class Cell(NamedTuple):
    node: LexborNode
    text: str


def composed_titles(tree: LexborHTMLParser) -> dict[int, str]:
    """By mem_id of a link inside a table: the title that the table says of it."""
    titles: dict[int, str] = {}
    tables = [table for table in tree.css("table")[:_MOST_TABLES] if len(table.css("table")) <= 1]
    words: str | None = None
    for table in tables:
        if not _may_be_matrix(table):
            continue
        grid = _grid(table)
        words = words or _words_of(tree)
        own = _WORDS.search(table.text(deep=True)[:2000])
        for anchor, agency, year in _cells(grid):
            title = f"{agency}{year}年{own.group() if own else words}"
            if (own or words) and read_title(title).is_report:
                titles[anchor.mem_id] = title
    return titles


def with_years(tree: LexborHTMLParser, entries: list[Link], anchors: list[LexborNode]) -> list[Link]:
    """Entries with the year of the heading that they stand under, where neither their title nor a date has one."""
    bare = {
        anchor.mem_id
        for link, anchor in zip(entries, anchors, strict=True)
        if not link.listed_on and "公开" in link.title and (read := read_title(link.title)).is_report and not read.year
    }
    if not bare or tree.body is None:
        return entries
    years: dict[int, str] = {}
    year = None
    for node in tree.body.traverse():
        if node.tag == "a":
            if year is not None and node.mem_id in bare:
                years[node.mem_id] = year
        elif node.tag in _HEADING_TAGS and (first := node.first_child) is not None:
            # The heading itself, not what lies around it: its text comes first.
            text = first.text_content if first.is_text_node else None
            if text is not None and (found := _HEADED.fullmatch(text)) and node.css_first("a[href]") is None:
                year = found[1]
    return [
        link._replace(title=f"{years[anchor.mem_id]}年{link.title}") if anchor.mem_id in years else link
        for link, anchor in zip(entries, anchors, strict=True)
    ]


def under_names(tree: LexborHTMLParser, entries: list[Link], anchors: list[LexborNode]) -> list[Link]:
    """Entries of a list whose links are names of agencies alone, under a heading with year and report words."""
    names = [
        number
        for number, link in enumerate(entries)
        if not link.listed_on
        and link.title[-1] in _LAST_OF_ORGANS
        and _NAME.fullmatch(link.title)
        and _ORGAN.search(link.title)
        and not is_group(link.title)
    ]
    if len(names) < _FEWEST_NAMES:
        return entries
    changed = list(entries)
    said: dict[int, str | None] = {}
    for number in names:
        around = anchors[number].parent
        # The list around the rows, not the row.
        for _ in range(4):
            if around is None or around.tag in ("ul", "ol", "table", "tbody", "dl", "body", "div"):
                break
            around = around.parent
        if around is None:
            continue
        if around.mem_id not in said:
            said[around.mem_id] = _heading_of(around)
        if (report := said[around.mem_id]) is not None:
            title = f"{entries[number].title}{report}"
            if read_title(title).is_report:
                changed[number] = entries[number]._replace(title=title)
    return changed


def _heading_of(node: LexborNode) -> str | None:
    """2023年政府信息公开年报 of the heading right in front of a list; None where there is none."""
    before: LexborNode | None = node
    for _ in range(3):
        if before is None:
            return None
        other, steps = before.prev, 0
        while other is not None and steps < 4:
            if other.is_element_node and (text := folded(other.text(deep=True)[:200])):
                words = _WORDS.search(text)
                year = re.search(r"(?<!\d)(20[0-3]\d)\s*年?", text)
                if words is None or year is None or len(text) > 60 or other.css_first("a[href]") is not None:
                    return None
                return f"{year[1]}年{words.group()}"
            other, steps = other.prev, steps + 1
        before = before.parent
        if before is None or before.tag in ("body", "html"):
            return None
    return None


def _may_be_matrix(table: LexborNode) -> bool:
    """Whether a year stands alone in one of the first rows: in any cell of the head, or at the side."""
    return any(
        len(text := cell.text(deep=True)) < 40 and _YEAR.fullmatch(folded(text)) is not None
        for number, row in enumerate(table.css("tr")[:_LOOKED_AT])
        for cell in islice(row.iter(), _MOST_CELLS if number < _HEAD_ROWS else 2)
    )


def _grid(table: LexborNode) -> list[list[Cell]]:
    """The cells of a table, spans filled."""
    grid: list[list[Cell]] = []
    below: dict[int, tuple[int, Cell]] = {}  # column -> rows that a cell above still reaches down, and the cell
    for row in table.css("tr")[:_MOST_ROWS]:
        cells: list[Cell] = []
        for node in row.iter():
            if node.tag not in ("td", "th") or len(cells) >= _MOST_CELLS:
                continue
            _fill(cells, below)
            cell = Cell(node, folded(node.text(deep=True)[:200]))
            wide, high = _span(node, "colspan"), _span(node, "rowspan")
            for _ in range(min(wide, _MOST_CELLS - len(cells))):
                if high > 1:
                    below[len(cells)] = (high - 1, cell)
                cells.append(cell)
        _fill(cells, below)
        grid.append(cells)
    return grid


def _fill(cells: list[Cell], below: dict[int, tuple[int, Cell]]) -> None:
    while (reach := below.pop(len(cells), None)) is not None and len(cells) < _MOST_CELLS:
        rows, cell = reach
        if rows > 1:
            below[len(cells)] = (rows - 1, cell)
        cells.append(cell)


def _span(node: LexborNode, name: str) -> int:
    text = (node.attributes.get(name) or "").strip()
    return max(1, min(int(text), _MOST_CELLS)) if text.isascii() and text.isdecimal() and len(text) < 4 else 1


def _cells(grid: list[list[Cell]]) -> Iterator[tuple[LexborNode, str, str]]:
    """(link, agency, year) of each cell that has both."""
    columns: dict[int, str] = {}
    names: dict[int, str] = {}
    for row in grid[:_HEAD_ROWS]:
        columns = {number: year[1] for number, cell in enumerate(row) if (year := _YEAR.fullmatch(cell.text))}
        if columns and all(cell.node.css_first("a[href]") is None for cell in row):
            break
        columns = {}
    for number, cell in enumerate(grid[0] if grid and not columns else ()):
        if _is_name(cell.text) and cell.node.css_first("a[href]") is None:
            names[number] = cell.text
    seen: set[int] = set()
    for row in grid:
        side = next((cell for cell in row if not _NUMBER.fullmatch(cell.text)), None)
        year_at_side = _YEAR.fullmatch(side.text) if side is not None else None
        for number, cell in enumerate(row):
            said = columns.get(number) or (str(year_at_side[1]) if year_at_side and cell is not side else None)
            if said is None or cell.node.mem_id in seen:
                continue
            seen.add(cell.node.mem_id)
            for anchor in cell.node.css("a[href]")[:_MOST_CELLS]:
                text = folded(anchor.text(deep=True))
                head = side.text if columns and side is not None else names.get(number, "")
                if _is_name(text) and not _TICK.fullmatch(text):
                    yield anchor, text, said
                elif _is_name(head) and _is_mark(text):
                    yield anchor, head, said


def _is_mark(text: str) -> bool:
    return not text or SAYS_NOTHING.match(text) is not None or _TICK.fullmatch(text) is not None


def _is_name(text: str) -> bool:
    if not _NAME.fullmatch(text) or SAYS_NOTHING.match(text) or _WORDS.search(text):
        return False
    return not is_group(text) and text not in ("单位", "单位名称", "机构", "序号", "年份", "名称", "部门")


def _words_of(tree: LexborHTMLParser) -> str | None:
    """The report words that a page uses of itself."""
    for node in tree.css(_SAID_OF_PAGE)[:60]:
        said = node.attributes.get("content") or "" if node.tag == "meta" else node.text(deep=True)
        if (found := _WORDS.search(folded(said[:300]))) is not None:
            return found.group()
    return None
