"""Strict reading of TOML files: every fault at once, each with its line, and with what would be right.

A model is a pydantic model that forbids extra keys. The faults of a file are sentences of the shape
`file:line: key: what is wrong; what would be right`.
"""

import re
import tomllib
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails, PydanticCustomError

from parsers.toml_lines import Loc, key_lines

Model = TypeVar("Model", bound=BaseModel)

_SECRET = re.compile(r"token|secret|password|passwd|credential", re.IGNORECASE)
_SYNTAX_AT = re.compile(r"\s*\(at line (\d+), column (\d+)\)$")
_SHOULD = re.compile(r"^\w+ should")
_SEVERAL = "several_faults"
_LONGEST_VALUE = 60

_FULL_WIDTH = {
    "\u201c": '"', "\u201d": '"', "\u2018": '"', "\u2019": '"', "\uff02": '"', "\uff0c": ",", "\u3001": ",",
    "\uff1d": "=", "\uff1a": "=", "\uff3b": "[", "\uff3d": "]", "\u3010": "[", "\u3011": "]", "\uff5b": "{",
    "\uff5d": "}", "\uff03": "#", "\u3000": "an ordinary space",
}  # fmt: skip

_WORDS = {
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "string_type": "must be a text in quotation marks",
    "list_type": "must be a list, as in [ ... ]",
    "dict_type": "must be a table",
    "model_type": "must be a table",
}


class ConfigError(Exception):
    """A file of settings is wrong. `faults` has one sentence for each fault; `str(error)` has one a line."""

    def __init__(self, faults: Sequence[str]) -> None:
        super().__init__("\n".join(faults))
        self.faults = list(faults)


def faults_at(faults: Sequence[tuple[Loc, str]]) -> PydanticCustomError:
    """An error for a validator to raise that finds several faults inside its value.

    faults: (place inside the value, e.g. (2, "url"), the sentence).
    """
    return PydanticCustomError(_SEVERAL, "several faults", {"faults": list(faults)})


def load_strict(path: Path, model: type[Model]) -> Model:
    """Read a TOML file into a model.

    Raises ConfigError with every fault of the file; one that cannot be read or parsed has one fault.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError([f"{path}: cannot be read ({error.strerror}); check the path and its permissions"]) from error
    except UnicodeDecodeError as error:
        raise ConfigError([f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8"]) from error
    return parse_strict(text, model, str(path))


def parse_strict(text: str, model: type[Model], name: str) -> Model:
    """Read TOML text into a model; `name` stands for the file in the faults. Raises ConfigError."""
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([_syntax_fault(name, str(error), text)]) from error
    except (ValueError, RecursionError) as error:  # a number of thousands of digits; brackets in brackets
        raise ConfigError([f"{name}: not TOML that can be read ({error}); see whether it is the right file"]) from error
    try:
        return model.model_validate(table)
    except ValidationError as error:
        lines = key_lines(text)
        faults = [(_line_of(lines, loc), f"{_dotted(loc)}: {sentence}") for loc, sentence in faults_of(error, model)]
        raise ConfigError([f"{name}:{line}: {sentence}" for line, sentence in sorted(faults)]) from error


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[tuple[Loc, str]]:
    """The faults that pydantic found, as (place inside the value, sentence); for `faults_at` of a model in a model."""
    return [fault for details in error.errors() for fault in _sentences(details, model)]


def unknown_name(name: str, known: Sequence[str]) -> str:
    """What to say of a name that is not among the known ones: the nearest, else all of them."""
    near = get_close_matches(name, known, n=2, cutoff=0.6)
    return f"expected {' or '.join(near)}" if near else f"known are {', '.join(known)}"


def _syntax_fault(name: str, message: str, text: str) -> str:
    at = _SYNTAX_AT.search(message)
    line = int(at.group(1)) if at else text.count("\n") + 1
    what = _SYNTAX_AT.sub("", message).removesuffix(" (at end of document)")
    return f"{name}:{line}: not TOML: {what}; {_advice(what, text, line)}"


def _advice(what: str, text: str, line: int) -> str:
    """What to do about a syntax error: input methods write quotation marks and commas of their own."""
    rows = text.split("\n")
    row = rows[min(line, len(rows)) - 1]
    outside = re.sub(r'"[^"]*"', "", row)
    for found, right in _FULL_WIDTH.items():
        if found in outside:
            return f"{found} is a full-width character; write {right}"
    if "Illegal character '\\n'" in what:
        return 'a closing " is missing on this line'
    return "see https://toml.io for the syntax"


def _sentences(details: ErrorDetails, model: type[BaseModel]) -> list[tuple[Loc, str]]:
    loc, kind, context = tuple(details["loc"]), details["type"], details.get("ctx", {})
    if kind == _SEVERAL:
        return [((*loc, *inner), sentence) for inner, sentence in context["faults"]]
    key = str(loc[-1]) if loc else ""
    if kind == "extra_forbidden":
        return [(loc, f"unknown key {key!r}; {_elsewhere(key, loc, model) or _nearest(key, loc, model)}")]
    if kind == "list_type" and isinstance(details["input"], dict):
        return [(loc, f"must be a list of tables; write [[{key}]] in place of [{key}]")]
    if kind == "model_type" and (known := _known_keys(model, loc)):
        inner = ", ".join(f"{name} = …" for name in known[:3])
        return [(loc, f"must be a table, as in {key} = {{ {inner} }}{_shown(key, details['input'])}")]
    if kind == "missing":
        return [(loc, "is missing; add it")]
    if kind == "value_error":
        return [(loc, str(context["error"]))]
    what = _WORDS.get(kind) or _SHOULD.sub("must", details["msg"])
    return [(loc, f"{what}{_shown(key, details['input'])}")]


def _nearest(key: str, loc: Loc, model: type[BaseModel]) -> str:
    return unknown_name(key, _known_keys(model, loc[:-1]))


def _elsewhere(key: str, loc: Loc, model: type[BaseModel]) -> str | None:
    """Where a key belongs that is known in another table than the one it stands in."""
    if len(loc) > 1 and key in _known_keys(model, ()):
        return "it belongs above the first [table] of the file"
    if len(loc) > 1 or get_close_matches(key, _known_keys(model, ()), n=1, cutoff=0.8):
        return None
    for name, field in model.model_fields.items():
        if key in _known_keys(model, (name, 0) if get_origin(field.annotation) is list else (name,)):
            return (
                f"it belongs below [[{name}]]" if get_origin(field.annotation) is list else f"it belongs below [{name}]"
            )
    return None


def _shown(key: str, value: object) -> str:
    """The value as found, shortened; never that of a key that may hold a secret."""
    if _SECRET.search(key) or isinstance(value, dict):
        return ""
    text = repr(value)
    return f" (found {text if len(text) <= _LONGEST_VALUE else text[:_LONGEST_VALUE] + '…'})"


def _known_keys(model: type[BaseModel], loc: Loc) -> list[str]:
    """The keys that the table at `loc` may have, [] if it is no table of fixed keys."""
    current: type[BaseModel] | None = model
    kind: Any = model
    for step in loc:
        if isinstance(step, str) and current is not None:
            fields = {field.alias or name: field.annotation for name, field in current.model_fields.items()}
            kind = fields.get(step)
            # Inside `dict[str, Table]` the next step is a free key, inside `list[Table]` a number.
            current = None if get_origin(kind) in (dict, list) else _model_in(kind)
        else:
            current = _model_in(kind)
    if current is None:
        return []
    return [field.alias or name for name, field in current.model_fields.items()]


def _model_in(kind: Any) -> type[BaseModel] | None:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return kind
    return next((found for part in get_args(kind) if (found := _model_in(part))), None)


def _line_of(lines: dict[Loc, int], loc: Loc) -> int:
    """The line of the key, else of the nearest table around it, else 1."""
    return next((lines[loc[:length]] for length in range(len(loc), 0, -1) if loc[:length] in lines), 1)


def _dotted(loc: Loc) -> str:
    return ".".join(str(step) for step in loc) or "file"
