"""README.md, README.zh.md and DICTIONARY.md of a bundle. Their code blocks are run by a test, as they stand."""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from string import Template

from monitor.exports.datapackage import About

_FOLDER = Path(__file__).parent
_FILES = {"README.md": "bundle_readme.en.md", "README.zh.md": "bundle_readme.zh.md"}

_BLOCKS = "bundle_blocks.toml"

_PARQUET_LINE = {
    "README.md": "| `parquet/` | the same as Parquet, far smaller and with types |\n",
    "README.zh.md": "| `parquet/` | 同样的数据表，Parquet 格式，更小且带类型 |\n",
}
_LICENCE = {
    "README.md": (
        "Published under: {licence}.",
        "Whoever publishes this release has stated no licence for it. The reports themselves are official documents of"
        " administrative organs.",
    ),
    "README.zh.md": (
        "许可：{licence}。",
        "发布者未声明许可条件。报告本身属于行政机关的公文。",
    ),
}
_MASKED = {
    "README.md": "{emails} e-mail addresses, {phones} telephone numbers, {identities} numbers of identity cards,"
    " {accounts} accounts, {passages} passages here",
    "README.zh.md": "本次共遮盖邮箱{emails}处、电话{phones}处、证件号{identities}处、账号{accounts}处、"
    "人员名单{passages}处",
}
_WITHHELD = {
    "README.md": "Rows withheld here: {count}.",
    "README.zh.md": "本次涉及{count}行。",
}
_HOLDS = {
    "README.md": "{reports:,} reports (all revisions), {latest:,} of them the ones to trust for an agency and year;"
    " {agencies:,} agencies of the register; {visits:,} visits;"
    " {findings:,} findings, of which {stands:,} stand, {wrong:,} were judged wrong, {open:,} are only shown or wait,"
    " and {gone:,} are gone",
    "README.zh.md": "报告{reports:,}份（含各版本），其中各机关各年度采用{latest:,}份；名录机关{agencies:,}个；"
    "访问{visits:,}次；提示{findings:,}条，其中{stands:,}条仍成立，{wrong:,}条经人核对认为不成立，"
    "{open:,}条只作显示或尚待核对，{gone:,}条已不再成立",
}


def readmes(
    about: About, rows: Mapping[str, int], years: tuple[int | None, int | None], findings: Mapping[str, int]
) -> dict[str, str]:
    """File name -> text, in both languages. rows: how many each table has. years: first and last reporting year.
    findings: how many there are of each status."""
    has_parquet = about.has_parquet
    blocks = tomllib.loads((_FOLDER / _BLOCKS).read_text(encoding="utf-8"))
    latest, cells = ("'parquet/latest.parquet'", "'parquet/cells.parquet'") if has_parquet else (
        "read_csv('csv/latest.csv', sample_size = -1)", "read_csv('csv/cells.csv', sample_size = -1)"
    )  # fmt: skip
    found = {}
    for name, template in _FILES.items():
        fields = {
            **about.facts,
            "version": about.facts["nianbao"],
            "short": about.short,
            "day": about.facts["made_at"][:10],
            "years": "–".join(dict.fromkeys(str(year) for year in years if year is not None)) or "—",
            "holds": _HOLDS[name].format(**rows, **_counts(findings)),
            "parquet_line": _PARQUET_LINE[name] if has_parquet else "",
            "sql": blocks["sql"],
            "duckdb": blocks["duckdb"].format(latest=latest, cells=cells),
            "pandas": blocks["pandas_parquet" if has_parquet else "pandas_latest"],
            "pandas_csv": blocks["pandas_latest" if has_parquet else "pandas_cells"],
            "licence": _LICENCE[name][about.licence is None].format(licence=about.licence),
            "masked": _MASKED[name].format_map(about.masked),
            "withheld": _WITHHELD[name].format(count=about.withheld),
        }
        found[name] = Template((_FOLDER / template).read_text(encoding="utf-8")).substitute(fields)
    return found


def _counts(findings: Mapping[str, int]) -> dict[str, int]:
    """What the README counts apart; open: whatever neither stands, nor was judged wrong, nor is gone."""
    named = {status: findings.get(status, 0) for status in ("stands", "wrong", "gone")}
    return named | {"open": sum(findings.values()) - sum(named.values())}


def dictionary(entries: Sequence[tuple[str, str, str, str | None, str]]) -> str:
    """DICTIONARY.md. entries: (table, column or "", type, label, description), each table before its columns."""
    lines = [
        "# Data dictionary",
        "",
        "Every table, view and column of `nianbao.sqlite`, from its table `dictionary`. The files in `csv/` and",
        "`parquet/` have the columns of the table or view of their name, but for those of bytes; `reports` there has",
        "also `is_latest` and `variants`, which the database has in `wide`.",
        "Times are ISO text in UTC, days ISO text. Labels are quoted from the official forms.",
    ]
    for table, column, sql_type, label, description in entries:
        if not column:
            lines += ["", f"## `{table}` ({sql_type})", "", description, "", "| column | type | holds |"]
            lines.append("| --- | --- | --- |")
        else:
            words = f"{label}. {description}" if label else description
            lines.append(f"| `{column}` | {sql_type} | {words.replace('|', chr(92) + '|')} |")
    return "\n".join(lines) + "\n"
