"""Plain text in the shapes that copying a report leaves: tables flattened to lines.

Four shapes are known, and one file may mix them:
- a cell a line, each begun by a tab, rows parted by an empty line (what word processors export);
- a row a line, cells parted by tabs;
- a row a line, cells parted by blanks (what PDF viewers copy);
- a cell a line without any mark (what browsers and messengers leave).
"""

import re
from collections.abc import Iterator
from itertools import pairwise

from parsers.blocks import Block, Document, Grid, Paragraph
from parsers.encoding import decode

_INVISIBLE = re.compile("[\u200b-\u200f\u2060\ufeff\u00ad]")
_MARKS = re.compile(r"\[(?:bookmark|image): [^\]]*\]")
_VALUE = r"[+\-−]?[\d０-９][\d０-９,，.．]*(?:万元|亿元|元|件|条|项|个)?"
_NOTHING = r"/|／|-|－|—+|无|不适用"
_VALUE_LINE = re.compile(rf"(?:{_VALUE}|{_NOTHING})")
_SPACED_ROW = re.compile(rf"(?P<label>.*?\S)??(?P<values>(?:(?:^|\s+)(?:{_VALUE}|{_NOTHING})){{2,}})\s*")
_SINGLE_ROW = re.compile(rf"(?P<label>\S.*?)\s+(?P<values>{_VALUE}|{_NOTHING})")
_SENTENCE = re.compile(r"[。；;，,：:！？!?]")
_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_LABEL_LENGTH = 60  # characters; the form's longest label has 40
_LONGEST_ROW = 300  # characters of a row whose cells are parted by blanks
_FEWEST_ROWS = 3  # fewer label-and-figures rows than this in bare lines are prose with a number in it


def read(data: bytes) -> Document:
    """Read a text file of any encoding. Returns a Document of media "text"; its grids are loose."""
    return read_text(decode(data))


def read_text(text: str) -> Document:
    """Read text that is decoded already."""
    text = _MARKS.sub("", _INVISIBLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))
    blocks: list[Block] = []
    for kind, lines in _runs(text.split("\n")):
        if kind == "bare":
            blocks += _bare_blocks(lines)
        elif kind == "cells":
            blocks.append(Grid(_cell_rows(lines), loose=True))
        else:
            gapless = any("\t" not in line for line in lines)
            blocks.append(Grid([_tabbed_row(line) for line in lines], loose=True, gapless=gapless))
    return Document("text", blocks)


def _kind(line: str) -> str:
    if not line.strip():
        return "cells" if "\t" in line else "empty"
    if "\t" not in line:
        match = _SPACED_ROW.fullmatch(line.strip()) if len(line) <= _LONGEST_ROW else None
        return "rows" if match and len(match["label"] or "") <= _LABEL_LENGTH else "bare"
    return "cells" if line.startswith("\t") and line.count("\t") == 1 else "rows"


def _kinds(lines: list[str]) -> list[str]:
    """The shape of each line. Headings of columns, and rows of a single figure, are known by the rows beside them."""
    kinds = [_kind(line) for line in lines]
    full = [i for i, kind in enumerate(kinds) if kind != "empty"]
    for before, i in pairwise(full):
        beside = _is_spaced(kinds[before], lines[before]) or _is_heading(lines[before])
        if kinds[i] == "bare" and beside and _is_single(lines[i]):
            kinds[i] = "rows"
    for i, after in reversed(list(pairwise(full))):
        if kinds[i] == "bare" and _is_spaced(kinds[after], lines[after]) and _is_heading(lines[i]):
            kinds[i] = "rows"
    return kinds


def _is_spaced(kind: str, line: str) -> bool:
    return kind == "rows" and "\t" not in line


def _is_heading(line: str) -> bool:
    """Whether a line holds several words, as the headings of columns do, and no sentence."""
    return len(line) <= _LONGEST_ROW and "\t" not in line and len(line.split()) > 1 and not _is_sentence(line)


def _is_single(line: str) -> bool:
    """Whether a line is a label and one figure."""
    return len(line) <= _LABEL_LENGTH and not _is_sentence(line) and bool(_SINGLE_ROW.fullmatch(line.strip()))


def _is_sentence(line: str) -> bool:
    return bool(_SENTENCE.search(_BRACKETS.sub("", line)))


def _runs(lines: list[str]) -> Iterator[tuple[str, list[str]]]:
    """Runs of lines of one shape: "bare", "cells" (empty lines kept, they part rows) or "rows"."""
    run: list[str] = []
    current = "bare"
    for line, kind in zip(lines, _kinds(lines), strict=True):
        if kind == "empty":
            # Only for cells do empty lines mean something.
            if current != "rows":
                run.append("")
            continue
        if kind == "bare" and current == "cells" and run and run[-1]:
            # A cell that holds a line break: what follows the break has no tab.
            run.append(line)
            continue
        if kind != current:
            if run:
                yield current, run
            run, current = [], kind
        run.append(line)
    if run:
        yield current, run


def _cell_rows(lines: list[str]) -> list[list[str | None]]:
    rows: list[list[str | None]] = []
    row: list[str | None] = []
    for line in lines:
        if not line:
            if row:
                rows.append(row)
            row = []
        elif line.startswith("\t"):
            row.append(_fold(line))
        else:
            row[-1] = f"{row[-1]}\n{_fold(line)}".strip()
    if row:
        rows.append(row)
    return rows


def _tabbed_row(line: str) -> list[str | None]:
    if "\t" in line:
        return [_fold(cell) for cell in line.split("\t")]
    match = _SPACED_ROW.fullmatch(line.strip()) or _SINGLE_ROW.fullmatch(line.strip())
    if not match:
        return list(line.split())
    label = match["label"]
    return [*([_fold(label)] if label else []), *match["values"].split()]


def _bare_blocks(lines: list[str]) -> Iterator[Block]:
    """Prose as paragraphs; runs of label lines and figure lines as one grid, a row for each label with its figures."""
    texts = [text for line in lines if (text := _fold(line))]
    is_value = [bool(_VALUE_LINE.fullmatch(text)) for text in texts]
    rows = _bare_rows(texts, is_value)
    if len(rows) < _FEWEST_ROWS:
        rows = []
    done = 0
    grid: list[list[str | None]] = []
    for start, end in rows:
        if start > done and grid:
            yield Grid(grid, loose=True, gapless=True)
            grid = []
        yield from map(Paragraph, texts[done:start])
        grid.append(list(texts[start:end]))
        done = end
    if grid:
        yield Grid(grid, loose=True, gapless=True)
    yield from map(Paragraph, texts[done:])


def _bare_rows(texts: list[str], is_value: list[bool]) -> list[tuple[int, int]]:
    """(start, end) of each row: the label lines in front of a run of figure lines, and that run."""
    rows: list[tuple[int, int]] = []
    position = 0
    while position < len(texts):
        if not is_value[position]:
            position += 1
            continue
        end = position
        while end < len(texts) and is_value[end]:
            end += 1
        start = position
        earliest = rows[-1][1] if rows else 0
        while start > earliest and _is_label(texts[start - 1]):
            start -= 1
        if start < position or end - position > 1:
            rows.append((start, end))
        position = end
    return rows


def _is_label(text: str) -> bool:
    return len(text) <= _LABEL_LENGTH and not text.endswith(("。", "；", ";"))


def _fold(text: str) -> str:
    return " ".join(text.split())
