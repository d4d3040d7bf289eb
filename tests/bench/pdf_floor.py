"""The least that any reader of a PDF does: each page's text and the bounds of each path, through pypdfium2."""

import ctypes

import pypdfium2
import pypdfium2.raw as pdfium


def text_and_path_bounds(data: bytes) -> int:
    """How many characters and paths a PDF has, having looked at each."""
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    edges = [ctypes.byref(edge) for edge in (left, bottom, right, top)]
    seen = 0
    with pypdfium2.PdfDocument(data) as file:
        for page in file:
            for number in range(pdfium.FPDFPage_CountObjects(page.raw)):
                item = pdfium.FPDFPage_GetObject(page.raw, number)
                if pdfium.FPDFPageObj_GetType(item) == pdfium.FPDF_PAGEOBJ_PATH:
                    pdfium.FPDFPageObj_GetBounds(item, *edges)
                    seen += right.value >= left.value
            text = page.get_textpage()
            seen += len(text.get_text_range())
            text.close()
            page.close()
    return seen
