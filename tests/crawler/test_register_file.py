"""Writing into a register: what is not meant stays as it is, byte for byte."""

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.register.file import EMPTY, RegisterFile, csv_line, records, row_of
from crawler.register.table import COLUMNS, load_agencies, load_register
from parsers.strict_toml import ConfigError

# Another order of columns, quotation marks without need, blank lines, blanks, CRLF, and no end of the last line.
ODD = (
    "\ufeffname,id, duty ,organ,region_code,aliases\r\n"
    '"柳溪县财政局",990101:财政局,no_date,department,990101,"财政,局"\r\n'
    "\r\n"
    ' 柳溪县青石镇 ,990101:青石镇,no_date,"township",990101,'
)


def write(folder: Path, text: str) -> Path:
    path = folder / "agencies.csv"
    path.write_bytes(text.encode())
    return path


def test_an_alias_changes_one_cell(tmp_path: Path) -> None:
    path = write(tmp_path, ODD)
    file = RegisterFile(path)
    file.add_alias("990101:财政局", "柳溪县财政税务局")
    file.add_alias("990101:青石镇", "柳溪县青石")
    backup = file.save()
    expected = ODD.replace('"财政,局"', '"财政,局;柳溪县财政税务局"') + "柳溪县青石"
    assert path.read_bytes().decode() == expected
    assert backup == tmp_path / "agencies.csv.bak" and backup.read_bytes().decode() == ODD
    assert [agency.aliases for agency in load_agencies(path)] == [("财政,局", "柳溪县财政税务局"), ("柳溪县青石",)]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["agencies.csv", "agencies.csv.bak"]


def test_a_row_is_appended_and_columns_come_when_they_are_needed(tmp_path: Path) -> None:
    path = write(tmp_path, ODD)
    file = RegisterFile(path)
    values = {"id": "990101:b", "name": "乙局, 新", "region_code": "990101", "organ": "department", "duty": "no_date"}
    file.append(row_of(values))
    assert file.text == ODD + '\r\n"乙局, 新",990101:b,no_date,department,990101,\r\n'
    file.append(row_of(values | {"id": "990101:c", "covered_by": "990101:b", "predecessors": ("990101:青石镇",)}))
    assert file.text.startswith("\ufeffname,id, duty ,organ,region_code,aliases,predecessors,covered_by\r\n")
    assert '"财政,局",,\r\n\r\n 柳溪县青石镇 ' in file.text
    assert file.text.endswith(',,,\r\n"乙局, 新",990101:c,no_date,department,990101,,990101:青石镇,990101:b\r\n')
    with pytest.raises(ConfigError, match="990101:青石镇 has a successor and no to_year"):
        file.save()
    assert path.read_bytes().decode() == ODD, "a register that would be wrong is not written"


def test_a_register_from_nothing(tmp_path: Path) -> None:
    path = write(tmp_path, EMPTY)
    assert load_register(path).agencies == []
    file = RegisterFile(path)
    assert file.save() is None and not (tmp_path / "agencies.csv.bak").exists()
    file.append(row_of({"id": "990101:b", "name": "乙局", "region_code": "990101", "organ": "other", "duty": "none"}))
    file.save()
    assert [agency.id for agency in load_agencies(path)] == ["990101:b"]


def test_nobody_elses_change_is_lost(tmp_path: Path) -> None:
    path = write(tmp_path, ODD)
    file = RegisterFile(path)
    file.add_alias("990101:财政局", "甲")
    write(tmp_path, ODD + "\r\n")
    with pytest.raises(ConfigError, match="was changed by somebody else just now"):
        file.save()
    with pytest.raises(ConfigError, match="has no agency 990101:丙"):
        file.add_alias("990101:丙", "甲")


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    path = write(tmp_path / "real", ODD)
    link = tmp_path / "agencies.csv"
    link.symlink_to(path)
    path.chmod(0o640)
    file = RegisterFile(link)
    file.add_alias("990101:财政局", "甲")
    file.save()
    assert link.is_symlink() and "甲" in path.read_text("utf-8") and path.stat().st_mode & 0o777 == 0o640


cells = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=6)


@given(
    st.lists(st.lists(cells, min_size=2, max_size=4), min_size=1, max_size=4),
    st.sampled_from(["\n", "\r\n"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_cells_are_found_where_csv_finds_them(rows: list[list[str]], ends: str, quoting: int) -> None:
    buffer = io.StringIO(newline="")
    csv.writer(buffer, lineterminator=ends, quoting=quoting).writerows(rows)  # type: ignore[arg-type]
    text = buffer.getvalue()

    def value(written: str) -> str:
        return written[1:-1].replace('""', '"') if written.startswith('"') else written

    for form in (text, text.removesuffix(ends), "\ufeff" + text):
        read = list(csv.reader(io.StringIO(form.removeprefix("\ufeff"), newline="")))
        found = [[value(form[a:b]) for a, b in record.cells] for record in records(form)]
        # A blank line, as a bare carriage return makes one, has no cell for csv.
        assert [cells if cells != [""] else [] for cells in found] == [cells if cells != [""] else [] for cells in read]


@given(st.dictionaries(st.sampled_from(COLUMNS), cells))
def test_a_line_comes_back(row: dict[str, str]) -> None:
    (read,) = csv.reader(io.StringIO(csv_line(row) + "\n", newline=""))
    assert read == [row.get(column, "") for column in COLUMNS]
