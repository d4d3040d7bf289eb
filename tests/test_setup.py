"""Setting up: the Makefile with pretended interpreters, the locks, what no file may name, and skips with CI=true."""

import os
import re
import shutil
import subprocess
import sys
import time
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT

LOCKS = ("requirements.lock", "requirements-test.lock")

# A Python that makes a venv whose own python writes down what it is asked to do, and fails at the word in FAIL_AT.
FAKE_PYTHON = """\
#!/bin/sh
case "$*" in
  *version_info*) exit {version} ;;
  *ensurepip*) exit {venv} ;;
esac
echo "python $*" >> "$LOG"
mkdir -p .venv/bin
cat > .venv/bin/python <<'INSIDE'
#!/bin/sh
echo "venv $*" >> "$LOG"
case "$*" in *"${{FAIL_AT:-no such word}}"*) exit 1 ;; *--editable*) : > .venv/bin/nianbao ;; esac
INSIDE
chmod +x .venv/bin/python
"""


class Folder:
    """A folder with the Makefile, the locks and pretended interpreters; log: what these were asked to do."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.mkdir()
        for name in ("Makefile", "pyproject.toml", *LOCKS):
            shutil.copy(ROOT / name, path)

    def interpreter(self, name: str = "python", *, version: int = 0, venv: int = 0) -> Path:
        path = self.path.parent / name
        path.write_text(FAKE_PYTHON.format(version=version, venv=venv), "utf-8")
        path.chmod(0o755)
        return path

    def make(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        # Nothing of the make that may run these tests gets through.
        clean = {key: value for key, value in os.environ.items() if not key.startswith(("MAKE", "MFLAGS", "PYTHON"))}
        return subprocess.run(
            ["make", "--no-print-directory", *arguments],
            cwd=self.path,
            env=clean | {"LOG": str(self.path.parent / "log"), "LC_ALL": "C"} | environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )

    def log(self) -> list[str]:
        """What was done since the last look."""
        path = self.path.parent / "log"
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        path.unlink(missing_ok=True)
        return [re.sub(r"-m pip -qq ", "", line) for line in lines]


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "a folder")


PACKAGES = ["python -m venv --clear .venv", "venv install --require-hashes -r requirements.lock"]
PROJECT = ["venv install --no-deps --no-build-isolation --editable ."]
TESTING = ["venv install --require-hashes -r requirements-test.lock"]


@pytest.mark.parametrize(
    ("answers", "says"),
    [
        ({"version": 1}, "is not Python 3.11 or newer: install one with venv"),
        ({"venv": 1}, "cannot make a venv: install its venv module (Debian, Ubuntu: apt-get install python3-venv)"),
    ],
)
def test_unfit_interpreter_is_one_sentence(folder: Folder, answers: dict[str, int], says: str) -> None:
    result = folder.make("demo", f"PYTHON={folder.interpreter(**answers)}")
    assert result.returncode != 0
    first, *rest = result.stderr.strip().splitlines()
    assert first.startswith("nianbao: ") and says in first
    assert len(rest) == 1 and rest[0].startswith("make: ***")
    assert "Traceback" not in result.stdout + result.stderr
    assert not (folder.path / ".venv").exists()


def test_no_interpreter_is_one_sentence(folder: Folder) -> None:
    result = folder.make("setup", "PYTHON=no-such-python")
    assert result.returncode != 0
    assert result.stderr.startswith("nianbao: there is no no-such-python here: install Python 3.11 or newer")


def test_each_step_is_done_once_and_again_when_its_lock_changes(folder: Folder) -> None:
    python = f"PYTHON={folder.interpreter()}"
    assert folder.make("setup", python).returncode == 0
    assert folder.log() == PACKAGES + PROJECT
    assert (folder.path / ".venv/bin/nianbao").exists()
    assert folder.make("test").returncode == 0  # the interpreter asked for once is kept
    assert folder.log() == [*TESTING, "venv -m pytest -n 2"]
    folder.make("test", python)
    assert folder.log() == ["venv -m pytest -n 2"]

    later(folder.path / "requirements-test.lock")
    folder.make("bench")
    assert folder.log() == [*TESTING, "venv -m tests.bench"]
    later(folder.path / "pyproject.toml")
    folder.make("test")
    assert folder.log() == [*PROJECT, *TESTING, "venv -m pytest -n 2"]
    later(folder.path / "requirements.lock")
    folder.make("setup", python)
    assert folder.log() == PACKAGES + PROJECT


@pytest.mark.parametrize("step", ["requirements.lock", "--editable", "requirements-test.lock"])
def test_interrupted_set_up_is_done_again(folder: Folder, step: str) -> None:
    python = f"PYTHON={folder.interpreter()}"
    assert folder.make("test", python, FAIL_AT=step).returncode != 0
    if step != "requirements-test.lock":
        assert not (folder.path / ".venv/bin/nianbao").exists()
    folder.log()
    assert folder.make("test", python).returncode == 0
    wanted = {"requirements.lock": PACKAGES + PROJECT + TESTING, "--editable": PROJECT + TESTING}.get(step, TESTING)
    assert folder.log() == [*wanted, "venv -m pytest -n 2"]


def test_interrupted_renewal_does_not_look_finished(folder: Folder) -> None:
    python = f"PYTHON={folder.interpreter()}"
    folder.make("test", python)
    later(folder.path / "requirements.lock")
    assert folder.make("setup", python, FAIL_AT="requirements.lock").returncode != 0
    assert not (folder.path / ".venv/bin/nianbao").exists()
    folder.log()
    folder.make("test", python)
    assert folder.log() == [*PACKAGES, *PROJECT, *TESTING, "venv -m pytest -n 2"]


def test_another_interpreter_or_folder_makes_it_anew(folder: Folder) -> None:
    first, second = folder.interpreter("first"), folder.interpreter("second")
    folder.make("setup", f"PYTHON={first}")
    folder.log()
    folder.make("setup", f"PYTHON={second}")
    assert folder.log() == PACKAGES + PROJECT
    folder.path = folder.path.rename(folder.path.with_name("moved"))
    folder.make("setup", f"PYTHON={second}")
    assert folder.log() == PACKAGES + PROJECT
    folder.make("setup", f"PYTHON={second}")
    assert folder.log() == []


def test_clean_leaves_a_folder_that_is_not_the_demos(folder: Folder) -> None:
    folder.make("setup", f"PYTHON={folder.interpreter()}")
    (folder.path / "demo").mkdir()
    assert folder.make("clean").returncode == 0
    assert not (folder.path / ".venv").exists() and (folder.path / "demo").exists()
    (folder.path / "demo/.nianbao-demo").touch()
    folder.make("clean")
    assert not (folder.path / "demo").exists()


def later(path: Path) -> None:
    """As if this file had been changed, and everything else some time before."""
    now = time.time()
    for other in [*path.parent.iterdir(), *path.parent.glob(".venv/.*")]:
        os.utime(other, (now - 10, now - 10))
    os.utime(path, (now - 5, now - 5))


def locked(name: str) -> dict[str, str]:
    """Package -> version. Every entry must have a version and hashes, and nothing else may be in the file."""
    versions: dict[str, str] = {}
    entries = re.split(r"\n(?=[a-z0-9])", (ROOT / name).read_text("utf-8").strip())
    for entry in entries:
        requirement, *rest = (line.strip().removesuffix(" \\") for line in entry.splitlines())
        match = re.fullmatch(r"([a-z0-9-]+)==([\w.!+]+)( ; .+)?", requirement)
        assert match, f"{name}: {requirement}"
        hashes = [line for line in rest if re.fullmatch(r"--hash=sha256:[0-9a-f]{64}", line)]
        assert hashes and all(line in hashes or line.startswith("#") for line in rest), f"{name}: {requirement}"
        versions[match[1]] = match[2]
    return versions


def test_locks_hold_what_the_project_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    first, second = map(locked, LOCKS)
    groups = project["dependency-groups"]

    def names(requirements: list[str]) -> set[str]:
        return {re.split(r"[^A-Za-z0-9._-]", r)[0].lower().replace(".", "-").replace("_", "-") for r in requirements}

    assert names(project["project"]["dependencies"]) | names(groups["build"]) <= first.keys()
    assert names(groups["test"]) <= second.keys()
    assert names(project["build-system"]["requires"]) <= names(groups["build"])
    assert first.items() <= second.items()
    assert not names(groups["test"]) & first.keys() - {"pillow"}


def source_files() -> Iterator[Path]:
    """Every file of the project that is text, without what git ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode == 0:
        yield from (path for name in listed.stdout.split("\0") if name and (path := ROOT / name).is_file())
        return
    # A copy without git: all but what make and the commands make.
    made = {".venv", ".git", "build", "dist", "demo", "__pycache__", ".hypothesis"}
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if path.is_file() and not any(p in made or p.endswith(("_cache", ".egg-info", ".documents")) for p in parts):
            yield path


# Written so that this file does not hold them itself.
FORBIDDEN = re.compile(
    r"py[p]i\.org|python[h]osted|regis[t]ry\.npm"
    r"|(?<![\w.~])/(?:wor[k]|roo[t])(?:/|\b)|(?<![\w.~])/(?:home|tm[p])/\w"
)


def test_no_file_names_a_registry_or_a_path_of_a_machine() -> None:
    found = []
    for path in source_files():
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            continue
        found += [f"{path.relative_to(ROOT)}: {match.group()}" for match in FORBIDDEN.finditer(text)]
    assert not found


def test_the_resolvers_own_lock_is_not_kept() -> None:
    assert "uv.lock" in (ROOT / ".gitignore").read_text("utf-8").splitlines()
    assert not any(path.name == "uv.lock" for path in source_files())


FAKE_APT = """\
#!/bin/sh
echo "apt-get $*" >> "$LOG"
case "$*" in install*) mv "$TOOLS/later" "$TOOLS/make" ;; esac
"""
FAKE_MAKE = """\
#!/bin/sh
echo "make $* CI=$CI" >> "$LOG"
case "$*" in
  *test*) echo "3 passed, 1 failed in 0.12s"; echo "make: *** [test] Error 1" >&2; exit $STATUS ;;
esac
"""


@pytest.mark.parametrize("status", [0, 2])
def test_continuous_integration_installs_what_is_lacking_and_ends_with_pytest(tmp_path: Path, status: int) -> None:
    checkout, tools = tmp_path / "checkout", tmp_path / "tools"
    (checkout / ".ci").mkdir(parents=True)
    shutil.copy(ROOT / ".ci" / "run", checkout / ".ci")
    tools.mkdir()
    for name in ("bash", "dirname", "mktemp", "rm", "tee", "grep", "tail", "mv"):
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    for name, text in (("apt-get", FAKE_APT), ("later", FAKE_MAKE)):
        (tools / name).write_text(text, "utf-8")
        (tools / name).chmod(0o755)
    log = tmp_path / "log"
    result = subprocess.run(
        [checkout / ".ci" / "run"],
        env={"PATH": str(tools), "LOG": str(log), "TOOLS": str(tools), "STATUS": str(status)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.returncode == status, result.stderr
    assert log.read_text("utf-8").splitlines() == [
        "apt-get update -qq",
        "apt-get install -qq --yes --no-install-recommends make openssl python3 python3-venv chromium fonts-noto-cjk",
        "make lint CI=true",
        "make test CI=true",
    ]
    if status:
        assert result.stdout.splitlines()[-1] == "3 passed, 1 failed in 0.12s"


TESTS = """\
import pytest
def test_tool(): pytest.skip("no browser here")
def test_real(shared_reports): pass
@pytest.mark.xfail
def test_known(): assert False
"""


@pytest.mark.parametrize(("ci", "closing"), [("true", "1 failed, 1 skipped, 1 xfailed"), ("", "2 skipped, 1 xfailed")])
def test_skips_that_continuous_integration_does_not_take(tmp_path: Path, ci: str, closing: str) -> None:
    tests = tmp_path / "repo" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(ROOT / "tests" / "conftest.py", tests)
    (tests / "test_some.py").write_text(TESTS, "utf-8")
    result = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "tests"],
        cwd=tests.parent,
        env={**os.environ, "CI": ci},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert result.stdout.splitlines()[-1].startswith(closing), result.stdout
