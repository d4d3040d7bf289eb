"""config.toml: strict, complete, and right about its folders."""

from pathlib import Path

import pytest

from crawler.walk.revisits import RevisitPace
from monitor.config import BUILT_IN_PORTALS, DEFAULT_FILE, load_config
from parsers.strict_toml import ConfigError

TOP = Path(__file__).parents[2] / "config.toml"


def write(folder: Path, text: str) -> Path:
    path = folder / "config.toml"
    path.write_text(text, "utf-8")
    return path


def test_the_packaged_default_is_the_file_at_the_top() -> None:
    assert DEFAULT_FILE.read_bytes() == TOP.read_bytes()


def test_the_default_says_what_an_empty_file_means(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    packaged = load_config()
    assert packaged.source == DEFAULT_FILE
    write(tmp_path, "")
    empty = load_config()
    assert empty.source == Path("config.toml")
    for key in ("archive", "portals", "register", "contact", "network", "crawl", "telegram", "thresholds"):
        assert getattr(packaged, key) == getattr(empty, key)
    assert packaged.archive == tmp_path / "nianbao.db"
    assert packaged.portals == (BUILT_IN_PORTALS,)
    assert BUILT_IN_PORTALS.is_dir()


def test_commented_keys_of_the_default_work(tmp_path: Path) -> None:
    text = DEFAULT_FILE.read_text("utf-8")
    for key in ("portals", "register", "local_rules", "proxy"):
        assert f"\n# {key} =" in text
        text = text.replace(f"\n# {key} =", f"\n{key} =")
    (tmp_path / "portals").mkdir()
    (tmp_path / "register.csv").touch()
    (tmp_path / "local_rules.csv").touch()
    config = load_config(write(tmp_path, text))
    assert config.portals == (tmp_path / "portals", BUILT_IN_PORTALS)
    assert config.register == tmp_path / "register.csv"
    assert config.local_rules == tmp_path / "local_rules.csv"
    assert config.telegram.proxy == "NIANBAO_TELEGRAM_PROXY"


def test_paths_are_relative_to_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deployment = tmp_path / "deployment"
    (deployment / "portals").mkdir(parents=True)
    path = write(deployment, 'archive = "data/a.db"')
    monkeypatch.chdir(tmp_path)
    config = load_config(path.relative_to(tmp_path))
    assert config.archive == deployment / "data" / "a.db"
    assert config.portals == (deployment / "portals", BUILT_IN_PORTALS)  # the usual folder, since it is there


def test_the_config_here_comes_before_the_packaged_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write(tmp_path, 'contact = "desk@example.org"\n[telegram]\nchats = [-1001, "@example_desk"]\nlanguage = "zh"')
    config = load_config()
    assert config.contact == "desk@example.org"
    assert config.telegram.chats == [-1001, "@example_desk"]
    other = tmp_path / "other.toml"
    other.write_text('contact = "https://example.org/about"', "utf-8")
    assert load_config(other).contact == "https://example.org/about"


def test_the_pace_of_revisits_is_handed_to_the_crawler(tmp_path: Path) -> None:
    assert load_config(write(tmp_path, "")).crawl.revisit.pace() == RevisitPace(7, 30, 365, 3)
    text = 'network = "a home line in 成都"\n[crawl.revisit]\nseason_days = 2\nold_after_years = 5'
    config = load_config(write(tmp_path, text))
    assert config.crawl.revisit.pace() == RevisitPace(season_days=2, old_after_years=5)
    assert config.network == "a home line in 成都"


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.toml: there is no such file; check --config") as raised:
        load_config(tmp_path / "none.toml")
    assert len(raised.value.faults) == 1


@pytest.mark.parametrize(
    ("text", "line", "said"),
    [
        ('contcat = "a@b.cn"', 1, "expected contact"),
        ('contact = "nobody"', 1, "must be an e-mail or a web address"),
        ('archive = ""', 1, "archive"),
        ("archive = 3", 1, "must be a text"),
        ("\n[crawl]\ntimeout_s = 0", 3, "greater than 0"),
        ("[crawl]\ndelay_s = 0.1", 2, "greater than or equal to 0.5"),
        ("[crawl.revisit]\nseason_days = 0", 2, "greater than or equal to 1"),
        ("[crawl.revisit]\nold_years = 3", 2, "expected old_after_years"),
        ('network = "a\\nb"', 1, "must be one line"),
        ('[telegram]\nlanguage = "de"', 2, "'zh', 'en' or 'both'"),
        ('[telegram]\nbase_url = "api.telegram.org"', 2, "must be a web address"),
        ("[telegram]\nchats = [5, 5]", 2, "5 stands there twice"),
        ("[telegram]\nchats = [true]", 2, "chats"),
        ("[thresholds.striking_change]\nsigmas = 3", 2, "expected sigma"),
        ('[thresholds]\nstriking = "x"', 2, "striking_change"),
    ],
)
def test_a_fault_says_where_and_what_would_be_right(tmp_path: Path, text: str, line: int, said: str) -> None:
    path = write(tmp_path, text)
    with pytest.raises(ConfigError) as raised:
        load_config(path)
    assert all(fault.startswith(f"{path}:{line}: ") for fault in raised.value.faults)
    assert said in str(raised.value)


def test_all_faults_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(write(tmp_path, 'contcat = ""\n[crawl]\ntimeout_s = -1\n[telegram]\nlanguage = "fr"'))
    assert len(raised.value.faults) == 3


def test_folders_and_files_that_are_not_there(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as raised:
        load_config(write(tmp_path, 'portals = ["portal"]\nregister = "r.csv"\nlocal_rules = "l.csv"'))
    assert [fault.split(": ")[1] for fault in raised.value.faults] == ["portals", "register", "local_rules"]


def test_a_secret_in_the_file_is_refused_and_not_shown(tmp_path: Path) -> None:
    text = '[telegram]\ntoken = "123:SECRET"\nproxy = "http://user:SECRET@proxy.example:8080"'
    with pytest.raises(ConfigError) as raised:
        load_config(write(tmp_path, text))
    assert len(raised.value.faults) == 2
    assert "must be the name of an environment variable" in str(raised.value)
    assert "SECRET" not in str(raised.value)


def test_backups_retention_and_the_doctor(tmp_path: Path) -> None:
    text = """
[backup]
folder = "kept"
keep_daily = 3
keep_weekly = 0
keep_monthly = 2
[retention]
list_pages_days = 90
[doctor]
stale_days = 3
"""
    config = load_config(write(tmp_path, text))
    assert config.backup_folder == tmp_path / "kept"
    assert config.backup.keep() == (3, 0, 2)
    assert (config.retention.list_pages_days, config.doctor.stale_days) == (90, 3)
    assert load_config(write(tmp_path, "")).backup_folder is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[backup]\nkeep_daily = 0", "keep_daily"),
        ("[backup]\nkeep_weekly = -1", "keep_weekly"),
        ('[backup]\nfolder = ""', "folder"),
        ("[backup]\nkeep = 3", "keep"),
        ("[retention]\nlist_pages_days = -1", "list_pages_days"),
        ('[retention]\nlist_pages_days = "90"', "list_pages_days"),
        ("[doctor]\nstale_days = 0", "stale_days"),
    ],
)
def test_wrong_settings_of_safety_are_named(tmp_path: Path, text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        load_config(write(tmp_path, text))
