"""The files to begin with: the annual-report columns of the provinces, as a survey found them, never tried."""

from pathlib import Path

from monitor.config import BUILT_IN_PORTALS
from parsers.strict_toml import ConfigError, unknown_name

STARTERS = BUILT_IN_PORTALS / "starters"
"""One TOML file for each province, named in pinyin. They are in no folder of portals, so that no crawl takes them."""


def starter_files() -> list[Path]:
    """All of them, by name."""
    return sorted(STARTERS.glob("*.toml"))


def starter(province: str) -> str:
    """The text of a province's file. province: pinyin (shaanxi) or the name (陕西, 陕西省). Raises ConfigError."""
    known = {path.stem: path.read_text("utf-8") for path in starter_files()}
    wanted = province.strip()
    if (text := known.get(wanted.lower())) is not None:
        return text
    named = [text for text in known.values() if len(wanted) > 1 and f'\nplace = "{wanted}' in text]
    if len(named) == 1:
        return named[0]
    raise ConfigError([f"there is no starter for {province!r}; {unknown_name(wanted.lower(), sorted(known))}"])
