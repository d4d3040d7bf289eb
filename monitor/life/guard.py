"""Holds findings that come in masses, before anybody is told; see monitor/life/mass.py.

What it holds on is in the archive, not in this process: killed at any instant and run again, the same are held, and the
maintainers are told once.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import datetime

from db import bursts as rows
from db.archive import Archive
from db.records import Finding
from monitor.config import Config
from monitor.life import maintainers, mass
from monitor.life.mass import Burst, Group

Quiet = Callable[[str, int], bool]

_AT_ONCE = 500


class MassGuard:
    """Watches one judgement of an archive. quiet: of which agency (key) and year nothing is told anyway."""

    def __init__(self, archive: Archive, config: Config, now: datetime, *, quiet: Quiet | None = None) -> None:
        self._archive = archive
        self._config = config
        self._now = now
        self._quiet = quiet
        self._sizes: rows.Sizes | None = None
        self._counts: Counter[Group] = Counter()
        self._found: list[str] = []  # fingerprints of what is new in this judgement

    def hold(self, findings: Iterable[Finding]) -> Callable[[Finding], str | None]:
        """For Archive.save_findings of these findings: why one of them is held, None where it is not.

        Counts what is new among them with what was new before in this judgement and what is held already. Once it is
        too many, all of them are held; those that were saved before, by `finish`.
        """
        watched = [finding for finding in findings if self._is_watched(finding)]
        if not watched:
            return _is_free
        sizes = self._start()
        news = self._archive.life.news(watched, self._now)
        self._found += [finding.fingerprint for finding in news]
        origins = rows.origins(self._archive, news)
        groups = {f.fingerprint: list(mass.groups_of(f.rule, origins[f.fingerprint])) for f in news}
        self._counts.update(group for some in groups.values() for group in some)
        found = mass.bursts(self._counts, sizes, self._config.thresholds.mass)

        def why(finding: Finding) -> str | None:
            burst = mass.widest(groups.get(finding.fingerprint, ()), found)
            return burst.why if burst else None

        return why

    def finish(self) -> list[Finding]:
        """To be called when all is judged, before anything is sent: holds those of a mass that were saved before it
        was known to be one, and tells the maintainers. Returns what it held."""
        counts: Counter[Group] = Counter()
        held: list[tuple[list[Group], datetime]] = []
        fresh: list[tuple[str, list[Group]]] = []
        for finding, held_at in rows.held(self._archive, mass.WATCHED):
            held.append((self._groups(finding), held_at))
            counts.update(held[-1][0])
        for finding in rows.fresh(self._archive, mass.WATCHED, self._found):
            if self._is_watched(finding):
                fresh.append((finding.fingerprint, self._groups(finding)))
                counts.update(fresh[-1][1])
        if not counts:
            return []
        found = mass.bursts(counts, rows.sizes(self._archive), self._config.thresholds.mass)
        now_held: list[Finding] = []
        for fingerprint, groups in fresh:
            if burst := mass.widest(groups, found):
                some = self._archive.life.hold([fingerprint], why=burst.why, at=self._now)
                now_held += some
                held += [(groups, self._now)] if some else []
        self._tell(found, held)
        return now_held

    def _tell(self, found: dict[Group, Burst], held: list[tuple[list[Group], datetime]]) -> None:
        """Tell the maintainers of each mass by the narrowest place that explains it, once for as long as any of it is
        held."""
        since: dict[Group, datetime] = {}
        for groups, at in held:
            group = next((group for group in groups if group in found), None)
            if group is not None:
                since[group] = min(at, since.get(group, at))
        for group, at in since.items():
            messages = maintainers.mass_held(found[group], at, self._config)
            self._archive.life.notice(messages, self._now)

    def _start(self) -> rows.Sizes:
        if self._sizes is None:
            self._sizes = rows.sizes(self._archive)
            for finding, _ in rows.held(self._archive, mass.WATCHED):
                self._counts.update(self._groups(finding))
        return self._sizes

    def _groups(self, finding: Finding) -> list[Group]:
        (origin,) = rows.origins(self._archive, [finding]).values()
        return list(mass.groups_of(finding.rule, origin))

    def _is_watched(self, finding: Finding) -> bool:
        is_quiet = self._quiet is not None and self._quiet(*finding.key)
        return finding.rule in mass.WATCHED and finding.told and not is_quiet


def _is_free(finding: Finding) -> str | None:
    return None
