"""What is checked of one row of a register by itself."""

import re
import unicodedata

from parsers.regions import knows_code, list_facts
from parsers.strict_toml import unknown_name

REQUIRED = ("id", "name", "region_code", "organ", "duty")
DUTIES = ("art49_department", "art49_government", "no_date", "none")
ORGANS = ("government", "office", "department", "township", "street", "zone", "branch", "other")
"""A government of any level above townships; an office that reports beside its government; a department; a town,
township or sumu; a street; a zone or park with a committee of its own; a branch bureau or a body under vertical
management; whatever is none of these."""

REGION_CODE = re.compile(r"\d{2}|\d{4}|\d{6}|\d{9}|\d{12}", re.ASCII)
_YEARS = range(1949, 2101)
# An address, or an official document: its title in 《》, its number in 〔〕, its kind, or an article of it.
_SOURCE = re.compile(
    r"https?://[^\s/]+|《[^》]+》|[〔\[]\d{4}[〕\]]|条例|法|办法|规定|细则|通知|意见|决定|方案|公告|令"
    r"|第[一二三四五六七八九十百\d]+条|\bArticle \d+",
    re.I,
)

# A title of a foreign site must not become a formula in the table program in which the register is opened.
_FORMULA = ("=", "+", "-", "@")


def mark_fault(name: str) -> str:
    """What a name holds that none can that a command writes; "" where there is nothing. `;` separates the names of a
    cell. A file that a person wrote may break a name over lines: blanks do not count in it."""
    if name.startswith(_FORMULA):
        return f"must not begin as a formula of a spreadsheet does (found {name!r}); write one name as printed"
    marks = [mark for mark in name if mark in ";；" or unicodedata.category(mark) in ("Cc", "Cf")]
    if not marks:
        return ""
    return f"must have neither `;` nor control characters (found {marks[0]!r} in {name!r}); write one name as printed"


def row_faults(row: dict[str, str]) -> list[str]:
    """Every fault of a row as `column: what is wrong; what would be right`. row: column -> stripped text."""
    faults = [f"{name}: is empty; fill it in" for name in REQUIRED if not row[name]]
    code = row["region_code"]
    if code and not REGION_CODE.fullmatch(code):
        faults.append(f"region_code: must be digits of GB/T 2260, as in 370481 (found {code!r})")
    if row["id"] and code and not (row["id"].startswith(f"{code}:") and row["id"] != f"{code}:"):
        faults.append(
            f"id: must be the region code, a colon and the local name, as in {code}:财政局 (found {row['id']!r})"
        )
    if row["id"] and re.search(r"[;；\s]", row["id"]):
        faults.append(f"id: must have neither blanks nor `;` (found {row['id']!r})")
    organ = row["organ"]
    if organ and organ not in ORGANS:
        faults.append(f"organ: unknown organ {organ!r}; {unknown_name(organ, ORGANS)}")
    return faults + _duty_faults(row) + _year_faults(row)


def row_warnings(row: dict[str, str]) -> list[str]:
    """What is odd about a row without being a fault."""
    code = row["region_code"]
    if knows_code(code):
        return []
    return [
        f"region_code: {code} is not in the region list of {list_facts().date}; "
        "check it, or leave it where the code is older or newer than the list"
    ]


def _duty_faults(row: dict[str, str]) -> list[str]:
    duty, source = row["duty"], row.get("duty_source", "")
    faults = []
    if duty and duty not in DUTIES:
        faults.append(f"duty: unknown duty {duty!r}; {unknown_name(duty, DUTIES)}")
    if not duty.startswith("art49"):
        return faults
    if not source:
        faults.append("duty_source: is empty; a dated duty needs its source, as in 政府信息公开条例 (2019), Article 49")
    elif duty in DUTIES and not _SOURCE.search(source):
        faults.append(
            "duty_source: must be an address (https://…) or an official document, "
            f"as in 政府信息公开条例 (2019), Article 49 (found {source!r})"
        )
    return faults


def _year_faults(row: dict[str, str]) -> list[str]:
    faults = []
    years = {}
    for name in ("from_year", "to_year"):
        text = row.get(name, "")
        if text and not (text.isascii() and text.isdigit() and int(text) in _YEARS):
            faults.append(f"{name}: must be a year or empty (found {text!r})")
        elif text:
            years[name] = int(text)
    if len(years) == 2 and years["from_year"] > years["to_year"]:
        faults.append(f"to_year: {years['to_year']} is before from_year {years['from_year']}")
    return faults
