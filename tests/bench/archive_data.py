"""Figures of a whole country, made up: 51 agencies in each county, their reports of seven years, both forms.

Most agencies have hardly any applications, some have many, so that about one cell in twenty is not zero, as in real
reports. Tables balance, but for some breaches. Some rows are absent, some cells blank. Packed, since no document is
parsed here; places are those of a page, where a figure has a row and a column but no box.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from db.archive import Archive
from db.collected.documents import compress
from db.readings.packing import PackedReport, Row, figure_columns
from db.readings.rows import as_json
from db.records import Agency
from db.schema.wide import columns_of, row_figures, variant_bits
from parsers.form import Form, load_forms
from parsers.report import UNIT_UNKNOWN

YEARS = range(2019, 2026)
PORTAL = "country"
_ORGANS = (
    "人民政府办公室", "发展和改革局", "教育局", "科学技术局", "工业和信息化局", "民族宗教事务局", "公安局", "民政局",
    "司法局", "财政局", "人力资源和社会保障局", "自然资源局", "生态环境局", "住房和城乡建设局", "交通运输局",
    "水利局", "农业农村局", "商务局", "文化和旅游局", "卫生健康局", "退役军人事务局", "应急管理局", "审计局",
    "国有资产监督管理局", "市场监督管理局", "体育局", "统计局", "医疗保障局", "乡村振兴局", "信访局", "城市管理局",
    "行政审批局", "林业局", "机关事务管理局", "人民防空办公室", "金融工作局", "大数据管理局", "档案局",
    "粮食和物资储备局", "供销合作社", "地震局", "气象局", "税务局", "烟草专卖局", "公路管理局", "残疾人联合会",
    "园区管委会", "东街道办事处", "西街道办事处", "南街道办事处", "北街道办事处",
)  # fmt: skip
_SYLLABLES = "柳溪青云白河安平宁丰和兴龙泉石桥"
_APPLICANTS = ("natural_person", "business", "research", "public_welfare", "legal_service", "other")
_SHARES = np.array([0.80, 0.12, 0.01, 0.01, 0.04, 0.02])
# How often an application ends in each row; `other` stands for what the form has of it.
_RESULTS = {
    "granted": 0.40, "partly_granted": 0.09, "refused_state_secret": 0.002, "refused_law_forbids": 0.01,
    "refused_security": 0.003, "refused_third_party": 0.015, "refused_internal": 0.03, "refused_process": 0.03,
    "refused_enforcement_file": 0.03, "refused_admin_query": 0.02, "unavailable_not_held": 0.2,
    "unavailable_not_ready": 0.03, "unavailable_unclear": 0.02, "dismissed_petition": 0.04, "dismissed_repeat": 0.02,
    "dismissed_publication": 0.005, "dismissed_excessive": 0.003, "dismissed_reconfirm": 0.002, "other": 0.05,
}  # fmt: skip
_CASES = ("reconsideration", "litigation_direct", "litigation_after_reconsideration")
_ENDS = ("upheld", "corrected", "other", "pending")
_BALANCE_BROKEN, _CARRY_BROKEN, _ROW_ABSENT, _BLANK, _ONE_OTHER_ROW = 0.01, 0.02, 0.03, 0.04, 0.03
_STOCK_BROKEN, _JUMPS = 0.02, 0.01
_STOCK = "disclosure.normative_documents"
_MAY_BE_BLANK = ("disclosure.licensing.decisions", "disclosure.penalties.decisions", "disclosure.coercion.decisions")
_MAY_BE_ABSENT = "applications.dismissed_excessive"


class County(NamedTuple):
    """code, name: of a county that is nowhere. agencies: its authorities."""

    code: str
    name: str
    agencies: list[Agency]


class _Layout(NamedTuple):
    """Where a form's figures stand in the row: figure -> place; the units of the amounts as well."""

    form: Form
    at: dict[str, int]
    width: int
    units: dict[int, str]  # place of an amount's unit -> the unit
    cells: dict[str, list[int]]  # "table.row.*" -> places of its cells
    places: bytes


def counties(reports: int) -> list[County]:
    """So many counties that their agencies' reports of all years are about so many."""
    found = []
    for number in range(max(1, round(reports / len(YEARS) / len(_ORGANS)))):
        # Codes that begin with 90 or more are of no province.
        code = f"{90 + number // 2500:02}{1 + number // 50 % 50:02}{1 + number % 50:02}"
        pick = [_SYLLABLES[number // len(_SYLLABLES) ** power % len(_SYLLABLES)] for power in range(3)]
        name = "".join(pick) + "县"
        agencies = [
            Agency(f"{code}:{organ}", name + organ, (), code, "department", "art49_department", "条例第四十九条")
            for organ in _ORGANS
        ]
        found.append(County(code, name, agencies))
    return found


def share_not_zero(archive: Archive) -> float:
    """Of the cells that have a number, in some thousand reports."""
    names = [f'"{row[1]}"' for row in archive.query("PRAGMA table_info(wide)") if row[2] in ("INTEGER", "REAL")][5:]
    given = "+".join(f"({name} IS NOT NULL)" for name in names)
    zero = "+".join(f"coalesce({name} = 0, 0)" for name in names)
    ((cells, zeros),) = archive.query(f"SELECT sum({given}), sum({zero}) FROM wide WHERE report_id % 101 = 0")
    return 1 - zeros / cells


def reports_of(county: County, documents: list[str]) -> Iterator[PackedReport]:
    """The reports of a county as its portal lists them: the newest year first."""
    dice = np.random.default_rng(int(county.code))
    years = list(_years(dice, len(county.agencies)))
    number = int(county.code) * 1000
    for year, figures in reversed(list(zip(YEARS, years, strict=True))):
        layout = _LAYOUTS["2019" if year < 2021 else "2021"]
        odd = dice.random((len(county.agencies), 3))
        for agency, row, chances in zip(county.agencies, _rows(layout, figures, dice), odd, strict=True):
            number += 1
            yield _report(county, agency, year, layout, row, chances, documents[number % len(documents)], number)


def _years(dice: np.random.Generator, agencies: int) -> Iterator[dict[str, Any]]:
    """Of each year, figure -> a number for each agency. What is carried out is carried in the year after."""
    rate = dice.lognormal(-0.2, 1.7, agencies)[:, None] * _SHARES
    carried = dice.binomial(dice.poisson(rate), 0.06)
    stock = dice.poisson(4, agencies)
    for _ in YEARS:
        new = dice.poisson(rate)
        carried[:, 0] += dice.random(agencies) < _CARRY_BROKEN
        held = carried + new
        out = dice.binomial(held, 0.06)
        results = dice.multinomial(held - out, np.array([*_RESULTS.values()]) / sum(_RESULTS.values()))
        rows = {"new": new, "carried_in": carried, "processed": held - out, "carried_out": out}
        rows |= {name: results[:, :, number] for number, name in enumerate(_RESULTS)}
        figures: dict[str, Any] = {}
        for name, cells in rows.items():
            for number, applicant in enumerate(_APPLICANTS):
                figures[f"applications.{name}.{applicant}"] = cells[:, number]
            figures[f"applications.{name}.total"] = cells.sum(axis=1)
        for figure in ("applications.new.total", "applications.granted.total"):
            figures[figure] = figures[figure] + (dice.random(agencies) < _BALANCE_BROKEN)
        for case in _CASES:
            ends = dice.poisson(rate[:, :1] * np.array([0.03, 0.006, 0.006, 0.008]))
            figures |= {f"challenges.{case}.{end}": ends[:, number] for number, end in enumerate(_ENDS)}
            figures[f"challenges.{case}.total"] = ends.sum(axis=1)
        issued, repealed = dice.poisson(0.6, agencies), dice.binomial(stock, 0.1)
        stock = stock + issued - repealed + (dice.random(agencies) < _STOCK_BROKEN)
        figures |= {f"{_STOCK}.issued": issued, f"{_STOCK}.repealed": repealed, f"{_STOCK}.in_force": stock}
        yield figures
        carried = out.copy()


def _rows(layout: _Layout, figures: dict[str, Any], dice: np.random.Generator) -> Iterator[list[Any]]:
    """The figures of one year as one row for each agency."""
    agencies = len(figures["applications.new.total"])
    table = np.zeros((agencies, layout.width), dtype=np.int64)
    for figure, place in layout.at.items():
        if figure in figures:
            table[:, place] = figures[figure]
        elif figure.startswith("applications.other_rest."):
            table[:, place] = figures[figure.replace("other_rest", "other")]
        elif figure.startswith("disclosure.") and "regulations" not in figure:
            has_power = np.arange(agencies) % 5 == place % 5
            jumps = np.where(dice.random(agencies) < _JUMPS, 6, 1)
            table[:, place] = dice.poisson(40, agencies) * has_power * jumps
    yield from table.tolist()


def _report(
    county: County, agency: Agency, year: int, layout: _Layout, row: list[Any], chances: Any, sha256: str, number: int
) -> PackedReport:
    states: list[Row] = []
    for place, unit in layout.units.items():
        row[place - 1], row[place] = float(row[place - 1]), unit
    bits = variant_bits(layout.form)
    unprinted = []
    if bits:
        has_one_row = chances[0] < _ONE_OTHER_ROW
        unprinted = [r for r, bit in bits.items() if (bit == bits["applications.other"]) != has_one_row]
        if has_one_row:
            for one, rest in zip(
                layout.cells["applications.other.*"], layout.cells["applications.other_rest.*"], strict=True
            ):
                row[one] = row[rest]
    if chances[1] < _ROW_ABSENT and not any(row[place] for place in layout.cells[f"{_MAY_BE_ABSENT}.*"]):
        unprinted.append(_MAY_BE_ABSENT)
    for absent in unprinted:
        states.append((f"{absent}.*", "row_absent", None, None, None))
        for place in layout.cells[f"{absent}.*"]:
            row[place] = None
    if chances[2] < _BLANK:
        for figure in _MAY_BE_BLANK:
            row[layout.at[figure]] = None
            states.append((figure, "blank", "", "printed", None))
    variants = sum({1 << bit for r, bit in bits.items() if r not in unprinted})
    day = f"{year + 1}-01-{10 + number % 20}"
    title = f"{agency.name}{year}年政府信息公开工作年度报告"
    columns = (
        agency.id, agency.name, PORTAL, sha256, f"{number * 2654435761 % 2**64:064x}",
        sum(cell is not None for cell in row) - len(layout.units), "html", agency.name, layout.form.name, title,
        day, day, "page label", f"{year}-01-01", f"{year}-12-31", "1",
    )  # fmt: skip
    return PackedReport(
        agency.id,
        year,
        PORTAL,
        f"https://www.{county.code}.example/zwgk/xxgknb/{year + 1}01/t{number}.html",
        f"{year + 1}-02-01T02:{number % 60:02}:00+00:00",
        columns,
        variants,
        tuple(row),
        layout.places,
        {
            "cell_states": states,
            "sections": [],
            "doubts": [],
            "scopes": [("applications", "全县")] if number % 10 == 0 else [],
            "report_bodies": [],
            "date_candidates": [
                (0, "signed", day, "signature", day),
                (1, "published", day, "page label", f"发布时间：{day}"),
            ],
        },
    )


def _layout(form: Form) -> _Layout:
    names = figure_columns(form)
    at, units, cells = {}, {}, {}
    for column in columns_of(form):
        place = at[column.figure] = names.index(column.column)
        cells.setdefault(row_figures(column.figure), []).append(place)
        if column.is_amount:
            units[place + 1] = "万元" if form.name == "2021" else UNIT_UNKNOWN
    places = [[None, None, 0, 2 + number // 7, number % 7] for number in range(len(form.figure_names))]
    return _Layout(form, at, len(names), units, cells, compress(as_json(places).encode()))


_LAYOUTS = {name: _layout(form) for name, form in load_forms().items()}
