"""What is wrong with a portal file, and what is worth a look though it is right: every fault with file and line."""

import re
import tomllib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from crawler.portal import Portal, Selectors, load_portal
from crawler.probing.needed import sentence, unfilled
from crawler.probing.template import EXAMPLE_HOST
from parsers.gazetteer import gazetteer
from parsers.names import clean_name
from parsers.strict_toml import ConfigError
from parsers.toml_lines import Loc, key_lines

EXAMPLE_FILE = "example-portal.toml"  # of docs/: it is the example
Severity = Literal["error", "note"]

_BY_ENDPOINT = ("gkmlpt", "jpaas", "jpage", "json_list", "longxun", "xxgk")
"""Platforms whose further pages come from a script's endpoint: no pager of the page is followed."""
_AS_DATA = ("gkmlpt", "json_list")  # whose entries are no HTML at all
_ROW_PARTS = ("row", "link", "date")
# Addresses that only some platforms have.
_SHAPES = (
    (re.compile(r"/gkmlpt/"), ("gkmlpt",)),
    (re.compile(r"/module/xxgk/"), ("xxgk",)),
    (re.compile(r"/col/col\d+"), ("jpage", "jpaas", "xxgk")),
    (re.compile(r"/public/column/\d+|/content/column/\d+|/site/tpl/\d+"), ("longxun",)),
    (re.compile(r"/fjdzapp/|/was5/"), ("trs",)),
    (re.compile(r"wbtreeid="), ("boda",)),
    (re.compile(r"/c\d{5,}/[\w./-]*\.shtml"), ("ucap",)),
    (re.compile(r"/(?:Openness|Xxgk)Content/"), ("static_list",)),
)
_NO_REGION = "no region has the name"
_FAULT = re.compile(r"(?P<line>\d+): (?:(?P<key>[\w.]+): )?(?P<sentence>.*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing about a file. line: None where it is about the whole file. key: with dots, as columns.0.url; "" for
    the whole file. severity: an "error" keeps the file from being used, a "note" does not."""

    file: str
    line: int | None
    severity: Severity
    key: str
    sentence: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}" if self.line is not None else self.file
        mark = "note: " if self.severity == "note" else ""
        return f"{where}: {mark}{self.key + ': ' if self.key else ''}{self.sentence}"


def check_files(paths: Sequence[Path]) -> list[Fault]:
    """All faults of all files, in their order."""
    faults: list[Fault] = []
    portals: list[tuple[Path, Portal]] = []
    strange: set[str] = set()  # what was said of names that no region has
    for path in paths:
        try:
            portal = load_portal(path)
        except ConfigError as error:
            left = _unfilled(path)
            found = [_fault(path, text) for text in error.faults]
            # What stands there instead of a value breaks the rules for the value, and that is not what is wrong.
            found = [fault for fault in found if fault.key not in {one.key for one in left}] + left
            faults += sorted(found, key=lambda fault: fault.line or 0)
            continue
        if left := sorted([*_unfilled(path), *_examples(path, portal)], key=lambda fault: fault.line or 0):
            faults += left
            continue
        portals.append((path, portal))
        lines = key_lines(path.read_text("utf-8-sig"))
        notes = [Fault(str(path), _line(lines, loc), "note", _dotted(loc), said) for loc, said in _notes(portal)]
        notes = [note for note in notes if _is_news(note, strange)]
        faults += sorted(map(_short, notes) if len(paths) > 1 else notes, key=lambda note: note.line or 0)
    return faults + list(_twice(portals))


def _is_news(note: Fault, strange: set[str]) -> bool:
    """Whether a note is to be said: of a name that no region has only once, however many files have it."""
    if not note.sentence.startswith(_NO_REGION):
        return True
    is_new = note.sentence not in strange
    strange.add(note.sentence)
    return is_new


def _short(note: Fault) -> Fault:
    """A note as it is said where there are many: what would be right is said where a file is checked alone."""
    if not note.sentence.startswith(_NO_REGION):
        return note
    return replace(note, sentence=note.sentence.partition(";")[0])


def _unfilled(path: Path) -> list[Fault]:
    """The options that a draft has left to be filled in."""
    try:
        text = path.read_text("utf-8-sig")
        data = tomllib.loads(text)
    except (OSError, ValueError):
        return []  # the loader has said it
    options, platform, lines = data.get("options"), str(data.get("platform")), key_lines(text)
    return [
        Fault(str(path), _line(lines, tuple(key.split("."))), "error", key, sentence(value, platform))
        for key, value in (unfilled(options) if isinstance(options, dict) else {}).items()
    ]


def _examples(path: Path, portal: Portal) -> Iterator[Fault]:
    """What still stands there as a template has it."""
    if path.name == EXAMPLE_FILE:
        return
    lines = key_lines(path.read_text("utf-8-sig"))
    hosts: list[tuple[Loc, str]] = [
        (("allowed_hosts", number), host) for number, host in enumerate(portal.allowed_hosts)
    ]
    urls: list[tuple[Loc, str]] = [
        (("columns", number, "url"), urlsplit(column.url).hostname or "")
        for number, column in enumerate(portal.columns)
    ]
    for loc, host in hosts + urls:
        if host.partition(":")[0] == EXAMPLE_HOST:
            yield Fault(
                str(path), _line(lines, loc), "error", _dotted(loc), "is still the example; write the site's own"
            )


def _fault(path: Path, text: str) -> Fault:
    """A fault as the loader writes it, taken apart."""
    rest = text.removeprefix(f"{path}:")
    if (match := _FAULT.fullmatch(rest)) is not None:
        key, said = match["key"] or "", match["sentence"]
        return Fault(str(path), int(match["line"]), "error", "" if key == "file" else key, said)
    return Fault(str(path), None, "error", "", rest.strip())


def notes_on_lists(portal: Portal) -> list[tuple[str, str]]:
    """(key with dots, sentence): the notes that bear on what is listed; `nianbao portal test` repeats them."""
    return [(_dotted(loc), said) for loc, said in _on_lists(portal)]


def _on_lists(portal: Portal) -> Iterator[tuple[Loc, str]]:
    yield from _columns(portal)
    yield from _selectors(portal)
    by_endpoint = portal.platform in _BY_ENDPOINT
    if portal.pages.pattern and by_endpoint:
        yield ("pages", "pattern"), f"{portal.platform} asks its own endpoint for further pages; leave [pages] out"
    if portal.fetch == "browser" and by_endpoint:
        yield ("fetch",), f"{portal.platform} is read without a browser, which is slower; try it with fetch left out"
    if "browser" in portal.model_fields_set and portal.fetch != "browser":
        yield ("browser",), 'has no effect without fetch = "browser"'


def _notes(portal: Portal) -> Iterator[tuple[Loc, str]]:
    yield from _on_lists(portal)
    if not portal.expect.min:
        yield (
            ("expect",),
            "is not set, so that a list that loses its entries goes unnoticed; set it a little below what "
            "`nianbao portal test` lists, as in expect = { min = 40, max = 80 }",
        )
    if portal.place and not _is_region(portal.place):
        yield (
            ("place",),
            f"{_NO_REGION} {portal.place}; that is right for a town, a zone or a new name, else write it in "
            "full, as in 柳溪县",
        )
    if not portal.place and not portal.default_agency and not all(column.agency for column in portal.columns):
        yield ("place",), "is not set: short names (财政局) stay without their place; set it, or default_agency"
    if not portal.verify_tls:
        yield ("verify_tls",), "whoever stands between can change what is read; take it out once the site is mended"


def _is_region(place: str) -> bool:
    codes, rest = gazetteer().split(clean_name(place))
    return bool(codes) and not rest


def _columns(portal: Portal) -> Iterator[tuple[Loc, str]]:
    for number, column in enumerate(portal.columns):
        for shape, platforms in _SHAPES:
            if (found := shape.search(column.url)) and portal.platform not in platforms:
                yield (
                    ("columns", number, "url"),
                    f"{found[0]} is how addresses of {' or '.join(platforms)} look, and platform is "
                    f"{portal.platform}; `nianbao portal probe` says which it is",
                )
                break
        if portal.platform == "gkmlpt" and "#" not in column.url:
            yield (
                ("columns", number, "url"),
                "has no #number: the list is then looked for in the page's own tree; with it, as in "
                "…/gkmlpt/index#2712, it is certain",
            )
        if not urlsplit(column.url).path.strip("/"):
            yield (
                ("columns", number, "url"),
                "is a home page; give the list of annual reports (政府信息公开年报) itself",
            )


def _selectors(portal: Portal) -> Iterator[tuple[Loc, str]]:
    given = [name for name in Selectors.model_fields if getattr(portal.selectors, name) is not None]
    for name in given:
        if portal.platform in _AS_DATA and name in (*_ROW_PARTS, "lists"):
            yield ("selectors", name), f"the lists of {portal.platform} come as data, not as HTML; leave it out"
        elif name == "next" and portal.platform in _BY_ENDPOINT:
            yield ("selectors", name), f"{portal.platform} asks its own endpoint for further pages; leave it out"
        elif name in ("link", "title", "date") and "row" not in given and portal.platform not in _AS_DATA:
            yield ("selectors", name), "is looked for inside a row; give selectors.row too"
    if portal.selectors.next and portal.pages.pattern:
        yield ("pages", "pattern"), "names the further pages, so that selectors.next has no effect; leave one out"


def _twice(portals: Iterable[tuple[Path, Portal]]) -> Iterator[Fault]:
    """Lists that two portals have."""
    first: dict[str, Path] = {}
    for path, portal in portals:
        for number, column in enumerate(portal.columns):
            other = first.setdefault(column.url, path)
            if other != path and other.stem != path.stem:
                lines = key_lines(path.read_text("utf-8-sig"))
                loc: Loc = ("columns", number, "url")
                said = f"is a column of {other.name} too, so that it is asked twice; leave one out"
                yield Fault(str(path), _line(lines, loc), "note", _dotted(loc), said)


def _line(lines: dict[Loc, int], loc: Loc) -> int | None:
    return next((lines[loc[:length]] for length in range(len(loc), 0, -1) if loc[:length] in lines), None)


def _dotted(loc: Loc) -> str:
    return ".".join(map(str, loc))
