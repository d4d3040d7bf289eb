"""A sample of random histories; a thousand are played by `make soak` (tests/soak/telling.py)."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.archive import Archive
from monitor.config import Config, load_config
from tests.bot_api import FakeBotApi
from tests.telling.history import play

SAMPLE = 24


@pytest.fixture(scope="module")
def api() -> Iterator[FakeBotApi]:
    with FakeBotApi() as opened:
        yield opened


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "empty.db"
    Archive.open(path).close()
    return path


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Config:
    path = tmp_path_factory.mktemp("settings") / "config.toml"
    path.write_text("", "utf-8")
    return load_config(path)


@pytest.mark.parametrize("seed", range(SAMPLE))
def test_everybody_hears_what_they_must_and_nobody_else(
    seed: int, api: FakeBotApi, template: Path, config: Config, tmp_path: Path
) -> None:
    play(seed, api, template, tmp_path, config)
