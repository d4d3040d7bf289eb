"""Names of WordprocessingML, for both namespaces in which Word writes it."""

from dataclasses import dataclass, field
from functools import lru_cache

TRANSITIONAL = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_MATH = {
    TRANSITIONAL: "http://schemas.openxmlformats.org/officeDocument/2006/math",
    STRICT: "http://purl.oclc.org/ooxml/officeDocument/math",
}
_COMPATIBILITY = "http://schemas.openxmlformats.org/markup-compatibility/2006"

# Events of the walk over a document; those from CELL to V_MERGE are about cells.
(
    TEXT, PARAGRAPH, CELL, SPAN, ROW, BEFORE, H_MERGE, V_MERGE, STYLE, NUMBER, LEVEL, OUTLINE, TABLE, TABLE_END, FIELD,
    BREAK, TAB, HYPHEN, SYMBOL,
) = range(19)  # fmt: skip


@dataclass(frozen=True)
class Names:
    """Qualified names in one namespace ("{uri}local").

    walk: the elements that the walk stops at, with the event that each stands for.
    rewrite: the elements that are dealt with before the walk.
    """

    uri: str
    walk: dict[str, int] = field(init=False)
    rewrite: tuple[str, ...] = field(init=False)
    changes: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        walk = {
            "t": TEXT, "p": PARAGRAPH, "tc": CELL, "gridSpan": SPAN, "tr": ROW, "vMerge": V_MERGE, "br": BREAK,
            "cr": BREAK, "tab": TAB, "ptab": TAB, "pStyle": STYLE, "tbl": TABLE, "numId": NUMBER, "ilvl": LEVEL,
            "fldChar": FIELD, "hMerge": H_MERGE, "gridBefore": BEFORE, "sym": SYMBOL, "noBreakHyphen": HYPHEN,
            "outlineLvl": OUTLINE,
        }  # fmt: skip
        names = {self(local): event for local, event in walk.items()}
        names[f"{{{_MATH[self.uri]}}}t"] = TEXT
        names[END_OF_TABLE] = TABLE_END
        # What a place looked like before a tracked change.
        old = ("rPr", "pPr", "tcPr", "trPr", "tblPr", "tblPrEx", "tblGrid", "sectPr")
        changes = frozenset(self(f"{name}Change") for name in old) | {self("moveFrom"), self("rt")}
        kept = ("tbl", "del", "vanish", "hidden", "txbxContent", "strike", "dstrike", "vertAlign")
        rewrite = (*map(self, kept), ALTERNATE, *changes)
        object.__setattr__(self, "walk", names)
        object.__setattr__(self, "changes", changes)
        object.__setattr__(self, "rewrite", rewrite)

    def __call__(self, local: str) -> str:
        return f"{{{self.uri}}}{local}"


# Put behind each table before the walk, which sees the beginnings of elements only.
END_OF_TABLE = "end-of-table"
ALTERNATE = f"{{{_COMPATIBILITY}}}AlternateContent"


@lru_cache(maxsize=2)
def names_of(uri: str) -> Names:
    """The names in one of the two namespaces; KeyError for any other."""
    return Names(uri)
