"""What all tests share: the real reports beside the repository, and no silent skips in continuous integration."""

import os
import re
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.bot_api import FakeBotApi

# Shared machines are slow at times: no example fails for its time. Continuous integration tries the same examples in
# every run, so that it says something about the change; a developer's machine goes on looking for new ones.
settings.register_profile("developer", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "developer")

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"

# The reasons for which a test may be skipped anywhere; whatever else is skipped could not run here.
_ABOUT_SHARED = re.compile(r"\.\./shared/|real (reports?|places)")
_ABOUT_ROOT = "root may write anywhere"


@pytest.fixture(scope="session")
def shared_reports() -> Path:
    """The folder with the real reports; the test is skipped where they are not beside the repository."""
    folder = SHARED / "reports"
    if not folder.is_dir():
        pytest.skip("../shared/reports is not there")
    return folder


@pytest.fixture(scope="session")
def bot_api_server() -> "Iterator[FakeBotApi]":
    """A Bot API on loopback; take `api`, which is it with nothing in it."""
    from tests.bot_api import FakeBotApi

    with FakeBotApi() as server:
        yield server


@pytest.fixture
def api(bot_api_server: "FakeBotApi") -> "FakeBotApi":
    """A Bot API on loopback that nobody has asked so far."""
    bot_api_server.reset()
    return bot_api_server


def may_skip(reason: str) -> bool:
    """Whether a test may be skipped for this reason in continuous integration: what lies beside the repository is not
    there, or the test does not apply to root. A tool or a package that is missing is no such reason."""
    if _ABOUT_SHARED.search(reason):
        return not (SHARED / "reports").is_dir()
    return reason == _ABOUT_ROOT and os.geteuid() == 0


def _fail_if_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if os.environ.get("CI") != "true" or report.outcome != "skipped" or hasattr(report, "wasxfail"):
        return
    reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    if not may_skip(reason):
        report.outcome = "failed"
        report.longrepr = f"cannot run here, and CI=true allows no such skip: {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_if_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_if_skipped(report)
    return report
