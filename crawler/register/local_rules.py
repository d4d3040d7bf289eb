"""The file of local rules: by when a region's own bodies publish, where a document of that region says so.

Its columns: docs/agencies.md. Read as strictly as the register: a date that nobody can look up accuses somebody.
"""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from crawler.register.checks import ORGANS, REGION_CODE
from crawler.register.rows import read_table, table_rows
from db.local_rules import LocalRule, LocalRules, region_stem
from parsers.strict_toml import ConfigError, unknown_name

COLUMNS = ("region_code", "organ", "from_year", "to_year", "month", "day", "name", "source")
REQUIRED = tuple(name for name in COLUMNS if name != "to_year")
# The first reporting year of all (regulation of 2007), and one that no document of today speaks of.
_YEARS = range(2008, 2101)
_NO_LEAP_YEAR = 2001


def load_local_rules(path: Path) -> LocalRules:
    """Read a file of local rules: UTF-8, comma separated, the columns COLUMNS in any order, one rule a line.

    Raises ConfigError with every fault as `file:line: column: what is wrong; what would be right`.
    """
    return parse_local_rules(read_table(path), str(path))


def parse_local_rules(text: str, name: str) -> LocalRules:
    """Read the text of such a file; `name` stands for it in the sentences. See load_local_rules."""
    faults: list[str] = []
    found: dict[tuple[str, str], list[tuple[int, LocalRule]]] = defaultdict(list)
    for line, row in table_rows(text, name, COLUMNS, REQUIRED, faults):
        wrong = _row_faults(row)
        if not wrong:
            rule = _rule(row)
            of_these = found[rule.region_code, rule.organ]
            wrong = _overlaps(rule, of_these)
            of_these.append((line, rule))
        faults += [f"{name}:{line}: {fault}" for fault in wrong]
    if faults:
        raise ConfigError(faults)
    return LocalRules(rule for of_these in found.values() for _, rule in of_these)


def _row_faults(row: dict[str, str]) -> list[str]:
    faults = [f"{name}: is empty; fill it in" for name in REQUIRED if not row[name]]
    code, organ, source = row["region_code"], row["organ"], row["source"]
    if code and not REGION_CODE.fullmatch(code):
        faults.append(f"region_code: must be digits of GB/T 2260, as in 370481 (found {code!r})")
    if organ and organ not in ORGANS:
        faults.append(f"organ: unknown organ {organ!r}; {unknown_name(organ, ORGANS)}")
    if source and not _is_address(source):
        faults.append(
            f"source: must be the document's web address, as in https://www.example.gov.cn/… (found {source!r})"
        )
    if row["name"] and _is_address(row["name"]):
        faults.append("name: must be the title of the document, as in 《…办法》; its address goes into source")
    return faults + _year_faults(row) + _date_faults(row)


def _year_faults(row: dict[str, str]) -> list[str]:
    faults = []
    years = {}
    for name in ("from_year", "to_year"):
        if not row.get(name):
            continue
        year = _number(row[name])
        if year is None or year not in _YEARS:
            or_empty = " or empty" if name == "to_year" else ""
            faults.append(f"{name}: must be a reporting year from {_YEARS[0]} on{or_empty} (found {row[name]!r})")
        else:
            years[name] = year
    if len(years) == 2 and years["from_year"] > years["to_year"]:
        faults.append(f"to_year: {years['to_year']} is before from_year {years['from_year']}; exchange them")
    return faults


def _date_faults(row: dict[str, str]) -> list[str]:
    if not (row["month"] and row["day"]):
        return []
    month, day = _number(row["month"]), _number(row["day"])
    faults = [
        f"{name}: must be a number, as in {example} (found {row[name]!r})"
        for name, number, example in (("month", month, "1"), ("day", day, "31"))
        if number is None
    ]
    if month is None or day is None:
        return faults
    try:
        date(_NO_LEAP_YEAR, month, day)
    except ValueError:
        wrong = "month" if not 1 <= month <= 12 else "day"
        return [f"{wrong}: there is no day {day} of month {month} in every year; write one that there is"]
    return []


def _overlaps(rule: LocalRule, before: Sequence[tuple[int, LocalRule]]) -> list[str]:
    """What says that a body would have two dates for one year. before: the rules for bodies of its kind in its region,
    with their lines."""
    for line, other in before:
        first = max(rule.from_year, other.from_year)
        if rule.holds_for(first) and other.holds_for(first):
            return [
                f"from_year: line {line} has a date for {rule.organ} of this region for {first} already; "
                "end that rule before this one with to_year, or take one out"
            ]
    return []


def _rule(row: dict[str, str]) -> LocalRule:
    return LocalRule(
        region_code=region_stem(row["region_code"]),
        organ=row["organ"],
        from_year=int(row["from_year"]),
        to_year=int(row["to_year"]) if row.get("to_year") else None,
        month=int(row["month"]),
        day=int(row["day"]),
        name=row["name"],
        source=row["source"],
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 4 else None


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.hostname) and not any(mark.isspace() for mark in text)
