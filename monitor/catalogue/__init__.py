"""Every sentence said to people, in Chinese and English: from the TOML files of this folder, and those of the rules,
which stand in the file of each rule and are of the same type.

An entry is a table with `zh` and `en` and named fields in braces. A field that differs by language ends in `_zh`
and `_en` (`figure_zh`, `figure_en`); both languages of an entry must use the same fields. `optional` lists fields
that may be left out and then say nothing. The files are checked when they are first read.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from string import Formatter
from typing import Any

FOLDER = Path(__file__).parent
FILES = ("rules", "absence", "messages", "words", "evidence", "alerts", "watch", "selfwatch", "bot")

_BLANKS = re.compile(r"[ \t]{2,}")
_LANGUAGES = ("zh", "en")


class CatalogueError(Exception):
    """An entry is unknown or wrong, or a field was not given; the message names the entry and the field."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One sentence in both languages. needs: fields that must be given; optional: those that may be left out."""

    zh: str
    en: str
    needs: frozenset[str]
    optional: frozenset[str]


def say(key: str, **fields: object) -> tuple[str, str]:
    """The sentence of an entry in Chinese and in English, its fields filled in.

    fields: numbers or texts, put in as they are (escaping is the channel's work). Fields that only other entries use
    are allowed, so that all rules can hand over one set. Raises CatalogueError for an unknown entry, a field that is
    missing or None, and a field that no entry knows.
    """
    catalogue = load_catalogue()
    entry = catalogue.get(key)
    if entry is None:
        raise CatalogueError(f"no entry {key!r} in the catalogue; known are {', '.join(sorted(catalogue))}")
    if unknown := fields.keys() - _known_fields():
        raise CatalogueError(f"{key}: no entry uses the field {', '.join(sorted(unknown))}")
    try:
        return fill(entry, fields)
    except CatalogueError as error:
        raise CatalogueError(f"{key}: {error}") from error


def sentence(zh: str, en: str, optional: Sequence[str] = ()) -> Entry:
    """An entry that stands beside what says it, as the sentences of a rule do in its file. CatalogueError where the
    languages use different fields."""
    return _entry({"zh": zh, "en": en, "optional": list(optional)})


def fill(entry: Entry, fields: Mapping[str, object]) -> tuple[str, str]:
    """An entry in Chinese and in English, its fields filled in; fields that it does not use are left out. Raises
    CatalogueError for a field that is missing or None."""
    values: dict[str, object] = dict.fromkeys(entry.optional, "") | dict(fields)
    if lacking := sorted(name for name in entry.needs | entry.optional if values.get(name) is None):
        raise CatalogueError(f"{entry.en}: needs a value for {', '.join(lacking)}")
    return _filled(entry.zh, values), _filled(entry.en, values)


def word(kind: str, name: str) -> tuple[str, str]:
    """A single term (`word("severity", "error")`) in both languages; the term itself where it is no word of ours."""
    entry = load_catalogue().get(f"{kind}-{name}")
    return (entry.zh, entry.en) if entry else (name, name)


@lru_cache(maxsize=1)
def _known_fields() -> frozenset[str]:
    """The fields of all entries."""
    return frozenset().union(*(e.needs | e.optional for e in load_catalogue().values()))


@lru_cache(maxsize=1)
def load_catalogue() -> dict[str, Entry]:
    """All entries by key. Raises CatalogueError with every fault of the files, one a line."""
    return read_catalogue([FOLDER / f"{name}.toml" for name in FILES])


def read_catalogue(paths: list[Path]) -> dict[str, Entry]:
    """The entries of these files by key; see load_catalogue."""
    entries: dict[str, Entry] = {}
    faults: list[str] = []
    for path in paths:
        try:
            table = tomllib.loads(path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise CatalogueError(f"{path}: cannot be read: {error}") from error
        for key, value in table.items():
            if key in entries:
                faults.append(f"{path}: {key}: is already in another file")
            try:
                entries[key] = _entry(value)
            except CatalogueError as error:
                faults.append(f"{path}: {key}: {error}")
    if faults:
        raise CatalogueError("\n".join(faults))
    return entries


def _entry(value: Any) -> Entry:
    if not isinstance(value, dict) or not {"zh", "en"} <= value.keys() <= {"zh", "en", "optional"}:
        raise CatalogueError("must be a table with zh, en and, if need be, optional")
    used = {language: _fields(value[language]) for language in _LANGUAGES}
    bare = {language: {_bare(name, language) for name in names} for language, names in used.items()}
    if bare["zh"] != bare["en"]:
        differing = ", ".join(sorted(bare["zh"] ^ bare["en"]))
        raise CatalogueError(f"zh and en must have the same fields; only one of them has {differing}")
    every = {name: _bare(name, language) for language in _LANGUAGES for name in used[language]}
    may_lack = set(value.get("optional", []))
    if unused := may_lack - set(every.values()):
        raise CatalogueError(f"optional names fields that are not used: {', '.join(sorted(unused))}")
    optional = frozenset(name for name, bare_name in every.items() if bare_name in may_lack)
    return Entry(value["zh"], value["en"], frozenset(every) - optional, optional)


def _fields(text: Any) -> set[str]:
    """The names in braces. CatalogueError for anything but plain names: {0}, {a.b}, {a!r} and {a:>5} are refused."""
    if not isinstance(text, str) or not text.strip():
        raise CatalogueError("zh and en must be sentences")
    try:
        parts = list(Formatter().parse(text))
    except ValueError as error:
        raise CatalogueError(f"{text!r}: {error}") from error
    names = set()
    for _, name, spec, conversion in parts:
        if name is None:
            continue
        if not name.isidentifier() or spec or conversion:
            raise CatalogueError(f"{text!r}: {{{name}}} is no plain field name")
        names.add(name)
    return names


def _bare(name: str, language: str) -> str:
    """The name without the ending of the language in which it is used: figure_zh in zh -> figure."""
    return name.removesuffix(f"_{language}")


def _filled(text: str, values: Mapping[str, object]) -> str:
    """The sentence with its fields; blanks that an empty optional field leaves behind are taken out."""
    filled = text.format_map({name: str(value) for name, value in values.items()})
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in filled.splitlines())
