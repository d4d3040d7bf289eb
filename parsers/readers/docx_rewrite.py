"""Bringing a Word document into the shape in which it is printed, before it is read.

Deleted, moved, hidden, struck out and duplicate content goes; text boxes are put behind the paragraph that holds
their anchor; a table of one cell, which is a frame and not a table, is opened. What remains is read in one walk.
"""

from lxml import etree

from parsers.readers.docx_names import ALTERNATE, END_OF_TABLE, Names

RAISED = "^"  # as in HTML pages
OFF = ("0", "false", "off")


def rewrite(body: etree._Element, names: Names) -> None:
    """Rewrite the tree below `body` in place."""
    table, deleted, vanish, hidden, box, struck, struck_twice, raised = names.rewrite[:8]
    boxes: list[etree._Element] = []
    for element in list(body.iter(*names.rewrite)):
        tag = element.tag
        if tag == table:
            _mark_or_open(element, names)
        elif tag == box:
            boxes.append(element)
        elif tag == ALTERNATE:
            _take_one_branch(element)
        elif tag == deleted:
            _delete(element, names)
        elif tag in (vanish, hidden, struck, struck_twice):
            _hide(element, names)
        elif tag == raised:
            _mark_raised(element, names)
        else:
            _remove(element)
    # From the last to the first, so that boxes of one paragraph keep their order, and inner ones leave first.
    for element in reversed(boxes):
        _move_behind_paragraph(element, names)


def _remove(element: etree._Element | None) -> None:
    parent = None if element is None else element.getparent()
    if element is not None and parent is not None:
        parent.remove(element)


def _mark_or_open(table: etree._Element, names: Names) -> None:
    cell = _only_cell(table, names)
    if cell is None:
        table.addnext(etree.Element(END_OF_TABLE))
        return
    for child in list(cell):
        if child.tag != names("tcPr"):
            table.addprevious(child)
    _remove(table)


def _only_cell(table: etree._Element, names: Names) -> etree._Element | None:
    only = None
    # Rows and cells inside content controls (w:sdt) make the count uncertain; such a table stays one.
    for row in table.iterchildren(names("tr"), names("sdt"), names("ins"), names("customXml")):
        for cell in row.iterchildren(names("tc"), names("sdt"), names("ins"), names("customXml")):
            if only is not None or cell.tag != names("tc"):
                return None
            only = cell
    return only


def _take_one_branch(alternate: etree._Element) -> None:
    for branch in list(alternate)[1:]:
        alternate.remove(branch)


def _delete(element: etree._Element, names: Names) -> None:
    parent = element.getparent()
    if parent is None:
        return
    if parent.tag == names("trPr"):
        _remove(parent.getparent())
    elif parent.tag != names("rPr"):  # there it is about the paragraph's mark, not about text
        parent.remove(element)


def _hide(element: etree._Element, names: Names) -> None:
    parent = element.getparent()
    if parent is None or element.get(names("val")) in OFF:
        return
    owner = parent.getparent()
    if owner is not None and owner.tag in (names("r"), names("tr")):
        _remove(owner)


def _mark_raised(element: etree._Element, names: Names) -> None:
    """Set what is raised or lowered (a footnote's number) off from the figure beside it: 3¹ is not 31."""
    run = element.getparent()
    run = None if run is None else run.getparent()
    if run is None or run.tag != names("r") or element.get(names("val")) not in ("superscript", "subscript"):
        return
    text = run.find(names("t"))
    if text is not None:
        text.text = RAISED + (text.text or "")


def _move_behind_paragraph(box: etree._Element, names: Names) -> None:
    paragraph = next(box.iterancestors(names("p")), None)
    if paragraph is None:
        return
    for child in reversed(list(box)):
        paragraph.addnext(child)
    _remove(box)
