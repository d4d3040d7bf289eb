"""What is known besides of reports that are gone from their addresses: what else went, what is left, where else."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from db.archive import Archive
from db.collected.publications import Copy, LookAt, Standing
from monitor.judging import withdrawal
from monitor.judging.portal_reads import PortalReads
from monitor.judging.season import CopySeen, Gone, Publication, Season


def with_gone(archive: Archive, seasons: Sequence[Season], portal_reads: PortalReads | None) -> list[Season]:
    """The seasons, with what is to be known of those whose report is gone. Where one is, all that was seen is read
    through for its bytes."""
    since = [withdrawal.gone_since(season) for season in seasons]
    lost = [p for season, at in zip(seasons, since, strict=True) if at for p in season.publications]
    if not lost:
        return list(seasons)
    hashes = {p.sha256 for p in lost}
    copies = archive.publications.elsewhere(hashes)
    looks = archive.publications.looks(copy.url for some in copies.values() for copy in some)
    kept = archive.publications.kept(hashes)
    standing = {source: archive.publications.standing(source) for source in {p.source for p in lost}}
    found = []
    for season, at in zip(seasons, since, strict=True):
        if at is not None:
            before, still = portal_reads.still_listed(season.agency.id, season.year, at) if portal_reads else (0, 0)
            gone = Gone(
                since=at,
                listed_before=before,
                listed_still=still,
                copies=tuple(_copies(season.publications, copies, looks)),
                kept=frozenset(p.sha256 for p in season.publications if p.sha256 in kept),
            )
            season = replace(season, gone=_among(gone, season.publications, standing))
        found.append(season)
    return found


def _among(gone: Gone, publications: Sequence[Publication], standing: dict[str, dict[str, Standing]]) -> Gone:
    """With what became of the other addresses of its sources."""
    own = {url for p in publications for url in (p.url, p.page_url)}
    others = [
        one for source in {p.source for p in publications} for url, one in standing[source].items() if url not in own
    ]
    went = [one.gone_since for one in others if one.gone_since]
    return replace(
        gone,
        gone_with=sum(_is_near(at, gone.since) for at in went),
        alive=sum(one.good_at is not None and one.good_at >= gone.since for one in others),
    )


def _is_near(one: datetime, other: datetime) -> bool:
    return abs(one - other) <= withdrawal.TOGETHER


def _copies(
    publications: Iterable[Publication], copies: dict[str, list[Copy]], looks: dict[str, list[LookAt]]
) -> Iterable[CopySeen]:
    """The bytes of some publications at other addresses than theirs."""
    publications = list(publications)
    own = {(p.source, p.url) for p in publications}
    for sha256 in dict.fromkeys(p.sha256 for p in publications):
        for copy in copies.get(sha256, ()):
            if (copy.source, copy.url) not in own:
                is_gone = withdrawal.is_gone(look.outcome for look in looks.get(copy.url, ()))
                yield CopySeen(copy.source, copy.url, copy.last_seen_at, is_gone)
