"""`nianbao watch` in a process of its own, and what it says: a test waits for lines of its log, never for time."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil

from crawler.sandbox.country import Country
from crawler.sandbox.publications import publications

Line = dict[str, Any]
_PATIENCE_S = 60.0


class Watching:
    """A watch, from its beginning to its end, of the deployment in a folder. lines: of its log so far; said: all else
    that it wrote."""

    def __init__(self, folder: Path, *, token: str | None = None) -> None:
        environment = {key: value for key, value in os.environ.items() if key != "NIANBAO_TELEGRAM_TOKEN"}
        if token is not None:
            environment["NIANBAO_TELEGRAM_TOKEN"] = token
        self.lines: list[Line] = []
        self.said: list[str] = []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "monitor", "watch", "--config", str(folder / "config.toml")],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
            text=True,
        )
        self._changed = threading.Condition()
        self._has_ended = False
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.kill()
        self.end()
        assert self._process.stderr is not None
        self._process.stderr.close()

    @property
    def pid(self) -> int:
        return self._process.pid

    def wait_for(self, wanted: Callable[[Line], bool], times: int = 1) -> Line:
        """The first line that is wanted, or the one after so many of them, as soon as it is there."""
        with self._changed:
            found: list[Line] = []
            self._changed.wait_for(
                lambda: len(found := [line for line in self.lines if wanted(line)]) >= times or self._has_ended,
                _PATIENCE_S,
            )
            found = [line for line in self.lines if wanted(line)]
        assert len(found) >= times, "\n".join([*map(str, self.lines), *self.said])
        return found[times - 1]

    def job(self, name: str, what: str, times: int = 1) -> Line:
        """The line that says that a job "begins" or has "ended"."""
        return self.wait_for(lambda line: (line.get("job"), line.get("what")) == (name, what), times)

    def done(self) -> Line:
        """The line that says that nothing is due, nor soon will be."""
        return self.wait_for(lambda line: line.get("what") == "waits" and line["job"] != "judge")

    def children(self) -> list[psutil.Process]:
        """All that it has started and that runs."""
        return psutil.Process(self.pid).children(recursive=True)

    def signal(self, number: signal.Signals) -> None:
        self._process.send_signal(number)

    def end(self, within_s: float = _PATIENCE_S) -> int:
        """Wait for its end; its exit status."""
        status = self._process.wait(within_s)
        self._reader.join(_PATIENCE_S)
        return status

    def _read(self) -> None:
        assert self._process.stderr is not None
        for text in self._process.stderr:
            with self._changed:
                try:
                    self.lines.append(json.loads(text))
                except ValueError:
                    self.said.append(text)
                self._changed.notify_all()
        with self._changed:
            self._has_ended = True
            self._changed.notify_all()


FEW_JOBS = 'backup = ""\nverify = ""\n'


def deployment(folder: Path, hosts: dict[str, str], more: str = "", schedule: str = FEW_JOBS) -> Path:
    """A deployment with one portal for each host, all hours open. Returns its config.toml. more: further settings;
    schedule: those of the calendar."""
    (folder / "portals").mkdir(exist_ok=True)
    for name, host in hosts.items():
        (folder / "portals" / f"{name}.toml").write_text(portal_text(host), "utf-8")
    config = folder / "config.toml"
    config.write_text(f'portals = ["portals"]\n{more}\n[schedule]\nhours = "00:00-00:00"\n{schedule}', "utf-8")
    return config


def reports() -> list[tuple[str, bytes, str]]:
    """Some agencies' reports of several years, two of them with faults, for crawler.sandbox.server.FolderPortal."""
    country = Country.build(1, agencies=27, portals=1)
    wanted = {truth.agency_id for truth in country.truths if truth.rule in ("applications-balance", "wrong-form")}
    return [
        (one.title, f"<html><h1>{one.title}</h1>{one.body(one.day)}</html>".encode(), "html")
        for one in publications(country, country.places[0])
        if one.agency_id in wanted
    ]


def portal_text(host: str, name: str = "柳溪县人民政府") -> str:
    return (
        f'name = "{name}"\nplatform = "static_list"\nallowed_hosts = ["{host}"]\n'
        f'[[columns]]\nurl = "http://{host}/nb/"\n'
    )
