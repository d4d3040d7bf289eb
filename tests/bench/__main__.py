"""`python -m tests.bench`: measure, print ratios, and end with status 1 where a goal is missed or a cell is wrong."""

import io
import os
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

from tests.bench import browser, crawl, documents, lists, telling, watch
from tests.bench.measure import Result, at_most, faster_than, show

# The kernel's own mark of the highest memory: what resource reports is inherited from the process that started us.
_PEAK = """
import pathlib, sys
from monitor.reading import read_file
if not all(read_file(path).report for path in sys.argv[1:]):
    sys.exit("a file could not be read")
lines = pathlib.Path("/proc/self/status").read_text().splitlines()
print(next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM")))
"""


def html_results() -> list[Result]:
    import pandas
    from lxml import etree

    from parsers.read import read_report

    page = documents.portal_page(documents.samples()[0])
    text = page.decode()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [
            at_most(
                f"HTML, {len(page) // 1000} KB, bytes to report",
                lambda: read_report(page),
                "lxml parses the bytes",
                lambda: etree.HTML(page),
                2.7,
            ),
            faster_than(
                "HTML, the same",
                lambda: read_report(page),
                "pandas.read_html, tables alone",
                lambda: pandas.read_html(io.StringIO(text)),
                1.5,
            ),
        ]


def pdf_results() -> list[Result]:
    import pdfplumber

    from parsers.read import read_report
    from tests.bench.pdf_floor import text_and_path_bounds

    data = documents.ruled_pdf(documents.samples()[0])
    pages = read_pages(data)

    def plumber() -> object:
        with pdfplumber.open(io.BytesIO(data)) as file:
            return [page.extract_tables() for page in file.pages]

    return [
        at_most(
            f"PDF, {pages} pages, ruled, bytes to report",
            lambda: read_report(data),
            "pypdfium2 text and path bounds",
            lambda: text_and_path_bounds(data),
            1.6,
        ),
        faster_than("PDF, the same", lambda: read_report(data), "pdfplumber.extract_tables", plumber, 12, passes=3),
    ]


def read_pages(data: bytes) -> int:
    import pypdfium2

    with pypdfium2.PdfDocument(data) as file:
        return len(file)


def docx_results() -> list[Result]:
    import docx
    from lxml import etree

    from parsers.read import read_report

    data = documents.long_docx(documents.samples()[0])

    def floor() -> object:
        with zipfile.ZipFile(io.BytesIO(data)) as file:
            return etree.fromstring(file.read("word/document.xml"))

    def row_cells() -> object:
        return [
            [cell.text for cell in row.cells] for table in docx.Document(io.BytesIO(data)).tables for row in table.rows
        ]

    with zipfile.ZipFile(io.BytesIO(data)) as file:
        size = file.getinfo("word/document.xml").file_size // 1000
    return [
        at_most(
            f"docx, document.xml {size} KB, bytes to report",
            lambda: read_report(data),
            "unzip and lxml parse",
            floor,
            5,
        ),
        faster_than("docx, the same", lambda: read_report(data), "python-docx row.cells", row_cells, 7, passes=7),
    ]


def xlsx_results() -> list[Result]:
    import openpyxl

    from parsers.read import read_report

    data = documents.workbook(documents.samples()[0])

    def other() -> object:
        sheets = openpyxl.load_workbook(io.BytesIO(data)).worksheets
        return [list(sheet.iter_rows(values_only=True)) for sheet in sheets]

    return [
        faster_than("xlsx, bytes to report", lambda: read_report(data), "openpyxl, cells alone", other, 2, passes=9)
    ]


def many_files(count: int = 600) -> list[Result]:
    """Many files with one process and with all; the peak memory of a worker."""
    from monitor.reading import read_file, read_files

    cores = os.cpu_count() or 1
    with tempfile.TemporaryDirectory() as folder:
        paths = []
        written = [(documents.portal_page(s), "html") for s in documents.samples()] + [
            (documents.ruled_pdf(s), "pdf") for s in documents.samples(3)
        ]
        for number in range(count):
            data, ending = written[number % len(written)]
            path = Path(folder) / f"{number}.{ending}"
            path.write_bytes(data)
            paths.append(str(path))
        started = time.perf_counter()
        alone = [read_file(path).report is not None for path in paths]
        single = time.perf_counter() - started
        started = time.perf_counter()
        together = [read.report is not None for read in read_files(paths)]
        pooled = time.perf_counter() - started
        wanted = min(cores, 2) * 0.7
        speed = Result(
            f"{count} files, {cores} processes",
            pooled * 1e3,
            "one process",
            single * 1e3,
            single / pooled,
            f"at least {wanted:g}x faster",
            single / pooled >= wanted and alone == together,
        )
        peak = float(
            subprocess.run([sys.executable, "-c", _PEAK, *paths], check=True, capture_output=True, text=True).stdout
        )
    return [
        speed,
        Result(f"peak memory of a worker, {count} files (MB)", peak, "", 0.0, peak, "under 150 MB", peak < 150),
    ]


def cells_checked() -> int:
    wrong = 0
    for sample in documents.samples():
        for write in (documents.portal_page, documents.long_docx, documents.ruled_pdf, documents.workbook):
            wrong += documents.wrong_cells(write(sample), sample)
    return wrong


def main() -> int:
    results = [
        *html_results(),
        *pdf_results(),
        *docx_results(),
        *xlsx_results(),
        *many_files(),
        *lists.results(),
        *crawl.results(),
        *browser.results(),
        *telling.results(),
        *watch.results(),
    ]
    show(results, "Ratios, measured side by side in this run")
    wrong = cells_checked()
    print(f"cells read wrongly: {wrong}")
    return int(wrong > 0 or not all(r.met for r in results))


if __name__ == "__main__":
    sys.exit(main())
