"""Portal files that nobody would write: they change nothing for the others."""

from pathlib import Path

import pytest

from monitor.watch.portal_files import PortalFiles
from tests.monitor.watching import portal_text


@pytest.mark.parametrize("text", ["a = " + "[" * 100_000, "a = " + "9" * 6000, None])
def test_a_hopeless_file_is_a_fault_of_its_own(text: str | None, tmp_path: Path) -> None:
    (tmp_path / "liuxi.toml").write_text(portal_text("127.0.0.1:1"), "utf-8")
    bad = tmp_path / "bad.toml"
    if text is None:
        bad.symlink_to("bad.toml")
    else:
        bad.write_text(text, "utf-8")
    files = PortalFiles([tmp_path])
    files.look()
    assert set(files.portals) == {"liuxi"}
    (fault,) = files.faults
    assert str(bad) in fault
